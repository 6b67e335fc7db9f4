"""What a part may offer so that many steps run without Python in between: the functions of its FMU, by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, final, runtime_checkable

from covolt.errors import ComponentFailed

__all__ = ["Call", "Functions", "OffersFunctions"]

Call = Literal["set", "step", "get"]


@final
@dataclass(frozen=True)
class Functions:
    """Addresses of functions of FMI co-simulation, and what they are called with; all live as long as the part is started.

    set, get  int f(handle, const uint32 references[], size_t count, double values[], size_t count)   FMI 2 takes the first four
    step      int f(handle, double time_s, double step_s, int, bool*, bool*, bool*, double*)            FMI 2 takes the first four
    """

    handle: int
    set_address: int
    set_references: int
    """Address of the references of the inputs in the order in which they were wired."""
    get_address: int
    get_references: int
    step_address: int
    tells_flag: bool
    """Whether the step tells by its three flags that it ended otherwise than asked (FMI 3)."""


@runtime_checkable
class OffersFunctions(Protocol):
    """A component in this process whose step is nothing but setting reals, one step, and getting reals."""

    def functions(self) -> Functions | None:
        """After its start; None where a step is more than that."""
        ...

    def refused(self, call: Call, status: int, time_s: float) -> ComponentFailed:
        """What it means that one of its functions gave this status at a time."""
        ...

    def caught_up(self, time_s: float) -> None:
        """Its functions brought it to this time."""
        ...
