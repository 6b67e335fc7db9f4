"""The record of a run in the form of SSP Traceability: what was run with what, each by its digest, and what came of it (SRMD)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from covolt.exchange.ssp.markup import document, element

__all__ = ["record_of", "sha3_256_of"]

_SPACE = f"http:{'/' * 2}ssp-standard.org/SSPTraceability1/"
_SPACES = (("srmd", f"{_SPACE}SimulationResourceMetaData"), ("stc", f"{_SPACE}SSPTraceabilityCommon"))
VERSION = "1.0"
"""Of the format: SSP Traceability 1.0 (release candidate 1)."""


def sha3_256_of(content: bytes) -> str:
    """The checksum that SSP Traceability demands, in hexadecimal."""
    return hashlib.sha3_256(content).hexdigest()


def record_of(name: str, data: str, content: bytes, classifications: Mapping[str, Iterable[tuple[str, str]]]) -> bytes:
    """Resource meta data (SRMD) of a result.

    Args:
        name: what the run is called.
        data: where the result lies, relative to the record.
        content: the result itself, whose checksum (SHA3-256) the record states.
        classifications: keywords and values by the type of their classification, such as "covolt.run".
    """
    groups = [
        element(
            "stc:Classification",
            {"type": kind},
            [element("stc:ClassificationEntry", {"keyword": key}, content=value) for key, value in entries],
        )
        for kind, entries in classifications.items()
    ]
    head = {
        "version": VERSION,
        "name": name,
        "data": data,
        "checksum": sha3_256_of(content),
        "checksumType": "SHA3-256",
        "generationTool": "covolt",
    }
    return document("srmd:SimulationResourceMetaData", head, groups, *_SPACES)
