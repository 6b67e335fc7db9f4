"""XML of strangers, read plainly: no entities, no document type, and no more depth, elements or text than a bound allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final
from xml.parsers import expat

from covolt.errors import InputError, Problem
from covolt.words import Phrase, text

__all__ = ["Node", "read_xml"]

MOST_BYTES = 64 * 1024 * 1024
MOST_ELEMENTS = 1_000_000
MOST_ATTRIBUTES = 200
DEEPEST = 60
_PIECE = 65536


@final
@dataclass(slots=True)
class Node:
    """One element: its tag ("{namespace}name" where it has a namespace), attributes, line, children and own text."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list["Node"])
    content: str = ""

    @property
    def name(self) -> str:
        """The tag without its namespace."""
        return self.tag.rpartition("}")[2]

    def get(self, name: str, otherwise: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def first(self, name: str) -> Node | None:
        """The first child of a name, whatever its namespace."""
        return next((one for one in self.children if one.name == name), None)

    def all(self, *names: str) -> Iterator[Node]:
        """Children of these names; of every name where none is given."""
        return (one for one in self.children if not names or one.name in names)


@final
class _Refused(Exception):
    """What ends the reading from within a callback of expat."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


@final
class _Reading:
    """Builds the tree while expat reads, within the bounds."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._external
        self.root: Node | None = None
        self._open: list[Node] = []
        self._pieces: list[list[str]] = []
        self._count = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST or len(attributes) > MOST_ATTRIBUTES:
            what = text(
                "more than {elements} elements, {deep} levels or {attributes} attributes of one element",
                elements=MOST_ELEMENTS,
                deep=DEEPEST,
                attributes=MOST_ATTRIBUTES,
            )
            raise self._refusal(what, text("nothing that describes a model needs so many: ask who made the file"))
        node = Node(
            f"{{{tag}" if "}" in tag else tag,
            {(f"{{{name}" if "}" in name else name): value for name, value in attributes.items()},
            self.parser.CurrentLineNumber,
        )
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._pieces.append([])

    def _end(self, _tag: str) -> None:
        self._open.pop().content = "".join(self._pieces.pop())

    def _text(self, piece: str) -> None:
        if self._pieces:
            self._pieces[-1].append(piece)

    def _doctype(self, *_: object) -> None:
        raise self._refusal(
            text("a document type (DOCTYPE) is declared"), text("take it out: no standard of models has one")
        )

    def _entity(self, *_: object) -> None:
        raise self._refusal(text("an entity is declared"), text("write its text where it is used"))

    def _external(self, *_: object) -> int:
        raise self._refusal(text("an external entity is referred to"), text("write its text where it is used"))

    def _refusal(self, what: Phrase, hint: Phrase) -> _Refused:
        return _Refused(Problem(what, f"{self.where}:{self.parser.CurrentLineNumber}", hint))


def read_xml(content: bytes, where: str) -> Node:
    """The root element of a document.

    Raises:
        InputError: it is no XML, holds a document type or entities, or exceeds the bounds; names the line.
    """
    if len(content) > MOST_BYTES:
        what = text("{size} bytes of XML, more than {most}", size=len(content), most=MOST_BYTES)
        raise InputError(Problem(what, where, text("ask who made the file for one without what nobody needs")))
    reading = _Reading(where)
    try:
        for begin in range(0, len(content), _PIECE):
            reading.parser.Parse(content[begin : begin + _PIECE], False)
        reading.parser.Parse(b"", True)
    except _Refused as refused:
        raise InputError(refused.problem) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", reading.parser.CurrentLineNumber)
        what = text("this is no well-formed XML: {why}", why=str(error).partition(":")[0])
        raise InputError(Problem(what, f"{where}:{line}", text("export the file anew"))) from error
    if reading.root is None:
        raise InputError(Problem(text("there is no element in it"), where, text("export the file anew")))
    return reading.root
