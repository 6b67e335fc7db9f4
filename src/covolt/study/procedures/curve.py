"""Curves of a procedure: lines over one axis, by what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import numpy as np
import pydantic.dataclasses

from covolt.study.result import RESULT, Number, Said, Series
from covolt.words import Phrase, Words

__all__ = ["Curve", "curve_of"]


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class Curve:
    """A line to be drawn from a procedure: speed over time, power over charge. Values in the printed units.

    `holds` says, by measure, on which stretch of x a bound on it holds; both ends are equal where that is one point. A bound on
    what has no stretch is not drawn.
    """

    title: Said
    x_title: Said
    x_unit: str
    x: Series
    y: Mapping[str, Series]
    y_unit: str
    holds: Mapping[str, tuple[Number, Number]] = field(default_factory=dict[str, tuple[float, float]])
    y_titles: Mapping[str, Said] = field(default_factory=dict[str, Phrase])
    """What each line is called, where that is not its name in `y`."""


def curve_of(
    title: Phrase,
    x_title: Phrase,
    x_unit: str,
    x: np.ndarray,
    lines: Mapping[Phrase, np.ndarray],
    y_unit: str,
    holds: Mapping[str, tuple[float, float]] | None = None,
) -> Curve:
    """A curve by what its lines are called."""
    values = {str(name): one for name, one in lines.items()}
    # A name of its own, such as that of a paper, is the same in every language.
    titles = {str(name): name for name in lines if not (isinstance(name, Words) and name.ru in {"", name.en})}
    return Curve(title, x_title, x_unit, x, values, y_unit, holds or {}, titles)
