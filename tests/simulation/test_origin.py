"""Every part is driven as it is now: one's own, edited in a file, in a notebook cell, in place; covolt's, changed in place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import compact

from covolt.simulation import compiled, step
from covolt.simulation.core import pack
from covolt.simulation.mission import steady
from covolt.simulation.native import trace as native_trace
from covolt.simulation.origin import behaviour_of, has_files, name_of
from covolt.simulation.recharge import recharge_energy_J
from covolt.simulation.run import BatchRunner, TracedRunner
from covolt.vehicle import body, charger, tyre
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.auxiliary import Auxiliary

pytestmark = pytest.mark.whole

DRIVE = steady(10.0, 5.0)
PART = """
from typing import final
from covolt.vehicle.auxiliary import Auxiliary
import {helper}

GAIN = 1.0

@final
class MyLoads(Auxiliary):
    def power_W(self, here, speed_m_per_s):
        return {load_W} + GAIN * {helper}.more_W() + 0.0 * speed_m_per_s
"""
HELPER = "def more_W(): return {more_W}\n"
PROGRAM = """
import sys
from dataclasses import fields, replace
import covolt, own_part
vehicle = covolt.load_car("city-car")
usual = vehicle.auxiliary
own = own_part.MyLoads(**{one.name: getattr(usual, one.name) for one in fields(usual)})
drive = covolt.steady(10.0, 5.0)
trace = covolt.TracedRunner(executor=sys.argv[1]).run(replace(vehicle, auxiliary=own), drive)
print(trace.ledger.energy_J("auxiliaries") / drive.duration_s)
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load_W(vehicle: Vehicle, executor: str) -> float:
    """Mean power of the auxiliaries over a drive."""
    if executor == "batch":
        result = BatchRunner(threads=1).run([vehicle], [DRIVE])[0][0]
        return result.ledger.energy_J("auxiliaries") / DRIVE.duration_s
    trace = TracedRunner(executor=executor).run(vehicle, DRIVE)  # pyright: ignore[reportArgumentType]
    return trace.ledger.energy_J("auxiliaries") / DRIVE.duration_s


def test_a_part_may_have_defaults_and_they_count() -> None:
    """Defaults are attributes of the class, as covolt's own parts have them."""

    class Loads(Auxiliary):
        extra_W: float = 700.0
        STYLE = 3

        def power_W(self, here: object, speed_m_per_s: object) -> object:
            return self.extra_W + 0.0 * speed_m_per_s  # pyright: ignore[reportOperatorIssue]

    first = load_W(replace(compact(), auxiliary=Loads()), "native")
    Loads.STYLE = 4
    assert load_W(replace(compact(), auxiliary=Loads(extra_W=900.0)), "xla") - first == pytest.approx(200.0)


def with_loads(kind: type[Auxiliary]) -> Vehicle:
    vehicle = compact()
    usual = vehicle.auxiliary
    return replace(vehicle, auxiliary=kind(**{one.name: getattr(usual, one.name) for one in fields(usual)}))


def cell(load: float) -> type[Auxiliary]:
    """What a notebook makes of a cell: a class of the same name, without a file."""
    space: dict[str, object] = {"__name__": "__main__", "Auxiliary": Auxiliary}
    exec(f"class MyLoads(Auxiliary):\n    def power_W(self, here, v): return {load} + 0.0 * v", space)
    return space["MyLoads"]  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("executor", ["native", "batch", pytest.param("xla", marks=pytest.mark.slow)])
def test_a_cell_run_again_is_driven_as_it_is_now_and_leaves_nothing_on_disk(folder: Path, executor: str) -> None:
    for load in (500.0, 1500.0, 500.0):
        assert load_W(with_loads(cell(load)), executor) == pytest.approx(load)
    assert not folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["native", "xla"])
def test_a_part_edited_between_processes_is_driven_as_it_is_now(folder: Path, tmp_path: Path, executor: str) -> None:
    """The part itself, then a function that it calls in a file of its own; what comes back is found again on disk."""
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    counts = []
    for load, more in ((500.0, 0.0), (1500.0, 0.0), (1500.0, 250.0), (500.0, 0.0)):
        (tmp_path / "own_part.py").write_text(PART.format(load_W=load, helper="own_helper"))
        (tmp_path / "own_helper.py").write_text(HELPER.format(more_W=more))
        command = [sys.executable, "-c", PROGRAM, executor]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        assert float(said) == pytest.approx(load + more)
        counts.append(len(list(folder.iterdir())))
    assert counts == [1, 2, 3, 3]


