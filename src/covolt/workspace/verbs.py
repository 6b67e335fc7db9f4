"""Verbs: everything of which the log tells, as one asks for entries of a kind: in the log, and to be told of them outside."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from covolt.words import Phrase, text

__all__ = ["GATES", "KINDS", "Verb", "is_of"]

Verb = Literal[
    "begun", "proposed", "accepted", "refused", "withdrew", "merged", "pushed", "signed", "countersigned", "commented",
    "invited", "uninvited", "joined", "left",
]  # fmt: skip
GATES = "gates"
"""Entries by which a gate opened or shut, whatever their verb."""
KINDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "proposed": text("proposal made"),
        "accepted": text("proposal agreed to"),
        "refused": text("proposal refused"),
        "withdrew": text("proposal withdrawn"),
        "merged": text("proposal merged"),
        "pushed": text("files pushed"),
        "signed": text("gate signed"),
        GATES: text("gate opened or shut"),
        "countersigned": text("checkpoint counter-signed"),
        "commented": text("comment written"),
        "invited": text("invitation made"),
        "uninvited": text("invitation taken back"),
        "joined": text("somebody acts for a party from now on"),
        "left": text("membership ended"),
        "begun": text("programme taken into the workspace"),
    }
)
"""What is told of, in the order in which it is offered."""


def is_of(kind: str, verb: str, told: Mapping[str, Any]) -> bool:
    """Whether an entry with a verb, and with what it tells, is of a kind."""
    return any(one.get("turned") for one in told.get("gates", ())) if kind == GATES else kind == verb
