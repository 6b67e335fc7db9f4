"""Reading and writing the documents of a programme: TOML for people, all problems of a file at once."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from covolt import units
from covolt.contract.lines import LinesOfKeys, lines_of_keys
from covolt.contract.mistakes import Told, as_problem, mistakes_of, not_toml, place_of
from covolt.errors import Forbidden, InputError, Problem, UnitError, system_said
from covolt.files import Folder, kind_of_refusal
from covolt.legible import HIDDEN, hidden
from covolt.words import Phrase, spoken, text

__all__ = [
    "DOCUMENT",
    "Told",
    "canonical_json",
    "dumps",
    "inner_path",
    "load_table",
    "loads",
    "place_of",
    "read_content",
    "read_text",
    "read_unlinked",
    "refusal",
    "refusals",
    "require_unit",
    "text_of",
    "told_by",
    "toml_table",
    "validate",
]

DOCUMENT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)
"""What every document is: immutable, and without fields that nobody knows."""

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; a document is written by people, larger things are its evidence or its model."""

LONGEST_NUMBER_bits = 64
MOST_TABLES = 20_000
"""Lines of a file that begin with a bracket; a million empty tables take minutes and a gigabyte to refuse one by one."""
MOST_STEPS = 32
"""Of a dotted key; no document has five, and the time to read them grows with their square."""
MOST_MARKS = 60_000
"""Commas, dots, equals signs and opening brackets outside texts: each may be a value, which takes some 20 us to judge."""
_STEP = r"""(?:[A-Za-z0-9_-]++|"(?:\\.|[^"\\\n])*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_TABLE = re.compile(r"(?m)^[ \t]*\[")
_MARK = re.compile(
    r'"""(?:\\.|[^"\\]|"(?!""))*+(?:"{3,5}|\Z)|"(?:\\.|[^"\\\n])*+"?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)|'[^'\n]*+'?|#[^\n]*+|(?P<mark>[,.=\[{])",
    re.DOTALL,
)
"""Texts and remarks, whole though they have no end, and what stands between them."""
_MERGE_MARK = re.compile(r"^(<{7}|>{7})( |\r?$)", re.MULTILINE)
_TOO_MANY_STEPS = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_STEP}){{{MOST_STEPS}}}")
MOST_TOLD = 500
"""Mistakes of one file that are told."""

Kind = TypeVar("Kind", bound=BaseModel)


def refusal(what: str | Phrase, hint: str | Phrase = "", *keys: str | int) -> PydanticCustomError:
    """Error for a validator to raise, that keeps its hint and may name the key."""
    return refusals([(what, hint, keys)])


def refusals(told: Sequence[Told]) -> PydanticCustomError:
    """One error for a validator to raise, with everything that is wrong."""
    kept = [(spoken(what), spoken(hint), keys) for what, hint, keys in told]
    return PydanticCustomError("covolt", "{what}", {"what": "; ".join(what for what, _, _ in kept), "told": kept})


def told_by(error: PydanticCustomError) -> list[Told]:
    """What an error of this module says."""
    return cast("list[Told]", (error.context or {})["told"])


def inner_path(path: str, folder: str) -> str:
    """A path as it may stand in a document: relative, and never out of the folder."""
    steps = PurePosixPath(path).parts
    if not steps or path.startswith("/") or ".." in steps or "\\" in path or ":" in path:
        raise refusal(
            text("'{path}' leaves {folder}", path=path, folder=folder),
            text("write a path relative to {folder}, with /", folder=folder),
        )
    return path


def require_unit(text: str | float, si_unit: str, *, difference: bool = False) -> float:
    """SI value of a number of a document, or a refusal that pydantic collects with the others."""
    written = f"{text!r}" if isinstance(text, float | int) and si_unit == "1" else text
    reader = units.parse_difference if difference else units.parse
    try:
        return reader(cast("str", written), si_unit)
    except UnitError as error:
        problem = error.problems[0]
        raise refusal(problem.what, problem.hint) from error


def read_text(path: Path, source: str = "") -> str:
    """Text of a file in UTF-8, with or without byte order mark; `source` is how problems call the file."""
    where = source or str(path)
    return text_of(read_content(path, source), where)


