"""From verdicts and documents to what the workspace answers, printed in every language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from covolt import units
from covolt.catalogues import decimal_mark
from covolt.contract.datasheet import Datasheet, Declared
from covolt.digits import probability_text
from covolt.errors import Problem
from covolt.library.number_titles import number_title
from covolt.programme.amendments import date_said
from covolt.programme.checked import CheckedText, same_act
from covolt.programme.design_space import PRICE
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.requirement import Evidence, Requirement
from covolt.programme.seen import shows_filled
from covolt.study.gate.gates import GateState, signoffs_awaited
from covolt.study.procedures.protocol import NO_TEXT, Procedure
from covolt.study.procedures.registry import procedures
from covolt.study.report.citations import citation_said
from covolt.study.verdicts.acts import matrix
from covolt.study.verdicts.checking import readings_of_act, texts_checked
from covolt.study.verdicts.contradiction import contradictions
from covolt.study.verdicts.listed import in_own_unit, numbers_of
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.unstated_number import BASES, UNKNOWN
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, day_said, in_each, joined, said, text
from covolt.workspace.changes import OFFER, NumberChange, fitting_offers
from covolt.workspace.shown import (
    ChangeRow,
    ContradictionRow,
    GateName,
    GateRow,
    NumberRow,
    PartyRow,
    ProgrammeShown,
    SlotRow,
    TurnedRow,
    VerdictRow,
)

__all__ = [
    "change_row",
    "change_rows",
    "change_said",
    "contradiction_rows",
    "gate_row",
    "in_shown_unit",
    "misses",
    "number_row",
    "problem_text",
    "programme_shown",
    "shows_slot",
    "turned_rows",
    "verdict_row",
    "verdict_rows",
    "written_text",
]

NOTHING = Words()
DIGEST_SIGNS = 12
"""So many signs of the digest of a document are told."""
LOCKED_OFFER = text("locked offer")
PRICE_TITLE = text("price")
ORDER = ("not met", "within uncertainty", "not verified", "stale", "met, text not checked", "met", "hidden")
"""Verdicts from the worst to the best."""
PLAIN = 1e-6
"""Share of a bound below which a value has not changed."""


def programme_shown(programme: Programme, state: str, commit: str) -> ProgrammeShown:
    """A programme as its reader sees it."""
    charter = programme.charter
    return ProgrammeShown(
        charter.id,
        charter.title.words,
        charter.summary.words if charter.summary else NOTHING,
        state,
        commit,
        tuple(
            PartyRow(one.id, one.title.words, one.country, one.roles, one.repository or "")
            for one in programme.parties.values()
        ),
        tuple(_slot_row(programme, slot) for slot in programme.slots),
        tuple(GateName(one.id, one.title.words) for one in programme.gates.values()),
    )


def _slot_row(programme: Programme, slot: str) -> SlotRow:
    place, sheet = programme.slots[slot], locked_sheet(programme, slot)
    if sheet is None:
        return SlotRow(slot, place.title.words, place.owner, "", "", "", ())
    digest = programme.lock.slots[slot].digest if programme.lock else ""
    if not shows_filled(programme, slot, sheet):
        return SlotRow(slot, place.title.words, place.owner, sheet.reference, sheet.party, digest, (), hidden=True)
    numbers = tuple(
        number_row(programme, slot, sheet, name, one)
        for name, one in {**sheet.declared, **sheet.model.parameters}.items()
    )
    offers = tuple(sorted({*fitting_offers(programme, slot), sheet.reference}))
    return SlotRow(slot, place.title.words, place.owner, sheet.reference, sheet.party, digest, numbers, offers=offers)


def number_row(programme: Programme, slot: str, sheet: Datasheet, name: str, one: Declared) -> NumberRow:
    """A number that a part declares, as the reader of the programme sees it."""
    unit = str(one.value).partition(" ")[2].strip() if isinstance(one.value, str) else ""
    unit = unit or one.si_unit
    own = units.unit(unit)
    return NumberRow(
        f"{slot}/{name}",
        name,
        number_title(name),
        str(one.value),
        own.from_si(one.value_si),
        None if one.u is None else one.uncertainty_si / own.factor,
        unit,
        printed_unit(unit),
        one.basis,
        one.source or one.evidence,
        sheet.party == programme.reader and (programme.reader_slots is None or slot in programme.reader_slots),
    )


def verdict_rows(found: Verification, programme: Programme) -> tuple[VerdictRow, ...]:
    """Every verdict, the worst first; `found` and `programme` are of one reader."""
    worst = sorted(found.verdicts, key=lambda one: (ORDER.index(one.verdict), _margin_share(one), one.requirement))
    checks = texts_checked(programme)
    return tuple(verdict_row(one, programme, checks) for one in worst)


def _margin_share(one: Verdict) -> float:
    """Margin as a share of the bound, by which verdicts of one kind are told apart; the margin itself where that is zero."""
    if one.margin is None or one.verdict == "hidden":
        return -math.inf
    return one.margin / (abs(one.bound or 0.0) or 1.0)


def in_shown_unit(one: Verdict, requirement: Requirement) -> Verdict:
    """A verdict in the unit of its bound; a bound that is a bare share says none, and then in that of its measure, such as %."""
    own = in_own_unit(one, requirement)
    return one if own.unit == "1" else own


def verdict_row(one: Verdict, programme: Programme, checks: Sequence[CheckedText] = ()) -> VerdictRow:
    """One verdict as its reader may see it; `checks` are the texts that were checked, as what it cites is told with."""
    requirement = programme.requirements[one.requirement]
    own, known = in_shown_unit(one, requirement), procedures().get(one.procedure)
    hidden = one.verdict == "hidden"

    def printed(at: int) -> Phrase:
        return (
            NOTHING
            if hidden
            else in_each(lambda language: numbers_of(own, requirement, language)[at].removesuffix(UNKNOWN))
        )

    certain = own.probability is None or hidden
    return VerdictRow(
        one.requirement,
        requirement.title.words,
        one.owner,
        one.kind,
        requirement.verify.gate,
        one.verdict,
        one.standing,
        None if hidden else own.value,
        None if hidden else own.margin,
        printed(0),
        printed(1),
        printed(2),
        NOTHING if certain else in_each(lambda language: probability_text(own.probability or 0.0, language)),
        printed_unit(own.unit) if own.unit else NOTHING,
        one.validation_level if not hidden else None,
        one.why,
        one.procedure,
        text("document") if one.procedure == "document" else known.title if known else Words(one.procedure),
        one.measure,
        hidden,
        str(requirement.bound) if requirement.measure and requirement.kind != "law" and not hidden else "",
        () if hidden or one.requirement in programme.hidden else tuple(_paper(each) for each in requirement.evidence),
        _measure_title(known, one.measure),
        () if hidden or one.requirement in programme.hidden else tuple(_cited(requirement, checks)),
        citation_said(known.regulation) if known and known.regulation not in NO_TEXT else NOTHING,
        bool(one.unstated) and not hidden,
    )


def _measure_title(known: Procedure | None, measure: str) -> Phrase:
    """What a measure is called; a number that a part declares by its slot and its title."""
    found = known.measure(measure) if known else None
    return found.title if found else Words(measure)


def _cited(requirement: Requirement, checks: Sequence[CheckedText]) -> Iterator[Phrase]:
    """The act that a requirement cites, and who has checked which edition of its text."""
    if not requirement.regulation:
        return
    act = next((one for one in matrix().act if same_act(requirement.regulation, one.id)), None)
    cited = citation_said(requirement.regulation)
    yield text("{act}: {title}", act=cited, title=act.title.words) if act else cited
    readings = readings_of_act(requirement.regulation, checks)
    for one in readings:
        edition = citation_said(one.edition)
        yield text(
            "edition {edition}, checked by {who} on {day}",
            edition=edition,
            who=citation_said(one.by),
            day=day_said(one.on),
        )
    if not readings:
        yield text("nobody whose word counts here has checked its text in any edition")


def _paper(one: Evidence) -> Phrase:
    """A document that a requirement cites, as one tells it from another."""
    digest = one.digest.removeprefix("sha256:")[:DIGEST_SIGNS]
    until = text("valid until {date}", date=date_said(one.valid_until)) if one.valid_until else NOTHING
    return joined((Words(one.path), Words(digest), until), ", ")


_RANKS = {"met": 2, "within uncertainty": 1, "not met": 0}


def turned_rows(
    before: Verification, after: Verification, programme: Programme, *, all_moved: bool = True
) -> tuple[TurnedRow, ...]:
    """Requirements whose value or verdict differs, the worst first; verdicts and programme are of one reader."""
    was = {one.requirement: one for one in before.verdicts}
    found: list[tuple[bool, float, TurnedRow]] = []
    for now in after.verdicts:
        then = was.get(now.requirement)
        if (
            then is None
            or now.verdict == "hidden"
            or not (_moved(then, now) if all_moved else then.verdict != now.verdict)
        ):
            continue
        one, other = verdict_row(then, programme), verdict_row(now, programme)
        turned = then.verdict != now.verdict
        worse = _worse(then, now)
        row = TurnedRow(
            now.requirement, other.title, now.owner, one.standing, other.standing, one.value_text, other.value_text,
            other.margin_text, other.unit, worse, turned, misses(now) and not misses(then),
            other.bound_text, other.unstated,
        )  # fmt: skip
        found.append((turned, _share(then, now), row))
    return tuple(row for *_, row in sorted(found, key=lambda one: (not one[0], -one[1])))


def _worse(then: Verdict, now: Verdict) -> bool:
    """Whether it turns worse: by its word where that turns, since a margin may grow by less than its ±; else by its margin."""
    was, is_now = (_RANKS.get(one.verdict) for one in (then, now))
    if was is None or is_now is None or was == is_now:
        return (then.margin or 0.0) > (now.margin or 0.0)
    return was > is_now


def misses(one: Verdict) -> bool:
    """Whether a value lies beyond its bound, however surely."""
    return one.verdict == "not met" or (one.verdict == "within uncertainty" and (one.margin or 0.0) < 0.0)


def _share(then: Verdict, now: Verdict) -> float:
    """By how much of its bound a margin moved."""
    if then.margin is None or now.margin is None:
        return 0.0
    return abs(now.margin - then.margin) / (abs(now.bound or 0.0) or 1.0)


def _moved(then: Verdict, now: Verdict) -> bool:
    return then.verdict != now.verdict or _share(then, now) > PLAIN


def contradiction_rows(programme: Programme) -> tuple[ContradictionRow, ...]:
    """Bounds that exclude each other, of those that the reader sees."""
    return tuple(
        ContradictionRow(
            one.at_least.id,
            one.at_most.id,
            (one.at_least.party, one.at_most.party),
            text("{gap:.4g} {unit}", gap=one.gap, unit=printed_unit(one.unit)),
        )
        for one in contradictions(programme)
    )


def gate_row(one: GateState, programme: Programme, *, surely: bool) -> GateRow:
    """A gate; of whom it waits for is told once its verdicts have every ±, since sign-offs cover these."""
    asks = signoffs_awaited(programme, one) if surely else ()
    return GateRow(one.id, one.title, one.open, one.blocks, one.planned, asks)


def change_rows(changes: Iterable[NumberChange], programme: Programme) -> tuple[ChangeRow, ...]:
    """Changes as the reader of a programme may see them."""
    return tuple(dict.fromkeys(change_row(one, programme) for one in changes))


def shows_slot(programme: Programme, slot: str) -> bool:
    """Whether the reader of a programme reads the numbers of what fills a slot."""
    sheet = locked_sheet(programme, slot)
    return sheet is None or shows_filled(programme, slot, sheet)


def change_row(one: NumberChange, programme: Programme) -> ChangeRow:
    """A change as its reader may see it: nothing of a bound or of a part that is another's own, only that it changes."""
    if one.kind == "bound":
        if one.number not in programme.requirements or one.number in programme.hidden:
            return ChangeRow("", one.number, "", "", text("hidden"), NOTHING, NOTHING)
        title: Phrase = programme.requirements[one.number].title.words
    elif one.kind != "offer" and not shows_slot(programme, one.slot):
        return ChangeRow(one.slot, "", "", "", text("hidden"), NOTHING, NOTHING)
    else:
        title = {OFFER: LOCKED_OFFER, PRICE: PRICE_TITLE}.get(one.number) or number_title(one.number)
    plain = one.kind == "offer"
    unit = _unit_of_share(programme.requirements[one.number]) if one.kind == "bound" else ""
    texts = [Words(each, each) if plain else written_text(_in_unit(each, unit)) for each in (one.before, one.after)]
    spread = joined(("u", written_text(one.u)), " = ") if one.u else ""
    beside = (spread, BASES[one.basis] if one.basis else "", one.source)
    stated = joined([each for each in beside if each], ", ")
    written = {"u": one.u, "basis": one.basis, "source": one.source}
    return ChangeRow(one.slot, one.number, one.before, one.after, title, *texts, stated=stated, **written)


