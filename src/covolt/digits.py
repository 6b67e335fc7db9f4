"""Numbers as people read them: as many digits as they deserve, in the notation of a language."""

from __future__ import annotations

from math import floor, isfinite, isnan, log10

from covolt.catalogues import ENGLISH, Language, decimal_mark

__all__ = ["expanded_text", "known_text", "number_text", "probability_text", "signed_text", "span_text"]

MOST_PLACES = 6
EVERYDAY = (1e-4, 1e7)
"""Outside these a number is written in powers of ten."""
LEAST, SUREST = 0.001, 0.999
"""A probability that is computed from estimates is never told as nearer to certainty."""
ROUNDING = 1e-9
"""Share of its scale below which a number is what rounding left."""
NOTHING = 1e-4
"""Share of a number below which its uncertainty is not told: its four digits stand."""


def number_text(value: float, digits: int = 4, language: Language = ENGLISH, *, grouped: bool = True) -> str:
    """A number in significant digits: `12 759.8`, `12 759,8` in Russian; with `grouped` false without the thin spaces."""
    if not isfinite(value):
        return "–" if isnan(value) else f"{value:+}".replace("inf", "∞").replace("-", "\N{MINUS SIGN}")
    if value == 0.0 or EVERYDAY[0] < abs(value) < EVERYDAY[1]:
        text = _fixed(value, max(0, digits - 1 - _exponent(value)))
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:.{digits}g}"
    return _noted(text, language, grouped=grouped)


def expanded_text(
    value: float, expanded: float, scale: float, language: Language = ENGLISH, *, grouped: bool = True
) -> str:
    """A signed difference with its expanded uncertainty, `+28 ± 15`: two digits of the uncertainty, the value to the same place
    (JCGM 100:2008, 7.2.6).

    Without uncertainty the difference stands alone. What is small beside `scale`, the size of what was subtracted, is rounding.
    """
    if abs(value) < ROUNDING * abs(scale):
        value = 0.0
    if not isfinite(value):
        return number_text(value)
    if expanded < ROUNDING * abs(scale) or not EVERYDAY[0] < expanded < EVERYDAY[1]:
        text = number_text(value, 3, language, grouped=grouped)
        return f"+{text}" if value > 0.0 else text
    places = 1 - _exponent(expanded)
    signed = _noted(_fixed(value, places), language, grouped=grouped)
    return f"{'+' if value > 0.0 else ''}{signed} ± {_noted(_fixed(expanded, places), language, grouped=grouped)}"


def span_text(
    low: float, high: float, expanded: float, language: Language = ENGLISH, *, grouped: bool = True, signed: bool = True
) -> str:
    """Estimates that disagree, from the least to the greatest, `94…119`: to two digits of half their span or of U, whichever is
    wider. U about each of them stands to the same place, and is left out where it is nothing there. Exact ends have four
    digits each.
    """
    if expanded <= 0.0:
        low_said, high_said = (number_text(one, 4, language, grouped=grouped) for one in (low, high))
        return f"{'+' if signed and low > 0.0 else ''}{low_said}…{'+' if signed and high > 0.0 else ''}{high_said}"
    places = 1 - _exponent(max(0.5 * (high - low), expanded))

    def said(value: float) -> str:
        text = _noted(_fixed(value, places), language, grouped=grouped)
        return f"+{text}" if signed and round(value, places) > 0.0 else text

    told = round(expanded, places)
    tail = f" ± {_noted(_fixed(told, places), language, grouped=grouped)}" if told > 0.0 else ""
    return f"{said(low)}…{said(high)}{tail}"


def known_text(value: float, expanded: float, language: Language = ENGLISH) -> str:
    """A number with its expanded uncertainty, or four digits of it where nothing uncertain moves it."""
    if not isfinite(expanded) or expanded < NOTHING * abs(value):
        return number_text(value, 4, language, grouped=False)
    return expanded_text(value, expanded, abs(value) or 1.0, language, grouped=False).removeprefix("+")


def probability_text(probability: float, language: Language = ENGLISH) -> str:
    """A probability in percent, and never as certain: `81.4 %`, `> 99.9 %`, `< 0.1 %`."""
    if not isfinite(probability):
        return number_text(probability)
    bounded = min(max(probability, LEAST), SUREST)
    side = "" if bounded == probability else "< " if bounded > probability else "> "
    return f"{side}{_noted(f'{100.0 * bounded:.1f}', language, grouped=False)} %"


def signed_text(value: float, scale: float, language: Language = ENGLISH, *, grouped: bool = True) -> str:
    """A signed number of a row whose largest is `scale`: as many places as give that one three digits."""
    places = max(0, 2 - _exponent(scale))
    text = _noted(_fixed(value, places), language, grouped=grouped)
    return "0" if round(value, places) == 0.0 else f"{'+' if value > 0.0 else ''}{text}"


def _exponent(value: float) -> int:
    return floor(log10(abs(value))) if value else 0


def _fixed(value: float, places: int) -> str:
    rounded = round(value, places) + 0.0  # without the sign of a zero
    return f"{rounded:,.{min(max(places, 0), MOST_PLACES)}f}"


def _noted(text: str, language: Language, *, grouped: bool) -> str:
    mark = decimal_mark(language)
    space = "\N{NARROW NO-BREAK SPACE}" if grouped else ""
    text = text.replace(",", "\0").replace(".", mark).replace("\0", space)
    return text.replace("-", "\N{MINUS SIGN}")
