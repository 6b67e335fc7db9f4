"""Documents that a structure names or holds within it: parameter sets, mappings and dictionaries, from wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast, final

from covolt.errors import CovoltError, InputError, Problem
from covolt.exchange.archive import opened_archive
from covolt.exchange.plain_xml import Node, read_xml
from covolt.exchange.ssp.document import Document
from covolt.exchange.ssp.package import Package, Reference, refer
from covolt.exchange.ssp.reading_values import read_dictionary, read_mapping, read_parameters
from covolt.exchange.ssp.structure import Binding, Dictionary, MappingEntry, ParameterSet
from covolt.words import text

__all__ = ["Sources"]

Read = TypeVar("Read")

SET, MAPPING, DICTIONARY = (
    f"application/x-ssp-{one}" for one in ("parameter-set", "parameter-mapping", "signal-dictionary")
)


@final
class Sources:
    """Finds what the elements of one structure name, and keeps the digest of every document that it reads."""

    def __init__(self, document: Document, package: Package, name: str, documents: dict[str, str]) -> None:
        self.document = document
        self.package = package
        self.name = name
        """The structure's place in the package, beside which sources are looked for."""
        self.documents = documents
        self._known: dict[tuple[object, str, str, Path | None], object] = {}

    def xml(self, path: Path, label: str) -> Node:
        """The root element of a document of the package."""
        content = self.package.read(path, label)
        self.document.findings.spend(label, read_bytes=len(content))
        self.documents[label] = hashlib.sha256(content).hexdigest()
        return read_xml(content, label)

    def reference(self, source: str, place: str) -> Reference:
        found = refer(source)
        if found is None:
            hint = text("write a source relative to the structure, such as resources/motor.fmu")
            raise InputError(Problem(text("'{source}' is no source", source=source[:200]), place, hint))
        return found

    def bindings(self, node: Node | None, path: str, source: Path | None) -> tuple[Binding, ...]:
        found: list[Binding] = []
        for number, one in enumerate(
            () if node is None else self.document.children(node, "ssd", path, "ParameterBinding")
        ):
            at = f"{path}/ParameterBinding[{number + 1}]"
            self.document.known(one, at, "type", "source", "sourceBase", "prefix")
            try:
                binding = self._binding(one, at, source)
            except CovoltError as error:
                self.document.findings.take(error)
                continue
            if binding is not None:
                found.append(binding)
        return tuple(found)

    def _binding(self, node: Node, path: str, source: Path | None) -> Binding | None:
        media = node.get("type", "application/x-ssp-parameter-set")
        if media != "application/x-ssp-parameter-set":
            self.document.problem(
                text("parameters of type '{type}' cannot be read", type=media),
                node,
                path,
                text("give them as SSV (application/x-ssp-parameter-set)"),
            )
            return None
        parts = self.document.parts(node, path, "ParameterValues", "ParameterMapping")
        parameters = self._parameter_set(node, parts.get("ParameterValues"), path, source)
        mapping = parts.get("ParameterMapping")
        entries = None if mapping is None else self._mapping(mapping, path, source)
        return Binding(parameters, self.document.place(node, path), node.get("prefix"), entries)

    def _parameter_set(self, node: Node, inline: Node | None, path: str, source: Path | None) -> ParameterSet:
        if node.get("source"):
            if inline is not None and inline.children:
                what = text("a binding has a source and values within it")
                self.document.problem(what, node, path, text("leave one of both"))
            return self._kept(node, path, source, read_parameters)
        found = self.document.only(inline, path)
        if found is None:
            what = text("a binding has neither a source nor values within it")
            self.document.problem(what, node, path, text("write one of both"))
            return ParameterSet("", ())
        return read_parameters(self._inner(), found, path)

    def _mapping(self, node: Node, path: str, source: Path | None) -> tuple[MappingEntry, ...]:
        if node.get("source"):
            return self._kept(node, path, source, read_mapping)
        found = self.document.only(node, path)
        if found is None:
            what = text("a mapping has neither a source nor entries within it")
            self.document.problem(what, node, path, text("write one of both"))
            return ()
        return read_mapping(self._inner(), found, path)

    def _inner(self) -> Document:
        """A document within this one: it sees its units and enumerations, and may declare its own."""
        outer = self.document
        return Document(outer.label, outer.findings, dict(outer.units), dict(outer.enumerations))

    def _kept(self, node: Node, path: str, source: Path | None, read: Callable[[Document, Node], Read]) -> Read:
        """What another document holds, read once however often it is named."""
        key = read, node.get("source"), node.get("sourceBase"), source
        if key not in self._known:
            self._known[key] = read(*self._named_document(node, path, source))
        return cast("Read", self._known[key])

    def _named_document(self, node: Node, path: str, source: Path | None) -> tuple[Document, Node]:
        """Another document, beside the structure or within the component's own file."""
        place = self.document.place(node, path)
        reference = self.reference(node.get("source"), place)
        if reference.scheme or not reference.path:
            hint = text("put the document into the package")
            raise InputError(
                Problem(text("nothing is fetched from '{source}'", source=node.get("source")), place, hint)
            )
        if node.get("sourceBase", "SSD") != "component":
            label, file = self.package.find(self.name, reference.path, place)
            inner = f"{self.package.label}, {label}"
            return Document(inner, self.document.findings), self.xml(file, inner)
        if source is None:
            hint = text("leave sourceBase out, or give the component a file")
            raise InputError(Problem(text("this component has no file in which the source could lie"), place, hint))
        with opened_archive(source) as archive:
            content = archive.read("/".join(one for one in reference.path.split("/") if one not in {"", "."}), 2**26)
        label = f"{self.package.label}, {source.name}, {reference.path}"
        self.document.findings.spend(label, read_bytes=len(content))
        self.documents[label] = hashlib.sha256(content).hexdigest()
        return Document(label, self.document.findings), read_xml(content, label)

    def dictionaries(self, node: Node | None, path: str) -> Mapping[str, Dictionary]:
        found: dict[str, Dictionary] = {}
        for one in () if node is None else self.document.children(node, "ssd", path, "SignalDictionary"):
            name = self.document.needed(one, "name", path)
            at = f"{path}/SignalDictionary[{name}]"
            place = self.document.place(one, at)
            try:
                if name in found:
                    what = text("dictionary '{name}' is there twice in one system", name=name)
                    self.document.problem(what, one, at, text("rename one of both"))
                elif one.get("source"):
                    found[name] = replace(self._kept(one, at, None, _dictionary), name=name, place=place)
                elif one.children:
                    found[name] = read_dictionary(self._inner(), one.children[0], name, place)
                else:
                    what = text("a dictionary has neither a source nor entries within it")
                    self.document.problem(what, one, at, text("write one of both"))
            except CovoltError as error:
                self.document.findings.take(error)
        return found


def _dictionary(document: Document, root: Node) -> Dictionary:
    return read_dictionary(document, root, "", "")
