"""The clock: whoever opens a door reads it, and hands the day in; nothing below asks for it."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["today"]


def today() -> str:
    """The day by UTC, as ISO 8601 writes it, so that parties in other zones agree on it."""
    return datetime.now(UTC).date().isoformat()
