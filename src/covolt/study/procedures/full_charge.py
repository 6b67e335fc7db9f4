"""Full charge at a stated station: how long it takes, what and whose holds it, and the least that energy and power alone ask for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from covolt.contract.datasheet import Datasheet
from covolt.library.connection import Limit, connection_of, limit_of_part, not_connected
from covolt.library.driveline import tables_of
from covolt.library.number_titles import number_title
from covolt.library.subject import Subject
from covolt.simulation.charging import LIMITS, ChargingMission, ChargingSession
from covolt.study.procedures.asking import Asking, ask_charging
from covolt.study.procedures.charging_time import WARM_K, power_curve
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.reasons import why_not
from covolt.study.procedures.segments import LABORATORY_K
from covolt.vehicle.charger import Station
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "PROCEDURES",
    "energy_back_J",
    "falling_said",
    "least_time_s",
    "limit_of_battery",
    "power_limits",
    "power_needed",
    "voltage_limits",
]

TIME = Measure("time", text("Time to full"), "min")
LEAST = Measure("time_at_least", text("Time by energy and power alone"), "min")
MEAN_POWER = Measure("mean_power", text("Mean power at the station"), "kW")
PLUG_ENERGY = Measure("plug_energy", text("Energy given by the station"), "kWh")
BOUND = {
    "station": Measure("bound_by_station", text("Time for which the station holds it"), "min", 0.0),
    "charger": Measure("bound_by_charger", text("Time for which the charger holds it"), "min", 0.0),
    "battery": Measure("bound_by_battery", text("Time for which the battery holds it"), "min", 0.0),
}
_GENERIC_PER_HOUR = 1.5
"""Power of a battery over its energy an hour where nobody declares `charge_power_peak`, as a joined vehicle takes it."""
_ANY_CURRENT_A = 1e5
"""Of a station power and voltage are stated; cables and inlet of the vehicle hold its current."""
_AT_LIMIT = 1.0 - 1e-6
_POINTS = 4001
"""Charges at which the battery's curve is read; its own points are read besides."""


def power_limits(sheets: Mapping[str, Datasheet], station_W: float | None = None) -> list[Limit]:
    """Every limit of power of a charge by direct current, the lowest first."""
    found = _outside(sheets, station_W)
    if "battery" in sheets:
        found.append(limit_of_battery(sheets["battery"]))
    return sorted(found, key=lambda one: one.value_si)


def _outside(sheets: Mapping[str, Datasheet], station_W: float | None) -> list[Limit]:
    """Limits that lie between the station and the battery's own curve."""
    plugged = connection_of(sheets)
    found = [] if plugged is None else plugged.powers
    charger = sheets.get("charger")
    direct = None if charger is None else charger.model.parameters.get("direct_power_maximum")
    if charger is not None and direct is not None:
        found.append(limit_of_part("charger", "direct_power_maximum", direct.value_si, charger))
    if station_W is not None:
        found.append(Limit("station", station_W, text("the station: {power:g} kW as stated", power=station_W / 1e3)))
    return sorted(found, key=lambda one: one.value_si)


def limit_of_battery(battery: Datasheet) -> Limit:
    """The most that a battery takes: of its curve, of its declared peak, or the generic one."""
    table, peak = tables_of(battery).get("charging_power"), battery.declared.get("charge_power_peak")
    if table is not None:
        return limit_of_part("battery", "charging_power", max(table.rows_si[0]), battery)
    if peak is not None:
        return limit_of_part("battery", "charge_power_peak", peak.value_si, battery)
    usual_W = _GENERIC_PER_HOUR * battery.declared["energy_usable"].value_si / 3600.0
    said = text(
        "{part}: {power:g} kW, generic, for it declares no {name}",
        part=battery.reference,
        name=number_title("charge_power_peak"),
        power=usual_W / 1e3,
    )
    return Limit("battery", usual_W, said)


def voltage_limits(sheets: Mapping[str, Datasheet], station_V: float | None = None) -> list[Limit]:
    """Every highest voltage of a charge by direct current, the lowest first."""
    plugged = connection_of(sheets)
    found = [] if plugged is None else plugged.highest
    if station_V is not None:
        found.append(Limit("station", station_V, text("the station: up to {voltage:g} V as stated", voltage=station_V)))
    return sorted(found, key=lambda one: one.value_si)


