"""The room of functional mock-up units: what an FMU says of itself, and running it inside the sandbox's worker."""

from covolt.exchange.fmu.description import read_description, read_fmu
from covolt.exchange.fmu.documents import ModelDescription

__all__ = ["ModelDescription", "read_description", "read_fmu"]
