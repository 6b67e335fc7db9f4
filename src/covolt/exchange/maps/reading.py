"""A map in whatever file it stands: a table with a point a row, matrices of MATLAB, an FMU with structured variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.maps.bench import grid_of_log
from covolt.exchange.maps.grid import FloatArray, LossGrid, gridded, losses_of_efficiency_W
from covolt.exchange.maps.quantities import BENCH, EFFICIENCY, POINTS, own_units
from covolt.exchange.maps.structured import grid_of_fmu
from covolt.simulation.column_file import Columns, read_columns
from covolt.simulation.column_header import Quantity, meaning_of
from covolt.words import text

__all__ = ["read_map"]

MEASURED = (".dat",)
MOST_MATRIX = 1_000_000
HIGHEST_RATIO = 1.0
_ROUNDING_RATIO = 1e-12


def read_map(path: Path) -> LossGrid:
    """Losses over speed and torque from a file of any of these kinds; a table with voltages and currents is a bench log.

    Raises:
        InputError: with every problem of the file.
    """
    ending = path.suffix.lower()
    if ending in MEASURED:
        what = text("covolt reads no measurement file of this kind")
        raise InputError(Problem(what, str(path), text("if it is MDF name it .mdf, else export it as CSV")))
    if ending == ".fmu":
        return grid_of_fmu(path)
    if ending == ".mat" and (found := _matrices(path)) is not None:
        return found
    columns = read_columns(path, tuple({one.name: one for one in (*POINTS, *BENCH)}.values()))
    columns.findings.raise_if_any()
    if {"voltage", "current", "time"} <= columns.values.keys():
        return grid_of_log(columns, path)
    return _of_points(columns, path)


def _of_points(columns: Columns, path: Path) -> LossGrid:
    values = columns.values
    speed, torque = values["speed"], values["torque"]
    own = own_units(columns.units["speed"][1], columns.units["torque"][1])
    if "loss" in values:
        loss = values["loss"]
        bad = [line for line, one in zip(columns.lines, loss.tolist(), strict=True) if one < 0.0]
        if bad:
            what = text("a loss is negative")
            hint = text("give losses of motor and inverter as positive numbers")
            raise InputError(Problem(what, f"{path}:{line}", hint) for line in bad)
        return gridded(speed, torque, loss, str(path), own=own, lines=columns.lines)
    if "efficiency" not in values:
        what = text("no column holds a loss, an efficiency, or voltage and current over time")
        hint = text("head one loss_W, efficiency [%], or voltage_V and current_A beside time_s")
        raise InputError(Problem(what, str(path), hint))
    efficiency = values["efficiency"]
    in_percent = EFFICIENCY.units[columns.units["efficiency"][1]] != 1.0
    _demand_ratios(efficiency, [f"{path}:{line}" for line in columns.lines], in_percent=in_percent)
    losses = losses_of_efficiency_W(speed, torque, efficiency)
    return gridded(speed, torque, losses, str(path), own=own, lines=columns.lines)


def _demand_ratios(efficiency: FloatArray, places: list[str], *, in_percent: bool) -> None:
    """Efficiencies above one are percents without their sign, or of another direction."""
    values = zip(places, efficiency.ravel().tolist(), strict=True)
    bad = [(place, one) for place, one in values if one > HIGHEST_RATIO * (1.0 + _ROUNDING_RATIO)]
    if bad and in_percent:
        hint = text("it is what comes out over what goes in: correct it")
        raise InputError(
            Problem(text("an efficiency of {value:g} % is more than 100 %", value=100.0 * value), place, hint)
            for place, value in bad
        )
    if bad:
        hint = text("write efficiency [%] above numbers in percent")
        raise InputError(
            Problem(text("an efficiency of {value:g} is more than 1", value=value), place, hint) for place, value in bad
        )


def _matrices(path: Path) -> LossGrid | None:
    """Two vectors and a matrix over both in a MATLAB file; None where it holds no matrix of a loss or an efficiency."""
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        if any(np.prod(shape, dtype=float) > MOST_MATRIX for _, shape, _ in whosmat(path)):
            return None
        stored: dict[str, Any] = loadmat(path, simplify_cells=True)
    except (OSError, MatReadError, ValueError, TypeError, LookupError, NotImplementedError, EOFError):
        return None
    found: dict[str, FloatArray] = {}
    headed: dict[str, str] = {}
    for name, value in stored.items():
        meaning = None if name.startswith("__") else meaning_of(name, POINTS)
        if meaning is not None and getattr(value, "dtype", np.dtype(object)).kind in "iuf":
            headed[meaning[0].name] = meaning[1]
            found[meaning[0].name] = _in_si(np.asarray(value, np.float64), meaning, f"{path} ({name})")
    matrix = found.get("loss", found.get("efficiency"))
    if matrix is None or matrix.ndim != 2 or not {"speed", "torque"} <= found.keys():
        return None
    speed, torque = found["speed"], found["torque"]
    if matrix.shape == (len(torque), len(speed)) and len(torque) != len(speed):
        matrix = matrix.T
    if speed.ndim != 1 or torque.ndim != 1 or matrix.shape != (len(speed), len(torque)):
        what = text(
            "the matrix is {rows} x {columns}, and there are {speeds} speeds and {torques} torques",
            rows=matrix.shape[0],
            columns=matrix.shape[1],
            speeds=speed.size,
            torques=torque.size,
        )
        raise InputError(Problem(what, str(path), text("save one row per speed and one column per torque")))
    speeds, torques = (one.ravel() for one in np.meshgrid(speed, torque, indexing="ij"))
    values = matrix.ravel()
    if "loss" not in found:
        _demand_ratios(values, [str(path)] * len(values), in_percent=EFFICIENCY.units[headed["efficiency"]] != 1.0)
        values = losses_of_efficiency_W(speeds, torques, values)
    return gridded(speeds, torques, values, str(path), own=own_units(headed["speed"], headed["torque"]))


def _in_si(values: FloatArray, meaning: tuple[Quantity, str], where: str) -> FloatArray:
    quantity, unit = meaning
    if unit not in quantity.units:
        hint = text("name it for instance {accepted}", accepted=quantity.accepted)
        raise InputError(
            Problem(text("its name says no known unit of {quantity}", quantity=quantity.name), where, hint)
        )
    return quantity.in_SI(values, unit)
