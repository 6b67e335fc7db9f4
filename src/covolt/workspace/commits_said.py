"""What commits of the workspace's own are called, in the language of who reads a history: Git keeps one message of each."""

from __future__ import annotations

import re

from covolt.programme.documents import Programme
from covolt.study.gate.signatures import signer_said
from covolt.words import Phrase, Words, text
from covolt.workspace.programmes import TAKEN
from covolt.workspace.states import PUSHED

__all__ = ["commit_said", "signing_message"]

SIGNED = "Sign-off: "
_SIGNED = re.compile(rf"^{SIGNED}([^/\n]+)/([^/\n]+)/(.+)$")


def signing_message(reference: str) -> str:
    """The message of the commit that files a sign-off, GATE/PARTY/ROLE."""
    return f"{SIGNED}{reference}"


def commit_said(message: str, programme: Programme) -> Phrase:
    """A commit in words: the workspace's own by the titles of the programme, another by the first line of its message."""
    first = message.partition("\n")[0]
    if first == TAKEN:
        return text("Taken into the workspace")
    party = programme.parties.get(first.removeprefix(PUSHED)) if first.startswith(PUSHED) else None
    if party is not None:
        return text("Files pushed by {party}", party=party.title.words)
    signed = _SIGNED.match(first)
    gate = None if signed is None else programme.gates.get(signed[1])
    if signed is None or gate is None:
        return Words(first)
    wanted = next((one for one in gate.signoffs if (one.party, one.role) == (signed[2], signed[3])), None)
    if wanted is None:
        return Words(first)
    return text("Sign-off of gate “{gate}”: {who}", gate=gate.title.words, who=signer_said(programme, wanted))
