"""Parameter sets (SSV), parameter mappings (SSM) and signal dictionaries (SSB), from files or from within a structure."""

from __future__ import annotations

import math
from typing import Union, cast

from covolt.exchange.plain_xml import Node
from covolt.exchange.ssp.document import SPACES, Document
from covolt.exchange.ssp.structure import (
    Connector,
    ConnectorKind,
    Dictionary,
    MappingEntry,
    Parameter,
    ParameterSet,
    SignalType,
)
from covolt.exchange.ssp.values import Unfit, valued
from covolt.words import text

__all__ = ["expect_root", "read_connector", "read_dictionary", "read_mapping", "read_parameters", "read_shape"]

_LISTED = frozenset({"String", "Enumeration", "Binary"})
"""Types whose arrays have a child for each value, since their texts may hold spaces."""
MOST_VALUES = 1_000_000


def expect_root(document: Document, root: Node, space: str, name: str) -> bool:
    """Whether the root of a document is what it has to be; a problem is told where it is not."""
    if root.tag == f"{{{SPACES[space]}}}{name}":
        return True
    what = text("this begins with <{found}>, not with <{wanted}> of SSP 1 or 2", found=root.name, wanted=name)
    hint = text("name the right file; drafts before SSP 1.0 and other standards are not read")
    document.problem(what, root, "", hint)
    return False


def read_parameters(document: Document, root: Node, path: str = "") -> ParameterSet:
    """A parameter set; every wrong parameter is told and left out."""
    if not expect_root(document, root, "ssv", "ParameterSet"):
        return ParameterSet("", ())
    document.version(root)
    document.declare(root, "ssv")
    found: dict[str, Parameter] = {}
    for group in document.children(root, "ssv", path, "Parameters", "Units", "Enumerations"):
        if group.name != "Parameters":
            continue
        for node in document.children(group, "ssv", path, "Parameter"):
            one = _parameter(document, node, path)
            if one is None:
                continue
            if one.name in found:
                what = text("parameter '{name}' is there twice in one set", name=one.name)
                document.problem(what, node, path, text("leave one of both"))
            found[one.name] = one
    return ParameterSet(root.get("name"), tuple(found.values()))


def _parameter(document: Document, node: Node, path: str) -> Parameter | None:
    name = document.needed(node, "name", path)
    at = f"{path}/Parameter[{name}]".lstrip("/")
    typed = document.type_node(node)
    if typed is None:
        what = text("parameter '{name}' has no type that SSP knows", name=name)
        document.problem(what, node, at, text("write <Real value=…>, <Integer …>, <Boolean …>, <String …> …"))
        return None
    kind = document.signal_type(typed, at, demanded=False)
    sizes = read_shape(document, node, at)
    if any(not isinstance(one, int) for one in sizes):
        document.problem(text("a dimension of a parameter has no size"), node, at, text("write size=…"))
        return None
    shape = cast("tuple[int, ...]", sizes)
    texts = _texts(typed, kind)
    if math.prod(shape) > MOST_VALUES or len(texts) > MOST_VALUES:
        document.problem(text("more than {most} values", most=MOST_VALUES), node, at, text("split the parameter"))
        return None
    if not shape and len(texts) > 1:
        # SSP 2 lets a list stand without its dimension.
        shape = (len(texts),)
    try:
        return Parameter(name, kind, valued(kind, texts, shape), document.place(node, at))
    except Unfit as unfit:
        what = text("the value of '{name}' cannot be read: {why}", name=name, why=unfit.why)
        document.problem(what, node, at, text("write a value of type {type}", type=kind.name))
        return None


def _texts(typed: Node, kind: SignalType) -> list[str]:
    if kind.name in _LISTED:
        listed = [one.get("value") for one in typed.all("Value")]
        return listed if listed and "value" not in typed.attributes else [typed.get("value")]
    return typed.get("value").split()


def read_shape(document: Document, node: Node, path: str) -> tuple[Union[int, str, None], ...]:
    """Sizes of the dimensions of a connector, parameter or dictionary entry."""
    found: list[Union[int, str, None]] = []
    for one in node.all("Dimension"):
        named = one.get("sizeConnector")
        if named and one.get("size"):
            what = text("a dimension states a size and a connector for it")
            document.problem(what, one, path, text("leave one of both"))
        size = document.whole(one, "size", path, -1)
        if one.get("size") and not 1 <= size <= MOST_VALUES:
            document.problem(text("{size} is no size of an array", size=size), one, path, text("write 1 or more"))
        found.append(named or (size if size >= 1 else None))
    return tuple(found)


def read_mapping(document: Document, root: Node, path: str = "") -> tuple[MappingEntry, ...]:
    """Entries of a parameter mapping; two of one target are a problem."""
    if not expect_root(document, root, "ssm", "ParameterMapping"):
        return ()
    document.version(root)
    found: dict[str, MappingEntry] = {}
    for node in document.children(root, "ssm", path, "MappingEntry"):
        source, target = (document.needed(node, name, path) for name in ("source", "target"))
        at = f"{path}/MappingEntry[{source} to {target}]".lstrip("/")
        document.known(node, at, "source", "target", "suppressUnitConversion")
        entry = MappingEntry(
            source,
            target,
            document.place(node, at),
            document.transformation(node, at),
            document.flag(node, "suppressUnitConversion", at),
        )
        if target in found:
            what = text("two parameters are mapped to '{target}'", target=target)
            document.problem(what, node, at, text("leave one of both"))
        found[target] = entry
    return tuple(found.values())


def read_connector(document: Document, node: Node, path: str, kind: ConnectorKind) -> Connector:
    """A connector, or an entry of a dictionary, whose kind is given."""
    name = document.needed(node, "name", path)
    at = f"{path}/{node.name}[{name}]".lstrip("/")
    typed = document.type_node(node)
    clocks = tuple(one.get("name") for one in node.all("Clock") if one.get("name"))
    return Connector(
        name,
        kind,
        document.place(node, at),
        document.signal_type(typed, at) if typed is not None else None,
        read_shape(document, node, at),
        clocks,
    )


def read_dictionary(document: Document, root: Node, name: str, place: str) -> Dictionary:
    """A signal dictionary."""
    found: dict[str, Connector] = {}
    if expect_root(document, root, "ssb", "SignalDictionary"):
        document.version(root)
        document.declare(root, "ssb")
        for node in document.children(root, "ssb", name, "DictionaryEntry", "Units", "Enumerations"):
            if node.name != "DictionaryEntry":
                continue
            entry = read_connector(document, node, name, "inout")
            if entry.name in found:
                what = text("entry '{entry}' of the dictionary is there twice", entry=entry.name)
                document.problem(what, node, name, text("leave one of both"))
            found[entry.name] = entry
    return Dictionary(name, found, place)
