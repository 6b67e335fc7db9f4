"""A kind of model: what of a datasheet it reads, what it makes of it, and how far it was compared with measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.joint import Joint, SheetNumbers

__all__ = ["ModelKind", "TableKind"]


@dataclass(frozen=True)
class TableKind:
    """A table that a model reads: SI unit of its values, and name and SI unit of its axes in their order."""

    si_unit: str
    axes: Mapping[str, str]
    needed: bool = False


def _no_table() -> dict[str, TableKind]:
    return {}


@dataclass(frozen=True)
class ModelKind:
    """A model for one interface, and how it makes the part: the parameters (name to SI unit) and tables that it may be given."""

    interface: str
    kind: str
    parameters: Mapping[str, str]
    make: Callable[[SheetNumbers, Joint], Any]
    """The part, or what the assembler takes for one, from the numbers of its datasheet and from what it is joined with."""
    tables: Mapping[str, TableKind] = field(default_factory=_no_table)
    needs: tuple[str, ...] = ()
    """Declared numbers that the interface leaves open and this model cannot do without."""
    needed_parameters: tuple[str, ...] = ()
    problems: Callable[[Datasheet], list[Problem]] | None = None
    """What else may be wrong with a datasheet in which nothing of the above is."""
    validation_level: int = 1
    """As its page in docs/models says: 0 parameterised, 1 energy per cycle, 2 time resolved, 3 thermal."""
    foreign: bool = False
    """Whether the part itself is asked, over a door, and this model stands for what it declares alone."""