def text_of(raw: bytes, where: str) -> str:
    """Text of the bytes of a file in UTF-8, with or without byte order mark."""
    _demand_size(len(raw), where)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise InputError(Problem(text("not UTF-8 text; it looks like UTF-16"), where, text("save the file as UTF-8")))
    try:
        written = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = text("not UTF-8: byte 0x{raw:02x}", raw=raw[error.start])
        raise InputError(Problem(what, f"{where}:{line}", text("save the file as UTF-8"))) from error
    if not written.strip():
        raise InputError(Problem(text("the file is empty"), where, text("fill it in, or remove it")))
    return written


def read_content(path: Path, source: str = "") -> bytes:
    """Bytes of a plain file that is no larger than a document may be."""
    where = source or str(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _no_file(where)
        _demand_size(found.st_size, where)
        return path.read_bytes()
    except OSError as error:
        hint = text("check the path and its permissions")
        raise kind_of_refusal(error)(Problem(system_said(error), where, hint)) from error


def read_unlinked(path: Path, within: Path | None = None) -> str:
    """Text of a plain file in whose place no link stands, nor in that of a folder on the way from `within`: others write there.

    Raises:
        Forbidden: it is a link.
        InputError: it cannot be read, or is no text.
    """
    where = str(path)
    try:
        if within is not None and (link := next(filter(Path.is_symlink, _inner(path, within)), None)) is not None:
            raise _a_link(link)
        with os.fdopen(Folder(path.parent, None).open(path.name), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _no_file(where)
            _demand_size(found.st_size, where)
            return text_of(file.read(LARGEST_FILE + 1), where)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _a_link(path) from error
        hint = text("check the path and its permissions")
        raise kind_of_refusal(error)(Problem(system_said(error), where, hint)) from error


def _inner(path: Path, within: Path) -> list[Path]:
    """Folders between one and a file in it, from the outermost."""
    return [within / one for one in reversed(path.relative_to(within).parents) if one.name]


def _a_link(path: Path) -> Forbidden:
    return Forbidden(Problem(text("this is a link"), str(path), text("put the file itself there")))


def _no_file(where: str) -> InputError:
    return InputError(Problem(text("this is no ordinary file"), where, text("put a text file here, or remove it")))


def _demand_size(size_bytes: int, where: str) -> None:
    if size_bytes > LARGEST_FILE:
        hint = text(
            "keep a document under {largest_file} MiB and name large data as evidence",
            largest_file=LARGEST_FILE // 2**20,
        )
        raise InputError(Problem(text("the file has {size_bytes} bytes", size_bytes=size_bytes), where, hint))


def load_table(written: str, source: str) -> dict[str, Any]:
    """Plain table of a TOML text, or the place where it stops being TOML."""
    if (deep := _TOO_MANY_STEPS.search(written)) is not None:
        where = f"{source}:{written.count(chr(10), 0, deep.start()) + 1}"
        raise InputError(
            Problem(
                text("a key of more than {most_steps} steps", most_steps=MOST_STEPS),
                where,
                text("write it in tables, or shorter"),
            )
        )
    for many, most in (("tables", MOST_TABLES), ("keys, values and brackets", MOST_MARKS)):
        counted = (
            _TABLE.finditer(written) if many == "tables" else (one for one in _MARK.finditer(written) if one["mark"])
        )
        if next(islice(counted, most, None), None) is not None:
            raise InputError(
                Problem(
                    text("more than {most} {many}", most=most, many=many),
                    source,
                    text("keep large data in a file beside it"),
                )
            )
    try:
        table = tomllib.loads(written)
    except RecursionError as error:
        raise InputError(
            Problem(text("not TOML: brackets are nested too deeply"), source, text("write it flat"))
        ) from error
    except ValueError as error:
        said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a number has too many digits"
        what, _, place = said.partition(" (at line ")
        line = place.partition(",")[0]
        if (merged := _MERGE_MARK.search(written)) is not None:
            what, line = text("Git has left the marks of a merge here"), str(written.count("\n", 0, merged.start()) + 1)
            then = text(", then: covolt lock") if source.endswith(".lock") else text(" and the marks")
            raise InputError(
                Problem(what, f"{source}:{line}", text("keep one side, remove the other{then}", then=then))
            ) from error
        raise InputError(not_toml(what, source, written, int(line) if line.isdigit() else None)) from error
    if problems := _too_long_numbers(table, source, written):
        raise InputError(problems)
    return table


def _too_long_numbers(table: Mapping[str, Any], source: str, written: str) -> list[Problem]:
    """Whole numbers that TOML does not hold, each with its line: digits of other bases have no bound of their own."""
    found: list[tuple[str | int, ...]] = []
    rest: list[tuple[tuple[str | int, ...], object]] = [((), table)]
    while rest:
        path, one = rest.pop()
        if isinstance(one, dict):
            rest += [((*path, key), value) for key, value in cast("dict[str, object]", one).items()]
        elif isinstance(one, list):
            rest += [((*path, at), value) for at, value in enumerate(cast("list[object]", one))]
        elif isinstance(one, int) and one.bit_length() > LONGEST_NUMBER_bits:
            found.append(path)
    lines = lines_of_keys(written) if found else {}
    what, hint = text("a whole number of more than 64 bits"), text("write it with fewer digits")
    problems = [Problem(what, place_of(source, path, lines), hint) for path in found[:MOST_TOLD]]
    return _first(problems, source, len(found))


def _hidden(table: Mapping[str, Any], source: str, lines: Mapping[tuple[str | int, ...], int]) -> list[Problem]:
    """Keys and texts of a table that hold signs which nobody sees, each with its line."""
    problems: list[Problem] = []
    rest: list[tuple[tuple[str | int, ...], object]] = [((), table)]
    while rest:
        path, one = rest.pop()
        texts = [one] if isinstance(one, str) else []
        if isinstance(one, dict):
            inner = cast("dict[str, object]", one)
            rest += [((*path, key), value) for key, value in inner.items()]
            texts = list(inner)
        elif isinstance(one, list):
            rest += [((*path, at), value) for at, value in enumerate(cast("list[object]", one))]
        if any(map(HIDDEN.search, texts)):
            signs = sorted({f"U+{ord(sign):04X}" for written in texts for sign in hidden(written)})
            what = text("it holds control characters ({signs})", signs=", ".join(signs))
            hint = text("remove them: nobody sees them, and they change what a terminal shows")
            problems.append(Problem(what, place_of(source, path, lines), hint))
    return _first(problems, source, len(problems))


def _first(problems: Sequence[Problem], source: str, count: int) -> list[Problem]:
    """The first of so many problems of a file, and how many there are besides."""
    told = list(problems[:MOST_TOLD])
    if (more := count - len(told)) > 0:
        told.append(Problem(text("{more} more mistakes", more=more), source, text("mend those that are named first")))
    return told


def loads(text: str, kind: type[Kind], source: str = "<text>") -> Kind:
    """Document of one kind from TOML text; raises all problems with their lines."""
    return validate(load_table(text, source), kind, source, LinesOfKeys(text))


def validate(
    table: Mapping[str, Any],
    kind: type[Kind],
    source: str,
    lines: Mapping[tuple[str | int, ...], int] | None = None,
    context: Any = None,
) -> Kind:
    """Document of one kind from a plain table; `context` is for the validators of its fields."""
    lines = {} if lines is None else lines
    if unseen := _hidden(table, source, lines):
        raise InputError(unseen)
    try:
        return kind.model_validate(table, context=context)
    except ValidationError as error:
        entries = mistakes_of(error, kind)
        if (besides := getattr(kind, "told_besides", None)) is not None:
            wrong = {one["loc"] for one in entries}
            entries += [
                {"type": "covolt", "loc": place, "ctx": {"what": what, "hint": hint}}
                for what, hint, place in besides(table, wrong, context)
            ]
        problems = [as_problem(one, kind, source, lines) for one in entries[:MOST_TOLD]]
        raise InputError(_first(problems, source, len(entries))) from error


def dumps(document: BaseModel) -> str:
    """TOML text of a document; reading it gives the same document."""
    import tomlkit

    stated = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    schema = document.model_dump(mode="json", by_alias=True, include={"document"})
    return tomlkit.dumps(toml_table(schema | stated, 0))


def toml_table(table: dict[str, Any], depth: int) -> Any:
    """A table as it is written: small ones inside others in one line."""
    import tomlkit

    inline = depth > 1 and all(not isinstance(value, dict | list) for value in table.values())
    made = tomlkit.inline_table() if inline else tomlkit.table()
    plain = {key: value for key, value in table.items() if not _is_tables(value)}
    for key, value in plain.items():
        made[key] = value
    for key, value in table.items():
        if isinstance(value, dict):
            made[key] = toml_table(cast("dict[str, Any]", value), depth + 1)
        elif key not in plain:
            made[key] = [toml_table(row, depth + 1) for row in value]
    return made


def _is_tables(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def canonical_json(document: BaseModel, exclude: set[str] | None = None) -> bytes:
    """One byte sequence per content, whatever the order and layout of the file: what is hashed and signed."""
    content = document.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=exclude)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