def energy_back_J(sheets: Mapping[str, Datasheet], given: Given) -> float | None:
    """Energy that is put back at least: what can be used, aged, from the charge at the start on."""
    if "battery" not in sheets:
        return None
    whole_J = sheets["battery"].declared["energy_usable"].value_si
    return whole_J * given.state_of_health_fraction * (1.0 - (given.state_of_charge or 0.0))


def least_time_s(sheets: Mapping[str, Datasheet], given: Given, energy_J: float, most_W: float) -> float:
    """The least time for an energy at a highest power and the battery's declared curve, energy spread evenly over the charge.

    t = E / (1 - SOC_0) int dz / min(P, P_curve(z)), from SOC_0 to 1;   P_curve not below a hundredth of P, which keeps t a bound
    """
    table = tables_of(sheets["battery"]).get("charging_power")
    begin = given.state_of_charge or 0.0
    if table is None or begin >= 1.0:
        return energy_J / most_W
    at = np.asarray(table.axes[0].values_si)
    inside = at[(at > begin) & (at < 1.0)]
    charge = np.union1d(np.linspace(begin, 1.0, _POINTS), inside)
    power_W = np.clip(np.interp(charge, at, table.rows_si[0]), 0.01 * most_W, most_W)
    if power_W.min() == most_W:
        return energy_J / most_W
    return energy_J / (1.0 - begin) * float(np.trapezoid(1.0 / power_W, charge))


