"""Records that outlive the process: what a procedure yielded, kept by the digest of all that it was done with."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, final

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import canonical_json
from covolt.library.generic import GENERIC, UNCERTAIN, Generic
from covolt.library.models import model_kinds
from covolt.programme.charter import VehicleFrame
from covolt.simulation import kept
from covolt.simulation.kept import processor
from covolt.simulation.origin import altered
from covolt.study import result
from covolt.study.procedures.protocol import Given, Procedure, Record

__all__ = [
    "KeptRecords",
    "MemoryRecords",
    "RecordStore",
    "is_altered",
    "is_elsewhere",
    "machine",
    "record_key",
    "source_digest",
]

MOST_RECORDS = 10_000
"""Records held in memory; an estimate: a programme of 300 requirements with all its variations has fewer."""
MOST_SHEETS = 512
"""Datasheets whose digests are remembered."""
LIBRARIES = ("numpy", "jax", "jaxlib", "equinox", "llvmlite")


SOURCE_KINDS = (".py", ".toml", ".csv")
THIS_PROCESS = os.urandom(16).hex()
"""Stands in keys that no other process may find again."""
_changes: dict[Hashable, int] = {}
"""Number of each state in which covolt's code was found changed."""


def source_digest() -> str:
    """Digest of covolt's own source and data: another version of covolt may yield another number.

    Where it was changed in place, a text that no other process finds again, and this one only with the same change.
    """
    found = kept.source_digest(kinds=SOURCE_KINDS)
    return found or f"{THIS_PROCESS} {_changes.setdefault(altered('covolt.'), len(_changes))}"


def is_altered(source: str) -> bool:
    """Whether a digest of the source is of one that was changed in place, which no other process has."""
    return source.startswith(THIS_PROCESS)


@cache
def machine() -> str:
    """What computes: another version of a numeric library, or another processor, rounds otherwise."""
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()} {libraries} {processor()}"


@final
class _Itself:
    """A datasheet as a key of its own, for whom reading it once more would cost as much as asking again."""

    __slots__ = ("sheet",)

    def __init__(self, sheet: Datasheet) -> None:
        self.sheet = sheet

    def __hash__(self) -> int:
        return id(self.sheet)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.sheet is self.sheet


@lru_cache(maxsize=MOST_SHEETS)
def _physics(itself: _Itself) -> str:
    """Digest of what of a datasheet can change a number: values, tables and model; not who says so and how surely."""
    sheet = itself.sheet
    content = {
        "chemistry": sheet.chemistry,
        "charging": [one.model_dump(mode="json", exclude={"source", "evidence"}) for one in sheet.charging or ()],
        "declared": {name: one.value_si for name, one in sheet.declared.items()},
        "tables": {
            name: table.model_dump(mode="json", include={"unit", "axes", "values"})
            for name, table in sheet.tables.items()
        },
        "model": {
            "kind": sheet.model.kind,
            "entry": sheet.model.entry,
            "ports": sheet.model.ports or {},
            "parameters": {name: one.value_si for name, one in sheet.model.parameters.items()},
            "tables": {
                name: table.model_dump(mode="json", include={"unit", "axes", "values"})
                for name, table in sheet.model.tables.items()
            },
        },
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=MOST_SHEETS)
def _whole(itself: _Itself) -> str:
    """Digest of all that a datasheet says."""
    return hashlib.sha256(canonical_json(itself.sheet)).hexdigest()


@lru_cache(maxsize=MOST_SHEETS)
def _generic(generic: Generic, unused: frozenset[str]) -> dict[str, float]:
    """The generic set without the numbers that stand only for parts of which nothing but the mass matters."""
    places = {one.name: set(one.slots) for one in UNCERTAIN if one.slots}
    return {name: value for name, value in asdict(generic).items() if not places.get(name, {""}) <= unused}


@lru_cache(maxsize=MOST_SHEETS)
def _stated(given: Given) -> dict[str, Any]:
    return asdict(given)


def _mass(sheet: Datasheet) -> Any:
    mass = sheet.declared.get("mass")
    return None if mass is None else mass.value_si


