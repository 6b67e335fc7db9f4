"""A WebAssembly component runs in the sandbox's worker too, within its address space, to the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from covolt.errors import ComponentFailed, Unavailable
from covolt.exchange.fmu.opening import open_in_worker, unpacked
from covolt.exchange.sandbox import Program, SandboxedComponent
from tests.exchange.wasm.fmus import lag_fmu

FACTORY = "covolt.exchange.fmu.opening:open_in_worker"


def sandboxed(folder: Path, deadline_s: float) -> SandboxedComponent:
    try:
        return SandboxedComponent(Program("lag", FACTORY, folder, {"deadline_s": deadline_s}))
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")


def test_same_bits_within_and_without_and_a_call_without_end_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    unpacked(lag_fmu(tmp_path / "lag.fmu", "co-simulation"), folder)
    given = np.array([5.0])
    rows: list[list[float]] = []
    for one in (open_in_worker(folder, {}), sandboxed(folder, 0.5)):
        one.wire(["u"], ["x"])
        one.start({"T": 0.3}, given)
        rows.append([float(one.step(0.01 * k, 0.01, given)[0]) for k in range(50)])
        if isinstance(one, SandboxedComponent):
            one.start({"wrong": 1}, given)
            with pytest.raises(
                ComponentFailed, match=r"lag, do-step at 0 s: did not return within its deadline of 0\.5 s"
            ):
                one.step(0.0, 0.1, given)
        one.close()
    assert rows[0] == rows[1]
