"""What of a criterion is not fulfilled, as a sentence of a language: `8 of 11 constraints due at this gate met, 10 needed`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

from covolt.programme.expression import Scope, Value, substituted
from covolt.study.verdicts.printed_units import quantity
from covolt.study.verdicts.verdict import STANDINGS
from covolt.words import Phrase, Words, text

__all__ = ["COUNTED", "sentence"]

COUNTED: Mapping[str, Phrase] = MappingProxyType(
    {
        "laws": text("laws", context="counted"),
        "constraints": text("constraints", context="counted"),
        "needs": text("needs", context="counted"),
        "safety": text("safety items", context="counted"),
        "requirements": text("requirements", context="counted"),
        "approval": text("acts", context="counted"),
        "negatives": text("negatives", context="counted"),
    }
)
"""What criteria count as met or shown."""
FAULTS: Mapping[str, Phrase] = MappingProxyType(
    {
        "slots.empty": text("slots without an offer", context="counted"),
        "evidence.missing": text("documents missing", context="counted"),
        "requirements.unverified": text("requirements not verified", context="counted"),
        "requirements.unchecked": text("requirements by a text not checked", context="counted"),
        "requirements.stale": text("requirements with stale evidence", context="counted"),
    }
)
"""What criteria count as lacking."""
_PLAIN = r"\d{1,12}(?:\.\d{1,12})?"
_NUMBER = rf"(-?\s*{_PLAIN})"
_ID = r"\(\s*['\"]([^'\"]+)['\"]\s*\)"
_ALL = re.compile(rf"(\w+)\.(?:met|shown|guarded)\s*(?:==|>=)\s*(?:({_PLAIN})\s*\*\s*)?(\w+)\.count")
_SOME = re.compile(r"(\w+)\.(?:met|shown|guarded)\s*(>=|>)\s*(\d{1,12})")
_FAULT = re.compile(r"(\w+\.\w+)\s*(==|<=)\s*(\d{1,12})")
_NUMERIC = re.compile(rf"(margin|value){_ID}\s*(<=|>=)\s*{_NUMBER}")
_VERDICT = re.compile(rf"verdict{_ID}\s*==\s*['\"]([^'\"]+)['\"]")


def sentence(half: str, scope: Scope) -> Phrase:
    """One condition that does not hold, with what there is and what is needed; as it is written where it has no such form."""
    for form, told in ((_ALL, _share), (_SOME, _some), (_FAULT, _fault), (_NUMERIC, _numeric), (_VERDICT, _verdict)):
        found = form.fullmatch(half.strip())
        said = told(found, scope) if found else None
        if said is not None:
            return said
    return Words(f"{half}: {substituted(half, scope)}")


def _share(found: re.Match[str], scope: Scope) -> Phrase | None:
    """All of a kind, or a share of them: the next whole number."""
    counted, share, whole = found.groups()
    if counted != whole or counted not in COUNTED:
        return None
    return _of(counted, math.ceil(float(share or 1) * scope.names[f"{counted}.count"] - 1e-9), scope)


def _some(found: re.Match[str], scope: Scope) -> Phrase | None:
    return _of(found[1], int(found[3]) + (found[2] == ">"), scope) if found[1] in COUNTED else None


def _of(counted: str, needed: int, scope: Scope) -> Phrase:
    count, what = int(scope.names[f"{counted}.count"]), COUNTED[counted]
    if counted == "approval":
        shown = int(scope.names[f"{counted}.shown"])
        return text(
            "{here} of {count} {what} shown, {needed} needed", here=shown, count=count, what=what, needed=needed
        )
    if counted == "negatives":
        guarded = int(scope.names[f"{counted}.guarded"])
        return text("{here} of {count} negatives guarded, {needed} needed", here=guarded, count=count, needed=needed)
    met = int(scope.names[f"{counted}.met"])
    return text(
        "{here} of {count} {what} due at this gate met, {needed} needed",
        here=met,
        count=count,
        what=what,
        needed=needed,
    )


def _fault(found: re.Match[str], scope: Scope) -> Phrase | None:
    name, _, most = found.groups()
    if name not in FAULTS:
        return None
    what, here = FAULTS[name], int(scope.names[name])
    if most == "0":
        return text("{what}: {here}, none allowed", what=what, here=here)
    return text("{what}: {here}, {most} allowed", what=what, here=here, most=most)


def _numeric(found: re.Match[str], scope: Scope) -> Phrase | None:
    """A margin or a value beside what is asked of it; a margin that may be negative is told as what misses the bound."""
    function, name, sign, number = found.groups()
    limit, here = float(number.replace(" ", "")), scope.functions[function](name)
    if not isinstance(here, float):
        return _nothing(name)
    unit = scope.units(name)
    if function == "margin" and sign == ">=" and limit <= 0.0 and here < 0.0:
        short, allowed = quantity(-here, unit), quantity(-limit, unit)
        said = _below(name, short) if scope.least(name) else _above(name, short)
        return text("{what}, {allowed} allowed", what=said, allowed=allowed) if limit else said
    return _asked(function, sign, name, quantity(here, unit), quantity(limit, unit))


def _below(name: str, short: Phrase) -> Phrase:
    return text("{name}: {short} below its bound", name=name, short=short)


def _above(name: str, short: Phrase) -> Phrase:
    return text("{name}: {short} above its bound", name=name, short=short)


def _asked(function: str, sign: str, name: str, here: Phrase, limit: Phrase) -> Phrase:
    if sign == ">=" and function == "margin":
        return text("{name}: margin {here}, at least {limit} needed", name=name, here=here, limit=limit)
    if sign == ">=":
        return text("{name}: {here}, at least {limit} needed", name=name, here=here, limit=limit)
    if function == "margin":
        return text("{name}: margin {here}, at most {limit} needed", name=name, here=here, limit=limit)
    return text("{name}: {here}, at most {limit} needed", name=name, here=here, limit=limit)


def _verdict(found: re.Match[str], scope: Scope) -> Phrase | None:
    name, wanted = found.groups()
    here: Value | None = scope.functions["verdict"](name)
    if not isinstance(here, str):
        return _nothing(name)
    known: Mapping[str, Phrase] = {str(key): value for key, value in STANDINGS.items()}
    return text(
        "{name}: {here}, needed: {wanted}", name=name, here=known.get(here, here), wanted=known.get(wanted, wanted)
    )


def _nothing(name: str) -> Phrase:
    return text("{name}: nothing is known of it yet", name=name)
