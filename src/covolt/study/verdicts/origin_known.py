"""What offers and requirements name of schemes of origin and no scheme knows, and operations where no value was made."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import cast

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.study.procedures.origin import schemes_of
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.verification import given_of
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = [
    "operations_unknown",
    "operations_written",
    "origin_problems",
    "part_operations",
    "unknown_operations",
    "unlisted",
    "unvalued",
    "without_value",
]


def origin_problems(programme: Programme) -> list[Problem]:
    """Operations of locked offers that no scheme lists, and schemes and uses that a requirement names and nobody knows."""
    locked = {pin.offer for pin in programme.lock.slots.values()} if programme.lock else set[str]()
    return [*operations_unknown(programme, lambda name: name in locked), *_schemes(programme)]


def unknown_operations(programme: Programme, sheet: Datasheet) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
    """Operations of a part that no scheme lists on any day, each with its keys."""
    return unlisted(programme, [one.id for one in sheet.origin.operations] if sheet.origin else ())


def unlisted(programme: Programme, operations: Iterable[str]) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
    """Operations that no scheme lists on any day, nor a table that cannot be read, each with its keys in a part."""
    listed = {one.id for scheme in terms_of(programme).of(OriginScheme) for one in scheme.operation}
    tables = [one for one in programme.unread_sources if one.startswith("tables/")]
    broken = "".join(programme.files.beginning(one).decode(errors="ignore") for one in tables)
    for number, name in enumerate(operations):
        if name and name not in listed and f'"{name}"' not in broken:
            hint = text(
                "{named}; a scheme of the programme lists others, as a table",
                named=named(name, sorted(listed)),
            )
            what = text("no scheme of origin knows the operation '{id}'", id=name)
            yield ("origin", "operations", number, "id"), Problem(what, hint=hint)


def operations_written(written: str) -> list[str]:
    """Operations that a part names, whatever else is wrong with it; none where it is no TOML."""
    try:
        origin: object = tomllib.loads(written).get("origin")
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    rows: object = cast("dict[str, object]", origin).get("operations") if isinstance(origin, dict) else None
    each = cast("list[object]", rows) if isinstance(rows, list) else []
    names = [cast("dict[str, object]", one).get("id") if isinstance(one, dict) else None for one in each]
    return [one if isinstance(one, str) else "" for one in names]


def operations_unknown(programme: Programme, asked: Callable[[str], bool]) -> list[Problem]:
    """Operations of the offers that are asked for and that no scheme lists on any day, by their place."""
    return [
        replace(one, where=programme.where("offer", name, "datasheet", *at))
        for name, offer in programme.offers.items()
        if asked(name)
        for at, one in unknown_operations(programme, offer.datasheet)
    ]


def part_operations(programme: Programme, sheet: Datasheet) -> list[Problem]:
    """Operations of a part that no scheme lists on any day, by its reference."""
    return [
        replace(one, where=f"{sheet.reference} ({'.'.join(map(str, at))})")
        for at, one in unknown_operations(programme, sheet)
    ]


def without_value(sheet: Datasheet) -> list[Problem]:
    """What `unvalued` says of a part, as notices by its reference."""
    hint = text("state the share of value that was made there, or correct the country")
    return [Problem(one, f"{sheet.reference} (origin.value)", hint) for one in unvalued(sheet)]


def unvalued(sheet: Datasheet) -> list[Phrase]:
    """Countries in which operations of a part are done, and where by its own statement none of its value was made."""
    if sheet.origin is None or not sheet.origin.value:
        return []
    valued = {one.country for one in sheet.origin.value if one.share > 0}
    done: dict[str, list[str]] = {}
    for one in sheet.origin.operations:
        if one.country not in valued:
            done.setdefault(one.country, []).append(one.id)
    return [
        text(
            "{offer} states operations in {country} and no share of its value there: {operations}",
            offer=sheet.reference,
            country=country,
            operations=", ".join(names),
        )
        for country, names in sorted(done.items())
    ]


def _schemes(programme: Programme) -> Iterator[Problem]:
    terms = terms_of(programme)
    for one in programme.requirements.values():
        given: Given = given_of(one, programme)
        if one.procedure != "origin" or given.market is None:
            continue
        where = programme.where("requirement", one.id, "conditions", "scheme")
        known = {scheme.id: scheme for scheme in schemes_of(terms, given.market)}
        name, _, use = (given.scheme or "").partition("/")
        if name in programme.unread:
            continue  # its table could not be read, which is told there
        if name and name not in known:
            what = text("no scheme of origin '{name}' in the market {market}", name=name, market=given.market)
            yield Problem(what, where, named(name, known))
        elif not name and len(known) > 1:
            what = text(
                "no scheme of origin is named, and the market {market} has {known}",
                market=given.market,
                known=len(known),
            )
            yield Problem(what, programme.where("requirement", one.id, "conditions"), named("", known))
        elif use and use not in known[name].uses:
            yield Problem(
                text("the scheme '{name}' has no use '{use}'", name=name, use=use), where, named(use, known[name].uses)
            )
        elif name and one.measure.endswith("_margin") and not use and len(known[name].uses) > 1:
            what = text("no use is named, and the scheme '{name}' has {uses}", name=name, uses=len(known[name].uses))
            yield Problem(
                what, where, text('write it such as scheme = "{name}/{uses}"', name=name, uses=known[name].uses[0])
            )
