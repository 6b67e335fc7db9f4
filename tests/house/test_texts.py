"""What covolt says can be translated by who knows no Python: one file for a language, and every message in it."""

import ast
import re

import pytest
from babel.messages.catalog import Catalog
from tools.texts import FOLDER, fields, messages, not_literal, read, renewed, write

from covolt import catalogues
from covolt.cli.options import language_of
from covolt.study.cases.options import Findings
from covolt.study.report.texts import TEXTS
from covolt.words import text
from tests.house.source import PACKAGE, modules, short

CYRILLIC = re.compile("[\u0400-\u04ff]")
PLACES = sorted(FOLDER.glob("*.po"))


def strings(message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.fixture
def third(tmp_path, monkeypatch):
    """Catalogues with a third language: one file, and nothing else."""
    for path in PLACES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    made = renewed(Catalog(locale="de"))
    for one in made:
        if one.id:
            one.string = tuple(f"<{text}>" for text in one.id) if isinstance(one.id, tuple) else f"<{one.id}>"
    write(made, tmp_path / "de.po")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", modules(), ids=short)
def test_no_module_holds_a_translation(path):
    text = path.read_text(encoding="utf-8")
    found = [f"line {text.count(chr(10), 0, one.start()) + 1}" for one in CYRILLIC.finditer(text)]
    assert not found, f"write it in English by text(...), and translate it in texts/*.po: {found}"


def test_every_message_is_a_literal():
    assert not not_literal(), "nobody can translate what is put together while it runs"


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path.stem)
def test_every_message_is_translated(path):
    known, there = messages(), read(path)
    missing = [key for key in known if not (one := there.get(key[1], key[0] or None)) or not all(strings(one))]
    assert not missing, f"python -m tools.texts, then translate in {path.name}: {missing[:20]}"
    unused = {(one.context or "", one.id if isinstance(one.id, str) else one.id[0]) for one in there if one.id} - set(
        known
    )
    assert not unused, f"python -m tools.texts takes them out of {path.name}: {sorted(unused)[:20]}"


QUOTED = re.compile(r"""(?<![=(\[{,|] )(?<![=(\[{|])(['"])\{[a-z_]+(:[^{}]*)?\}\1(?!\])""")
"""A name between straight quotes, where it is not a piece of a file or of a command."""


def test_russian_names_stand_between_its_own_quotes():
    said = [text for one in read(FOLDER / "ru.po") if one.id for text in strings(one)]
    assert [text for text in said if QUOTED.search(text)] == []
    assert len([text for text in said if "«{" in text]) > 100
    assert text("{name!r} is no day", name="x\n").said("ru").startswith("«x\\n»")


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path.stem)
def test_a_translation_has_the_fields_of_its_message(path):
    for one in read(path):
        if one.id:
            wanted = set.union(*(fields(text) for text in ([one.id] if isinstance(one.id, str) else one.id)))
            assert all(fields(text) == wanted for text in strings(one)), one.id


def test_the_catalogues_lie_in_the_package():
    assert FOLDER.parent == PACKAGE and [path.stem for path in PLACES] == ["ru"]


def test_a_third_language_is_one_file(third):
    assert catalogues.languages() == ("en", "de", "ru")
    assert catalogues.name_of("de") == "<English>"
    assert language_of(Findings(), "de") == "de"
    assert TEXTS["contents"].said("de") == "<Contents>"
    assert TEXTS["contents"].plain() == {"en": "Contents", "de": "<Contents>", "ru": "Содержание"}


@pytest.mark.parametrize("path", modules(), ids=short)
def test_a_problem_is_told_in_messages(path):
    found = [
        f"line {one.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for places in [TOLD.get(node.func.id, ())]
        for one in [*(node.args[place] for place in places if place < len(node.args)), *named(node)]
        if bare(one)
    ] + [f"line {one.lineno}" for one in assigned(path) if bare(one)]
    assert not found, f"say it by text(...), and translate it in texts/*.po: {found}"


TOLD = {"Problem": (0, 2), "refusal": (0, 1), "Difference": (1, 2, 3)}
"""Which arguments are told to people; where a problem is found is a path, an option or a field."""


def named(node: ast.Call) -> list[ast.expr]:
    """What is told by keyword."""
    assert isinstance(node.func, ast.Name)
    return [one.value for one in node.keywords if node.func.id in TOLD and one.arg in {"what", "hint"}]


def assigned(path) -> list[ast.expr]:
    """What is told later: values of the names `what` and `hint`."""
    rows = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Assign)]
    single = [(row.targets[0], row.value) for row in rows]
    pairs = [
        pair
        for target, value in single
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for pair in zip(target.elts, value.elts, strict=False)
    ]
    return [
        value for target, value in (*single, *pairs) if isinstance(target, ast.Name) and target.id in {"what", "hint"}
    ]


def bare(one: ast.expr) -> bool:
    """Whether words stand there, or may, that no catalogue has: signs and units need no translation."""
    if isinstance(one, ast.IfExp):
        return bare(one.body) or bare(one.orelse)
    if isinstance(one, ast.BoolOp):
        return any(map(bare, one.values))
    if isinstance(one, ast.BinOp):
        return bare(one.left) or bare(one.right)
    if isinstance(one, ast.JoinedStr):
        return any(bare(part) for part in one.values)
    return isinstance(one, ast.Constant) and isinstance(one.value, str) and re.search("[A-Za-z]", one.value) is not None
