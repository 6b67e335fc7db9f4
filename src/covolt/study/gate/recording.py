"""Recording: what went wrong in a programme itself, as drafts of negatives: what was met once and is not, and broken promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from covolt.contract.title import Title
from covolt.programme.documents import Programme
from covolt.programme.negative import Guard, Negative, Promised
from covolt.programme.requirement import Requirement
from covolt.programme.text import identifier_of
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.printed_units import quantity
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, text

__all__ = ["drafted", "fallen_since"]


def fallen_since(verification: Verification) -> list[str]:
    """Requirements that are not met now and whose verdict the reader may see."""
    return [one.requirement for one in verification.verdicts if one.verdict == "not met"]


def drafted(
    programme: Programme, verification: Verification, earlier: Mapping[str, tuple[str, Verification]], party: str
) -> list[Negative]:
    """Drafts of what went wrong here, as a party states them.

    `earlier` gives by baseline its day and its verdicts; what one of them met and is not met now was a promise, told of the last
    that met it. Beside these stand the promises of contracts that are not kept. Why it is so no draft says.
    """
    found = [
        one
        for name in fallen_since(verification)
        if (one := _fallen(programme, name, verification, earlier, party)) is not None
    ]
    return [*found, *_broken(programme, verification, party)]


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
        guards=(Guard(requirement=name),),
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


def _found(one: Conformance, found_ratio: float) -> Phrase:
    apart, allowed = quantity(100.0 * found_ratio, "%"), quantity(100.0 * one.tolerance_ratio, "%")
    return text("{found} apart, {allowed} allowed", found=apart, allowed=allowed)


def _value(one: Verdict) -> Phrase:
    return quantity(one.value or 0.0, one.unit)


def _whose(programme: Programme, requirement: Requirement) -> str:
    """Whoever fills the slots that it is about, where it names one; else who asks for it."""
    owners = [programme.slots[one].owner for one in requirement.slots if one in programme.slots]
    return owners[0] if owners else requirement.party


def _both(said: Phrase) -> Title:
    return Title(en=said.said("en"), ru=said.said("ru"))
