"""What is agreed: ports, interfaces, datasheets, offers and how they compare. Imports no numerics."""

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
