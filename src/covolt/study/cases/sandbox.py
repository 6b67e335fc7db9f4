"""The use case `sandbox check`: what of this machine keeps foreign code apart, found by trying it from inside a worker."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.errors import CovoltError
from covolt.study.result import RESULT, Said
from covolt.words import joined, text

__all__ = ["SandboxDocument", "SandboxProtection", "SandboxWay", "sandbox_check"]


@dataclass(frozen=True, config=RESULT)
class SandboxProtection:
    """One protection, whether it is active, and how."""

    key: str
    """A word for it that does not change."""
    guards: Said
    """What foreign code is kept from."""
    active: bool
    """Whether it was found to hold."""
    how: Said
    """By what it holds."""


@dataclass(frozen=True, config=RESULT)
class SandboxWay:
    """One way of keeping a worker apart, as it works here."""

    way: str
    """"namespaces" or "bubblewrap"."""
    title: Said
    """Who makes the namespaces."""
    complete: bool
    """Whether every protection is active."""
    protections: tuple[SandboxProtection, ...]
    """Each of them, as it was tried; none where no worker started."""
    problem: Said
    """Why a worker cannot be started in this way; empty where it can."""


@dataclass(frozen=True, config=RESULT)
class SandboxDocument:
    """Whether foreign code can be run here, and in which way: the first that is complete."""

    protected: bool
    """Whether every protection is active in one of the ways."""
    way: str
    """The way that is taken; empty where there is none."""
    ways: tuple[SandboxWay, ...]
    """In the order in which they are tried."""
    schema: Literal["sandbox/1"] = "sandbox/1"


def sandbox_check() -> SandboxDocument:
    """Start a worker in every way that there is, without foreign code, and try from inside what is forbidden."""
    from covolt.exchange.sandbox import WAYS, looked_at

    titles = {
        "namespaces": text("namespaces that covolt makes itself"),
        "bubblewrap": text("namespaces that bubblewrap makes"),
    }
    found: list[SandboxWay] = []
    for way in WAYS:
        try:
            each = looked_at(way).each
        except CovoltError as error:
            what = joined([one.what for one in error.problems])
            found.append(SandboxWay(way, titles[way], complete=False, protections=(), problem=what))
            continue
        rows = tuple(SandboxProtection(one.key, one.guards, one.active, one.how) for one in each)
        complete = all(one.active for one in each)
        found.append(SandboxWay(way, titles[way], complete=complete, protections=rows, problem=text("")))
    best = next((one.way for one in found if one.complete), "")
    return SandboxDocument(protected=bool(best), way=best, ways=tuple(found))
