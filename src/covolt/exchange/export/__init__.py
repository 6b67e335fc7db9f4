"""Parts of covolt's own given away: machine code behind the functions of the FMI, without covolt and without sources."""

from covolt.exchange.export.fmu import About, fmu_of
from covolt.exchange.export.parts import SLOTS, Given, ported_part
from covolt.exchange.export.platforms import PLATFORMS, Version, own_platform

__all__ = ["PLATFORMS", "SLOTS", "About", "Given", "Version", "fmu_of", "own_platform", "ported_part"]
