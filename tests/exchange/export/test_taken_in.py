"""A pack given away and taken in again: in the sandbox it gives the bits that it gives in process, and keeps its state there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from covolt.errors import Unavailable
from covolt.exchange.export import Version, fmu_of
from covolt.exchange.own_battery import PortedBattery
from tests.exchange.export.test_export import (
    ABOUT,
    INPUTS,
    OUTPUTS,
    VERSIONS,
    Instance,
    asked,
    battery,
    demand_compiler,
    inside,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
START = {"state_of_charge_start": 0.8}


def digest(rows: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows, "<f8").tobytes()).hexdigest()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_sandbox_gives_the_bits_of_the_process(version: str, tmp_path: Path) -> None:
    demand_compiler()
    from covolt.exchange.fmu import opened_apart

    path = tmp_path / "pack.fmu"
    path.write_bytes(fmu_of(PortedBattery(battery(), "power"), ABOUT, cast("Version", version)))
    given = asked(60)
    alone = Instance(path, version, tmp_path / "unpacked")
    alone.begin(**START)
    in_process = np.array([alone.step(float(n), row) for n, row in enumerate(given)])
    alone.end()
    try:
        with opened_apart(path) as apart:
            part = apart.component
            part.wire(INPUTS, OUTPUTS)
            begin = part.start(START, given[0])
            first = part.window(0.0, np.ones(30), given[:30])
            kept = part.save()
            as_bytes = part.serialise(kept)
            rest = np.array([part.step(30.0 + n, 1.0, row) for n, row in enumerate(given[30:])])
            part.restore(part.deserialise(as_bytes))
            again = part.window(30.0, np.ones(30), given[30:])
            described = part.description
    except Unavailable as error:
        pytest.skip(str(error))
    assert digest(np.vstack([first, rest])) == digest(in_process)
    assert digest(again) == digest(rest)
    np.testing.assert_allclose(np.vstack([begin, first, rest]), inside(given), rtol=1e-12, atol=1e-12)
    assert described.capabilities.saves
    assert described.capabilities.serialises
    units = {one.name: one.unit for one in described.variables}
    voltage = units["voltage"]
    assert voltage is not None
    assert voltage.exponents == (1, 2, -3, -1, 0, 0, 0, 0)
