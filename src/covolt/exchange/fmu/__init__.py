"""The room of functional mock-up units: what an FMU says of itself, and running it inside the sandbox's worker."""

from covolt.exchange.fmu.apart import opened_apart
from covolt.exchange.fmu.component import FmuComponent
from covolt.exchange.fmu.description import read_description, read_fmu
from covolt.exchange.fmu.documents import ModelDescription
from covolt.exchange.fmu.opening import form_of, open_in_worker, unpacked

__all__ = [
    "FmuComponent",
    "ModelDescription",
    "form_of",
    "open_in_worker",
    "opened_apart",
    "read_description",
    "read_fmu",
    "unpacked",
]
