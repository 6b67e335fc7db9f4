"""A WebAssembly component runs in the sandbox's worker too, within its address space, to the same bits."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from covolt.errors import ComponentFailed, Unavailable
from covolt.exchange.fmu.apart import opened_apart
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


def test_without_a_worker_it_runs_in_this_process_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lag_fmu(tmp_path / "lag.fmu", "co-simulation")
    # What a worker is refused for on another system.
    monkeypatch.setattr(sys, "platform", "another")
    with opened_apart(path) as apart:
        assert apart.missing == ("worker",)
        assert apart.said == "co-simulation, WebAssembly"
        apart.component.wire(["u"], ["x"])
        apart.component.start({"T": 0.5}, np.array([5.0]))
        assert apart.component.step(0.0, 1.0, np.array([5.0]))[0] == pytest.approx(
            5.0 * (1.0 - np.exp(-2.0)), rel=1e-12
        )
