"""Recording: what went wrong in a programme itself, as negatives: bounds met no longer, promises broken, gates missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from covolt.contract.title import Title
from covolt.programme.documents import Programme
from covolt.programme.expression import names_in, requirements_named
from covolt.programme.gate import Gate
from covolt.programme.negative import Guard, Negative, Promised
from covolt.programme.requirement import Requirement
from covolt.programme.rivals import Rival, rivals
from covolt.programme.text import identifier_of, one_line
from covolt.study.gate.criteria import Counted
from covolt.study.gate.gates import GateState
from covolt.study.gate.guards import void
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.printed_units import quantity
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, joined, plural, text

__all__ = ["drafted", "fallen_since"]


def fallen_since(verification: Verification) -> list[str]:
    """Requirements that are not met now and whose verdict the reader may see."""
    return [one.requirement for one in verification.verdicts if one.verdict == "not met"]


def drafted(
    programme: Programme,
    verification: Verification,
    earlier: Mapping[str, tuple[str, Verification]],
    gates: Sequence[GateState],
    party: str,
) -> list[Negative]:
    """Drafts of what went wrong here, as a party states them.

    `earlier` gives by baseline its day and its verdicts; what one of them met and is not met now was a promise, told of the last
    that met it. Beside these stand the promises of contracts that are not kept, offers that their contract refuses, and gates
    that are shut after their planned day. Why it is so no draft says.
    """
    found = [
        one
        for name in fallen_since(verification)
        if (one := _fallen(programme, name, verification, earlier, party)) is not None
    ]
    missed = (_missed(programme, verification, one, party) for one in gates if one.late_days)
    return [*found, *_broken(programme, verification, party), *_refused(programme, party), *missed]


def _fallen(
    programme: Programme,
    name: str,
    verification: Verification,
    earlier: Mapping[str, tuple[str, Verification]],
    party: str,
) -> Negative | None:
    met: list[tuple[str, str, Verdict]] = []
    for baseline, (day, state) in earlier.items():
        met += [(day, baseline, one) for one in state.verdicts if one.requirement == name and one.passes]
    if not met:
        return None
    day, baseline, was = max(met, key=lambda one: one[:2])
    now = next(one for one in verification.verdicts if one.requirement == name)
    requirement = programme.requirements[name]
    happened = text("{now} now, {was} at the baseline {baseline}", now=_value(now), was=_value(was), baseline=baseline)
    return Negative(
        id=f"fallen-{name}",
        party=party,
        title=requirement.title,
        when=f"{day} to {programme.day}" if day else f"to {programme.day}",
        promise=Promised(
            requirement=name, number=str(requirement.bound if was.bound is None else quantity(was.bound, was.unit))
        ),
        happened=_both(happened),
        whose=_whose(programme, requirement),
        causes=("unknown",),
        guards=(Guard(requirement=name, came=_came(now)),),
        source=f"covolt verify of {programme.charter.id}, {programme.day}, and its baseline {baseline}",
        confidence="high",
    )


def _broken(programme: Programme, verification: Verification, party: str) -> Iterator[Negative]:
    for one in verification.conformances:
        if one.found_ratio is not None and not one.kept:
            yield Negative(
                id=f"broken-{identifier_of(one.slot)}-{identifier_of(one.promise)}",
                party=party,
                title=_both(text("{offer} does not keep {promise}", offer=one.offer, promise=one.promise)),
                when=programme.day,
                promise=Promised(contract=one.contract, number=one.promise),
                happened=_both(_found(one, one.found_ratio)),
                whose=programme.slots[one.slot].owner,
                causes=("unknown",),
                source=f"covolt verify of {programme.charter.id}, {programme.day}",
                confidence="high",
            )


def _refused(programme: Programme, party: str) -> Iterator[Negative]:
    """The newest offer of each part that no lock holds and that the contract of its slot refuses."""
    for slot, each in rivals(programme).items():
        for one in each:
            if one.reasons and not one.locked and _newest(one, each):
                reference = one.reference
                yield Negative(
                    id=f"refused-{identifier_of(slot)}-{identifier_of(reference)}",
                    party=party,
                    title=_both(text("{offer} cannot fill '{slot}'", offer=reference, slot=slot)),
                    when=programme.day,
                    promise=Promised(contract=programme.slots[slot].contract, number=reference),
                    happened=_both(joined([why.what for why in one.reasons], "; ")),
                    whose=one.offer.datasheet.party,
                    causes=("unknown",),
                    source=f"covolt offers of {programme.charter.id}, {programme.day}",
                    confidence="high",
                )


def _newest(one: Rival, each: Sequence[Rival]) -> bool:
    """Whether no other version of the same part comes after it, be it in the lock; of versions the newest stands first."""
    sheet = one.offer.datasheet
    part = (sheet.party, sheet.id)
    alike = [other for other in each if (other.offer.datasheet.party, other.offer.datasheet.id) == part]
    return not one.older and next(other for other in alike if not other.locked) is one


def _missed(programme: Programme, verification: Verification, state: GateState, party: str) -> Negative:
    """A gate that is shut after its planned day, watched by the conditions and signatures that it still lacks."""
    gate = programme.gates[state.id]
    guards, owners = _lacks(programme, verification, gate, state, party)
    late = plural("shut {count} day after its planned day", "shut {count} days after its planned day", state.late_days)
    return Negative(
        id=f"missed-{gate.id}",
        party=party,
        title=gate.title,
        when=f"{state.planned} to {programme.day}",
        promise=Promised(words=_both(text("the gate {gate} open", gate=gate.id)), number=state.planned),
        happened=_both(joined((late, joined(state.blocks, "; ")), ": ")),
        whose=", ".join(owners) or programme.charter.id,
        delay=f"{state.late_days} d",
        causes=("unknown",),
        guards=guards,
        source=f"covolt gate of {programme.charter.id}, {programme.day}",
        confidence="high",
    )


def _lacks(
    programme: Programme, verification: Verification, gate: Gate, state: GateState, party: str
) -> tuple[tuple[Guard, ...], list[str]]:
    """What a shut gate lacks and can be watched by, and whose requirements and signatures these are."""
    counted = Counted.at(programme, {one.requirement: one for one in verification.whole.verdicts}, gate)
    lacking = [one for one in gate.criteria if counted.lacking(one) is not None]
    against = [name for one in lacking for each in names_in(one.check) for name in counted.against.get(each, ())]
    against += [name for one in lacking for name in requirements_named(one.check)]
    known = programme.requirements
    owners = [known[one].party for one in against if one in known]
    signed = {(one.party, one.role) for one in state.signatures if one.counts}
    unsigned = [one for one in gate.signoffs if (one.party, one.role) not in signed]
    guards = [Guard(gate=gate.id, criterion=one.id) for one in lacking]
    guards += [Guard(gate=gate.id, party=one.party, role=one.role) for one in unsigned]
    watching = tuple(one for one in guards if void(programme, one, party) is None)
    return watching, list(dict.fromkeys([*owners, *(one.party for one in unsigned)]))


def _found(one: Conformance, found_ratio: float) -> Phrase:
    apart, allowed = quantity(100.0 * found_ratio, "%"), quantity(100.0 * one.tolerance_ratio, "%")
    return text("{found} apart, {allowed} allowed", found=apart, allowed=allowed)


def _came(one: Verdict) -> str | float | None:
    """The figure that is not met, in the unit of its measure."""
    return one.value if one.value is None or one.unit in {"", "1"} else f"{one.value!r} {one.unit}"


def _value(one: Verdict) -> Phrase:
    return quantity(one.value or 0.0, one.unit)


def _whose(programme: Programme, requirement: Requirement) -> str:
    """Whoever fills the slots that it is about, where it names one; else who asks for it."""
    owners = [programme.slots[one].owner for one in requirement.slots if one in programme.slots]
    return owners[0] if owners else requirement.party


def _both(said: Phrase) -> Title:
    return Title(en=one_line(said.said("en")), ru=one_line(said.said("ru")))
