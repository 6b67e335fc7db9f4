"""Models of the body: by drag area, or by the coast-down of a whole vehicle."""

from __future__ import annotations

from covolt.contract.road_load import GTR_15_DENSITY_kg_per_m3
from covolt.library.curves import coast_down_problems
from covolt.library.joint import Joint, SheetNumbers
from covolt.library.model_kind import ModelKind
from covolt.vehicle.body import CoastDownBody, DragBody

__all__ = ["KINDS"]


def _rotating_kg(joint: Joint) -> float:
    """Inertia of wheels and rotors as a mass at the wheels."""
    generic, radius_m = joint.generic, joint.part["tyre"]["rolling_radius"]
    rotating_kg = generic.wheel_mass_ratio * joint.mass_kg
    for unit, gearbox in ((drive.unit, drive.gearbox) for drive in joint.drives):
        inertia = unit.get("inertia", generic.rotor_inertia_per_torque_kg_m2_per_Nm * unit["torque_peak"])
        rotating_kg += inertia * (gearbox["ratio"] / radius_m) ** 2
    return rotating_kg


def _by_coast_down(body: SheetNumbers, joint: Joint) -> CoastDownBody:
    return CoastDownBody(
        mass_kg=joint.mass_kg,
        rotating_mass_kg=_rotating_kg(joint),
        constant_N=body["coast_down_constant"],
        linear_N_s_per_m=body["coast_down_linear"],
        quadratic_N_s2_per_m2=body["coast_down_quadratic"],
        tyre_fraction=joint.generic.tyre_fraction,
        reference_density_kg_per_m3=body.get("reference_density", GTR_15_DENSITY_kg_per_m3),
        rotating_on_rollers_fraction=1.0,
    )


def _by_drag(body: SheetNumbers, joint: Joint) -> DragBody:
    return DragBody(
        mass_kg=joint.mass_kg,
        rotating_mass_kg=_rotating_kg(joint),
        drag_area_m2=body["drag_coefficient"] * body["frontal_area"],
        bearing_coefficient=joint.generic.bearing_coefficient_of(joint.mass_kg),
        reference_density_kg_per_m3=body.get("reference_density", GTR_15_DENSITY_kg_per_m3),
    )


KINDS = (
    ModelKind(
        "body",
        "drag-area",
        {"reference_density": "kg/m3"},
        _by_drag,
        needs=("drag_coefficient", "frontal_area"),
    ),
    ModelKind(
        "body",
        "coast-down",
        {"reference_density": "kg/m3"},
        _by_coast_down,
        needs=("coast_down_constant", "coast_down_linear", "coast_down_quadratic"),
        problems=coast_down_problems,
    ),
)