def full_charge(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """To 100 % of the displayed charge, from empty or the charge that is given, at a station of the stated power and voltage.

    t >= E / (1 - SOC_0) int dz / min(P_i, P_curve(z)),   E = E_usable SOH (1 - SOC_0)
    """
    sheets, usual = subject.sheets, Station()
    if apart := not_connected(sheets):
        note.miss_all(apart)
        return
    station_W = given.station_power_W or float(usual.power_max_W)
    limits, energy_J = power_limits(sheets, station_W), energy_back_J(sheets, given)
    for one in limits:
        note.line(one.said, one.value_si, "kW", "P")
    if energy_J is None:
        note.miss(LEAST, text("no datasheet states the energy of the battery"))
    else:
        note.line(text("energy to put back"), energy_J, "kWh", "E")
        least_s = least_time_s(sheets, given, energy_J, limits[0].value_si)
        note.result(LEAST, note.line(text("time by energy and power alone"), least_s, "min", "t"))
    note.section()
    powers = _outside(sheets, station_W)
    voltages = voltage_limits(sheets, given.station_voltage_V or float(usual.voltage_max_V))
    note.line(voltages[0].said, voltages[0].value_si, "V", "U")
    plugged = connection_of(sheets)
    begins = [] if plugged is None else plugged.lowest
    for one in begins[:1]:
        note.line(one.said, one.value_si, "V", "U")
    station = Station(
        power_max_W=powers[0].value_si,
        current_max_A=_ANY_CURRENT_A,
        voltage_min_V=begins[0].value_si if begins else usual.voltage_min_V,
        voltage_max_V=voltages[0].value_si,
    )
    ambient_K = given.over(ChargingMission(station, ambient_temperature_K=LABORATORY_K)).ambient_temperature_K
    warm_K = max(WARM_K, ambient_K) if given.start == "preconditioned" else ambient_K
    mission = ChargingMission(station, given.state_of_charge or 0.0, 1.0, ambient_K, warm_K)
    note.line(text("ambient"), ambient_K, "degC", "T_a")
    note.line(text("battery at the start"), warm_K, "degC", "T_b")
    (session,) = yield from ask_charging(subject.vehicle, [mission])
    if session.outcome.completed:
        _note(note, session, powers[0], voltages[0])
    else:
        why = why_not(session.outcome)
        held = session.outcome.limit == "post's current or voltage"
        for measure in (TIME, MEAN_POWER, PLUG_ENERGY, *BOUND.values()):
            note.miss(measure, joined((why, *(one.said for one in (*begins[:1], voltages[0])))) if held else why)


def _note(note: Recorder, session: ChargingSession, power: Limit, voltage: Limit) -> None:
    note.result(TIME, note.line(text("time to full"), session.time_s, "min", "t"))
    note.result(MEAN_POWER, note.line(text("mean power at the station"), session.mean_power_W, "kW", "P"))
    note.result(PLUG_ENERGY, note.line(text("energy given by the station"), session.plug_energy_J, "kWh", "E"))
    owners = {
        "charging curve": "battery",
        "post's power": power.part,
        "post's current or voltage": voltage.part,
        "inlet": "charger",
        "charger": "charger",
        "battery": "battery",
    }
    steps_s = np.diff(session["time_s"], prepend=0.0)
    full = session["mains_power_W"] >= _AT_LIMIT * power.value_si
    bound = dict.fromkeys(BOUND, 0.0)
    for number, limit in enumerate(LIMITS):
        here = session["limit"] == number
        # What the station or the charger gives is given whole, though the curve of the charge may end there too.
        at_power = here & full if limit == "charging curve" else np.zeros_like(here)
        bound[owners[limit]] += float(np.sum(steps_s[here & ~at_power]))
        bound[power.part] += float(np.sum(steps_s[at_power]))
    for part, measure in BOUND.items():
        note.result(measure, note.line(measure.title, bound[part], "min", "t"))
    note.curve(power_curve(session))


def power_needed(energy_J: float, time_s: float) -> Phrase:
    """The mean power at the battery that an energy asks for in a time."""
    return text(
        "{energy:g} kWh in {minutes:g} min ask for {power:.0f} kW at the battery, losses not counted",
        energy=energy_J / 3.6e6,
        minutes=time_s / 60.0,
        power=energy_J / time_s / 1e3,
    )


def falling_said(
    sheets: Mapping[str, Datasheet], given: Given, energy_J: float, most_W: float, bound_s: float
) -> Phrase:
    """That the battery's curve makes a charge longer than a bound, and than energy and power alone do; empty where it does not."""
    least_s = least_time_s(sheets, given, energy_J, most_W)
    if least_s <= max(bound_s, 1.001 * energy_J / most_W):
        return Words()
    return text(
        "{part}: charging_power falls as it fills, and with it {minutes:.1f} min are the least",
        part=sheets["battery"].reference,
        minutes=least_s / 60.0,
    )


def held_by(sheets: Mapping[str, Datasheet], given: Given, record: Record, measure: str, bound_si: float) -> Phrase:
    """What a bound on the time asks for, which limits are below that and whose they are, and the least time that they leave."""
    energy_J = energy_back_J(sheets, given)
    if measure not in {TIME.id, LEAST.id} or energy_J is None or bound_si <= 0.0:
        return joined(())
    needed_W, limits = energy_J / bound_si, power_limits(sheets, given.station_power_W)
    asked = power_needed(energy_J, bound_si)
    below = [one for one in limits if one.value_si < needed_W]
    falling = falling_said(sheets, given, energy_J, limits[0].value_si, bound_si)
    if below:
        least = text(
            "at {power:g} kW it takes at least {minutes:.1f} min",
            power=below[0].value_si / 1e3,
            minutes=energy_J / below[0].value_si / 60.0,
        )
        return joined((asked, *(one.said for one in below), least, falling))
    if falling:
        return joined((asked, falling))
    times = {part: record.measures[one.id] for part, one in BOUND.items() if one.id in record.measures}
    if not times:
        return asked
    part = max(times, key=lambda one: times[one])
    # The lowest power may be that of several.
    lowest = _outside(sheets, given.station_power_W)
    same = {one.part for one in lowest if one.value_si == lowest[0].value_si}
    parts = sorted({part, *same}) if part in same else [part]
    whose = ", ".join(sheets[one].reference if one in sheets else one for one in parts)
    longest = text(
        "every limit allows that; for {minutes:.0f} min the charge is held by {part}",
        minutes=times[part] / 60.0,
        part=whose,
    )
    return joined((asked, longest))


_ALL = ("M1", "N1", "M2", "M3", "N2", "N3")
PROCEDURES = (
    Procedure(
        id="full-charge",
        title=text("Full charge at a stated station"),
        regulation="customer; ISO 12906 in preparation",
        measures=(TIME, LEAST, MEAN_POWER, PLUG_ENERGY, *BOUND.values()),
        compared=(TIME.id, MEAN_POWER.id, PLUG_ENERGY.id),
        recipe=full_charge,
        conditions=(
            "ambient_temperature_K",
            "state_of_health_fraction",
            "state_of_charge",
            "start",
            "station_power_W",
            "station_voltage_V",
        ),
        needed={"station_power_W": (_ALL, 'name the power of the station, such as station_power = "150 kW"')},
        reads_terms=True,
        held_by=held_by,
    ),
)
