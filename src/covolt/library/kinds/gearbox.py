"""Models of the gearbox: one ratio, or gears that shift."""

from __future__ import annotations

from covolt.library.driveline import MOST_GEARS, gearbox_of, gears_problems
from covolt.library.joint import Joint, SheetNumbers
from covolt.library.model_kind import ModelKind
from covolt.vehicle.gearbox import AbstractGearbox, Lubrication
from covolt.vehicle.part import ZERO_CELSIUS_K

__all__ = ["KINDS"]


def _gearbox(gearbox: SheetNumbers, joint: Joint) -> AbstractGearbox:
    """The gears of the datasheet; of a coast-down their oil's share is in the road load already."""
    generic = joint.generic
    return gearbox_of(
        gearbox.sheet,
        gearbox.get("efficiency", generic.mesh_efficiency),
        Lubrication(
            drag_Nm=gearbox.get("drag_torque", generic.drag_gearbox_Nm),
            drag_per_speed_Nm_s=generic.drag_gearbox_per_speed_Nm_s,
            viscosity_coefficient_per_K=0.025,
            reference_temperature_K=ZERO_CELSIUS_K + 40.0,
            included_fraction=1.0 if joint.part["body"].sheet.model.kind == "coast-down" else 0.0,
            heat_capacity_J_per_K=15e3,
            conductance_W_per_K=10.0,
        ),
    )


KINDS = (
    ModelKind("gearbox", "fixed-ratio", {"drag_torque": "Nm"}, _gearbox),
    ModelKind(
        "gearbox",
        "shifting",
        {
            "upshift_speed": "rad/s",
            "downshift_speed": "rad/s",
            "shift_time": "s",
            "drag_torque": "Nm",
            **{f"ratio_{gear}": "1" for gear in range(2, MOST_GEARS)},
        },
        _gearbox,
        needs=("ratio", "ratio_highest_gear"),
        needed_parameters=("upshift_speed", "downshift_speed"),
        problems=gears_problems,
        validation_level=0,
    ),
)
