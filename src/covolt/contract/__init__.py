"""What is agreed: ports, interfaces, datasheets, offers and how they compare. Imports no numerics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from covolt.contract.catalogue import Catalogue, read_folder
    from covolt.contract.compatibility import Difference, datasheet_differences, differences, offered_interface
    from covolt.contract.datasheet import Axis, Datasheet, Declared, Model, OfferedRange, Table
    from covolt.contract.document import dumps, loads
    from covolt.contract.interface import Interface, Parameter, Promise
    from covolt.contract.offer import AttachedFile, Offer, publish
    from covolt.contract.port import Connector, Port
    from covolt.contract.schemas import SCHEMAS, json_schema, read_document
    from covolt.contract.standard import standard_interface, standard_interfaces

__all__ = [
    "SCHEMAS",
    "AttachedFile",
    "Axis",
    "Catalogue",
    "Connector",
    "Datasheet",
    "Declared",
    "Difference",
    "Interface",
    "Model",
    "Offer",
    "OfferedRange",
    "Parameter",
    "Port",
    "Promise",
    "Table",
    "datasheet_differences",
    "differences",
    "dumps",
    "json_schema",
    "loads",
    "offered_interface",
    "publish",
    "read_document",
    "read_folder",
    "standard_interface",
    "standard_interfaces",
]

_ROOMS = {
    "catalogue": ("Catalogue", "read_folder"),
    "compatibility": ("Difference", "datasheet_differences", "differences", "offered_interface"),
    "datasheet": ("Axis", "Datasheet", "Declared", "Model", "OfferedRange", "Table"),
    "document": ("dumps", "loads"),
    "interface": ("Interface", "Parameter", "Promise"),
    "offer": ("AttachedFile", "Offer", "publish"),
    "port": ("Connector", "Port"),
    "schemas": ("SCHEMAS", "json_schema", "read_document"),
    "standard": ("standard_interface", "standard_interfaces"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    """A name of this room, imported when it is first asked for: a drive needs few of them and shall begin at once."""
    if name not in _ROOM_OF:
        message = f"module 'covolt.contract' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(import_module(f"covolt.contract.{_ROOM_OF[name]}"), name)