@pytest.fixture
def own_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited_part.py").write_text(PART.format(load_W=500.0, helper="edited_helper"))
    (tmp_path / "edited_helper.py").write_text(HELPER.format(more_W=0.0))
    import edited_part  # pyright: ignore[reportMissingImports]

    yield edited_part
    for name in ("edited_part", "edited_helper"):
        sys.modules.pop(name)


def test_what_is_changed_in_place_is_driven_as_it_is_now(own_part: ModuleType) -> None:
    """A number of its module, a function of a module that it imports, its method: the class stays the same object."""
    vehicle = with_loads(own_part.MyLoads)
    assert load_W(vehicle, "native") == pytest.approx(500.0)
    own_part.edited_helper.more_W = lambda: 100.0
    assert load_W(vehicle, "native") == pytest.approx(600.0)
    own_part.GAIN = 3.0
    assert load_W(vehicle, "native") == pytest.approx(800.0)
    own_part.MyLoads.power_W = lambda self, here, v: 7.0 + 0.0 * v
    assert load_W(vehicle, "native") == pytest.approx(7.0)


LOADS = "class MyLoads(Auxiliary):\n    def power_W(self, here, v): return {} + 0.0 * v\n"
HOLDER = (
    "class Holder:\n    def __init__(self): self.gain = 500.0\n    def _of(self): return self.gain\nheld = Holder()\n"
)
SPACE = "held = SimpleNamespace(inner=SimpleNamespace(gain=500.0))\n"
INNER = "outer, inner = ModuleType('outer'), ModuleType('inner')\nouter.inner, inner.gain = inner, 500.0\n"


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        (HOLDER + LOADS.format("held.gain"), "held.gain = 600.0"),
        (HOLDER + LOADS.format("held._of()"), "held.gain = 600.0"),
        (HOLDER + LOADS.format("Holder()._of()"), "Holder._of = lambda self: 600.0"),
        (SPACE + LOADS.format("held.inner.gain"), "held.inner.gain = 600.0"),
        (INNER + LOADS.format("outer.inner.gain"), "inner.gain = 600.0"),
        ("held = deque([500.0])\n" + LOADS.format("held[0]"), "held[0] = 600.0"),
        (LOADS.format("self._gain") + "    _gain = 500.0\n", "MyLoads._gain = 600.0"),
        (LOADS.format("self.gains['a']") + "    gains = {'a': 500.0}\n", "MyLoads.gains['a'] = 600.0"),
        (LOADS.format("self.gains[0]") + "    gains = np.array([500.0])\n", "MyLoads.gains[0] = 600.0"),
        (LOADS.format("self._of()") + "    def _of(self): return 500.0\n", "MyLoads._of = lambda self: 600.0"),
        ("gain = 500.0\n" + LOADS.format("gain"), "gain = 600.0"),
        ("def of(): return 500.0\n" + LOADS.format("of()"), "def of(): return 600.0"),
    ],
)
def test_whatever_a_part_reads_and_is_changed_makes_it_another(source: str, edit: str) -> None:
    space: dict[str, Any] = {"__name__": "__main__", "Auxiliary": Auxiliary, "SimpleNamespace": SimpleNamespace}
    space |= {"ModuleType": ModuleType, "deque": deque, "np": np}
    exec(source, space)

    def behaviour() -> object:
        return behaviour_of(jax.tree.structure(with_loads(space["MyLoads"])))

    before = behaviour()
    assert behaviour() == before
    exec(edit, space)
    assert behaviour() != before


