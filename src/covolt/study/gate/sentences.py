"""What of a criterion is not fulfilled, as a sentence of a language: `8 of 11 constraints met, 10 needed`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from covolt.digits import number_text
from covolt.programme.expression import Scope, Value, substituted
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.verdict import STANDINGS_RU
from covolt.words import LANGUAGES, Words

__all__ = ["COUNTED", "sentence"]

COUNTED: Mapping[str, Words] = MappingProxyType(
    {
        "laws": Words("laws", "обязательных по НПА"),
        "constraints": Words("constraints", "обязательных условий"),
        "needs": Words("needs", "требований заказчика"),
        "safety": Words("safety items", "требований безопасности"),
        "requirements": Words("requirements", "требований"),
        "approval": Words("acts", "актов"),
    }
)
"""What criteria count as met or shown."""
FAULTS: Mapping[str, Words] = MappingProxyType(
    {
        "slots.empty": Words("slots without an offer", "узлов без предложения"),
        "evidence.missing": Words("documents missing", "недостающих документов"),
        "requirements.unverified": Words("requirements not verified", "непроверенных требований"),
        "requirements.unchecked": Words("requirements by a text not checked", "требований по несверенному тексту"),
        "requirements.stale": Words("requirements with stale evidence", "требований с устаревшим подтверждением"),
    }
)
"""What criteria count as lacking."""
_PLAIN = r"\d{1,12}(?:\.\d{1,12})?"
_NUMBER = rf"(-?\s*{_PLAIN})"
_ID = r"\(\s*['\"]([^'\"]+)['\"]\s*\)"
_ALL = re.compile(rf"(\w+)\.(?:met|shown)\s*(?:==|>=)\s*(?:({_PLAIN})\s*\*\s*)?(\w+)\.count")
_SOME = re.compile(r"(\w+)\.(?:met|shown)\s*(>=|>)\s*(\d{1,12})")
_FAULT = re.compile(r"(\w+\.\w+)\s*(==|<=)\s*(\d{1,12})")
_NUMERIC = re.compile(rf"(margin|value){_ID}\s*(<=|>=)\s*{_NUMBER}")
_VERDICT = re.compile(rf"verdict{_ID}\s*==\s*['\"]([^'\"]+)['\"]")


def sentence(half: str, scope: Scope) -> Words:
    """One condition that does not hold, with what there is and what is needed; as it is written where it has no such form."""
    for form, told in ((_ALL, _share), (_SOME, _some), (_FAULT, _fault), (_NUMERIC, _numeric), (_VERDICT, _verdict)):
        found = form.fullmatch(half.strip())
        said = told(found, scope) if found else None
        if said is not None:
            return said
    return Words(f"{half}: {substituted(half, scope)}")


def _share(found: re.Match[str], scope: Scope) -> Words | None:
    """All of a kind, or a share of them: the next whole number."""
    counted, share, whole = found.groups()
    if counted != whole or counted not in COUNTED:
        return None
    return _of(counted, math.ceil(float(share or 1) * scope.names[f"{counted}.count"] - 1e-9), scope)


def _some(found: re.Match[str], scope: Scope) -> Words | None:
    return _of(found[1], int(found[3]) + (found[2] == ">"), scope) if found[1] in COUNTED else None


def _of(counted: str, needed: int, scope: Scope) -> Words:
    ending, done, done_ru = ("shown", "shown", "подтверждено") if counted == "approval" else ("met", "met", "выполнено")
    here, count = int(scope.names[f"{counted}.{ending}"]), int(scope.names[f"{counted}.count"])
    what = COUNTED[counted]
    return Words(
        f"{here} of {count} {what.en} {done}, {needed} needed",
        f"{done_ru} {what.ru}: {here} из {count}, нужно {needed}",
    )


def _fault(found: re.Match[str], scope: Scope) -> Words | None:
    name, _, most = found.groups()
    if name not in FAULTS:
        return None
    what, here = FAULTS[name], int(scope.names[name])
    allowed = (
        ("none allowed", "не допускается ни одного") if most == "0" else (f"{most} allowed", f"допускается {most}")
    )
    return Words(f"{what.en}: {here}, {allowed[0]}", f"{what.ru}: {here}, {allowed[1]}")


def _numeric(found: re.Match[str], scope: Scope) -> Words | None:
    """A margin or a value beside what is asked of it; a margin that may be negative is told as what misses the bound."""
    function, name, sign, text = found.groups()
    limit, here = float(text.replace(" ", "")), scope.functions[function](name)
    if not isinstance(here, float):
        return _nothing(name)
    unit = printed_unit(scope.units(name))

    def both(en: str, ru: str, number: Callable[[float], float] = lambda x: x) -> Words:
        shown = [
            [f"{number_text(number(one), 4, said)}\N{NO-BREAK SPACE}{unit.said(said)}".strip() for one in (here, limit)]
            for said in LANGUAGES
        ]
        return Words(en.format(name, *shown[0]), ru.format(name, *shown[1]))

    if function == "margin" and sign == ">=" and limit <= 0.0 and here < 0.0:
        if limit == 0.0:
            return both("{} misses its bound by {}", "{}: до нормы не хватает {}", abs)
        return both("{} misses its bound by {}, {} allowed", "{}: до нормы не хватает {}, допускается {}", abs)
    side = ("at least", "не менее") if sign == ">=" else ("at most", "не более")
    what = ("margin ", "запас ") if function == "margin" else ("", "")
    return both(f"{{}}: {what[0]}{{}}, {side[0]} {{}} needed", f"{{}}: {what[1]}{{}}, нужно {side[1]} {{}}")


def _verdict(found: re.Match[str], scope: Scope) -> Words | None:
    name, wanted = found.groups()
    here: Value | None = scope.functions["verdict"](name)
    if not isinstance(here, str):
        return _nothing(name)
    russian: Mapping[str, str] = {str(key): value for key, value in STANDINGS_RU.items()}
    return Words(
        f"{name}: {here}, needed: {wanted}", f"{name}: {russian.get(here, here)}, нужно: {russian.get(wanted, wanted)}"
    )


def _nothing(name: str) -> Words:
    return Words(f"{name}: nothing is known of it yet", f"{name}: о нём пока ничего не известно")
