"""Holding: a proposal beside the programme and the settlement that it is of, as they are now, and all that differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from covolt import units
from covolt.contract.document import read_text
from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.programme.documents import Programme
from covolt.programme.proposal import Interested, Proposal, digest_of_lock, digest_of_settlement
from covolt.programme.text import quantity_si
from covolt.study.negotiation.grounds import changed_grounds
from covolt.words import Phrase, text

__all__ = ["CARD", "NEWEST", "Held", "held", "note_newest"]

CARD = "settlement.json"
"""What everybody may see of a settlement, beside its proposals."""
NEWEST = "settlements.json"
"""Above the folders of settlements: their digests in the order in which they were written, the last is the newest."""
NEAR = 1e-9
"""Share of a number that is what rounding left of equality: proposals have ten digits."""
GAIN = 1e-6


@dataclass(frozen=True)
class Held:
    """Why a proposal no longer holds, and what it could not be held against."""

    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def note_newest(output: Path, settlement: str) -> None:
    """Write down which settlement in a folder is the newest; an empty one says that none is left."""
    before = _settlements(output)
    if before and before[-1] == settlement:
        return
    known = [*(one for one in before if one != settlement), settlement]
    write_whole(output / NEWEST, json.dumps({"schema": "settlements/1", "settlements": known}, indent=1) + "\n")


def _settlements(output: Path) -> list[str]:
    content = _table(output / NEWEST)
    found = content.get("settlements") if content is not None else None
    return [str(one) for one in cast("list[object]", found)] if isinstance(found, list) else []


def _table(path: Path) -> dict[str, Any] | None:
    """A file of JSON; None where there is none.

    Raises:
        InputError: it is no table of JSON.
    """
    if not path.is_file():
        return None
    try:
        content: object = json.loads(read_text(path))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        hint = text("let covolt negotiate write it anew")
        raise InputError(Problem(text("it is not what covolt negotiate writes"), str(path), hint))
    return cast("dict[str, Any]", content)


def held(proposal: Proposal, file: Path, programme: Programme) -> Held:
    """Hold a proposal against the programme, and against what lies around its file.

    Nobody has signed a proposal: who can write to all files of a settlement can write them so that they agree. What its party
    signs is the digest of what is shown here, so that `covolt negotiate` tells an answer to anything else.

    Args:
        proposal: as it was read.
        file: in which it lies.
        programme: whole.

    Raises:
        InputError: a file beside it is none that `covolt negotiate` writes.
    """
    problems = [*_moved(proposal, programme), *_misnamed(proposal, file), *_superseded(proposal, file)]
    problems += [*_own(proposal, file, programme)]
    notices: list[Problem] = []
    if not proposal.rests_on:
        notices.append(
            Problem(
                text("it does not say on which requirements and offers it rests: an earlier covolt wrote it"),
                str(file),
                text("let it be written anew: covolt negotiate"),
            )
        )
    settled = _table(file.parent / CARD)
    if settled is None:
        what = text("there is no {file} beside it: whether others are shown the same is not known", file=CARD)
        notices.append(Problem(what, str(file.parent), text("ask for it where the proposal comes from")))
    else:
        problems += [*_beside(proposal, settled, file, programme)]
    return Held(tuple(problems), tuple(notices))


def _moved(proposal: Proposal, programme: Programme) -> Iterator[Problem]:
    if programme.lock is None or digest_of_lock(programme.lock) != proposal.lock:
        hint = text("negotiate anew: covolt study run, then covolt negotiate")
        yield Problem(text("the lock has moved since this was proposed: it is stale"), "programme.lock", hint)
        return
    changed = changed_grounds(proposal.rests_on, programme.seen_by(proposal.party)) if proposal.rests_on else []
    for at, one in enumerate(changed):
        last = at == len(changed) - 1
        hint = text("negotiate anew: covolt study run, then covolt negotiate") if last else ""
        yield Problem(one.what, one.where, hint)


def _misnamed(proposal: Proposal, file: Path) -> Iterator[Problem]:
    """That a proposal names its settlement otherwise than what it says of it gives."""
    made = digest_of_settlement(
        programme=proposal.programme,
        lock=proposal.lock,
        study=proposal.study,
        design=proposal.design,
        rule=proposal.rule,
    )
    if made != proposal.settlement:
        yield Problem(text("its design, study or rule is not that of the settlement that it names"), str(file), _ask())


def _superseded(proposal: Proposal, file: Path) -> Iterator[Problem]:
    """That the negotiation has gone on to another settlement."""
    known = _settlements(file.parent.parent)
    if proposal.settlement not in known or known[-1] == proposal.settlement:
        return
    own, newest = (one.removeprefix("sha256:")[:12] for one in (proposal.settlement, known[-1]))
    if not newest:
        what = text("settlement {own} is superseded: by what was refused since, none is left", own=own)
    else:
        what = text("settlement {own} is superseded by settlement {newest}", own=own, newest=newest)
    yield Problem(
        what, str(file), text("answer the newest one") if newest else text("negotiate anew: covolt negotiate")
    )


def _own(proposal: Proposal, file: Path, programme: Programme) -> Iterator[Problem]:
    """That what it says of its party's interests is not what these say, or does not give its gain."""
    gain, weights = 0.0, 0.0
    for at, one in enumerate(proposal.interests):
        stated = programme.interests.get(one.interest)
        if stated is None or stated.party != proposal.party:
            what = text("'{name}' is no interest of {party}", name=one.interest, party=proposal.party)
            yield Problem(what, f"{file}, interests {at + 1}", _ask())
            return
        unit = units.unit(one.unit)
        wanted = {
            "worst_acceptable": unit.from_si(quantity_si(stated.worst_acceptable)[0]),
            "aspiration": unit.from_si(quantity_si(stated.aspiration)[0]),
            "weight": stated.weight,
        }
        for name, value in wanted.items():
            if not _same(getattr(one, name), value):
                yield _otherwise(one.interest, name, getattr(one, name), value, file)
        gain, weights = gain + one.weight * _share(one), weights + one.weight
    if weights and proposal.gain is not None and not abs(gain / weights - proposal.gain) <= GAIN:
        what = text(
            "the gain of {gain:.4g} is not that of its interests, {made:.4g}", gain=proposal.gain, made=gain / weights
        )
        yield Problem(what, str(file), _ask())


