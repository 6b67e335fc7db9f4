"""The architecture of a vehicle: its slots, and what couples them, by the ports of their interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from covolt.contract.interface import Interface
from covolt.contract.standard import standard_interface
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.workspace.parts import contract_state
from covolt.workspace.parts_shown import ArchitectureShown, ContractState, LinkRow, NodeRow

__all__ = ["COUPLINGS", "architecture"]

COUPLINGS = (
    ("battery", "dc", "drive_unit", "dc"),
    ("battery", "dc", "second_drive_unit", "dc"),
    ("battery", "dc", "charger", "dc"),
    ("battery", "dc", "cabin", "dc"),
    ("battery", "dc", "auxiliary", "dc"),
    ("drive_unit", "shaft", "gearbox", "motor_side"),
    ("second_drive_unit", "shaft", "second_gearbox", "motor_side"),
    ("gearbox", "wheel_side", "tyre", "speed"),
    ("second_gearbox", "wheel_side", "tyre", "speed"),
    ("brake", "friction_force", "tyre", "speed"),
    ("tyre", "rolling_resistance", "body", "tractive_force"),
)
"""What the vehicle couples (`vehicle/assembly.py`): a slot and its connector or port, and the other slot and its own."""
WORST: tuple[ContractState, ...] = ("broken", "empty", "hidden", "kept")


def architecture(programme: Programme) -> ArchitectureShown:
    """The slots of a programme and what couples them, as its reader sees them."""
    nodes = tuple(_node(programme, slot) for slot in programme.slots)
    return ArchitectureShown(nodes, tuple(_links(programme, {one.slot: one.state for one in nodes})))


def _node(programme: Programme, slot: str) -> NodeRow:
    place, sheet = programme.slots[slot], locked_sheet(programme, slot)
    contract = programme.contracts.get(place.contract)
    return NodeRow(
        slot,
        place.title.words,
        place.owner,
        "" if sheet is None else sheet.reference,
        "" if contract is None else contract.reference,
        "" if contract is None else contract.demanded.reference,
        contract_state(programme, slot),
    )


def _links(programme: Programme, states: dict[str, ContractState]) -> Iterator[LinkRow]:
    by_vehicle = {
        programme.vehicle_slot(one): name
        for name, one in programme.slots.items()
        if one.contract in programme.contracts
    }
    for one, port, other, its_port in COUPLINGS:
        if one in by_vehicle and other in by_vehicle:
            ends = by_vehicle[one], by_vehicle[other]
            worst: ContractState = WORST[min(WORST.index(states[end]) for end in ends)]
            yield LinkRow(*ends, (port, its_port), quantities(one.removeprefix("second_"), port), worst)


def quantities(interface: str, port: str) -> tuple[str, ...]:
    """What flows at a connector or a port of an interface."""
    found: Interface = standard_interface(interface)
    for one in found.connectors:
        if one.name == port:
            return one.potential.quantity, one.flow.quantity
    return tuple(one.quantity for one in found.ports if one.name == port)
