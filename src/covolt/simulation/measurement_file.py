"""Measurement files of ASAM MDF (.mf4, .mdf) as rows of texts, as a CSV of the same channels would hold them, by asammdf.

Channels are known by their names and units, as columns of a CSV are. Those of several clocks are put on the times of the slowest,
along straight lines, within the span that all of them cover.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from covolt.errors import InputError, Problem, system_said
from covolt.simulation.column_header import Quantity, meaning_of
from covolt.suggestion import few
from covolt.tables import Rows
from covolt.words import text

__all__ = ["ENDINGS", "mdf_rows"]

ENDINGS = (".mf4", ".mdf")
MAGIC, HEAD_bytes = b"MDF     ", 64
AS_CSV = text("export it as CSV")


def mdf_rows(path: Path, quantities: Sequence[Quantity], most_rows: int) -> Rows:
    """Rows of the channels of a measurement file that name one of these quantities, the time in s first.

    Raises:
        InputError: asammdf is not installed, this is no finished MDF, no channel has a known name, or one has too many values.
    """
    try:
        import asammdf  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        hint = text("install it: pip install 'covolt[mdf]'; or export the file as CSV")
        raise InputError(
            Problem(text("MDF is read where the package asammdf is installed"), str(path), hint)
        ) from error
    try:
        with path.open("rb") as opened:
            head = opened.read(HEAD_bytes)
    except OSError as error:
        raise InputError(Problem(system_said(error), str(path), text("check the path"))) from error
    if not head.startswith(MAGIC) or len(head) < HEAD_bytes:
        hint = text("let the tool that recorded it finish it, or export it as CSV")
        raise InputError(Problem(text("this is no finished file of MDF"), str(path), hint))
    signals, known = _read(asammdf, path, quantities, most_rows)
    if not signals:
        what = text(
            "no channel has a name that is known here; the file holds: {known}", known=few(known) or text("none")
        )
        raise InputError(Problem(what, str(path), text("name its channels as columns of a CSV are named")))
    return _table(signals, path)


class _Channel(NamedTuple):
    """A channel: what would head its column, its times and its values, each (n,)."""

    head: str
    time_s: np.ndarray
    values: np.ndarray


def _read(asammdf: Any, path: Path, quantities: Sequence[Quantity], most_rows: int) -> tuple[list[_Channel], list[str]]:
    """The channels that name a quantity, and the names of all that are no clock."""
    hook, why = sys.unraisablehook, ""
    # Of a damaged file its parser leaves halves of objects, which complain on the screen where they end.
    sys.unraisablehook = lambda _: None
    try:
        with asammdf.MDF(path) as file:
            clocks = set(file.masters_db.items())
            known = [name for name, places in file.channels_db.items() if not clocks.issuperset(places)]
            return list(_signals(file, path, quantities, most_rows)), known
    except InputError:
        raise
    except Exception as error:  # whatever its parser raises of a damaged file
        why = str(error)[:200] or type(error).__name__
    finally:
        if why:
            gc.collect()
        sys.unraisablehook = hook
    raise InputError(Problem(text("it cannot be read as MDF: {why}", why=why), str(path), AS_CSV))


def _signals(file: Any, path: Path, quantities: Sequence[Quantity], most_rows: int) -> Iterator[_Channel]:
    """Each channel that names a quantity."""
    for name, places in file.channels_db.items():
        for group, index in places:
            if file.masters_db.get(group) == index or meaning_of(name, quantities) is None:
                continue
            if file.groups[group].channel_group.cycles_nr > most_rows:
                what = text("its channels have more than {most_rows:,} values", most_rows=most_rows)
                raise InputError(Problem(what, str(path), text("thin the recording, or cut it into parts")))
            one = file.get(name, group=group, index=index)
            if one.samples.dtype.kind not in "iufb" or one.samples.ndim != 1:
                what = text("the channel '{name}' holds no numbers", name=name)
                raise InputError(Problem(what, str(path), text("leave it out, or name it otherwise")))
            head = _head(name, str(one.unit or "").strip(), path, quantities)
            yield _Channel(head, np.asarray(one.timestamps, np.float64), np.asarray(one.samples, np.float64))


def _head(name: str, unit: str, path: Path, quantities: Sequence[Quantity]) -> str:
    """What would head the column of a channel: its unit stands in its name, or beside it."""
    stated = meaning_of(name, quantities)
    if not unit or stated is None:
        return name
    if stated[1] not in stated[0].units or not stated[1]:
        return f"{name} [{unit}]"
    beside = meaning_of(f"{stated[0].name} [{unit}]", quantities)
    if beside is not None and beside[1] != stated[1]:
        what = text("the channel '{name}' says another unit than its name: {unit}", name=name, unit=unit)
        raise InputError(Problem(what, str(path), text("mend the one that is wrong")))
    return name


def _table(signals: Sequence[_Channel], path: Path) -> Rows:
    """The channels on the times of the slowest."""
    times_s = min((one.time_s for one in signals), key=len)
    if len(times_s):
        begin_s, end_s = max(one.time_s[0] for one in signals), min(one.time_s[-1] for one in signals)
        times_s = times_s[(times_s >= begin_s) & (times_s <= end_s)]
    if not len(times_s):
        what = text("its channels have no time in common")
        raise InputError(Problem(what, str(path), text("record them together")))
    columns = [np.interp(times_s, one.time_s, one.values) for one in signals]
    rows = [[repr(float(cell)) for cell in row] for row in zip(times_s, *columns, strict=True)]
    return list(range(len(rows) + 1)), [["time [s]", *(one.head for one in signals)], *rows]
