"""Requirements read from ReqIF 1.2, the OMG's interchange format that DOORS, Polarion, Codebeamer and others read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from covolt.errors import InputError, Problem
from covolt.programme.requirement_files.foreign import apart, key_of, plain_text
from covolt.programme.requirement_files.reqif_file import read_files
from covolt.programme.requirement_files.reqif_written import FOREIGN_ID, FOREIGN_TEXT, OWN, REFINES
from covolt.programme.requirement_files.rows import COLUMNS, Row, Rows, relations_in, relations_text
from covolt.words import joined, text

__all__ = ["read_reqif"]

FOREIGN_TEXTS = (FOREIGN_TEXT, "ReqIF.Name")
CHAPTER, DELETED, PREFIX = "ReqIF.ChapterName", "ReqIF.ForeignDeleted", "ReqIF.Prefix"
HEADINGS = (text("heading"), text("chapter"), text("title"))
"""Names of types of objects that are no requirements."""
_SPELLED = {
    name.casefold(): name
    for name in (FOREIGN_ID, *FOREIGN_TEXTS, CHAPTER, DELETED, PREFIX, *(OWN + column.key for column in COLUMNS))
}
"""Names of attributes that tools write in capitals of their own."""
UNNAMED = "related"
"""What a relation without a type is called."""
MOST_TOLD, SHOWN = 20, 60
MOST_LEVELS = 64
"""A text stands eight levels deep, a chapter of a chapter two deeper than the chapter."""


@dataclass(frozen=True)
class _Object:
    """An object of another tool: its element, values by the names of their attributes, type, and the specification it is in."""

    element: Element
    values: Mapping[str, str]
    kind: str
    owner: str
    prefix: str

    @property
    def identifier(self) -> str:
        """By what the file refers to it; one that has none is referred to by nobody."""
        return self.element.get("IDENTIFIER", "") or f"without identifier {id(self.element)}"

    @property
    def raw(self) -> str:
        """How the other tool calls it."""
        found = self.element
        return self.values.get(FOREIGN_ID) or found.get("LONG-NAME") or found.get("IDENTIFIER", "")

    @property
    def key(self) -> str:
        """Its name as requirements have it; by its identifier in the file where nothing of its own can be written."""
        return key_of(self.raw, self.prefix) or key_of(f"R-{self.element.get('IDENTIFIER', '')}")

    @property
    def named(self) -> str:
        """The name of an XML element with the prefix of its namespace, for people."""
        return " ".join(part for part in (self.prefix, self.raw) if part)


def read_reqif(path: Path, *, party: str = "", attribute: str = "") -> Rows:
    """Rows of a file or a container. One of covolt's own yields what was written; of another tool's, number and text.

    What another tool says has no measure: each such requirement is shown by a document until somebody gives it one, belongs
    to `party`, and its row says so. The text is that of the attribute named, else of ReqIF.Text or ReqIF.Name, in whatever
    capitals. Relations between requirements are kept by their kind. Headings, deleted objects, those without a text, attachments,
    and relations to what is no requirement are left out and named in `left_out`.
    """
    root, attached = _read(path)
    names = {
        one.get("IDENTIFIER", ""): _SPELLED.get(name.casefold(), name)
        for one in root.iter()
        if "ATTRIBUTE-DEFINITION-" in one.tag
        for name in (one.get("LONG-NAME", ""),)
    }
    if attribute not in names.values():
        attribute = next(
            (name for name in names.values() if attribute and name.casefold() == attribute.casefold()), attribute
        )
    # What covolt left empty it did not write; an attribute that the file does not define says nothing at all.
    empty = {name.removeprefix(OWN): "" for name in names.values() if name.startswith(OWN)}
    rows, left_out = dict[str, Row](), list(attached)
    foreign: list[_Object] = []
    for found in _objects(root, names):
        own = {name.removeprefix(OWN): value for name, value in found.values.items() if name.startswith(OWN)}
        if own and not _deleted(found):
            rows[found.identifier] = Row(empty | own, f"{path.name}, object {found.raw}")
        elif reason := _no_requirement(found, attribute):
            left_out.append(f"left out {found.named or 'an object'}: {reason}")
        else:
            foreign.append(found)
    keys = apart([one.key for one in foreign], [one.named for one in foreign], [one.owner for one in foreign])
    rows |= {one.identifier: _foreign(one, key, attribute, party, path) for one, key in zip(foreign, keys, strict=True)}
    left_out += _relate(rows, root, names)
    problems: list[Problem] = []
    if attribute and attribute not in names.values():
        known = ", ".join(sorted({name for name in names.values() if name})) or "none"
        problems.append(
            Problem(
                text("no attribute is called '{attribute}'", attribute=attribute),
                "--text",
                text("attributes of {path}: {known}", path=path.name, known=known),
            )
        )
    elif not rows:
        what = joined((text("there is no requirement in it"), *left_out[:MOST_TOLD]))
        hint = text("export objects with ReqIF.Text, or name the attribute that holds the text: --text ATTRIBUTE")
        problems.append(Problem(what, str(path), hint))
    if foreign and not party:
        hint = text("say whose requirements these are: --party PARTY")
        problems.append(Problem(text("another tool's file does not say which party owns it"), "--party", hint))
    if problems:
        raise InputError(problems)
    made = Rows(rows.values())
    made.left_out = tuple(left_out)
    return made


def _read(path: Path) -> tuple[Element, list[str]]:
    """The file, or all files of a container under one element; and a sentence on what else the container holds."""
    files, attached = read_files(path)
    roots = [_root(text, where) for where, text in files]
    whole = roots[0]
    if len(roots) > 1:
        whole = Element("REQ-IF")
        whole.extend(roots)
    shown = ", ".join(attached[:MOST_TOLD])
    more = f" and {len(attached) - MOST_TOLD} more" if len(attached) > MOST_TOLD else ""
    return whole, [f"not read: attachments ({len(attached)}): {shown}{more}"] if attached else []


def _root(written: str, where: str) -> Element:
    if "<!DOCTYPE" in written or "<!ENTITY" in written:
        what = text("the file declares a document type, which ReqIF does not have")
        raise InputError(Problem(what, where, text("export it again as ReqIF 1.2")))
    try:
        root = ElementTree.fromstring(written)
    except ElementTree.ParseError as error:
        line, column = error.position
        what = text("not XML: {msg}", msg=error.msg.partition(":")[0])
        raise InputError(
            Problem(what, f"{where}:{line}", text("look at column {column}", column=column + 1))
        ) from error
    if root.tag.rpartition("}")[2] != "REQ-IF":
        raise InputError(Problem(text("this is no ReqIF file"), where, text("export it as ReqIF 1.2 (.reqif)")))
    level = [root]
    for _ in range(MOST_LEVELS):
        level = [inner for one in level for inner in one]
    if level:
        what = text("elements stand in one another on more than {most_levels} levels", most_levels=MOST_LEVELS)
        raise InputError(Problem(what, where, text("export it again as ReqIF 1.2, its texts without tables in tables")))
    if any(True for one in _all(root, "SPEC-OBJECT") for inner in one for _ in _all(inner, "SPEC-OBJECT")):
        what = text("an object stands within another, which ReqIF does not have")
        raise InputError(Problem(what, where, text("export it again as ReqIF 1.2")))
    return root


def _all(root: Element, tag: str) -> Iterator[Element]:
    return (one for one in root.iter() if str(one.tag).rpartition("}")[2] == tag)


def _objects(root: Element, names: Mapping[str, str]) -> Iterator[_Object]:
    """Every object, with the prefix that it states itself or that its specification states."""
    types = {one.get("IDENTIFIER", ""): one.get("LONG-NAME", "") for one in _all(root, "SPEC-OBJECT-TYPE")}
    holders: dict[str, tuple[str, str]] = {}
    for specification in _all(root, "SPECIFICATION"):
        prefix = dict(_values(next(_all(specification, "VALUES"), specification), names)).get(PREFIX, "")
        for reference in _all(specification, "SPEC-OBJECT-REF"):
            holders.setdefault((reference.text or "").strip(), (specification.get("LONG-NAME", ""), prefix))
    for found in _all(root, "SPEC-OBJECT"):
        values = dict(_values(found, names))
        owner, prefix = holders.get(found.get("IDENTIFIER", ""), ("", ""))
        kind = next((types.get((one.text or "").strip(), "") for one in _all(found, "SPEC-OBJECT-TYPE-REF")), "")
        yield _Object(found, values, kind, owner, values.get(PREFIX, "").strip() or prefix.strip())


def _values(found: Element, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Values of an element by the names of their attributes; formatted text as `plain_text` has it."""
    for value in found.iter():
        tag = str(value.tag).rpartition("}")[2]
        if not tag.startswith("ATTRIBUTE-VALUE-"):
            continue
        definition = next(_all(value, "DEFINITION"), value)
        reference = next((one.text or "" for one in definition.iter() if str(one.tag).endswith("-REF")), "")
        stated = value.get("THE-VALUE")
        if stated is None:
            inner = next(_all(value, "THE-VALUE"), None)
            stated = "" if inner is None else plain_text(inner)
        yield names.get(reference.strip(), ""), stated


