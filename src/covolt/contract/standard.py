"""The vehicle's own interfaces: what each slot of an electric vehicle demands of the part that fills it.

Ranges are those of road vehicles from a quadricycle to an articulated bus; a programme narrows them in its contracts.
A flow is positive into the part that owns the port.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from covolt.contract.architecture import INTERFACES
from covolt.contract.interface import Interface, Parameter, Promise
from covolt.contract.port import Connector, Direction, Port, Quantity
from covolt.errors import NotFound, Problem
from covolt.suggestion import meant
from covolt.words import text

__all__ = ["standard_interface", "standard_interfaces"]

Bound = Quantity | None


def _port(
    name: str,
    quantity: str,
    unit: str,
    direction: Direction,
    minimum: Bound = None,
    maximum: Bound = None,
    meaning: str = "",
) -> Port:
    return Port(
        name=name, quantity=quantity, unit=unit, direction=direction, minimum=minimum, maximum=maximum, meaning=meaning
    )


def _needs(
    name: str, quantity: str, unit: str, minimum: Bound = None, maximum: Bound = None, meaning: str = ""
) -> Parameter:
    return Parameter(
        name=name, quantity=quantity, unit=unit, required=True, minimum=minimum, maximum=maximum, meaning=meaning
    )


def _may(
    name: str, quantity: str, unit: str, minimum: Bound = None, maximum: Bound = None, meaning: str = ""
) -> Parameter:
    return Parameter(name=name, quantity=quantity, unit=unit, minimum=minimum, maximum=maximum, meaning=meaning)


_ENERGY_CLOSES = Promise(
    name="energy_closes", sentence="what enters equals what leaves, is lost and is stored, to 1e-6 of the larger"
)
_DETERMINISTIC = Promise(name="deterministic", sentence="the same state and inputs give the same outputs")
_FINITE = Promise(name="finite", sentence="within the declared ranges every output is a finite number")
_ALWAYS = (_ENERGY_CLOSES, _DETERMINISTIC, _FINITE)
_MASS = _needs("mass", "mass", "kg", "0 kg", "20 t")
_SPEED = _port("speed", "speed", "m/s", "in", "0 km/h", "250 km/h")
_AMBIENT = _port("ambient_temperature", "temperature", "K", "in", "-40 degC", "45 degC")


def _direct_current(voltage: Direction, meaning: str, *, highest: str = "1500 V") -> Connector:
    current: Direction = "in" if voltage == "out" else "out"
    return Connector(
        name="dc",
        potential=_port("voltage", "voltage", "V", voltage, "0 V", highest),
        flow=_port("current", "current", "A", current),
        meaning=meaning,
    )


def _shaft(name: str, speed: Direction, meaning: str) -> Connector:
    torque: Direction = "in" if speed == "out" else "out"
    return Connector(
        name=name,
        potential=_port("speed", "angular speed", "rad/s", speed),
        flow=_port("torque", "torque", "Nm", torque),
        meaning=meaning,
    )


def _battery() -> Interface:
    return Interface(
        name="battery",
        version=1,
        meaning="stores the energy of the vehicle behind one direct-current connector",
        connectors=(_direct_current("out", "positive current charges"),),
        ports=(
            _port("coolant_temperature", "temperature", "K", "in", "-40 degC", "70 degC"),
            _port("heating", "heat flow", "W", "in", meaning="heat brought in from outside; negative cools"),
            _port("state_of_charge", "state of charge", "1", "out", 0.0, 1.0),
            _port("temperature", "temperature", "K", "out", "-60 degC", "120 degC"),
            _port("discharge_power_limit", "power", "W", "out", "0 W", meaning="that can be drawn over the next step"),
            _port("charge_power_limit", "power", "W", "out", "0 W", meaning="that can be taken over the next step"),
        ),
        parameters=(
            _MASS,
            _needs(
                "energy_usable",
                "energy",
                "J",
                "0.1 kWh",
                "2 MWh",
                "between the limits of state of charge, at C/3, 25 degC",
            ),
            _may("energy_nominal", "energy", "J", "0.1 kWh", "2 MWh"),
            _needs("voltage_nominal", "voltage", "V", "12 V", "1500 V"),
            _may("voltage_minimum", "voltage", "V", "1 V", "1500 V"),
            _may("voltage_maximum", "voltage", "V", "1 V", "1500 V"),
            _needs("discharge_power_peak", "power", "W", "0 W", "5 MW", "over 10 s at half charge, 25 degC"),
            _may("charge_power_peak", "power", "W", "0 W", "5 MW"),
            _may("resistance", "resistance", "Ohm", "0 Ohm", "10 Ohm", "of the pack over 10 s at half charge, 25 degC"),
            _may("capacity", "charge", "C", "0.1 Ah", "10000 Ah"),
            _may("heat_capacity", "heat capacity", "J/K", "0 J/K"),
            _may("cells_in_series", "count", "1", 1, 2000),
            _may("cells_in_parallel", "count", "1", 1, 10000),
        ),
        promises=_ALWAYS,
    )


def _drive_unit() -> Interface:
    return Interface(
        name="drive_unit",
        version=1,
        meaning="motor with inverter: turns direct current into torque and back",
        connectors=(
            _direct_current("in", "positive current drives, negative recuperates"),
            _shaft("shaft", "in", "positive torque brakes the unit: it is positive into the part"),
        ),
        ports=(
            _port("torque_request", "torque", "Nm", "in"),
            _port("coolant_temperature", "temperature", "K", "in", "-40 degC", "90 degC"),
            _port("drive_torque_limit", "torque", "Nm", "out", "0 Nm"),
            _port("brake_torque_limit", "torque", "Nm", "out", "0 Nm"),
            _port("winding_temperature", "temperature", "K", "out", "-60 degC", "250 degC"),
            _port("loss", "heat flow", "W", "out", "0 W"),
        ),
        parameters=(
            _MASS,
            _needs("torque_peak", "torque", "Nm", "0.1 Nm", "30 kNm"),
            _needs("power_peak", "power", "W", "100 W", "2 MW"),
            _may("power_continuous", "power", "W", "100 W", "2 MW", "for 30 minutes, UN R85"),
            _needs("speed_maximum", "angular speed", "rad/s", "100 rpm", "40000 rpm"),
            _may("voltage_nominal", "voltage", "V", "12 V", "1500 V"),
            _may("efficiency_peak", "efficiency", "1", 0.3, 1.0),
            _may("inertia", "moment of inertia", "kg m2", "0 kg m2", "100 kg m2"),
        ),
        promises=_ALWAYS,
    )


def _gearbox() -> Interface:
    return Interface(
        name="gearbox",
        version=1,
        meaning="fits the speed of the drive unit to that of the wheels",
        connectors=(
            _shaft("motor_side", "out", "positive torque drives the gearbox"),
            _shaft("wheel_side", "in", "positive torque drives the gearbox, as in recuperation"),
        ),
        ports=(
            _port("oil_temperature", "temperature", "K", "out", "-60 degC", "200 degC"),
            _port("loss", "heat flow", "W", "out", "0 W"),
        ),
        parameters=(
            _MASS,
            _needs("ratio", "ratio", "1", 0.1, 100.0, "motor speed over wheel speed, lowest gear"),
            _may("ratio_highest_gear", "ratio", "1", 0.1, 100.0),
            _may("gears", "count", "1", 1, 16),
            _may("efficiency", "efficiency", "1", 0.5, 1.0, "at full load, oil warm"),
            _may("torque_maximum", "torque", "Nm", "0 Nm", "100 kNm"),
        ),
        promises=_ALWAYS,
    )


def _brake() -> Interface:
    return Interface(
        name="brake",
        version=1,
        meaning="slows the vehicle by friction and shares the request with recuperation",
        ports=(
            _SPEED,
            _port("force_request", "force", "N", "in", "0 N"),
            _port("recuperation_limit", "force", "N", "in", "0 N"),
            _port("friction_force", "force", "N", "out", "0 N"),
            _port("recuperation_force", "force", "N", "out", "0 N"),
        ),
        parameters=(
            _MASS,
            _needs("deceleration_maximum", "acceleration", "m/s2", "1 m/s2", "15 m/s2"),
            _may("recuperation_deceleration_maximum", "acceleration", "m/s2", "0 m/s2", "6 m/s2"),
            _may("recuperation_speed_minimum", "speed", "m/s", "0 km/h", "50 km/h"),
        ),
        promises=(_DETERMINISTIC, _FINITE),
    )


def _tyre() -> Interface:
    return Interface(
        name="tyre",
        version=1,
        meaning="carries one axle's load, resists rolling and limits the force on the road",
        ports=(
            _SPEED,
            _AMBIENT,
            _port("load", "force", "N", "in", "0 N", "200 kN"),
            _port("rolling_resistance", "force", "N", "out"),
            _port("grip_limit", "force", "N", "out", "0 N"),
        ),
        parameters=(
            _needs("rolling_resistance_coefficient", "ratio", "1", 0.001, 0.05, "ISO 28580"),
            _needs("rolling_radius", "length", "m", "0.1 m", "0.8 m"),
            _may("grip_coefficient", "ratio", "1", 0.05, 2.0),
            _may("pressure", "pressure", "Pa", "0.5 bar", "12 bar"),
            _may("mass", "mass", "kg", "0 kg", "300 kg"),
        ),
        promises=(_DETERMINISTIC, _FINITE),
    )


def _body() -> Interface:
    return Interface(
        name="body",
        version=1,
        meaning="what is moved, and what resists the motion besides the tyres",
        ports=(
            _SPEED,
            _AMBIENT,
            _port("tractive_force", "force", "N", "in"),
            _port("slope", "slope", "1", "in", -0.5, 0.5),
            _port("resistance", "force", "N", "out"),
        ),
        parameters=(
            _MASS,
            _may("payload_maximum", "mass", "kg", "0 kg", "30 t"),
            _may("drag_coefficient", "ratio", "1", 0.05, 2.0),
            _may("frontal_area", "area", "m2", "0.2 m2", "15 m2"),
            _may("coast_down_constant", "force", "N", "-2 kN", "20 kN"),
            _may("coast_down_linear", "force per speed", "N s/m", "-500 N s/m", "2000 N s/m"),
            _may("coast_down_quadratic", "force per squared speed", "N s2/m2", "0 N s2/m2", "20 N s2/m2"),
            _may("wheelbase", "length", "m", "0.5 m", "15 m"),
            _may("front_load", "ratio", "1", 0.0, 1.0, "share of the standing weight on the front axle"),
        ),
        promises=_ALWAYS,
    )


def _cabin() -> Interface:
    return Interface(
        name="cabin",
        version=1,
        meaning="keeps people comfortable and draws the power for it",
        connectors=(_direct_current("in", "positive current is drawn for heating and cooling"),),
        ports=(
            _SPEED,
            _AMBIENT,
            _port("sun", "irradiance", "W/m2", "in", "0 W/m2", "1200 W/m2"),
            _port("temperature", "temperature", "K", "out", "-60 degC", "100 degC"),
        ),
        parameters=(
            _may("mass", "mass", "kg", "0 kg", "2 t"),
            _may("heating_power_maximum", "power", "W", "0 W", "100 kW"),
            _may("fuel_heater_power", "power", "W", "0 W", "100 kW"),
            _may("cooling_power_maximum", "power", "W", "0 W", "100 kW"),
            _may("heat_transfer", "thermal conductance", "W/K", "0 W/K", "5 kW/K"),
            _may("volume", "volume", "m3", "0.5 m3", "120 m3"),
        ),
        promises=_ALWAYS,
    )


def _auxiliary() -> Interface:
    return Interface(
        name="auxiliary",
        version=1,
        meaning="every other electric load, seen from the traction network",
        connectors=(_direct_current("in", "positive current is drawn"),),
        parameters=(
            _may("mass", "mass", "kg", "0 kg", "2 t"),
            _needs("power_driving", "power", "W", "0 W", "50 kW"),
            _may("power_standstill", "power", "W", "0 W", "50 kW"),
            _may("power_charging", "power", "W", "0 W", "50 kW"),
            _may("power_key_off", "power", "W", "0 W", "1 kW"),
        ),
        promises=_ALWAYS,
    )


def _charger() -> Interface:
    mains = Connector(
        name="mains",
        potential=_port("voltage", "voltage", "V", "in", "0 V", "1000 V", "effective value"),
        flow=_port("current", "current", "A", "out", "0 A", "1000 A", "effective value of the active part"),
        meaning="positive current is drawn from the mains",
    )
    return Interface(
        name="charger",
        version=1,
        meaning="brings energy from the mains or a station into the battery",
        connectors=(mains, _direct_current("in", "current is negative while charging: it leaves the part")),
        parameters=(
            _may("mass", "mass", "kg", "0 kg", "500 kg"),
            _needs("power_maximum", "power", "W", "0 W", "5 MW", "at the mains"),
            _needs("efficiency", "efficiency", "1", 0.5, 1.0, "from the mains to the battery, at full power"),
            _may("current_maximum", "current", "A", "0 A", "5 kA"),
        ),
        promises=_ALWAYS,
    )


def _driver() -> Interface:
    return Interface(
        name="driver",
        version=1,
        meaning="asks for the force that follows the wanted speed",
        ports=(
            _SPEED,
            _port("speed_target", "speed", "m/s", "in", "0 km/h", "250 km/h"),
            _port("force_request", "force", "N", "out"),
        ),
        parameters=(_may("preview_time", "time", "s", "0 s", "60 s"),),
        promises=(_DETERMINISTIC, _FINITE),
    )


@cache
def standard_interfaces() -> Mapping[str, Interface]:
    """The vehicle's own interfaces by reference, `battery@1`."""
    makers = (_battery, _drive_unit, _gearbox, _brake, _tyre, _body, _cabin, _auxiliary, _charger, _driver)
    return MappingProxyType({interface.reference: interface for interface in (make() for make in makers)})


@lru_cache(maxsize=256)
def standard_interface(reference: str) -> Interface:
    """One of the vehicle's own interfaces, by reference or by name alone for its latest version."""
    known = standard_interfaces()
    named = [interface for interface in known.values() if reference in {interface.reference, interface.name}]
    if not named:
        close = meant(reference if "@" in reference else f"{reference}@1", known)
        hint = (
            text("did you mean '{close}'?", close=close)
            if close
            else text("write one of: {known}", known=", ".join(known))
        )
        slot = INTERFACES.get(reference)
        if slot is not None:
            hint = text("write {slot}, the interface of that slot; the lock says in which slot a part is", slot=slot)
        raise NotFound(Problem(text("no interface '{reference}'", reference=reference), "interface", hint))
    return max(named, key=lambda interface: interface.version)
