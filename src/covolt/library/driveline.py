"""Loss maps and gears as datasheets declare them: what is wrong with them, and the parts they make."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared, Table
from covolt.errors import Problem
from covolt.vehicle.gearbox import AbstractGearbox, FixedGearbox, Lubrication, ShiftingGearbox
from covolt.vehicle.lookup import Map, map_2d
from covolt.words import text

__all__ = [
    "FOREIGN_KINDS",
    "MOST_GEARS",
    "entry_problems",
    "gearbox_of",
    "gears_problems",
    "has_loss_map",
    "loss_map",
    "loss_map_problems",
    "loss_ratio_problems",
    "shift_problems",
    "tables_of",
]

FOREIGN_KINDS = ("fmu", "hosted", "python")
"""Kinds of model that are asked themselves; covolt computes with what they declare."""
MOST_GEARS = 16
SHIFT_TIME_s = 0.5
"""Interruption of torque in an automated gearbox without friction clutches; an estimate."""
LEAST_LOSS_RATIO, MOST_LOSS_RATIO = 0.007, 1.0
"""Losses over shaft power at half and full power: the best machines with inverter reach 97 to 98 % (estimate)."""
BEST_RATIO_AT_LEAST = 0.6
"""Efficiency that any machine of a road vehicle reaches somewhere; an estimate, small ones stand at 80 % and more."""
FALLING_RATIO = 0.8
"""Of the loss at half power is lost at full power at the least; an estimate: more torque needs more current."""
LOADED_SPEEDS = 5
TORQUE_LEFT_RATIO = 0.99
"""Part of its highest speed up to which a drive unit gives torque, see `Machine`."""


def tables_of(sheet: Datasheet) -> dict[str, Table]:
    """Tables of a datasheet by name, wherever it declares them."""
    return {**sheet.tables, **sheet.model.tables}


def has_loss_map(sheet: Datasheet) -> bool:
    """Whether the losses of a drive unit are those of a declared map: by its model, or as what a foreign unit declares."""
    return sheet.model.kind == "loss-map" or (sheet.model.kind in FOREIGN_KINDS and "loss" in tables_of(sheet))


def entry_problems(sheet: Datasheet) -> list[Problem]:
    """A part that is to be asked itself names where it is."""
    where = f"{sheet.reference} (model.entry)"
    if not sheet.model.entry:
        what = text("the model '{kind}' needs model.entry", kind=sheet.model.kind)
        hint = text("name the file of the FMU, FILE.py:CLASS, or the part at its owner's host")
        return [Problem(what, where, hint)]
    if sheet.model.kind == "python" and not sheet.model.entry.rpartition(":")[0].endswith(".py"):
        what = text("'{entry}' names no class of a Python file", entry=sheet.model.entry)
        return [Problem(what, where, text("write FILE.py:CLASS"))]
    return []


def _stated(sheet: Datasheet, name: str) -> Declared | None:
    return sheet.declared.get(name) or sheet.model.parameters.get(name)


def _number(sheet: Datasheet, name: str) -> float:
    """A number that the checks have found."""
    found = _stated(sheet, name)
    if found is None:
        raise KeyError(name)
    return found.value_si


def _most(sheet: Datasheet, name: str) -> float:
    """A number with its standard uncertainty, by which verification moves it."""
    found = _stated(sheet, name)
    return 0.0 if found is None else found.value_si + found.uncertainty_si


def loss_ratio_problems(sheet: Datasheet) -> list[Problem]:
    """A drive unit without losses would never warm, and a negative one would make energy."""
    ratio = _stated(sheet, "loss_ratio")
    if ratio is None or ratio.value_si > 0.0:
        return []
    where = f"{sheet.reference} (model.parameters.loss_ratio)"
    return [
        Problem(
            text("the losses are not above zero"), where, text("write a ratio above zero; 1 leaves losses as they are")
        )
    ]


def loss_map_problems(sheet: Datasheet) -> list[Problem]:
    """A map of losses is never negative, costs something under torque, and covers the envelope with its uncertainty."""
    table, where = tables_of(sheet)["loss"], f"{sheet.reference} (tables.loss)"
    speed, torque = (axis.values_si for axis in table.axes)
    rows = table.rows_si
    problems = loss_ratio_problems(sheet)
    if any(loss_W < 0.0 or (loss_W == 0.0 and T != 0.0) for row in rows for T, loss_W in zip(torque, row, strict=True)):
        hint = text("give losses of motor and inverter as positive numbers")
        problems.append(Problem(text("a loss is negative, or zero under torque"), where, hint))
    highest_rad_per_s, peak_Nm = _most(sheet, "speed_maximum"), _most(sheet, "torque_peak")
    unit = table.axes[0].unit
    if speed[0] > 0.0 or speed[-1] < highest_rad_per_s:
        what = text(
            "the map covers {values:g} to {values_2:g} {unit}",
            values=table.axes[0].values[0],
            values_2=table.axes[0].values[-1],
            unit=unit,
        )
        hint = text("cover 0 to speed_maximum with its uncertainty")
        problems.append(
            Problem(
                text(
                    "{what}, not 0 to {highest:.1f} {unit}",
                    what=what,
                    highest=units.unit(unit).from_si(highest_rad_per_s),
                    unit=unit,
                ),
                where,
                hint,
            )
        )
    lowest_Nm = 0.0 if torque[0] == 0.0 else -peak_Nm
    if torque[0] > lowest_Nm or torque[-1] < peak_Nm:
        what = text(
            "the map covers {torque:g} to {torque_2:g} Nm, not {lowest:g} to {peak:g} Nm",
            torque=torque[0],
            torque_2=torque[-1],
            lowest=lowest_Nm,
            peak=peak_Nm,
        )
        hint = text(
            "cover torque_peak with its uncertainty both ways, or begin at 0 Nm where braking loses as driving does"
        )
        problems.append(Problem(what, where, hint))
    return problems or _magnitude_problems(sheet, where)


def _magnitude_problems(sheet: Datasheet, where: str) -> list[Problem]:
    """A map whose losses no machine of this power has, in either direction of the torque: of a wrong unit, or a wrong axis."""
    power_W, peak_Nm, highest_rad_per_s = (_stated(sheet, n) for n in ("power_peak", "torque_peak", "speed_maximum"))
    if not (power_W and peak_Nm and highest_rad_per_s) or min(power_W.value_si, peak_Nm.value_si) <= 0.0:
        return []
    shaft_W, most_rad_per_s = power_W.value_si, highest_rad_per_s.value_si
    speeds = np.linspace(min(shaft_W / peak_Nm.value_si, most_rad_per_s), most_rad_per_s, LOADED_SPEEDS)
    speed, torque, losses = _mirrored(sheet)
    full_Nm = np.minimum(shaft_W / speeds, peak_Nm.value_si)
    hint = text("correct unit, axes and values against the source of the map")
    problems: list[Problem] = []
    for side in ("driving", "braking") if tables_of(sheet)["loss"].axes[1].values[0] < 0.0 else ("driving",):
        sign = 1.0 if side == "driving" else -1.0
        full_W, half_W = (_between_points((speed, torque, losses), speeds, sign * s * full_Nm) for s in (1.0, 0.5))
        ratios = np.concatenate([full_W / (full_Nm * speeds), half_W / (0.5 * full_Nm * speeds)])
        at = int(np.argmin(ratios))
        T, w = np.concatenate([full_Nm, 0.5 * full_Nm])[at], np.concatenate([speeds, speeds])[at]
        point = text(
            "{side} at {w:.0f} rad/s and {t:.0f} Nm ({t_2:.3g} kW) it loses {ratios:.4g} W",
            side=side,
            w=w,
            t=T,
            t_2=T * w / 1e3,
            ratios=ratios[at] * T * w,
        )
        if ratios[at] < LEAST_LOSS_RATIO:
            what = text(
                "{point}: {value:.6g} % efficient, no machine with inverter is above 99.3 %",
                point=point,
                value=100.0 / (1.0 + ratios[at]),
            )
            problems.append(Problem(what, where, hint))
        elif ratios[at] > 1.0 / BEST_RATIO_AT_LEAST - 1.0 or np.median(ratios) > MOST_LOSS_RATIO:
            what = text(
                "{point}, the least of its loaded points: a machine of {shaft:.4g} kW never loses so much",
                point=point,
                shaft=shaft_W / 1e3,
            )
            problems.append(Problem(what, where, hint))
        falling = full_W < FALLING_RATIO * half_W
        if falling.any():
            at = int(np.argmax(falling))
            what = text(
                "{side} at {speeds:.0f} rad/s the loss falls from {half:.4g} W at half power to {full:.4g} W",
                side=side,
                speeds=speeds[at],
                half=half_W[at],
                full=full_W[at],
            )
            problems.append(Problem(what, where, text("losses rise with torque: {hint}", hint=hint)))
    beyond = (losses > shaft_W) & (np.abs(np.outer(speed, torque)) <= shaft_W)
    if beyond.any() and not problems:
        i, j = (int(one) for one in np.argwhere(beyond)[0])
        what = text(
            "at {speed:.0f} rad/s and {torque:.0f} Nm it loses {losses:.4g} W, more than power_peak",
            speed=speed[i],
            torque=torque[j],
            losses=losses[i, j],
        )
        problems.append(Problem(what, where, hint))
    return problems


def _between_points(made: Sequence[np.ndarray], speeds_rad_per_s: np.ndarray, torques_Nm: np.ndarray) -> np.ndarray:
    """Losses of a map at pairs of speed and torque, linear between its points."""
    speed, torque, losses = made
    at_speed = np.array([np.interp(speeds_rad_per_s, speed, losses[:, j]) for j in range(len(torque))]).T
    return np.array([np.interp(one, torque, row) for one, row in zip(torques_Nm, at_speed, strict=True)])


def loss_map(sheet: Datasheet) -> Map:
    """The declared losses over speed and torque, times `loss_ratio`; a map that begins at 0 Nm is mirrored for braking."""
    return map_2d(*_mirrored(sheet))


def _mirrored(sheet: Datasheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speeds, torques of both signs, and the losses at each pair."""
    table = tables_of(sheet)["loss"]
    speed, torque = (np.asarray(axis.values_si) for axis in table.axes)
    ratio = _stated(sheet, "loss_ratio")
    losses = np.asarray(table.rows_si) * (1.0 if ratio is None else ratio.value_si)
    if torque[0] == 0.0:
        torque = np.concatenate([-torque[:0:-1], torque])
        losses = np.concatenate([losses[:, :0:-1], losses], axis=1)
    return speed, torque, losses