def _elsewhere(sheet: Datasheet) -> bool:
    """Whether the code of its model is not covolt's; a part that is asked itself has its own digest (`foreign_key`)."""
    kind = model_kinds().get((sheet.fills.partition("@")[0], sheet.model.kind))
    return bool(sheet.model.entry) and not (kind is not None and kind.foreign)


def is_elsewhere(procedure: Procedure, sheets: Mapping[str, Datasheet]) -> bool:
    """Whether code that is not covolt's has a say in a record: another process may have another."""
    return not procedure.own or any(map(_elsewhere, sheets.values()))


def record_key(
    procedure: Procedure,
    given: Given,
    sheets: Mapping[str, Datasheet],
    frame: VehicleFrame,
    generic: Generic = GENERIC,
    source: str | None = None,
    terms: str = "",
) -> str:
    """Digest of everything that a record depends on; `source` is asked for where it is not given."""
    unused = procedure.unused(given)
    content = {
        "source": source or source_digest(),
        "machine": machine(),
        "procedure": procedure.id,
        "given": _stated(given),
        "frame": frame.model_dump(mode="json"),
        # The code of a model or a procedure from elsewhere is not in this digest: what it yields is not kept for another process.
        "elsewhere": THIS_PROCESS if is_elsewhere(procedure, sheets) else "",
        "generic": _generic(generic, frozenset(unused)),
        "sheets": {
            # What a model from elsewhere reads is not known, so all of its sheet counts.
            slot: _mass(sheet) if slot in unused and not _elsewhere(sheet) else _physics(_Itself(sheet))
            for slot, sheet in sheets.items()
        },
    }
    if procedure.reads_levels:
        content["levels"] = terms
    if procedure.reads_terms:
        # Who offers what, with its u, its terms and its origin, and what the programme says besides.
        content["terms"] = terms
        content["whole sheets"] = {slot: _whole(_Itself(sheet)) for slot, sheet in sheets.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class RecordStore(Protocol):
    """Where records are looked for before they are made, and kept; a programme brings none with it."""

    computed: int
    """How many were made and put here."""
    recalled: int
    """How many were found that somebody else had kept."""

    def get(self, key: str) -> Record | None:
        """Record under a key; None where there is none."""
        ...

    def put(self, key: str, record: Record) -> None:
        """Keep a record that was made."""
        ...


@final
class MemoryRecords:
    """Records of this process alone, such as a server keeps while it answers.

    Args:
        most: records that are held; the one that was not asked for the longest goes first.
    """

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._known = OrderedDict[str, Record]()
        self._most = most
        self._turn = Lock()
        self.computed = 0
        self.recalled = 0

    def get(self, key: str) -> Record | None:
        """Record under a key; None where there is none."""
        with self._turn:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: str, record: Record) -> None:
        """Hold a record under its key."""
        with self._turn:
            self.computed += 1
            self._known[key] = record
            while len(self._known) > self._most:
                self._known.popitem(last=False)


@final
class KeptRecords:
    """Records of this process, and those that the user's own folder keeps.

    Args:
        folder: where they are kept; None for nowhere.
        anew: whether what an earlier process kept is left aside.
    """

    def __init__(self, folder: Path | None, *, anew: bool = False) -> None:
        self.folder = folder
        self._anew = anew
        self._known: dict[str, Record] = {}
        self.computed = 0
        self.recalled = 0

    @classmethod
    def own(cls, *, anew: bool = False) -> KeptRecords:
        """Records in the user's own folder."""
        return cls(kept.cache_folder(), anew=anew)

    def get(self, key: str) -> Record | None:
        """Record under a key, None where there is none or its file is damaged."""
        found = self._known.get(key)
        if found is None and self.folder is not None and not self._anew:
            found = _load(self.folder, key)
            if found is not None:
                self._known[key] = found
                self.recalled += 1
        return found

    def put(self, key: str, record: Record) -> None:
        """Keep a record, its file whole or not at all."""
        self.computed += 1
        self._known[key] = record
        if self.folder is not None:
            body = json.dumps(result.kept(record), ensure_ascii=False)
            kept.keep(kept.RECORD, (key,), body.encode(), self.folder)


def _load(folder: Path, key: str) -> Record | None:
    content = kept.recall(kept.RECORD, (key,), folder)
    try:
        return None if content is None else result.recalled(Record, json.loads(content))
    except (ValueError, RecursionError):
        return None
