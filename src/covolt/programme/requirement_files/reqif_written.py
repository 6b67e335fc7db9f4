"""Requirements written as ReqIF 1.2: objects, a specification for each party, and every relation between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from covolt.programme.requirement_files.reqif_file import write_file
from covolt.programme.requirement_files.rows import COLUMNS, Row, relations_in

__all__ = ["FOREIGN_ID", "FOREIGN_TEXT", "OWN", "REFINES", "write_reqif"]

REQIF = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
XHTML = "http://www.w3.org/1999/xhtml"
OWN = "covolt."
"""Prefix of the attributes that hold a column each; beside them stand the names that the implementation guide prescribes."""
FOREIGN_ID, FOREIGN_TEXT = "ReqIF.ForeignID", "ReqIF.Text"
REFINES = "refines"
"""The relation of a requirement to its parent."""
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
    _spec_types(SubElement(content, _tag("SPEC-TYPES")), sorted({kind for row in rows for kind, _ in _related(row)}))
    objects = SubElement(content, _tag("SPEC-OBJECTS"))
    for row in rows:
        _spec_object(objects, row)
    relations = SubElement(content, _tag("SPEC-RELATIONS"))
    known = {row.cells["id"] for row in rows}
    for row in rows:
        for kind, other in _related(row):
            if other in known:
                _relation(relations, kind, row.cells["id"], other)
    specifications = SubElement(content, _tag("SPECIFICATIONS"))
    for party in dict.fromkeys(row.cells["party"] for row in rows):
        _specification(specifications, party, [row for row in rows if row.cells["party"] == party])
    ElementTree.indent(root)
    write_file(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _tag(name: str) -> str:
    return f"{{{REQIF}}}{name}"


def _name(text: str) -> str:
    """Identifier of an element: the same for the same thing in every export."""
    return f"_{uuid5(NAMESPACE_URL, 'covolt/' + text)}"


def _described(parent: Element, tag: str, key: str, name: str, more: Mapping[str, str] | None = None) -> Element:
    stated = {"IDENTIFIER": _name(key), "LAST-CHANGE": DATE, "LONG-NAME": name, **(more or {})}
    return SubElement(parent, _tag(tag), stated)


def _spec_types(parent: Element, kinds: Sequence[str]) -> None:
    made = _described(parent, "SPEC-OBJECT-TYPE", "requirement", "Requirement")
    attributes = SubElement(made, _tag("SPEC-ATTRIBUTES"))
    for name in (FOREIGN_ID, *(OWN + column.key for column in COLUMNS)):
        _definition(attributes, "STRING", name)
    _definition(attributes, "XHTML", FOREIGN_TEXT)
    for kind in kinds or (REFINES,):
        _described(parent, "SPEC-RELATION-TYPE", _kind_key(kind), kind)
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


def _kind_key(kind: str) -> str:
    return "parent" if kind == REFINES else f"relation-type/{kind}"


def _relation(parent: Element, kind: str, child: str, upper: str) -> None:
    key = f"relation/{child}/{upper}" if kind == REFINES else f"relation/{kind}/{child}/{upper}"
    made = SubElement(parent, _tag("SPEC-RELATION"), {"IDENTIFIER": _name(key), "LAST-CHANGE": DATE})
    SubElement(SubElement(made, _tag("TARGET")), _tag("SPEC-OBJECT-REF")).text = _name(f"object/{upper}")
    SubElement(SubElement(made, _tag("SOURCE")), _tag("SPEC-OBJECT-REF")).text = _name(f"object/{child}")
    SubElement(SubElement(made, _tag("TYPE")), _tag("SPEC-RELATION-TYPE-REF")).text = _name(_kind_key(kind))


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


def _related(row: Row) -> list[tuple[str, str]]:
    """What a requirement is related to, and how: its parents, then whatever other tools say."""
    return [*((REFINES, one) for one in _parents(row)), *relations_in(row.cells.get("relations", ""))]


def _parents(row: Row) -> list[str]:
    return [one.strip() for one in row.cells.get("parents", "").split(",") if one.strip()]
