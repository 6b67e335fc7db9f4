"""A guard on what a party answers: every value finite and within the range that contract and part state."""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import final

import numpy as np

from covolt.words import Phrase, text

__all__ = ["Guard"]

LARGEST = float(np.finfo(float).max)


@final
class Guard:
    """Looks at outputs of ports in their order; NaN fails every comparison."""

    def __init__(
        self,
        ports: tuple[str, ...],
        stated: Mapping[str, tuple[float, float]],
        agreed: Mapping[str, tuple[float, float]],
    ) -> None:
        self._ports = ports
        self.width = len(ports)
        low, high = np.full(self.width, -LARGEST), np.full(self.width, LARGEST)
        for at, name in enumerate(ports):
            for known in (stated, agreed):
                bounds = known.get(name, known.get(name.partition("[")[0], (-LARGEST, LARGEST)))
                low[at], high[at] = max(low[at], bounds[0]), min(high[at], bounds[1])
        self._low, self._high = low, high
        self._bounds = list(zip(low.tolist(), high.tolist(), strict=True))
        self._row = Struct(f"<{self.width}d")

    def passes(self, content: bytes) -> bool:
        """Whether bytes are one row of numbers that all count: of few numbers a plain loop is quicker than numpy."""
        if len(content) != self._row.size:
            return False
        values = zip(self._row.unpack(content), self._bounds, strict=True)
        return all(low <= value <= high for value, (low, high) in values)

    def breach(self, values: np.ndarray) -> tuple[int, Phrase] | None:
        """Row and reason of the first value of (n, m) that does not count; None where all do."""
        fits = (values >= self._low) & (values <= self._high)
        if fits.all():
            return None
        row, at = (int(one) for one in np.argwhere(~fits)[0])
        value, port = float(values[row, at]), self._ports[at]
        if not np.isfinite(value):
            return row, text("port {port} is {value}, no finite number", port=port, value=str(value))
        what = text(
            "port {port} is {value}, outside {low} to {high}",
            port=port,
            value=value,
            low=float(self._low[at]),
            high=float(self._high[at]),
        )
        return row, what
