"""The checking of a settlement that was handed on, page or JSON: unaltered, of the programme as it is, and signed by its keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any, final

from covolt.words import Phrase, Words, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.study.cases.report_check import Answer

__all__ = ["SettlementFacts", "check_settlement", "settlement_facts"]

PAGE = re.compile(r'<meta name="covolt-settlement" content="([^"]*)">')
SCHEMA = "negotiation/1"


@final
@dataclass(frozen=True)
class SettlementFacts:
    """What a settlement says of how it was made; `answers` are party, fingerprint and role of those that are signed."""

    covolt: str
    programme: str
    reader: str
    lock: str
    settlement: str
    study: str
    design: int | None
    rule: str
    rests_on: Mapping[str, str]
    answers: tuple[tuple[str, str, str], ...]


def settlement_facts(content: str, *, is_page: bool) -> SettlementFacts | None:
    """What a page or a JSON of a settlement that bears a digest says of itself; None of everything else."""
    from covolt.study.report.seal import stated

    try:
        stated(content)
        found = PAGE.search(content) if is_page else None
        said: Any = json.loads(unescape(found[1]) if found is not None else "null" if is_page else content)
        if said is None or (not is_page and said.get("schema") != SCHEMA):
            return None
        rows = said["answers"] if is_page else [one for one in said["parties"] if one["key"]]
        names = ("covolt", "programme", "reader", "lock", "settlement", "study", "rule")
        return SettlementFacts(
            **{name: str(said[name]) for name in names},
            design=None if said["design"] is None else int(said["design"]),
            rests_on={str(name): str(one) for name, one in said["rests_on"].items()},
            answers=tuple((str(one["party"]), str(one["key"]), str(one["role"])) for one in rows),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def check_settlement(
    content: str, facts: SettlementFacts, programme: Programme | None, party: str
) -> tuple[Answer, Phrase, tuple[Phrase, ...]]:
    """How a settlement stands, what differs, and what is another since.

    Its digest says that nobody altered it without taking the digest anew. The programme says whether it is still what the
    settlement rests on, and whose the keys are; what a party has answered is in its signed answer alone.

    Args:
        content: of the page or the JSON.
        facts: what it says of itself.
        programme: None where it is held against itself alone.
        party: who reads the answer.
    """
    from covolt.study.negotiation.grounds import changed_documents

    fault = next(_faults(content, facts, programme, party), None)
    if fault is not None:
        return *fault, ()
    seen = None if programme is None else programme.seen_by(party or None)
    changed = () if seen is None else tuple(what for _, what in changed_documents(facts.rests_on, seen))
    return ("earlier state" if changed else "in order"), Words(), changed


def _faults(
    content: str, facts: SettlementFacts, programme: Programme | None, party: str
) -> Iterator[tuple[Answer, Phrase]]:
    """What is wrong with a settlement, the worst first."""
    from importlib.metadata import version

    from covolt.programme.proposal import digest_of_lock
    from covolt.study.report.seal import is_whole

    if not is_whole(content):
        yield "altered", text("the digest that it bears is not that of its content")
    if misnamed := _misnamed(facts):
        yield "altered", misnamed
    if programme is None:
        return
    if facts.reader != party:
        yield "another reader", text("it was made for {reader}", reader=facts.reader or "–")
    if facts.programme != programme.charter.id:
        yield "altered", text("it is a settlement of the programme '{name}'", name=facts.programme)
    for strange in _strangers(facts, programme):
        yield "altered", strange
    if facts.covolt != version("covolt"):
        yield "another covolt", text("made by covolt {then}, this is {now}", then=facts.covolt, now=version("covolt"))
    if programme.lock is None or digest_of_lock(programme.lock) != facts.lock:
        yield "another lock", text("the lock of {folder} is another", folder=str(programme.files.folder))


def _misnamed(facts: SettlementFacts) -> Phrase:
    """That a settlement bears another name than what it says of itself gives; empty where it does not."""
    from covolt.programme.proposal import digest_of_settlement

    if facts.design is None:
        return Words()
    made = digest_of_settlement(
        programme=facts.programme, lock=facts.lock, study=facts.study, design=facts.design, rule=facts.rule
    )
    if made == facts.settlement:
        return Words()
    return text("its design, study or rule is not that of the settlement that it names")


def _strangers(facts: SettlementFacts, programme: Programme) -> Iterator[Phrase]:
    """Keys that it names and that are not the party's in that role."""
    for party, fingerprint, role in facts.answers:
        key = programme.whole.keys.get(fingerprint)
        if key is None or key.party != party or role not in key.roles:
            yield text("{party} has no key {key} in the role {role}", party=party, key=fingerprint[:16], role=role)
