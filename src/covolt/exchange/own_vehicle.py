"""The whole vehicle of covolt's own behind ports: given a target speed, a road and the weather, it answers its signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax
import jax.numpy as jnp

from covolt.exchange.component import Variable
from covolt.exchange.own_part import AbstractPorted, Scalars
from covolt.exchange.own_variables import answered, given, set_once, signal
from covolt.simulation.step import Request, step
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, PlacedVehicle, Soak, Vehicle, VehicleState
from covolt.vehicle.part import Scalar

__all__ = ["PortedVehicle"]

ROOM_K = 296.15
SEA_Pa = 101325.0


@final
class PortedVehicle(AbstractPorted):
    """A vehicle driven step by step as covolt drives it, by `simulation.step`; its outputs are the signals of that step.

    Weather may change from step to step. Its driver follows the target as far as limits allow, without preview.
    """

    vehicle: Vehicle

    def variables(self) -> tuple[Variable, ...]:
        return (
            set_once("state_of_charge_start", "1", 0.9, 0.0, 1.0, "charge over usable charge"),
            set_once("temperature_start", "K", ROOM_K, 213.15, 353.15, "of battery, cabin, drive and tyres"),
            set_once("speed_start", "m/s", 0.0, 0.0, 100.0, ""),
            set_once("payload", "kg", 0.0, -500.0, 60e3, "beyond the kerb mass"),
            set_once("pressure", "Pa", SEA_Pa, 30e3, 120e3, "of the air"),
            set_once("climate_on", "1", 0.0, 0.0, 1.0, "of the cabin: 0 is off, 1 is on"),
            set_once("lights_on", "1", 0.0, 0.0, 1.0, "0 is off, 1 is on"),
            set_once("on_dynamometer", "1", 0.0, 0.0, 1.0, "1 where rollers impose the road load"),
            given("target_speed", "m/s", 0.0, "to be reached at the end of the step"),
            given("slope", "1", 0.0, "rise over way; positive climbs"),
            given("ambient_temperature", "K", ROOM_K, ""),
            given("wind", "m/s", 0.0, "from ahead"),
            given("sun", "W/m2", 0.0, "on the cabin"),
            *(signal(name) if name != "target_speed_m_per_s" else _FOLLOWED for name in self._signals()),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        names = [one.name for one in self.variables() if one.causality == "input"]
        return {one.name: tuple(names) for one in self.variables() if one.causality == "output"}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[VehicleState, Scalars]:
        car, T = self._placed(values, inputs), values[1]
        state = jax.tree.map(jnp.asarray, car.start(Soak(values[0], T, T, T, values[2])))
        rest: dict[str, Scalar] = dict.fromkeys(self._signals(), jnp.zeros(()))
        rest |= {name: T for name in rest if name.endswith("_temperature_K")}
        rest |= dict.fromkeys(("speed_m_per_s", "mean_speed_m_per_s", "target_speed_m_per_s"), values[2])
        rest |= {"state_of_charge": values[0], "battery_voltage_V": state.voltage_V}
        return state, list(rest.values())

    def advance(
        self, state: VehicleState, values: Scalars, inputs: Scalars, dt_s: Scalar
    ) -> tuple[VehicleState, Scalars]:
        request = Request(target_m_per_s=inputs[0], slope_fraction=inputs[1])
        after, found = step(self._placed(values, inputs), state, request, dt_s)
        return after, [found[name] for name in self._signals()]

    def _placed(self, values: Scalars, inputs: Scalars) -> PlacedVehicle:
        comfort = Comfort(climate=values[5], lights=values[6])
        return self.vehicle.at(Ambient(inputs[2], values[4], inputs[3], inputs[4]), values[3], comfort, values[7])

    def _signals(self) -> list[str]:
        """Names of the signals of a step, in their order."""
        zero = jax.ShapeDtypeStruct((), float)

        def once(number: Any) -> dict[str, Any]:
            car = self.vehicle.at(Ambient(number), number, Comfort(), number)
            state = jax.tree.map(jnp.asarray, car.start(Soak(number, number, number, number)))
            return step(car, state, Request(number, slope_fraction=number), number)[1]

        return sorted(jax.eval_shape(once, zero))


_FOLLOWED = answered("followed_speed", "m/s", "the target of the step just made")
