"""Why a result cannot be had, in both languages: what a drive, a charging session or an error says of itself."""

from __future__ import annotations

from covolt.errors import CovoltError
from covolt.simulation.trace import Outcome
from covolt.words import Words

__all__ = ["because", "why_failed", "why_not"]

_LIMITS = {
    "none": "водитель не успел",
    "drive unit": "привод не даёт большего момента",
    "battery": "батарея не даёт большей мощности",
    "grip": "нет сцепления ведущих шин",
    "brakes": "тормоза на пределе сцепления",
    "empty": "батарея разряжена",
    "source of energy": "потеря отдаёт энергию",
    "map": "привод вне заявленной карты потерь",
    "not a number": "значение не является числом",
    "charging curve": "ограничивает кривая заряда",
    "post's power": "ограничивает мощность станции",
    "post's current or voltage": "ограничивает ток или напряжение станции",
    "inlet": "ограничивает зарядный разъём",
    "charger": "ограничивает бортовое зарядное устройство",
}


def why_not(outcome: Outcome) -> Words:
    """How a drive or a session ended."""
    if outcome.completed and not outcome.reason:
        return Words("completed", "завершено")
    russian = _LIMITS.get(outcome.limit, outcome.limit)
    if outcome.first_miss_time_s is not None:
        russian = (
            f"скорость не выдержана с {outcome.first_miss_time_s:.0f} с: {russian}; отклонение до "
            f"{3.6 * outcome.worst_miss_m_per_s:.1f} км/ч, всего {outcome.missed_time_s:.0f} с"
        )
    return Words(str(outcome), russian)


def because(en: str, ru: str, outcome: Outcome) -> Words:
    """A statement and how the drive ended on which it rests."""
    why = why_not(outcome)
    return Words(f"{en}: {why.en}", f"{ru}: {why.ru}")


def why_failed(error: CovoltError) -> Words:
    """What an error says first; in Russian, that the model refused, and the English text."""
    said = error.problems[0].what
    return Words(said, f"расчёт невозможен ({said})")
