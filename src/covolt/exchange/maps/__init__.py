"""Maps of drive units as others have them: tables, FMUs with structured variables, bench logs; all become losses over a grid."""

from covolt.exchange.maps.bench import grid_of_log
from covolt.exchange.maps.doubts import doubts
from covolt.exchange.maps.grid import LossGrid, OwnUnits
from covolt.exchange.maps.reading import read_map

__all__ = ["LossGrid", "OwnUnits", "doubts", "grid_of_log", "read_map"]
