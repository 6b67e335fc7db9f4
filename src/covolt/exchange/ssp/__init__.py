"""SSP 1 and 2: systems of several tools read, joined, run and written."""

from covolt.exchange.ssp.binding import problem_of
from covolt.exchange.ssp.conversion import Step
from covolt.exchange.ssp.flat import Flat, flattened
from covolt.exchange.ssp.models import Models
from covolt.exchange.ssp.reading import opened_ssp

__all__ = ["Flat", "Models", "Step", "flattened", "opened_ssp", "problem_of"]