def _share(one: Interested) -> float:
    if one.after is None:
        return float("nan")
    return (one.after - one.worst_acceptable) / (one.aspiration - one.worst_acceptable)


LISTS = (
    ("numbers", "numbers", ("slot", "number")),
    ("interests", "interests", ("interest",)),
    ("verdicts", "requirements", ("requirement",)),
    ("relaxed", "requirements", ("requirement",)),
)
"""Rows of a proposal, where the same ones stand in the settlement, and by what they are known."""
ROUNDED = "needed"
"""A bound that the settlement tells in five digits; that of a proposal is held against the value that makes it needed."""


def _beside(proposal: Proposal, settled: Mapping[str, Any], file: Path, programme: Programme) -> Iterator[Problem]:
    """What a proposal says otherwise than the settlement beside it."""
    agree = [one.get("party") for one in _rows(settled, "parties")]
    told = {"settlement": settled.get("settlement"), "lock": settled.get("lock"), "study": settled.get("study")}
    told |= {"design": settled.get("design"), "rule": settled.get("rule"), "agree": agree}
    for name, value in told.items():
        own = list(proposal.agree) if name == "agree" else getattr(proposal, name)
        if own != value:
            yield _otherwise(CARD, name, own, value, file)
    for name, called, keys in LISTS:
        yield from _list(proposal, name, keys, _rows(settled, called), file)
    shown = {one.requirement for one in proposal.verdicts}
    moved = {one.requirement: one.needed for one in proposal.relaxed}
    for row in _rows(settled, "requirements"):
        name, needed = str(row.get("requirement")), row.get("value_after")
        if name not in shown or (row.get("moves") and name not in moved):
            what = text("it leaves {name} out, which the settlement beside it has", name=name)
            yield Problem(what, str(file), _ask())
        elif name in moved and needed is not None and not _same(moved[name], needed):
            yield _otherwise(name, "needed", moved[name], needed, file)
    everybody = programme.seen_by(None)
    named = {row.get("requirement") for of in ("requirements", "laws") for row in _rows(settled, of)}
    for one in proposal.verdicts:
        known = one.requirement in programme.requirements
        if known and one.requirement in everybody.hidden:
            continue
        if one.requirement not in named:
            what = text("it has {name}, which the settlement beside it leaves out", name=one.requirement)
            yield Problem(what, str(file), _ask())


def _list(
    proposal: Proposal, name: str, keys: Sequence[str], others: Sequence[Mapping[str, Any]], file: Path
) -> Iterator[Problem]:
    """What rows of a proposal say otherwise than those of the settlement that are known by the same."""
    by_name = {tuple(row.get(key) for key in keys): row for row in others}
    for one in cast("tuple[BaseModel, ...]", getattr(proposal, name)):
        own = one.model_dump(mode="json")
        row = by_name.get(tuple(own[key] for key in keys))
        if row is None:
            continue
        for field in (own.keys() & row.keys()) - {ROUNDED}:
            if not _same(own[field], row[field]):
                yield _otherwise(" ".join(str(own[key]) for key in keys), field, own[field], row[field], file)


def _rows(settled: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = settled.get(name)
    rows = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Mapping[str, Any]", one) for one in rows if isinstance(one, dict)]


def _same(one: object, other: object) -> bool:
    """Whether two values are one, numbers but for what rounding to ten digits left; a plain number may be written as a text."""
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return abs(first - second) <= NEAR * max(abs(first), abs(second))
    return one == other


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _otherwise(name: str, field: str, own: object, other: object, file: Path) -> Problem:
    what: Phrase = text(
        "{name}, {field}: the proposal says {own}, and the settlement {other}",
        name=name,
        field=field,
        own=_written(own),
        other=_written(other),
    )
    return Problem(what, str(file), _ask())


def _written(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value)))
    return f"{value:.10g}" if isinstance(value, float) else "–" if value is None else str(value)


def _ask() -> Phrase:
    return text("it was changed after it was written: let it be written anew: covolt negotiate")
