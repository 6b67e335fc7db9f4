"""One mistake in many rows is told once: the problem with all its places, and its hint below the last that needs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from covolt.errors import Problem

__all__ = ["gathered"]


def gathered(problems: Sequence[Problem]) -> list[Problem]:
    """Problems in the order in which their kind first comes; those with one hint stand together, and it behind the last.

    What is wrong alike in several places is one problem, whose place names all of them.
    """
    by_hint: dict[str, dict[str, list[Problem]]] = {}
    for at, one in enumerate(problems):
        by_hint.setdefault(one.hint or f"\0{at}", {}).setdefault(one.what, []).append(one)
    told: list[Problem] = []
    for alike in by_hint.values():
        last = len(alike) - 1
        for at, same in enumerate(alike.values()):
            told.append(
                replace(same[0], where=_places([one.where for one in same]), hint=same[0].hint if at == last else "")
            )
    return told


def _places(places: Sequence[str]) -> str:
    """Places in a row, without saying again how all of them begin."""
    if len(places) == 1:
        return places[0]
    first, last = min(places), max(places)  # what these two share, all share
    shared = next((at for at, one in enumerate(first) if not last.startswith(one, at)), len(first))
    begin = re.sub(r"[^\s:,/\\]*$", "", first[:shared])
    others = (one[len(begin) :] or one for one in dict.fromkeys(places))
    return begin + (", " if begin else "; ").join(others)
