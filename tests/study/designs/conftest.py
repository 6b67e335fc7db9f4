"""Design spaces of the shipped city car, and a copy of it that a test may change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from covolt.programme.agreement import contract_differences
from covolt.programme.documents import Programme
from covolt.study.designs.space import DesignSpace

NUMBER = """schema = "design-space/1"
id = "{id}"
party = "battery-works"
slot = "battery"
title = "Made up for a test"
"""


@pytest.fixture(scope="session")
def space(programme: Programme) -> DesignSpace:
    return DesignSpace.of(programme.seen_by(None))


def put(root: Path, text: str, name: str = "X", party: str = "battery-works") -> Path:
    """A file of what a party lets move, alone with those that are put so."""
    for shipped in root.glob("*/designs/*.toml"):
        if shipped.stem not in {"X", "Y", "Z"}:
            shipped.unlink()
    path = root / party / "designs" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(NUMBER.format(id=name).replace("battery-works", party) + text, encoding="utf-8")
    return path


def left_by_contracts(programme: Programme, space: DesignSpace, values: np.ndarray) -> set[tuple[str, str]]:
    """Slots and numbers whose limits a design leaves, by the contracts and its datasheets."""
    sheets = space.sheets(values)
    return {
        (slot, one.path.removeprefix("declared."))
        for slot, name in space.slots.items()
        if name in sheets
        for one in contract_differences(sheets[name], programme.contracts[programme.slots[slot].contract])
    }
