"""Generated programmes: terms of offers, schemes and rates as files state them, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

SLOTS = ("auxiliary", "battery", "body", "brake", "cabin", "charger", "drive_unit", "gearbox", "tyre")
COUNTRIES = ("RU", "BY", "KZ", "CN", "DE")
OPERATIONS = tuple(f"operation {number}" for number in range(12))
VOLUMES = (1000, 5000, 20000)


@dataclass(frozen=True)
class Made:
    """One programme: what its parts state by slot, its schemes, its rates, and the yearly volume that is asked for."""

    parts: dict[str, dict[str, Any]]
    schemes: list[dict[str, Any]]
    rates: list[dict[str, Any]]
    volume: int | None


def made(seed: int) -> Made:
    """The programme of a seed."""
    random = Random(seed)
    schemes = [scheme(random, at) for at in range(2)]
    rates = [
        {
            "currency": "BYN",
            "per": "RUB",
            "value": round(random.uniform(25.0, 31.0), 2),
            "valid_from": a_day(random, 2025),
        },
        {
            "currency": "RUB",
            "per": "BYN",
            "value": round(random.uniform(0.03, 0.04), 4),
            "valid_from": a_day(random, 2027),
        },
    ]
    whole = random.random() < 0.5
    parts = {slot: part(random, whole=whole) for slot in SLOTS}
    return Made(parts, schemes, rates, random.choice(VOLUMES) if whole else random.choice((None, *VOLUMES)))


def a_day(random: Random, year: int) -> str:
    return (date(year, 1, 1) + timedelta(days=random.randrange(365))).isoformat()


def next_day(day: str, days: int = 1) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def part(random: Random, *, whole: bool) -> dict[str, Any]:
    """Terms of one offer; where they are not whole, some state no origin, no value or no price."""
    found: dict[str, Any] = {}
    if whole or random.random() < 0.9:
        origin: dict[str, Any] = {}
        if whole or random.random() < 0.8:
            countries = random.sample(COUNTRIES, random.randint(1, 3))
            cuts = sorted(random.sample(range(1, 1000), len(countries) - 1))
            shares = [high - low for low, high in zip([0, *cuts], [*cuts, 1000], strict=True)]
            origin["value"] = [{"country": c, "share": s / 1000} for c, s in zip(countries, shares, strict=True)]
        wanted = random.sample([(one, where) for one in OPERATIONS for where in COUNTRIES[:4]], random.randint(0, 6))
        operations: list[dict[str, Any]] = [{"id": one, "country": where} for one, where in wanted]
        for one in operations:
            if random.random() < 0.8:
                one["extent"] = random.choice((0.0, 0.3, 0.6, 0.7, 0.75, 1.0, round(random.random(), 3)))
        origin["operations"] = operations
        found["origin"] = origin
    if whole or random.random() < 0.85:
        points = [{"yearly_volume": one, "price": round(random.uniform(1e3, 1e5), 2)} for one in VOLUMES]
        currency = "RUB" if whole else random.choice(("RUB", "BYN", "RUB", "CNY"))
        supply = {"currency": currency, "price": points, "valid_from": "2024-01-01"}
        if not whole and random.random() < 0.2:
            supply["valid_until"] = a_day(random, 2028)
        found["supply"] = supply
    return found


def scheme(random: Random, at: int) -> dict[str, Any]:
    """A scheme of points or of value, with its rows and thresholds in periods that follow one another."""
    measure = "points" if at == 0 or random.random() < 0.3 else "value-share"
    home = random.sample(("RU", "BY", "KZ"), random.randint(1, 2))
    found: dict[str, Any] = {
        "schema": "origin-scheme/1",
        "id": f"scheme-{at}",
        "title": f"Scheme {at}",
        "source": "generated",
        "markets": ["RU"] if at == 0 else ["BY"],
        "measure": measure,
        "countries": home,
    }
    if random.random() < 0.5:
        found["countries_on_terms"] = [one for one in ("RU", "BY", "KZ") if one not in home]
        found["terms"] = "terms that nobody sees"
    listed = random.sample(OPERATIONS, random.randint(4, 10))
    if measure == "points":
        found["group"] = [group(random, number) for number in range(2)]
        found["operation"] = [row for one in listed for row in rows(random, one)]
        if random.random() < 0.7:
            found["maximum"] = random.choice((3000, 7000))
    else:
        found["operation"] = [{"id": one} for one in listed]
    found["threshold"] = thresholds(random, measure, listed)
    return found


def group(random: Random, number: int) -> dict[str, Any]:
    rule = (
        {"at_most": random.choice((300, 800.5))} if random.random() < 0.5 else {"together": random.choice((900, 2300))}
    )
    return {"id": f"group-{number}", **rule, **status(random)}


def status(random: Random) -> dict[str, Any]:
    return random.choice(
        (
            {},
            {},
            {"status": "act"},
            {"status": "press"},
            {"status": "press", "confidence": "high"},
            {"status": "draft", "confidence": "low"},
        )
    )


def rows(random: Random, one: str) -> list[dict[str, Any]]:
    """One row, or two of which the second follows the first."""
    first = row(random, one)
    if random.random() < 0.6:
        return [first]
    change = a_day(random, 2027)
    return [{**first, "valid_until": next_day(change, -1)}, {**row(random, one), "valid_from": change}]


def row(random: Random, one: str) -> dict[str, Any]:
    if random.random() < 0.02:
        return {"id": one, "status": "not found", "confidence": "none"}
    found: dict[str, Any] = {"id": one, "points": random.choice((25, 75, 100, 250.5, 400, 500)), **status(random)}
    kind = random.random()
    if kind < 0.2:
        found["extent_at_least"] = random.choice((0.6, 0.7))
    elif kind < 0.3:
        found["step"] = random.choice((0.005, 0.1, 0.3))
        found["at_most"] = 1000
    elif kind < 0.4:
        found["each_part"] = True
    elif kind < 0.5:
        found["up_to"] = found["points"] + 100
    if random.random() < 0.4:
        found["group"] = f"group-{random.randrange(2)}"
    return found


def thresholds(random: Random, measure: str, listed: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    begins = "2025-01-01"
    for year in (2026, 2027, 2028):
        ends = a_day(random, year)
        value = random.choice((200, 500, 1000, 1500, 2000)) if measure == "points" else random.choice((0.3, 0.5, 0.6))
        one = {"use": "sale", "title": "Sale", "value": value, "valid_from": begins, "valid_until": ends}
        one["status"] = random.choice(("in force", "was", "in force", "planned"))
        if measure != "points" and random.random() < 0.3:
            one["operations"] = random.sample(listed, 2)
        found.append(one)
        begins = next_day(ends, random.choice((1, 1, 30)))
    return found


def days(scheme: dict[str, Any]) -> list[str]:
    """The day before, on and after every change of threshold, and of the first rows."""
    changes = [one["valid_from"] for one in scheme["threshold"]]
    changes += [next_day(one["valid_until"]) for one in scheme["threshold"]]
    changes += [one["valid_from"] for one in scheme["operation"] if "valid_from" in one][:2]
    return sorted({next_day(one, by) for one in changes for by in (-1, 0, 1)})


def shuffled(one: Any, random: Random) -> Any:
    """The same in another order of the file."""
    if isinstance(one, dict):
        items = [(key, shuffled(value, random)) for key, value in one.items()]
        random.shuffle(items)
        return dict(items)
    if isinstance(one, list):
        found = [shuffled(each, random) for each in one]
        if all(isinstance(each, dict) and "yearly_volume" not in each for each in found):
            random.shuffle(found)
        return found
    return one
