"""The use case `map`: losses of a drive unit from whatever file holds them, told with their holes, and put into a datasheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings
from covolt.study.result import RESULT, Notice, notices
from covolt.words import text

if TYPE_CHECKING:
    from covolt.contract.datasheet import Datasheet
    from covolt.exchange.maps import LossGrid

__all__ = ["MapDocument", "make_map", "told_of"]

DIGITS = 6
"""Significant digits of numbers that are written: no bench measures more."""


@dataclass(frozen=True, config=RESULT)
class MapDocument:
    """A map of losses as it was read; of a bench log with the rows behind each point and how far they spread."""

    source: str
    speeds_rad_per_s: tuple[float, ...]
    torques_Nm: tuple[float, ...]
    losses_W: tuple[tuple[float | None, ...], ...]
    holes_si: tuple[tuple[float, float], ...]
    """Speed in rad/s and torque in Nm of each point of the grid at which no loss is known."""
    counts: tuple[tuple[int, ...], ...]
    spreads_W: tuple[tuple[float | None, ...], ...]
    part: str = ""
    speed_unit: str = "rad/s"
    """In which the file has its speeds."""
    torque_unit: str = "Nm"
    notices: tuple[Notice, ...] = ()
    """What is doubtful of it, such as a wrong unit of a column."""
    schema: Literal["map/1"] = "map/1"


def make_map(
    file: Path, part: Path | None = None, *, at_no_power: str | None = None, findings: Findings | None = None
) -> MapDocument:
    """Read a map, and with a `part` write it as the table `loss` of that datasheet, whose model becomes `loss-map`.

    Args:
        at_no_power: the loss where nothing turns or pulls, such as "80 W": there a map of efficiency says nothing.

    Raises:
        InputError: every problem of the map; of one that goes into a part, every hole, and what does not fit its numbers.
    """
    from covolt.exchange.maps import doubts, read_map

    findings = findings or Findings()
    still_W = findings.quantity("at_no_power", at_no_power, "W")
    grid = findings.take(lambda: read_map(file))
    findings.demand_none()
    if grid is None:
        raise RuntimeError("there is no map, and no problem says why")
    grid = grid if still_W is None else grid.with_no_power_W(still_W)
    if part is not None:
        _put(grid, file, part)
    return MapDocument(
        source=grid.source,
        speeds_rad_per_s=tuple(grid.speeds_rad_per_s.tolist()),
        torques_Nm=tuple(grid.torques_Nm.tolist()),
        losses_W=_told(grid.losses_W),
        holes_si=grid.holes,
        counts=tuple(tuple(row) for row in grid.row_count.tolist()),
        spreads_W=_told(grid.spreads_W),
        part="" if part is None else str(part),
        speed_unit=grid.own.speed,
        torque_unit=grid.own.torque,
        notices=notices(doubts(grid)),
    )


def told_of(done: MapDocument) -> tuple[Problem, ...]:
    """What is doubtful of a map, in whatever language it is read."""
    import numpy as np

    from covolt.exchange.maps import LossGrid, OwnUnits, doubts

    losses_W = np.array([[np.nan if one is None else one for one in row] for row in done.losses_W])
    speeds, torques = np.array(done.speeds_rad_per_s), np.array(done.torques_Nm)
    return doubts(LossGrid(speeds, torques, losses_W, done.source, own=OwnUnits(done.speed_unit, done.torque_unit)))


def _told(values: object) -> tuple[tuple[float | None, ...], ...]:
    import numpy as np

    return tuple(tuple(one if np.isfinite(one) else None for one in row) for row in np.asarray(values).tolist())


def _put(grid: LossGrid, file: Path, part: Path) -> None:
    from covolt.contract.datasheet import Datasheet
    from covolt.contract.editing import edited
    from covolt.contract.schemas import read_document
    from covolt.files import write_whole
    from covolt.library.declared import declared_problems
    from covolt.library.models import model_problems

    before = read_document(part)
    if not isinstance(before, Datasheet) or before.fills.partition("@")[0] != "drive_unit":
        what, hint = text("this is no datasheet of a drive unit"), text("name the part.toml of one")
        raise InputError(Problem(what, str(part), hint))
    holes = [
        Problem(
            text("nobody says what is lost at {point}", point=grid.own.point(speed, torque)),
            grid.source,
            text("measure it, or where no power passes say what is lost there: --at-no-power"),
        )
        for speed, torque in grid.holes
    ]
    if holes:
        raise InputError(holes)
    after = _with_table(before, grid, file)
    problems = [*model_problems("drive_unit", after), *declared_problems(after)]
    if problems:
        raise InputError(problems)
    write_whole(part, edited(part.read_bytes().decode("utf-8-sig"), before, after))


def _with_table(before: Datasheet, grid: LossGrid, file: Path) -> Datasheet:
    from covolt.contract.datasheet import Axis, Datasheet, Table

    def axis(name: str, unit: str, values_si: list[float]) -> Axis:
        own = units.unit(unit)
        return Axis(name=name, unit=unit, values=tuple(_short(own.from_si(one)) for one in values_si))

    table = Table(
        unit="W",
        axes=(
            axis("speed", grid.own.speed, grid.speeds_rad_per_s.tolist()),
            axis("torque", grid.own.torque, grid.torques_Nm.tolist()),
        ),
        values=tuple(tuple(_short(one) for one in row) for row in grid.losses_W.tolist()),
        basis="measured",
        source=file.name,
    )
    model = before.model.model_copy(update={"kind": "loss-map", "tables": {**before.model.tables, "loss": table}})
    return Datasheet.model_validate(before.model_copy(update={"model": model}).model_dump(by_alias=True))


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
