"""Requirements as ReqIF 1.2, the OMG's interchange format that DOORS, Polarion, Codebeamer and others read and write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from covolt.contract.document import read_text
from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.programme.exchange.foreign import apart, key_of, plain_text
from covolt.programme.exchange.rows import COLUMNS, Row, Rows

__all__ = ["read_reqif", "write_reqif"]

REQIF = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
XHTML = "http://www.w3.org/1999/xhtml"
OWN = "covolt."
"""Prefix of the attributes that hold a column each; beside them stand the names that the implementation guide prescribes."""
FOREIGN_ID, FOREIGN_TEXT = "ReqIF.ForeignID", "ReqIF.Text"
FOREIGN_TEXTS = (FOREIGN_TEXT, "ReqIF.Name")
CHAPTER, DELETED, PREFIX = "ReqIF.ChapterName", "ReqIF.ForeignDeleted", "ReqIF.Prefix"
HEADINGS = frozenset({"heading", "chapter", "title", "заголовок", "раздел"})
"""Names of types of objects that are no requirements."""
MOST_TOLD, SHOWN = 20, 60
MOST_LEVELS = 64
"""A text stands eight levels deep, a chapter of a chapter two deeper than the chapter."""
DATE = "2000-01-01T00:00:00Z"
"""Stated as the time of making, so that the same content is the same file."""
LONGEST = "32767"


def write_reqif(path: Path, rows: Sequence[Row], title: str) -> None:
    """Write a file, whole or not at all: objects, a specification for each party, a relation for each parent."""
    ElementTree.register_namespace("", REQIF)
    ElementTree.register_namespace("xhtml", XHTML)
    root = Element(_tag("REQ-IF"))
    header = SubElement(SubElement(root, _tag("THE-HEADER")), _tag("REQ-IF-HEADER"), IDENTIFIER=_name("header"))
    for tag, text in (
        ("CREATION-TIME", DATE),
        ("REQ-IF-TOOL-ID", "covolt"),
        ("REQ-IF-VERSION", "1.0"),
        ("SOURCE-TOOL-ID", "covolt"),
        ("TITLE", title),
    ):
        SubElement(header, _tag(tag)).text = text
    content = SubElement(SubElement(root, _tag("CORE-CONTENT")), _tag("REQ-IF-CONTENT"))
    types = SubElement(content, _tag("DATATYPES"))
    _described(types, "DATATYPE-DEFINITION-STRING", "string", "text", {"MAX-LENGTH": LONGEST})
    _described(types, "DATATYPE-DEFINITION-XHTML", "xhtml", "formatted text")
    _spec_types(SubElement(content, _tag("SPEC-TYPES")))
    objects = SubElement(content, _tag("SPEC-OBJECTS"))
    for row in rows:
        _spec_object(objects, row)
    relations = SubElement(content, _tag("SPEC-RELATIONS"))
    known = {row.cells["id"] for row in rows}
    for row in rows:
        for parent in _parents(row):
            if parent in known:
                _relation(relations, row.cells["id"], parent)
    specifications = SubElement(content, _tag("SPECIFICATIONS"))
    for party in dict.fromkeys(row.cells["party"] for row in rows):
        _specification(specifications, party, [row for row in rows if row.cells["party"] == party])
    ElementTree.indent(root)
    write_whole(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _tag(name: str) -> str:
    return f"{{{REQIF}}}{name}"


def _name(text: str) -> str:
    """Identifier of an element: the same for the same thing in every export."""
    return f"_{uuid5(NAMESPACE_URL, 'covolt/' + text)}"


def _described(parent: Element, tag: str, key: str, name: str, more: Mapping[str, str] | None = None) -> Element:
    stated = {"IDENTIFIER": _name(key), "LAST-CHANGE": DATE, "LONG-NAME": name, **(more or {})}
    return SubElement(parent, _tag(tag), stated)


def _spec_types(parent: Element) -> None:
    made = _described(parent, "SPEC-OBJECT-TYPE", "requirement", "Requirement")
    attributes = SubElement(made, _tag("SPEC-ATTRIBUTES"))
    for name in (FOREIGN_ID, *(OWN + column.key for column in COLUMNS)):
        _definition(attributes, "STRING", name)
    _definition(attributes, "XHTML", FOREIGN_TEXT)
    _described(parent, "SPEC-RELATION-TYPE", "parent", "refines")
    _described(parent, "SPECIFICATION-TYPE", "specification", "Requirements of a party")


def _definition(parent: Element, kind: str, name: str) -> None:
    made = _described(parent, f"ATTRIBUTE-DEFINITION-{kind}", f"attribute/{name}", name)
    SubElement(SubElement(made, _tag("TYPE")), _tag(f"DATATYPE-DEFINITION-{kind}-REF")).text = _name(kind.lower())


def _spec_object(parent: Element, row: Row) -> None:
    title = row.cells.get("title.en") or row.cells.get("title.ru", "")
    made = _described(parent, "SPEC-OBJECT", f"object/{row.cells['id']}", row.cells["id"])
    values = SubElement(made, _tag("VALUES"))
    texts = {FOREIGN_ID: row.cells["id"], **{OWN + column.key: row.cells.get(column.key, "") for column in COLUMNS}}
    for name, text in texts.items():
        if text:
            value = SubElement(values, _tag("ATTRIBUTE-VALUE-STRING"), {"THE-VALUE": text})
            _refer(value, "ATTRIBUTE-DEFINITION-STRING-REF", f"attribute/{name}")
    value = SubElement(values, _tag("ATTRIBUTE-VALUE-XHTML"))
    _refer(value, "ATTRIBUTE-DEFINITION-XHTML-REF", f"attribute/{FOREIGN_TEXT}")
    SubElement(SubElement(value, _tag("THE-VALUE")), f"{{{XHTML}}}div").text = title
    SubElement(SubElement(made, _tag("TYPE")), _tag("SPEC-OBJECT-TYPE-REF")).text = _name("requirement")


def _refer(value: Element, tag: str, key: str) -> None:
    SubElement(SubElement(value, _tag("DEFINITION")), _tag(tag)).text = _name(key)


def _relation(parent: Element, child: str, upper: str) -> None:
    made = SubElement(
        parent, _tag("SPEC-RELATION"), {"IDENTIFIER": _name(f"relation/{child}/{upper}"), "LAST-CHANGE": DATE}
    )
    SubElement(SubElement(made, _tag("TARGET")), _tag("SPEC-OBJECT-REF")).text = _name(f"object/{upper}")
    SubElement(SubElement(made, _tag("SOURCE")), _tag("SPEC-OBJECT-REF")).text = _name(f"object/{child}")
    SubElement(SubElement(made, _tag("TYPE")), _tag("SPEC-RELATION-TYPE-REF")).text = _name("parent")


def _specification(parent: Element, party: str, rows: Sequence[Row]) -> None:
    made = _described(parent, "SPECIFICATION", f"specification/{party}", party)
    SubElement(SubElement(made, _tag("TYPE")), _tag("SPECIFICATION-TYPE-REF")).text = _name("specification")
    own = {row.cells["id"] for row in rows}
    below: dict[str, list[Row]] = {}
    for row in rows:
        # An object stands once in the tree, below the first parent of the same party; relations tell of the others.
        above = next((one for one in _parents(row) if one in own), "")
        below.setdefault(above, []).append(row)
    _children(made, below, "")


def _children(parent: Element, below: Mapping[str, Sequence[Row]], above: str) -> None:
    if above not in below:
        return
    children = SubElement(parent, _tag("CHILDREN"))
    for row in below[above]:
        name = row.cells["id"]
        stated = {"IDENTIFIER": _name(f"hierarchy/{name}"), "LAST-CHANGE": DATE}
        made = SubElement(children, _tag("SPEC-HIERARCHY"), stated)
        SubElement(SubElement(made, _tag("OBJECT")), _tag("SPEC-OBJECT-REF")).text = _name(f"object/{name}")
        _children(made, below, name)


def _parents(row: Row) -> list[str]:
    return [one.strip() for one in row.cells.get("parents", "").split(",") if one.strip()]


@dataclass(frozen=True)
class _Object:
    """An object of another tool: its element, values by the names of their attributes, type, and the specification it is in."""

    element: Element
    values: Mapping[str, str]
    kind: str
    owner: str
    prefix: str

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
        """The same with its prefix, for people."""
        return " ".join(part for part in (self.prefix, self.raw) if part)


def read_reqif(path: Path, *, party: str = "", text: str = "") -> Rows:
    """Rows of a file. One of covolt's own yields what was written; of another tool's, number and text.

    What another tool says has no measure: each such requirement is shown by a document until somebody gives it one, belongs
    to `party`, and its row says so. The text is that of the attribute `text`, else of ReqIF.Text or ReqIF.Name. Headings, deleted
    objects, those without a text, and relations are left out and named in `left_out`.
    """
    root = _root(path)
    names = {
        one.get("IDENTIFIER", ""): one.get("LONG-NAME", "") for one in root.iter() if "ATTRIBUTE-DEFINITION-" in one.tag
    }
    # What covolt left empty it did not write; an attribute that the file does not define says nothing at all.
    empty = {name.removeprefix(OWN): "" for name in names.values() if name.startswith(OWN)}
    rows, left_out = Rows(), list[str]()
    foreign: list[_Object] = []
    for found in _objects(root, names):
        own = {name.removeprefix(OWN): value for name, value in found.values.items() if name.startswith(OWN)}
        if own and not _deleted(found):
            rows.append(Row(empty | own, f"{path.name}, object {found.raw}"))
        elif reason := _no_requirement(found, text):
            left_out.append(f"left out {found.named or 'an object'}: {reason}")
        else:
            foreign.append(found)
    keys = apart([one.key for one in foreign], [one.named for one in foreign], [one.owner for one in foreign])
    rows += [_foreign(one, key, text, party, path) for one, key in zip(foreign, keys, strict=True)]
    if foreign or left_out:
        left_out += _relations(root, names)
    problems: list[Problem] = []
    if text and text not in names.values():
        known = ", ".join(sorted({name for name in names.values() if name})) or "none"
        problems.append(Problem(f"no attribute is called '{text}'", "--text", f"attributes of {path.name}: {known}"))
    elif not rows:
        what = "; ".join(["there is no requirement in it", *left_out[:MOST_TOLD]])
        hint = "export objects with ReqIF.Text, or name the attribute that holds the text: --text ATTRIBUTE"
        problems.append(Problem(what, str(path), hint))
    if foreign and not party:
        hint = "say whose requirements these are: --party PARTY"
        problems.append(Problem("another tool's file does not say which party owns it", "--party", hint))
    if problems:
        raise InputError(problems)
    rows.left_out = tuple(left_out)
    return rows


def _root(path: Path) -> Element:
    text = read_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        what = "the file declares a document type, which ReqIF does not have"
        raise InputError(Problem(what, str(path), "export it again as ReqIF 1.2"))
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line, column = error.position
        what = f"not XML: {error.msg.partition(':')[0]}"
        raise InputError(Problem(what, f"{path}:{line}", f"look at column {column + 1}")) from error
    if root.tag.rpartition("}")[2] != "REQ-IF":
        raise InputError(Problem("this is no ReqIF file", str(path), "export it as ReqIF 1.2 (.reqif)"))
    level = [root]
    for _ in range(MOST_LEVELS):
        level = [inner for one in level for inner in one]
    if level:
        what = f"elements stand in one another on more than {MOST_LEVELS} levels"
        raise InputError(Problem(what, str(path), "export it again as ReqIF 1.2, its texts without tables in tables"))
    if any(True for one in _all(root, "SPEC-OBJECT") for inner in one for _ in _all(inner, "SPEC-OBJECT")):
        what = "an object stands within another, which ReqIF does not have"
        raise InputError(Problem(what, str(path), "export it again as ReqIF 1.2"))
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
    if chapter or found.kind.casefold() in HEADINGS:
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


def _relations(root: Element, names: Mapping[str, str]) -> list[str]:
    """A sentence on the relations of another tool's file, which are not read, since they may mean anything."""
    called = {found.element.get("IDENTIFIER", ""): found.named for found in _objects(root, names)}
    pairs = [
        [
            called.get((reference.text or "").strip(), "?")
            for end in ("SOURCE", "TARGET")
            for part in _all(one, end)
            for reference in _all(part, "SPEC-OBJECT-REF")
        ]
        for one in _all(root, "SPEC-RELATION")
    ]
    if not pairs:
        return []
    told = [" to ".join(pair) for pair in pairs[:MOST_TOLD]]
    more = f" and {len(pairs) - len(told)} more" if len(pairs) > len(told) else ""
    return [f"not read: relations ({len(pairs)}): {', '.join(told)}{more}; state them as parents"]


def _foreign(found: _Object, key: str, text: str, party: str, path: Path) -> Row:
    said = _said(found, text)
    language = "ru" if re.search("[А-Яа-яЁё]", said) else "en"
    cells = {"id": key, "party": party, f"title.{language}": said, "kind": "need", "verify.method": "document"}
    remark = "another tool's: shown by a document until it has a measure"
    if key != found.raw:
        remark += f"; there it is called '{found.named}'"
    if any(_all(found.element, "object")):
        remark += "; its picture or attachment is not read"
    return Row(cells, f"{path.name}, object {found.named}", remark)
