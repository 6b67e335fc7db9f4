"""The messages of covolt and their catalogues: finds every message in the source and renews `src/covolt/texts/*.po`.

    python -m tools.texts            every catalogue gets what is new, without a translation, and loses what is gone
    python -m tools.texts de         a new catalogue for a language, empty

A message stands as a literal where it is called; `CALLS` says in which places of which calls.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "covolt"
FOLDER = PACKAGE / "texts"
CALLS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "text": ((0, ""),),
    "message": ((0, ""),),
    "translated": ((1, ""),),
    "plural": ((0, ""),),
    "note.line": ((0, ""),),
}
"""Which arguments of a call are messages: by place, and by name where it may be named."""
CONTEXT_PLACE = {"text": 1, "message": 2, "translated": 2, "plural": 3}
HEADER = "# What covolt says, in this language. How to translate: docs/how-to/translate.md.\n#"


@dataclass
class Message:
    """One message of the source, and where it is said."""

    english: str
    context: str = ""
    many: str = ""
    places: set[str] = field(default_factory=set[str])

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.english


def messages() -> dict[tuple[str, str], Message]:
    """Every message of the source, by context and English text."""
    found: dict[tuple[str, str], Message] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for one in _in_module(ast.parse(path.read_text(encoding="utf-8"))):
            kept = found.setdefault(one.key, one)
            kept.many = kept.many or one.many
            kept.places.add(path.relative_to(PACKAGE).as_posix())
    return dict(sorted(found.items()))


def not_literal() -> list[str]:
    """Calls whose message is computed, so that nobody can translate it."""
    return [
        f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for names in [_imported(tree)]
        for node in (ast.walk(tree) if names else ())
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and (not node.args or not list(_literals(node.args[0])))
    ]


def _imported(tree: ast.Module) -> set[str]:
    """Which of the functions that make messages a module has."""
    rows = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module == "covolt.words"]
    return {name.name for one in rows for name in one.names} & {"text", "plural"}


def fields(message: str) -> set[str]:
    """Names of the values that stand in a message."""
    try:
        return {name for _, name, _, _ in Formatter().parse(message) if name is not None}
    except ValueError:  # a message without values may hold any brace
        return set()


def _in_module(tree: ast.Module) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node)
        for place, keyword in CALLS.get(name, ()):
            given = node.args[place] if len(node.args) > place else _named(node, keyword)
            many = next(_literals(node.args[1]), "") if name == "plural" else ""
            for literal in _literals(given):
                if literal:
                    yield Message(literal, _context(node, name), many)


def _name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "note":
        return f"note.{node.func.attr}"
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _named(node: ast.Call, keyword: str) -> ast.expr | None:
    return next((one.value for one in node.keywords if keyword and one.arg == keyword), None)


def _context(node: ast.Call, name: str) -> str:
    place = CONTEXT_PLACE.get(name, len(node.args))
    given = node.args[place] if len(node.args) > place else _named(node, "context")
    return next(_literals(given), "")


def _literals(node: ast.expr | None) -> Iterator[str]:
    """The literal texts that an argument may be: itself, or those of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def read(path: Path) -> Catalog:
    """A catalogue as it lies there."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, domain="covolt", ignore_obsolete=True)


def renewed(before: Catalog) -> Catalog:
    """A catalogue with every message of the source, and the translations that it had."""
    made = Catalog(locale=before.locale, domain="covolt", project="covolt", header_comment=HEADER, fuzzy=False)
    for one in messages().values():
        kept = before.get(one.english, context=one.context or None)
        made.add(
            (one.english, one.many) if one.many else one.english,
            string=kept.string if kept else None,
            locations=[(place, 0) for place in sorted(one.places)],
            context=one.context or None,
            user_comments=kept.user_comments if kept else (),
        )
    return made


def write(catalogue: Catalog, path: Path) -> None:
    """A catalogue as its file."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False, omit_header=False)
    # Dates and tools would change with every run, and say nothing to a translator.
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(_DATES)]
    path.write_text("\n".join(kept).strip() + "\n", encoding="utf-8")


_DATES = (
    '"POT-Creation-Date',
    '"PO-Revision-Date',
    '"Last-Translator',
    '"Language-Team',
    '"Generated-By',
    '"Report-Msgid',
)


def main(languages: list[str]) -> None:
    """Renew the catalogues that lie there, and those of the languages named."""
    for path in sorted({*FOLDER.glob("*.po"), *(FOLDER / f"{one}.po" for one in languages)}):
        write(renewed(read(path) if path.exists() else Catalog(locale=path.stem)), path)


if __name__ == "__main__":
    main(sys.argv[1:])
