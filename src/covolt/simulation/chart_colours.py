"""Colours of charts: one meaning has one colour in every report, told apart by the colour-blind, and lines also by their dash.

The eight colours are those of Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

__all__ = ["DASHES", "PALETTE", "colours_of", "colours_of_parties"]

PALETTE: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#0072B2",
        "vermillion": "#D55E00",
        "green": "#009E73",
        "purple": "#CC79A7",
        "orange": "#E69F00",
        "sky": "#56B4E9",
        "ink": "var(--ink)",
        "yellow": "#F0E442",
    }
)
"""By name, in the order in which lines without a meaning of their own take them; black follows the ink of the page."""
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2")
"""Of the first line, which is unbroken, the second, and so on."""
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        **{"electric": "blue", "petrol": "vermillion", "diesel": "purple", "compressed-gas": "orange", "gas": "orange"},
        **{"battery": "vermillion", "from the battery": "vermillion", "winding": "orange", "cabin": "purple"},
        **{"coolant": "sky", "tyres": "ink", "asked": "orange", "driven": "blue", "speed": "blue", "charge": "green"},
        **{"at the wheels": "blue", "comfort": "purple", "net power": "blue", "30 min": "orange"},
        **{"disconnected": "vermillion", "recuperating": "green", "state of charge": "green", "range": "green"},
    }
)
"""Colour of what a line means, by the beginning of its English name."""


def colours_of(names: Sequence[str]) -> list[str]:
    """The colour of each line, by name of the palette; what has no fixed one takes the next that is free."""
    fixed = [_meant(name) for name in names]
    free = [colour for colour in PALETTE if colour not in fixed] or list(PALETTE)
    found: list[str] = []
    taken = 0
    for colour in fixed:
        found.append(colour or free[taken % len(free)])
        taken += not colour
    return found


def colours_of_parties(parties: Iterable[str]) -> dict[str, str]:
    """The colour of each party of a programme, by its id, whatever it is shown beside."""
    colours = list(PALETTE)
    return {party: colours[place % len(colours)] for place, party in enumerate(sorted(parties))}


def _meant(name: str) -> str:
    found = [key for key in _MEANINGS if name.lower().startswith(key)]
    return _MEANINGS[max(found, key=len)] if found else ""