def test_the_same_part_is_compiled_once(own_part: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle = with_loads(own_part.MyLoads)
    first = load_W(vehicle, "native")
    monkeypatch.setattr(native_trace, "traced_signals", lambda _: pytest.fail("traced again"))
    assert load_W(vehicle, "native") == load_W(with_loads(own_part.MyLoads), "native") == first


def test_a_part_that_calls_back_is_not_kept_on_disk(folder: Path) -> None:
    """What it calls is no part of what is traced."""
    answer_W = 700.0

    def traced(x: jax.Array) -> jax.Array:
        return jax.pure_callback(lambda y: y * 0.0 + answer_W, jax.ShapeDtypeStruct((), jnp.float64), x)

    tree = pack(with_loads(cell(1.0)))[2]
    assert float(compiled.kept("back", (tree,), traced, (jnp.float64(1.0),)).function(jnp.float64(1.0))) == 700.0
    assert not folder.exists()


def test_covolt_s_own_parts_have_one_name_in_every_process() -> None:
    structure = pack(compact())[2]
    name = name_of(structure)
    assert name is not None
    assert "covolt.vehicle.auxiliary:Auxiliary" in name
    assert structure.behaviour == ()
    again = subprocess.run(
        [
            sys.executable,
            "-c",
            "from tests.sample import compact; from covolt.simulation.core import pack;"
            "from covolt.simulation.origin import name_of; print(name_of(pack(compact())[2]))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout.strip()
    assert again == name


def test_a_stranger_has_no_name(own_part: ModuleType) -> None:
    tree = jax.tree.structure(with_loads(own_part.MyLoads))
    assert name_of(tree) is None
    assert behaviour_of(tree)
    assert has_files([tree])
    assert not has_files([jax.tree.structure(with_loads(cell(1.0)))])


def test_values_of_different_kinds_have_different_names() -> None:
    assert len({name_of(value) for value in (1, 1.0, True, "1", b"1", -0.0, 0.0, (1,), ((1,),), None)}) == 10
    assert name_of(object()) is None
    assert name_of((1, object())) is None


def changed_in_place(patch: pytest.MonkeyPatch, how: str) -> None:
    """What a notebook does to covolt: another method of a part, another number or function of a module."""
    if how == "method":
        usual = tyre.Tyre.resistance_factor
        patch.setattr(tyre.Tyre, "resistance_factor", lambda self, state: 2.0 * usual(self, state))
    elif how == "number":
        patch.setattr(step, "GRAVITY_m_per_s2", 1.6)
    else:
        usual_density = body._density_kg_per_m3
        patch.setattr(body, "_density_kg_per_m3", lambda *given: 2.0 * usual_density(*given))


UPHILL = steady(10.0, 5.0, slope_fraction=0.05)


def plug_J(executor: str, vehicle: Vehicle) -> float:
    if executor == "batch":
        return BatchRunner(threads=1).run([vehicle], [UPHILL])[0][0].plug_consumption_J_per_m
    trace = TracedRunner(executor=executor).run(vehicle, UPHILL)  # pyright: ignore[reportArgumentType]
    return trace.result.plug_consumption_J_per_m


@pytest.mark.parametrize("how", ["method", "number", pytest.param("function", marks=pytest.mark.slow)])
@pytest.mark.parametrize("executor", ["native", "batch", pytest.param("xla", marks=pytest.mark.slow)])
def test_covolt_changed_in_place_is_driven_as_it_is_now_and_leaves_nothing_on_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, executor: str, how: str
) -> None:
    """The same vehicle in one process: as covolt is, changed, and as covolt is again; the disk knows of the first alone."""
    vehicle = compact()
    plain = plug_J(executor, vehicle)
    kept = set(folder.iterdir()) if folder.exists() else set()
    with monkeypatch.context() as patch:
        changed_in_place(patch, how)
        changed = plug_J(executor, vehicle)
        assert changed == plug_J(executor, compact())
    assert abs(changed / plain - 1.0) > 0.01
    assert plug_J(executor, vehicle) == plain
    assert (set(folder.iterdir()) if folder.exists() else set()) == kept


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["native", "xla"])
def test_covolt_changed_in_place_is_no_other_process_s(folder: Path, executor: str) -> None:
    """What a process keeps that changed covolt before its first drive is not read by one that did not."""
    program = """
import sys
import covolt.vehicle.tyre as tyre, covolt.vehicle.body as body
if sys.argv[2] == "method":
    usual = tyre.Tyre.resistance_factor
    tyre.Tyre.resistance_factor = lambda self, state: 2.0 * usual(self, state)
if sys.argv[2] == "number":
    body.GRAVITY_m_per_s2 = 1.6
import covolt
drive = covolt.steady(10.0, 5.0)
trace = covolt.TracedRunner(executor=sys.argv[1]).run(covolt.load_car("city-car"), drive)
print(trace.ledger.energy_J("rolling"))
"""
    found, counts = [], []
    for how in ("method", "number", "", "method", ""):
        command = [sys.executable, "-c", program, executor, how]
        found.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        counts.append(len(list(folder.iterdir())) if folder.exists() else 0)
    assert found[0] == found[3]
    assert found[2] == found[4]
    assert len({*found}) == 3
    assert counts == [0, 0, 1, 1, 1]


def test_what_is_compiled_of_one_part_alone_follows_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle = compact()
    before_J = recharge_energy_J(vehicle, 1.0)
    usual = charger.OnBoardCharger.direct_power_W
    monkeypatch.setattr(charger.OnBoardCharger, "direct_power_W", lambda self, mains_W: 0.5 * usual(self, mains_W))
    assert recharge_energy_J(vehicle, 1.0) > 1.8 * before_J