def _between(sheet: Datasheet) -> list[str]:
    """Names of the ratios between the lowest and the highest gear."""
    gears = sheet.declared.get("gears")
    return [f"ratio_{gear}" for gear in range(2, round(2.0 if gears is None else gears.value_si))]


def gears_problems(sheet: Datasheet) -> list[Problem]:
    """Gears are complete, each longer than the one before, and no shift leads back at once."""
    where = f"{sheet.reference} (model.parameters)"
    gears = sheet.declared.get("gears")
    count = 2.0 if gears is None else gears.value_si
    if count < 2.0 or count % 1.0 != 0.0:
        hint = text("declare gears = 2 or more, or write the model fixed-ratio")
        return [
            Problem(
                text("{number:g} gears cannot be shifted", number=count), f"{sheet.reference} (declared.gears)", hint
            )
        ]
    between = _between(sheet)
    given = {name for name in sheet.model.parameters if name.startswith("ratio_")}
    problems = [
        Problem(
            text("the ratio of gear {name} is not given", name=name[6:]),
            where,
            text("add {name} to model.parameters", name=name),
        )
        for name in between
        if name not in given
    ]
    problems += [
        Problem(
            text("{name} lies beyond the {number:g} gears", name=name, number=count),
            where,
            text("declare gears, or leave this ratio out"),
        )
        for name in sorted(given - set(between))
    ]
    names = ["ratio", *between, "ratio_highest_gear"]
    problems += [
        Problem(text("{name} is not above zero", name=name), where, text("write motor speed over wheel speed"))
        for name in names
        if (found := _stated(sheet, name)) is not None and found.value_si <= 0.0
    ]
    if (time := _stated(sheet, "shift_time")) is not None and time.value_si < 0.0:
        problems.append(
            Problem(text("shift_time is negative"), where, text("write how long the torque is interrupted"))
        )
    if problems:
        return problems
    down_rad_per_s, up_rad_per_s = _most(sheet, "downshift_speed"), _number(sheet, "upshift_speed")
    for low, high in pairwise(names):
        step_ratio = _most(sheet, low) / _number(sheet, high)
        if _most(sheet, high) >= _number(sheet, low):
            problems.append(
                Problem(
                    text("{high} is not below {low}", high=high, low=low),
                    where,
                    text("give the gears from the lowest to the highest"),
                )
            )
        elif down_rad_per_s * step_ratio >= up_rad_per_s:
            what = text(
                "a shift from {low} to {high} falls below downshift_speed and is undone at once", low=low, high=high
            )
            hint = text(
                "lower downshift_speed below {up_rad_per_s:.0f} rad/s, or raise upshift_speed",
                up_rad_per_s=up_rad_per_s / step_ratio,
            )
            problems.append(Problem(what, where, hint))
    return problems


