"""Beside: what a proposal says otherwise than the settlement that lies beside it, and that settlement otherwise than itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.proposal import Proposal
from covolt.study.negotiation.itself import (
    GAIN,
    Row,
    apart,
    ask_anew,
    bound_faults,
    is_one,
    mean_gain,
    number,
    row_faults,
    twice,
    unit_of,
    written,
)
from covolt.study.negotiation.judged import side_of
from covolt.study.negotiation.turned import is_met, outward
from covolt.words import text

__all__ = ["CARD", "beside", "card_faults"]

CARD = "settlement.json"
"""What everybody may see of a settlement, beside its proposals."""
LISTS = (
    ("numbers", "numbers", ("slot", "number")),
    ("interests", "interests", ("interest",)),
    ("verdicts", "requirements", ("requirement",)),
    ("relaxed", "requirements", ("requirement",)),
)
"""Rows of a proposal, where the same ones stand in the settlement, and by what they are known."""
ROUNDED = "needed"
"""A bound that the settlement tells in five digits; that of a proposal is held against the value that makes it needed."""
NAMES = {
    "parties": ("party",),
    "numbers": ("slot", "number"),
    "interests": ("party", "interest"),
    "requirements": ("requirement",),
}
"""Lists of a settlement, and by what their rows are known."""
WORDS = ("party", "slot", "number", "interest", "requirement", "owner", "unit", "by", "side", "kind")
"""What of a row is a word."""


def beside(proposal: Proposal, settled: Mapping[str, Any], file: Path, programme: Programme) -> Iterator[Problem]:
    """What a proposal says otherwise than the settlement beside it, and what only one of them has though both should.

    Args:
        settled: the settlement as its JSON has it.
        file: of the proposal.
        programme: whole.
    """
    parties = _rows(settled, "parties")
    told = {name: settled.get(name) for name in ("programme", "settlement", "lock", "study", "design", "rule")}
    told |= {"agree": [one.get("party") for one in parties]}
    for name, value in told.items():
        own = list(proposal.agree) if name == "agree" else getattr(proposal, name)
        if own != value:
            yield _otherwise(CARD, name, own, value, file)
    gain = next((one.get("gain") for one in parties if one.get("party") == proposal.party), None)
    if gain is not None and not _near(proposal.gain, gain):
        yield _otherwise(proposal.party, "gain", proposal.gain, gain, file)
    for name, called, keys in LISTS:
        yield from _list(proposal, name, keys, _rows(settled, called), file)
    yield from _moved(proposal, settled, file)
    yield from _laws(proposal, settled, file)
    yield from _alone(proposal, settled, file, programme)


def _moved(proposal: Proposal, settled: Mapping[str, Any], file: Path) -> Iterator[Problem]:
    """Requirements that it leaves out, and bounds that move in one of them alone, or to another value."""
    shown = {one.requirement for one in proposal.verdicts}
    moved = {one.requirement: one.needed for one in proposal.relaxed}
    for row in _rows(settled, "requirements"):
        name, needed = str(row.get("requirement")), row.get("value_after")
        if name not in shown or (row.get("moves") and name not in moved):
            yield _left_out(name, file)
        elif name in moved and not row.get("moves"):
            yield _otherwise(name, "needed", moved[name], None, file)
        elif name in moved and needed is not None and not is_one(moved[name], needed):
            yield _otherwise(name, "needed", moved[name], needed, file)


def _laws(proposal: Proposal, settled: Mapping[str, Any], file: Path) -> Iterator[Problem]:
    """Laws that it leaves out, or tells otherwise."""
    own = {one.requirement: one for one in proposal.verdicts}
    for row in _rows(settled, "laws"):
        name = str(row.get("requirement") or "")
        if not name:
            continue
        if name not in own:
            yield _left_out(name, file)
            continue
        for field, value in _of_law(row).items():
            if not is_one(getattr(own[name], field), value):
                yield _otherwise(name, field, getattr(own[name], field), value, file)


def _of_law(row: Row) -> dict[str, object]:
    """What a proposal says of a law in the settled vehicle, by its row in the settlement."""
    wanted: dict[str, object] = {"owner": row.get("owner"), "unit": row.get("unit")}
    if row.get("verdict_computed"):
        return wanted | {"verdict_after": row["verdict_computed"], "value_after": row.get("value_computed")}
    if row.get("by") == "verified":
        # An earlier covolt did not write what is computed alone, which is the same number.
        return wanted | {"value_after": row.get("value")}
    return wanted | {"verdict_after": row.get("verdict"), "value_after": row.get("value")}


def _alone(proposal: Proposal, settled: Mapping[str, Any], file: Path, programme: Programme) -> Iterator[Problem]:
    """Rows that stand in one of both alone, though everybody may read them."""
    everybody = programme.seen_by(None)
    named = {row.get("requirement") for of in ("requirements", "laws") for row in _rows(settled, of)}
    kept_slots = {one.slot for name, one in programme.designs.items() if name not in everybody.designs}
    kept_slots |= {
        each.slot
        for name, one in programme.designs.items()
        if name not in everybody.designs
        for each in one.coupled
        if each.slot
    }
    told = [
        (one.requirement, one.requirement in everybody.hidden, one.requirement in named) for one in proposal.verdicts
    ]
    own = [row for row in _rows(settled, "numbers") if row.get("party") == proposal.party]
    theirs = {(row.get("slot"), row.get("number")) for row in own}
    told += [
        (f"{one.slot} {one.number}", one.slot in kept_slots, (one.slot, one.number) in theirs)
        for one in proposal.numbers
    ]
    wishes = [row.get("interest") for row in _rows(settled, "interests") if row.get("party") == proposal.party]
    told += [
        (one.interest, one.interest not in everybody.interests, one.interest in wishes) for one in proposal.interests
    ]
    for name, hidden, there in told:
        if not (hidden or there):
            what = text("it has {name}, which the settlement beside it leaves out", name=name)
            yield Problem(what, str(file), ask_anew())
    stated = {(one.slot, one.number) for one in proposal.numbers}
    for slot, called in sorted(theirs - stated, key=str):
        yield _left_out(f"{slot} {called}", file)
    for name in wishes:
        if name not in {one.interest for one in proposal.interests}:
            yield _left_out(str(name), file)


def _left_out(name: str, file: Path) -> Problem:
    what = text("it leaves {name} out, which the settlement beside it has", name=name)
    return Problem(what, str(file), ask_anew())


def _list(proposal: Proposal, name: str, keys: Sequence[str], others: Sequence[Row], file: Path) -> Iterator[Problem]:
    """What rows of a proposal say otherwise than those of the settlement that are known by the same."""
    mine = [row for row in others if row.get("party", proposal.party) == proposal.party]
    by_name = {tuple(row.get(key) for key in keys): row for row in mine}
    for one in cast("tuple[BaseModel, ...]", getattr(proposal, name)):
        own = one.model_dump(mode="json")
        row = by_name.get(tuple(own[key] for key in keys))
        if row is None:
            continue
        for field in sorted((own.keys() & row.keys()) - {ROUNDED}):
            if not is_one(own[field], row[field]):
                yield _otherwise(" ".join(str(own[key]) for key in keys), field, own[field], row[field], file)


def card_faults(settled: Mapping[str, Any], programme: Programme, where: str, *, modelled: bool) -> Iterator[Problem]:
    """What a settlement says otherwise in another place of it, or than the requirements that it is of.

    Args:
        settled: as its JSON has it.
        programme: whole, with the requirements on which it rests.
        where: it lies.
        modelled: a part brings a model of its own, so that verified values are others than computed ones.
    """
    for name, keys in NAMES.items():
        yield from twice(_rows(settled, name), keys, where)
    laws = {str(row["requirement"]): row for row in _rows(settled, "laws") if row.get("requirement")}
    yield from twice(list(laws.values()), ("requirement",), where)
    for row in _rows(settled, "requirements"):
        yield from _requirement(row, programme, where, modelled=modelled)
        name = str(row.get("requirement"))
        if row.get("kind") == "law" and name not in laws:
            yield Problem(text("{name} is not among its laws", name=name), where, ask_anew())
    changed = {str(row.get("requirement")): row for row in _rows(settled, "requirements")}
    for name, row in laws.items():
        yield from _law(row, changed.get(name), programme, where)
    everybody = programme.seen_by(None)
    for party in _rows(settled, "parties"):
        own = [row for row in _rows(settled, "interests") if row.get("party") == party.get("party")]
        private = any(
            one.party == party.get("party") and name not in everybody.interests
            for name, one in programme.interests.items()
        )
        if own and not private and not _near(party.get("gain"), mean_gain(own)):
            yield apart(str(party.get("party")), "gain", party.get("gain"), mean_gain(own), where)


def _requirement(row: Row, programme: Programme, where: str, *, modelled: bool) -> Iterator[Problem]:
    """A requirement that is another in the settled vehicle, against its bound, its margins and what is verified of it."""
    stated = programme.requirements.get(str(row.get("requirement")))
    if stated is None:
        yield Problem(
            text("the programme has no requirement {name}", name=str(row.get("requirement"))), where, ask_anew()
        )
        return
    if row.get("unit") != unit_of(stated):
        yield apart(stated.id, "unit", row.get("unit"), unit_of(stated), where)
        return
    for field, value in (("owner", stated.party), ("kind", stated.kind), ("side", side_of(stated))):
        if row.get(field) != value:
            yield apart(stated.id, field, row.get(field), value, where)
    yield from bound_faults(row, stated, where)
    yield from row_faults(row, stated, where)
    moves, margin, after = (number(row.get(name)) for name in ("moves", "margin_after", "value_after"))
    if moves and margin is not None and not is_one(moves, -margin):
        yield apart(stated.id, "moves", moves, -margin, where)
    if moves and after is not None:
        needed = outward(after, at_least=stated.sign > 0.0)
        if not is_one(row.get("needed"), needed):
            yield apart(stated.id, "needed", row.get("needed"), needed, where)
    for side in ("before", "after"):
        yield from _verified(stated.id, row, f"value_{side}", row.get(f"sure_{side}"), where, modelled=modelled)


def _law(row: Row, changed: Row | None, programme: Programme, where: str) -> Iterator[Problem]:
    """A law against its bound, what is verified of it, and its row among what is another."""
    stated = programme.requirements.get(str(row["requirement"]))
    if stated is None:
        yield Problem(text("the programme has no requirement {name}", name=str(row["requirement"])), where, ask_anew())
        return
    if row.get("owner") != stated.party:
        yield apart(stated.id, "owner", row.get("owner"), stated.party, where)
    if row.get("unit") not in {"", unit_of(stated)}:
        yield apart(stated.id, "unit", row.get("unit"), unit_of(stated), where)
        return
    yield from bound_faults(row, stated, where)
    shown = row.get("by") in {"verified", "document"} and is_met(str(row.get("verdict")), "law")
    if row.get("shown") is not shown:
        yield apart(stated.id, "shown", str(row.get("shown")), str(shown), where)
    sure = row.get("sure")
    if isinstance(sure, dict):
        found = cast("Row", sure)
        for field in ("verdict", "value"):
            if not is_one(row.get(field), found.get(field)):
                yield apart(stated.id, field, row.get(field), found.get(field), where)
    if changed is not None:
        yield from _changed(stated.id, row, changed, where)


def _changed(name: str, row: Row, changed: Row, where: str) -> Iterator[Problem]:
    """A law beside its row among what is another."""
    told = {"unit": "unit", "verdict_computed": "verdict_after", "value_computed": "value_after", "sure": "sure_after"}
    for own, other in told.items():
        if row.get("verdict_computed") and row.get(own) != changed.get(other):
            yield apart(name, own, _short(row.get(own)), _short(changed.get(other)), where)


def _verified(name: str, row: Row, field: str, sure: object, where: str, *, modelled: bool) -> Iterator[Problem]:
    """That a computed value is not the verified one."""
    if modelled or not isinstance(sure, dict):
        return
    found, value = cast("Row", sure).get("value"), row.get(field)
    if found is not None and value is not None and not is_one(value, found):
        yield apart(name, field, value, found, where)


def _short(value: object) -> object:
    return cast("Row", value).get("verdict") if isinstance(value, dict) else value


def _near(one: object, other: object) -> bool:
    first, second = number(one), number(other)
    if first is None or second is None:
        return first is None and second is None
    return abs(first - second) <= GAIN


def _rows(settled: Mapping[str, Any], name: str) -> list[Row]:
    """Rows of a list; what has no names by which it is known is none."""
    found = settled.get(name)
    rows = cast("list[object]", found) if isinstance(found, list) else []
    tables = [cast("Row", one) for one in rows if isinstance(one, dict)]
    return [one for one in tables if all(isinstance(one.get(key, ""), str) for key in WORDS)]


def _otherwise(name: str, field: str, own: object, other: object, file: Path) -> Problem:
    what = text(
        "{name}, {field}: the proposal says {own}, and the settlement {other}",
        name=name,
        field=field,
        own=written(own),
        other=written(other),
    )
    return Problem(what, str(file), ask_anew())
