"""The one way in which a study drives: the runner's own, whose bits are decided by vehicle and mission alone."""

from __future__ import annotations

from covolt.simulation.run import simulate as drive

__all__ = ["drive"]
