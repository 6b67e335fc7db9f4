"""A drive and a charging session as scripts read them: every number's name ends in its unit, with how surely it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.study.cases import remarks
from covolt.study.result import RESULT, Number

if TYPE_CHECKING:
    from covolt.library.spread import Interval
    from covolt.study.cases.charge import ChargeResult
    from covolt.study.cases.drive import DriveResult

__all__ = ["ChargeDocument", "DriveDocument", "of_charge", "of_drive"]

_FIGURES = {
    "distance_m": ("distance_m", 1.0),
    "battery_energy_J": ("battery_energy_J", 1.0),
    "plug_energy_J": ("plug_energy_J", 1.0),
    "battery_consumption_Wh_per_km": ("battery_consumption_J_per_m", 1.0 / 3.6),
    "plug_consumption_Wh_per_km": ("plug_consumption_J_per_m", 1.0 / 3.6),
    "plug_consumption_kWh_per_100_km": ("plug_consumption_J_per_m", 1.0 / 36.0),
    "state_of_charge_percent": ("state_of_charge", 100.0),
    "battery_temperature_degC": ("battery_temperature_K", 1.0),
    "range_km": ("range_m", 1e-3),
    "recuperated_energy_J": ("recuperated_energy_J", 1.0),
    "recuperated_percent": ("recuperated_fraction", 100.0),
}
"""Fields of `DriveFigures`: of which number of a drive, times what."""


@dataclass(frozen=True, config=RESULT)
class CarNamed:
    """A car by name and title."""

    id: str
    title: str


@dataclass(frozen=True, config=RESULT)
class Uncertainty:
    """Standard uncertainty u of a number in its unit: u^2 = inputs^2 + models^2."""

    uncertainty: Number
    inputs: Number
    models: Number


@dataclass(frozen=True, config=RESULT)
class DriveMission:
    """What was driven, and under which conditions."""

    name: str
    duration_s: float
    ambient_temperature_degC: float
    payload_kg: float
    start_state_of_charge_percent: float
    on_dynamometer: bool
    comforts_on: bool


@dataclass(frozen=True, config=RESULT)
class DriveOutcome:
    """Whether the drive was completed; else why not, and how far the driver missed the cycle."""

    completed: bool
    reason: str
    limit: str
    first_miss_time_s: Number | None
    missed_time_s: Number
    worst_miss_km_per_h: Number


@dataclass(frozen=True, config=RESULT)
class DriveFigures:
    """The figures of a drive; null where there is none, such as the consumption of a car that does not move."""

    distance_m: Number
    battery_energy_J: Number
    plug_energy_J: Number
    battery_consumption_Wh_per_km: Number
    plug_consumption_Wh_per_km: Number
    plug_consumption_kWh_per_100_km: Number
    state_of_charge_percent: Number
    battery_temperature_degC: Number
    range_km: Number
    recuperated_energy_J: Number
    recuperated_percent: Number


@dataclass(frozen=True, config=RESULT)
class LedgerLine:
    """One line of the energy ledger."""

    name: str
    kind: str
    energy_J: Number
    energy_Wh: Number
    uncertainty_J: Number


@dataclass(frozen=True, config=RESULT)
class DriveDocument:
    """A drive: car, mission, outcome, figures with their uncertainties, and where the energy went."""

    car: CarNamed
    mission: DriveMission
    outcome: DriveOutcome
    result: DriveFigures
    uncertainty: Mapping[str, Uncertainty]
    ledger: tuple[LedgerLine, ...]
    remarks: tuple[str, ...]
    schema: Literal["drive/1"] = "drive/1"


@dataclass(frozen=True, config=RESULT)
class Supply:
    """At what a car charges."""

    kind: Literal["post", "socket"]
    power_max_W: Number


@dataclass(frozen=True, config=RESULT)
class ChargeOutcome:
    """Whether the session reached its end; else why not, and what bound the power last."""

    completed: bool
    reason: str
    limit: str


@dataclass(frozen=True, config=RESULT)
class ChargeDocument:
    """A charging session: car, supply, outcome, and figures with their uncertainties."""

    car: CarNamed
    supply: Supply
    ambient_temperature_degC: float
    from_percent: float
    to_percent: float
    outcome: ChargeOutcome
    time_s: Number
    plug_energy_J: Number
    stored_energy_J: Number
    mean_power_W: Number
    efficiency_ratio: Number
    battery_temperature_degC: Number
    uncertainty: Mapping[str, Uncertainty]
    remarks: tuple[str, ...]
    schema: Literal["charge/1"] = "charge/1"


def of_drive(done: DriveResult) -> DriveDocument:
    """A drive as scripts read it."""
    trace, known = done.trace, done.known
    mission, conditions, outcome = trace.result.mission, trace.result.mission.conditions, trace.outcome
    celsius = units.unit("degC")
    figures: dict[str, Any] = {key: factor * known[name].value for key, (name, factor) in _FIGURES.items()}
    figures["battery_temperature_degC"] = celsius.from_si(known["battery_temperature_K"].value)
    return DriveDocument(
        CarNamed(trace.result.name, done.car.title),
        DriveMission(
            mission.name,
            mission.duration_s,
            _degC(conditions.ambient_temperature_K),
            conditions.payload_kg,
            100.0 * conditions.state_of_charge,
            conditions.on_dynamometer,
            conditions.comforts_on,
        ),
        DriveOutcome(
            outcome.completed,
            outcome.reason,
            outcome.limit,
            outcome.first_miss_time_s,
            outcome.missed_time_s,
            units.unit("km/h").from_si(outcome.worst_miss_m_per_s),
        ),
        DriveFigures(**figures),
        {key: _uncertainty(known[name], factor) for key, (name, factor) in _FIGURES.items()},
        tuple(
            LedgerLine(one.name, one.kind, one.energy_J, one.energy_J / 3600.0, known[one.name].standard_uncertainty)
            for one in trace.ledger.entries
        ),
        tuple(map(str, remarks.of_drive(done))),
    )


def of_charge(done: ChargeResult) -> ChargeDocument:
    """A charging session as scripts read it."""
    from covolt.simulation.charging import Socket
    from covolt.study.cases.charge import limit_of

    session, figures, known = done.session, done.figures, done.known
    supply = session.mission.supply
    return ChargeDocument(
        CarNamed(figures.id, figures.title),
        Supply("socket" if isinstance(supply, Socket) else "post", float(supply.power_max_W)),
        _degC(session.mission.ambient_temperature_K),
        100.0 * session.mission.from_displayed_fraction,
        100.0 * session.displayed_fraction,
        ChargeOutcome(session.outcome.completed, session.outcome.reason, str(limit_of(session.outcome.limit, figures))),
        session.time_s,
        session.plug_energy_J,
        session.stored_energy_J,
        session.mean_power_W,
        session.efficiency,
        _degC(session.battery_temperature_K),
        {
            name.replace("_temperature_K", "_temperature_degC"): _uncertainty(one)
            for name, one in known.items()
            if not name.startswith("time_at")
        },
        tuple(map(str, remarks.of_charge(session, figures))),
    )


def _uncertainty(one: Interval, factor: float = 1.0) -> Uncertainty:
    size = abs(factor)
    return Uncertainty(size * one.standard_uncertainty, size * one.inputs, size * one.models)


def _degC(temperature_K: float) -> float:
    """In degrees Celsius, free of the last digits that the shift leaves."""
    return round(units.unit("degC").from_si(temperature_K), 9)