def _unit_of_share(requirement: Requirement) -> str:
    """The unit in which verdicts print a measure whose bound is written as a bare share; empty for any other."""
    procedure = procedures().get(requirement.procedure)
    bare = not isinstance(requirement.bound, str)
    measures = () if procedure is None or not bare else procedure.measures
    return next((one.unit for one in measures if one.id == requirement.measure and one.unit != "1"), "")


def _in_unit(bare: str, unit: str) -> str:
    """A number without a unit in one: 0.75 as "75 %"; as it is where there is none."""
    if not unit or not bare:
        return bare
    return f"{units.unit(unit).from_si(float(bare)):.10g} {unit}"


def change_said(one: NumberChange, programme: Programme) -> Phrase:
    """A change in a sentence: "Traction battery, mass: 235 kg to 260 kg"."""
    row = change_row(one, programme)
    if not row.after:
        return text("a bound that is hidden now")
    title, before, after = row.title, row.before_text, row.after_text
    if one.kind == "bound":
        return text("bound of “{requirement}”: {before} to {after}", requirement=title, before=before, after=after)
    slot = programme.slots[one.slot].title.words if one.slot in programme.slots else one.slot
    return text("{slot}, {number}: {before} to {after}", slot=slot, number=title, before=before, after=after)


def problem_text(one: Problem) -> Phrase:
    """What is wrong, in every language."""
    return in_each(lambda language: said(one.what, language))


def written_text(written: str) -> Phrase:
    """A quantity as it is written in a file, as a language prints it."""
    number, _, unit = written.partition(" ")
    value = in_each(lambda language: number.replace(".", decimal_mark(language)).replace("-", "\N{MINUS SIGN}"))
    return joined((value, printed_unit(unit.strip())), "\N{NO-BREAK SPACE}") if unit else value