def shift_problems(gearbox: Datasheet, unit: Datasheet) -> list[Problem]:
    """A shift that the drive unit never reaches."""
    if gearbox.model.kind != "shifting":
        return []
    reached_rad_per_s = TORQUE_LEFT_RATIO * _number(unit, "speed_maximum")
    if _most(gearbox, "upshift_speed") <= reached_rad_per_s:
        return []
    what = text(
        "upshift_speed is above {reached:.0f} rad/s, up to which {unit} gives torque",
        reached=reached_rad_per_s,
        unit=unit.reference,
    )
    return [Problem(what, f"{gearbox.reference} (model.parameters.upshift_speed)", text("lower upshift_speed"))]


def gearbox_of(sheet: Datasheet, mesh_efficiency: float, lubrication: Lubrication) -> AbstractGearbox:
    """The gearbox of a datasheet, with one gear or several; all gears have one efficiency."""
    ratio, mass_kg = _number(sheet, "ratio"), _number(sheet, "mass")
    if sheet.model.kind != "shifting":
        return FixedGearbox(ratio=ratio, mesh_efficiency=mesh_efficiency, lubrication=lubrication, mass_kg=mass_kg)
    ratios = [_number(sheet, name) for name in ("ratio", *_between(sheet), "ratio_highest_gear")]
    time = _stated(sheet, "shift_time")
    return ShiftingGearbox(
        ratios=jnp.asarray(ratios),
        mesh_efficiencies=jnp.full(len(ratios), mesh_efficiency),
        upshift_speed_rad_per_s=_number(sheet, "upshift_speed"),
        downshift_speed_rad_per_s=_number(sheet, "downshift_speed"),
        shift_time_s=SHIFT_TIME_s if time is None else time.value_si,
        lubrication=lubrication,
        mass_kg=mass_kg,
    )
