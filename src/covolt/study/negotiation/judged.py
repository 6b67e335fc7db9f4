"""Requirements and laws of a settlement as rows of its card, as far as a reader may see them, and as rows of a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from covolt import units
from covolt.programme.documents import Programme
from covolt.programme.proposal import Judged
from covolt.programme.requirement import Requirement
from covolt.study.negotiation.card import JudgedRow, LawRow, Sure
from covolt.study.negotiation.question import Question
from covolt.study.negotiation.surely import at_needed
from covolt.study.negotiation.turned import is_met, is_same, outward, words_of
from covolt.study.verdicts.documented import of_document
from covolt.words import Phrase, Words, text

__all__ = [
    "Computed",
    "bound_of",
    "hidden_law",
    "judged_rows",
    "known",
    "law_row",
    "law_rows",
    "proposed",
    "rounded",
    "side_of",
    "told_of",
]

DIGITS = 10
"""Significant digits of a number in a proposal: what is left of the last ones is rounding."""
UNKNOWN = text("nothing is known of it at any design")
UNASKED = text("the study does not ask for it")


def judged_rows(
    question: Question,
    row: int,
    seen: Programme,
    moves: Mapping[str, float],
    before: Mapping[str, Sure],
    after: Mapping[str, Sure],
) -> tuple[JudgedRow, ...]:
    """Requirements of which anything is another than today, or whose bound moves.

    Args:
        row: of the settled design.
        moves: how far bounds have to move, of those alone that have to.
        before: what is verified of today's vehicle, and `after` of the settled one.
    """
    today = row if question.today is None else question.today
    found = (
        _judged_row(question, at, (today, row), moves, (before, after))
        for at, one in enumerate(question.requirements)
        if one.id not in seen.hidden
    )
    return tuple(one for one in found if one.moves or _is_another(one))


def _is_another(one: JudgedRow) -> bool:
    was, now = words_of(one)
    return was != now or one.verdict_before != one.verdict_after or not is_same((one.value_before, one.value_after))


def _judged_row(
    question: Question,
    at: int,
    rows: tuple[int, int],
    moves: Mapping[str, float],
    surely: tuple[Mapping[str, Sure], Mapping[str, Sure]],
) -> JudgedRow:
    one, unit = question.requirements[at], question.case.demanded[at].unit
    (was, now), (value_was, value_now), (margin_was, margin_now) = (
        [question.verdicts[at][row] for row in rows],
        [known(question.found[row, at]) for row in rows],
        [known(question.case.margins[row, at]) for row in rows],
    )
    bound = bound_of(one, unit)
    needed = None
    if one.id in moves:
        needed = outward(bound if value_now is None else value_now, at_least=one.sign > 0.0)
    return JudgedRow(
        requirement=one.id,
        title=one.title.words,
        owner=one.party,
        kind=one.kind,
        unit=unit,
        side=side_of(one),
        bound=bound,
        verdict_before=was,
        verdict_after=now,
        value_before=value_was,
        value_after=value_now,
        margin_before=margin_was,
        margin_after=margin_now,
        moves=moves.get(one.id, 0.0),
        needed=needed,
        sure_before=surely[0].get(one.id),
        sure_after=surely[1].get(one.id),
        sure_needed=surely[1].get(at_needed(one.id)),
    )


@dataclass(frozen=True)
class Computed:
    """What is computed of a requirement in the settled vehicle: its verdict, and its value in `unit`."""

    verdict: str
    value: float | None
    unit: str


def law_rows(question: Question, row: int, seen: Programme, after: Mapping[str, Sure]) -> tuple[LawRow, ...]:
    """Every law, whether a study asks for it or not; one that the reader may not see by its party alone."""
    columns = {one.id: at for at, one in enumerate(question.requirements)}
    laws = [one for _, one in sorted(question.programme.requirements.items()) if one.kind == "law"]
    return tuple(
        hidden_law(one)
        if one.id in seen.hidden
        else law_row(
            question.programme,
            one,
            _computed(question, row, columns.get(one.id)),
            after.get(one.id),
            UNKNOWN if one.id in question.unknown else UNASKED,
        )
        for one in laws
    )


def _computed(question: Question, row: int, at: int | None) -> Computed | None:
    if at is None:
        return None
    return Computed(question.verdicts[at][row], known(question.found[row, at]), question.case.demanded[at].unit)


def hidden_law(one: Requirement) -> LawRow:
    """A law of which the reader may know whose it is."""
    return LawRow("", Words(), one.party, "", "nothing", "hidden", shown=False)


def law_row(
    programme: Programme, one: Requirement, computed: Computed | None, sure: Sure | None = None, lacks: Phrase = UNASKED
) -> LawRow:
    """A law by its documents, by what is verified, else by what is computed alone; `lacks` says why there is neither."""
    named = (one.id, one.title.words, one.party, one.regulation)
    if one.verify.method == "document":
        cited = of_document(one, programme)
        return LawRow(
            *named,
            "document" if one.evidence else "nothing",
            cited.verdict,
            is_met(cited.verdict, one.kind),
            why=cited.why,
        )
    if computed is None:
        return LawRow(*named, "nothing", "not verified", shown=False, why=lacks)
    held = (computed.unit, side_of(one), bound_of(one, computed.unit))
    alone = (computed.verdict, computed.value)
    if sure is not None:
        shown = is_met(sure.verdict, one.kind)
        return LawRow(*named, "verified", sure.verdict, shown, *held, sure.value, sure, sure.why, *alone)
    by = "nothing" if computed.verdict in {"not verified", "open"} else "computed"
    return LawRow(*named, by, computed.verdict, False, *held, computed.value, None, Words(), *alone)


def proposed(rows: Iterable[JudgedRow], laws: Iterable[LawRow], question: Question, row: int) -> tuple[Judged, ...]:
    """Rows of a proposal: what is another, and every law that its party may read."""
    found = [
        Judged(
            requirement=one.requirement,
            owner=one.owner,
            unit=one.unit,
            verdict_before=one.verdict_before,
            verdict_after=one.verdict_after,
            value_before=told_of(one.value_before),
            value_after=told_of(one.value_after),
            margin_before=told_of(one.margin_before),
            margin_after=told_of(one.margin_after),
        )
        for one in rows
    ]
    stated = {one.requirement for one in found}
    return (*found, *(_still(one, question, row) for one in laws if one.requirement and one.requirement not in stated))


def _still(one: LawRow, question: Question, row: int) -> Judged:
    """A law of which nothing is another, as it is computed alone."""
    at = next((at for at, each in enumerate(question.requirements) if each.id == one.requirement), None)
    if at is None:
        return Judged(
            requirement=one.requirement,
            owner=one.owner,
            unit="",
            verdict_before=one.verdict,
            verdict_after=one.verdict,
        )
    word, value = question.verdicts[at][row], told_of(known(question.found[row, at]))
    margin = told_of(known(question.case.margins[row, at]))
    return Judged(
        requirement=one.requirement,
        owner=one.owner,
        unit=question.case.demanded[at].unit,
        verdict_before=word,
        verdict_after=word,
        value_before=value,
        value_after=value,
        margin_before=margin,
        margin_after=margin,
    )


def bound_of(one: Requirement, unit: str) -> float:
    """The bound of a requirement in a unit."""
    return units.unit(unit).from_si(one.bound_si[0])


def side_of(one: Requirement) -> Literal["at_least", "at_most"]:
    """From which side its bound holds."""
    return "at_least" if one.at_least is not None else "at_most"


def known(value: float) -> float | None:
    """A number where there is one."""
    return float(value) if np.isfinite(value) else None


def rounded(value: float) -> float:
    """A number in the digits of a proposal."""
    return float(f"{value:.{DIGITS}g}")


def told_of(value: float | None) -> float | None:
    """The same where there is one."""
    return None if value is None else rounded(value)
