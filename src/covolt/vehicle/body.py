"""The body: what is moved, and what resists its motion.

A body is given either by a coast-down (A/B/C of the EPA or f0/f1/f2 of UN R154: every resistance of the rolling vehicle, with
its freely turning driveline) or by drag area and tyres. One is never turned into the other, and a negative linear term, which
is normal in fitted coast-downs, is kept.
"""

from __future__ import annotations

import abc
from typing import NamedTuple, final

import equinox as eqx

from covolt.vehicle.ambient import Ambient, REFERENCE_DENSITY_kg_per_m3
from covolt.vehicle.part import AbstractPart, GRAVITY_m_per_s2, Scalar
from covolt.vehicle.tyre import Tyre


class Resistance(NamedTuple):
    """Resisting force F = rolling (1 + w (c(T) - 1)) + constant + linear v + quadratic v^2, in one weather and with one load.

    w is 1 on the road, where rolling follows the tyres' temperature by c(T), and 0 on rollers that impose it.
    """

    mass_kg: Scalar
    equivalent_mass_kg: Scalar
    rolling_N: Scalar
    tyre_warmth_fraction: Scalar
    constant_N: Scalar
    linear_N_s_per_m: Scalar
    quadratic_N_s2_per_m2: Scalar


class AbstractBody(AbstractPart):
    """Whatever is moved by tractive force."""

    mass_kg: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload.

        `dynamometer` is 0 on the road and 1 on a chassis dynamometer, whose rollers impose the resistance of the reference
        weather whatever the air and the tyres do.
        """


def _density_ratio(ambient: Ambient, dynamometer: Scalar) -> Scalar:
    """Air density over the reference; 1 where a dynamometer imposes the resistance."""
    return dynamometer + (1.0 - dynamometer) * (ambient.density_kg_per_m3 / REFERENCE_DENSITY_kg_per_m3)


def _with_wind(ambient: Ambient, linear_N_s_per_m: Scalar, quadratic_N_s2_per_m2: Scalar) -> tuple[Scalar, Scalar]:
    """Constant and linear parts that a head wind w adds: f2 (v + w)^2 = f2 w^2 + 2 f2 w v + f2 v^2, for v + w > 0."""
    w, f2 = ambient.wind_m_per_s, quadratic_N_s2_per_m2
    return f2 * w * w, linear_N_s_per_m + 2.0 * f2 * w


@final
class CoastDownBody(AbstractBody):
    """A body known by its coast-down, F = f0 + f1 v + f2 v^2 at the reference weather.

    In another weather or with another load
        f0 -> f0 [s c(T_tyre) m/m_ref + 1 - s]      s: share of f0 that is rolling resistance of the tyres
        f1 -> f1
        f2 -> f2 rho/rho_ref
    The reference is the coast-down's: 20 degC, 101.325 kPa, warm tyres, test mass. Coast-downs contain the drag of the freely
    turning gears, bearings and rotor: parts of such a car must not count it again.

    Source: UN R154 Annex B4 correction to reference conditions; 40 CFR 1066 subpart D. Validity: 0 to 150 km/h.
    """

    mass_kg: Scalar
    rotating_mass_kg: Scalar
    constant_N: Scalar
    linear_N_s_per_m: Scalar
    quadratic_N_s2_per_m2: Scalar
    tyre_fraction: Scalar

    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload."""
        f2 = self.quadratic_N_s2_per_m2 * _density_ratio(ambient, dynamometer)
        wind_N, f1 = _with_wind(ambient, self.linear_N_s_per_m, f2)
        m = self.mass_kg + payload_kg
        tyres_N = self.constant_N * self.tyre_fraction * (m / self.mass_kg)
        return Resistance(
            mass_kg=m,
            equivalent_mass_kg=m + self.rotating_mass_kg,
            rolling_N=tyres_N,
            tyre_warmth_fraction=1.0 - dynamometer,
            constant_N=self.constant_N * (1.0 - self.tyre_fraction) + wind_N,
            linear_N_s_per_m=f1,
            quadratic_N_s2_per_m2=f2,
        )


@final
class DragBody(AbstractBody):
    """A body known by its drag area and its tyres, F = m g (c_rr(T, v) + c_b) + 1/2 rho c_d A (v + w)^2.

    c_b is the drag of wheel bearings and of brake pads that touch, over the weight.
    Source: textbook road load; rho from the ideal gas law. Validity: straight driving, wind along the road.
    """

    mass_kg: Scalar
    rotating_mass_kg: Scalar
    drag_area_m2: Scalar
    bearing_coefficient: Scalar

    def at(self, ambient: Ambient, payload_kg: Scalar, tyre: Tyre, dynamometer: Scalar = 0.0) -> Resistance:
        """The resistance polynomial in this weather and with this payload."""
        m = self.mass_kg + payload_kg
        air = 0.5 * REFERENCE_DENSITY_kg_per_m3 * _density_ratio(ambient, dynamometer) * self.drag_area_m2
        wind_N, f1 = _with_wind(ambient, 0.0, air)
        weight_N = m * GRAVITY_m_per_s2
        tyres_N = weight_N * tyre.rolling_coefficient
        return Resistance(
            mass_kg=m,
            equivalent_mass_kg=m + self.rotating_mass_kg,
            rolling_N=tyres_N,
            tyre_warmth_fraction=1.0 - dynamometer,
            constant_N=wind_N + weight_N * self.bearing_coefficient,
            linear_N_s_per_m=f1,
            quadratic_N_s2_per_m2=air + weight_N * tyre.rolling_speed_coefficient_s2_per_m2,
        )
