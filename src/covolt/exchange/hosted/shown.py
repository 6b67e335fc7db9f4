"""What a party shows of its part: ports and parameters, no inner variable, no text beyond names, units and meanings of these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from covolt.exchange.component import Description
from covolt.exchange.hosted.messages import description_message

__all__ = ["SHOWN", "shown"]

SHOWN = frozenset({"input", "output", "parameter", "structural parameter", "calculated parameter"})


def shown(description: Description, *, serialises: bool) -> Any:
    """The description as it leaves the house; `serialises` where there is a folder for states."""
    variables = tuple(one for one in description.variables if one.causality in SHOWN)
    capabilities = replace(description.capabilities, serialises=serialises)
    return description_message(replace(description, variables=variables, capabilities=capabilities))