def _said(found: _Object, text: str) -> str:
    """The text of an object."""
    return next((found.values[name] for name in (text, *FOREIGN_TEXTS) if name and found.values.get(name)), "")


def _deleted(found: _Object) -> bool:
    return found.values.get(DELETED, "").strip().lower() in {"true", "1", "yes"}


def _no_requirement(found: _Object, text: str) -> str:
    """Why an object is no requirement; empty where it is one."""
    values = found.values
    if _deleted(found):
        return "deleted in the other tool (ReqIF.ForeignDeleted)"
    chapter = values.get(CHAPTER, "")
    if chapter or _is_heading(found.kind):
        shown = chapter or _said(found, text) or found.raw
        return f"a heading ('{_short(shown)}')"
    if not _said(found, text):
        others = [
            f"{name} '{_short(value)}'" for name, value in values.items() if value and name not in {FOREIGN_ID, PREFIX}
        ]
        wanted = text or FOREIGN_TEXT
        return f"no text in {wanted}" + (f"; it has {', '.join(others)} (read one by --text)" if others else "")
    return ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _relate(rows: dict[str, Row], root: Element, names: Mapping[str, str]) -> list[str]:
    """Write into rows, by the identifiers of their objects, what they are related to; a sentence on what leads elsewhere."""
    kinds = {one.get("IDENTIFIER", ""): one.get("LONG-NAME", "") for one in _all(root, "SPEC-RELATION-TYPE")}
    found: dict[str, list[tuple[str, str]]] = {}
    elsewhere: list[str] = []
    for one in _all(root, "SPEC-RELATION"):
        source, target = (_reference(one, end, "SPEC-OBJECT-REF") for end in ("SOURCE", "TARGET"))
        kind = kinds.get(_reference(one, "TYPE", "SPEC-RELATION-TYPE-REF"), "") or UNNAMED
        if source in rows and target in rows and source != target:
            found.setdefault(source, []).append((kind, rows[target].cells.get("id", "")))
        else:
            elsewhere.append(f"{kind}: {source} to {target}")
    for source, related in found.items():
        row = rows[source]
        parents = [one.strip() for one in row.cells.get("parents", "").split(",") if one.strip()]
        others = relations_in(row.cells.get("relations", ""))
        own = not row.remark  # of another tool's, what its kinds mean is for people to say
        parents += [to for kind, to in related if own and kind == REFINES and to not in parents]
        others += [one for one in related if not (own and one[0] == REFINES) and one not in others]
        cells = {"parents": ", ".join(parents)} if own else {}
        rows[source] = replace(row, cells={**row.cells, **cells, "relations": relations_text(others)})
    if not elsewhere:
        return []
    called = {found.identifier: found.named for found in _objects(root, names)}
    told = [" ".join(called.get(word, word) for word in one.split(" ")) for one in elsewhere[:MOST_TOLD]]
    more = f" and {len(elsewhere) - len(told)} more" if len(elsewhere) > len(told) else ""
    return [f"left out relations to what is no requirement here ({len(elsewhere)}): {', '.join(told)}{more}"]


def _reference(found: Element, end: str, tag: str) -> str:
    """Identifier to which one end of an element refers."""
    return next(((one.text or "").strip() for part in _all(found, end) for one in _all(part, tag)), "?")


def _is_heading(kind: str) -> bool:
    """Whether a type of objects is called a heading, in any language."""
    return kind.casefold() in {name.casefold() for one in HEADINGS for name in one.plain().values()}


def _foreign(found: _Object, key: str, text: str, party: str, path: Path) -> Row:
    said = _said(found, text)
    language = "ru" if re.search("[\u0400-\u04ff]", said) else "en"
    cells = {"id": key, "party": party, f"title.{language}": said, "kind": "need", "verify.method": "document"}
    remark = "another tool's: shown by a document until it has a measure"
    if key != found.raw:
        remark += f"; there it is called '{found.named}'"
    if any(_all(found.element, "object")):
        remark += "; its picture or attachment is not read"
    return Row(cells, f"{path.name}, object {found.named}", remark)
