"""The body: what is moved, and what resists its motion.

A body is given either by a coast-down (A/B/C of the EPA or f0/f1/f2 of UN R154: every resistance of the rolling vehicle, with
its freely turning driveline) or by drag area and tyres. One is never turned into the other, and a negative linear term, which
is normal in fitted coast-downs, is kept.
"""

from __future__ import annotations

import abc
from dataclasses import replace
from typing import NamedTuple, Self, final

import equinox as eqx

from covolt.contract.road_load import EPA_DENSITY_kg_per_m3, GTR_15_DENSITY_kg_per_m3
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.part import AbstractPart, GRAVITY_m_per_s2, Scalar
from covolt.vehicle.tyre import Tyre


class Resistance(NamedTuple):
    """Resisting force in one weather and with one load; the air's speed is that of vehicle and head wind together.

        F = rolling (1 + q (c(T) - 1)) + constant + linear v + quadratic (v + w) |v + w|

    q is 1 on the road, where rolling follows the tyres' temperature by c(T), and 0 on rollers that impose it.
    """

    mass_kg: Scalar
    equivalent_mass_kg: Scalar
    rolling_N: Scalar
    tyre_warmth_fraction: Scalar
    constant_N: Scalar
    linear_N_s_per_m: Scalar
    quadratic_N_s2_per_m2: Scalar
    wind_m_per_s: Scalar


class Rollers(NamedTuple):
    """A chassis dynamometer as a rule of testing sets it: for which air it imposes the road load, and how much of the rotating
    parts' inertia it simulates beside the test mass.
    """

    density_kg_per_m3: float
    rotating_fraction: float


EPA_ROLLERS = Rollers(EPA_DENSITY_kg_per_m3, 0.0)
"""40 CFR 1066.805: air of 20 degC and 98.21 kPa; the equivalent test weight is the whole inertia."""
GTR_15_ROLLERS = Rollers(GTR_15_DENSITY_kg_per_m3, 1.0)
"""UN GTR 15 and R154 Annex B4: air of 20 degC and 100 kPa; rotating parts come on top of the test mass."""


class AbstractBody(AbstractPart):
    """Whatever is moved by tractive force."""

    mass_kg: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload.

        `dynamometer` is 0 on the road and 1 on a chassis dynamometer, whose rollers impose the resistance of the reference
        weather whatever the air and the tyres do.
        """

    @abc.abstractmethod
    def on_rollers(self, rollers: Rollers) -> Self:
        """The same body, on the road no other, as the rollers of a rule of testing impose it.

        f2 -> f2 rho_rule / rho_ref: both rules refer to tyres at 20 degC, so that f0 and f1 stay.
        """


def _density_kg_per_m3(ambient: Ambient, dynamometer: Scalar, reference_density_kg_per_m3: Scalar) -> Scalar:
    """Density of the air; the reference where a dynamometer imposes the resistance."""
    here = ambient.density_kg_per_m3
    return here + dynamometer * (reference_density_kg_per_m3 - here)


@final
class CoastDownBody(AbstractBody):
    """A body known by its coast-down, F = f0 + f1 v + f2 v^2 at the reference weather.

    In another weather or with another load
        f0 -> f0 [s c(T_tyre) m/m_ref + 1 - s]      s: share of f0 that is rolling resistance of the tyres
        f1 -> f1
        f2 -> f2 rho/rho_ref
    The reference is the coast-down's: its air, 20 degC, warm tyres, test mass. Coast-downs contain the drag of the freely
    turning gears, bearings and rotor: parts of such a car must not count it again.

    On the road wheels and rotors turn with the mass; on rollers as far as these simulate it (`rotating_on_rollers_fraction`): the
    EPA's equivalent test weight is the whole inertia there (0), UN R154 adds the rotating parts to the test mass (1).

    Source: UN R154 Annex B4 correction to reference conditions; 40 CFR 1066 subpart D and 1066.805. Validity: 0 to 150 km/h.
    """

    mass_kg: Scalar
    rotating_mass_kg: Scalar
    constant_N: Scalar
    linear_N_s_per_m: Scalar
    quadratic_N_s2_per_m2: Scalar
    tyre_fraction: Scalar
    reference_density_kg_per_m3: Scalar
    rotating_on_rollers_fraction: Scalar

    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload."""
        reference = self.reference_density_kg_per_m3
        m = self.mass_kg + payload_kg
        turning = 1.0 + dynamometer * (self.rotating_on_rollers_fraction - 1.0)
        tyres_N = self.constant_N * self.tyre_fraction * (m / self.mass_kg)
        return Resistance(
            mass_kg=m,
            equivalent_mass_kg=m + turning * self.rotating_mass_kg,
            rolling_N=tyres_N,
            tyre_warmth_fraction=1.0 - dynamometer,
            constant_N=self.constant_N * (1.0 - self.tyre_fraction),
            linear_N_s_per_m=self.linear_N_s_per_m,
            quadratic_N_s2_per_m2=self.quadratic_N_s2_per_m2
            * (_density_kg_per_m3(ambient, dynamometer, reference) / reference),
            wind_m_per_s=ambient.wind_m_per_s * (1.0 - dynamometer),
        )

    def on_rollers(self, rollers: Rollers) -> Self:
        """The coast-down carried to the air of the rule."""
        return replace(
            self,
            quadratic_N_s2_per_m2=self.quadratic_N_s2_per_m2
            * (rollers.density_kg_per_m3 / self.reference_density_kg_per_m3),
            reference_density_kg_per_m3=rollers.density_kg_per_m3,
            rotating_on_rollers_fraction=rollers.rotating_fraction,
        )


@final
class DragBody(AbstractBody):
    """A body known by its drag area and its tyres, F = m g (c_rr(T) + c_b) + 1/2 rho c_d A (v + w) |v + w|.

    c_b is the drag of wheel bearings and of brake pads that touch, over the weight. Rollers impose the air of
    `reference_density_kg_per_m3`, and the inertia of what turns as far as `rotating_on_rollers_fraction` says.
    Source: textbook road load; rho from the ideal gas law. Validity: straight driving, wind along the road.
    """

    mass_kg: Scalar
    rotating_mass_kg: Scalar
    drag_area_m2: Scalar
    bearing_coefficient: Scalar
    reference_density_kg_per_m3: Scalar = GTR_15_DENSITY_kg_per_m3
    rotating_on_rollers_fraction: Scalar = 1.0

    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload."""
        m = self.mass_kg + payload_kg
        density = _density_kg_per_m3(ambient, dynamometer, self.reference_density_kg_per_m3)
        weight_N = m * GRAVITY_m_per_s2
        tyres_N = weight_N * tyre.rolling_coefficient
        turning = 1.0 + dynamometer * (self.rotating_on_rollers_fraction - 1.0)
        return Resistance(
            mass_kg=m,
            equivalent_mass_kg=m + turning * self.rotating_mass_kg,
            rolling_N=tyres_N,
            tyre_warmth_fraction=1.0 - dynamometer,
            constant_N=weight_N * self.bearing_coefficient,
            linear_N_s_per_m=0.0,
            quadratic_N_s2_per_m2=0.5 * density * self.drag_area_m2,
            wind_m_per_s=ambient.wind_m_per_s * (1.0 - dynamometer),
        )

    def on_rollers(self, rollers: Rollers) -> Self:
        """The same body in the air of the rule."""
        return replace(
            self,
            reference_density_kg_per_m3=rollers.density_kg_per_m3,
            rotating_on_rollers_fraction=rollers.rotating_fraction,
        )
