"""What offers and requirements name of schemes of origin and no scheme knows."""

from __future__ import annotations

from collections.abc import Iterator

from covolt.errors import Problem
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import OriginScheme
from covolt.study.procedures.origin import schemes_of
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.verification import given_of
from covolt.suggestion import named
from covolt.words import text

__all__ = ["origin_problems"]


def origin_problems(programme: Programme) -> list[Problem]:
    """Operations that no scheme lists on any day, and schemes and uses that a requirement names and nobody knows."""
    return [*_operations(programme), *_schemes(programme)]


def _operations(programme: Programme) -> Iterator[Problem]:
    listed = {one.id for scheme in terms_of(programme).of(OriginScheme) for one in scheme.operation}
    offers = {name: one.datasheet for name, one in programme.offers.items()}
    for kind, sheets in (("part", programme.parts), ("offer", offers)):
        above = () if kind == "part" else ("datasheet",)
        for name, sheet in sheets.items():
            for at, one in enumerate(sheet.origin.operations if sheet.origin else ()):
                if one.id not in listed:
                    where = programme.where(kind, name, *above, "origin", "operations", at, "id")
                    hint = text(
                        "{named}; a scheme of the programme lists others, as a table",
                        named=named(one.id, sorted(listed)),
                    )
                    yield Problem(text("no scheme of origin knows the operation '{id}'", id=one.id), where, hint)


def _schemes(programme: Programme) -> Iterator[Problem]:
    terms = terms_of(programme)
    for one in programme.requirements.values():
        given: Given = given_of(one, programme)
        if one.procedure != "origin" or given.market is None:
            continue
        where = programme.where("requirement", one.id, "conditions", "scheme")
        known = {scheme.id: scheme for scheme in schemes_of(terms, given.market)}
        name, _, use = (given.scheme or "").partition("/")
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
