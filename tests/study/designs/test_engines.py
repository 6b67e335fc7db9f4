"""Engines give the same rows, and a design that ends its process is set apart while the others are judged."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from covolt.errors import Conflict, InputError, Unavailable
from covolt.programme.documents import Programme
from covolt.study.cases.study import run
from covolt.study.designs.chunks import chunks_of
from covolt.study.designs.cluster import Dask
from covolt.study.designs.engine import Engine, Inline, Opened
from covolt.study.designs.evaluation import Rows
from covolt.study.designs.plan import plan_of, read_plan, write_plan
from covolt.study.designs.pool import Pool
from covolt.study.designs.running import Opening, go_on
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from tests.study.designs.judging import FAULT, POISON, REFUSED, Quick, Slow

pytestmark = pytest.mark.whole  # each starts processes


@pytest.fixture(scope="module")
def cluster() -> Generator[str]:
    """A scheduler of Dask with two workers, each a process that is begun anew where it ends."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as made:
        yield made.scheduler_address.replace("tcp://", "dask://")


@pytest.fixture(params=["inline", "pool", "dask"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "dask":
        return Dask.at(request.getfixturevalue("cluster"), "--engine")
    return Inline() if request.param == "inline" else Pool(2)


several = pytest.mark.parametrize("engine", ["pool", "dask"], indirect=True)
"""Engines that judge in other processes than this one."""


def rows_of(engine: Engine, values: list[float], opened: Opened | None = None, chunk: int = 4) -> Rows:
    column = np.array(values, dtype=np.float64)[:, None]
    done = {one.begin: rows for one, rows in engine.run(opened or Quick(), column, chunks_of(len(values), chunk))}
    assert list(sorted(done)) == list(range(0, len(values), chunk))
    return Rows.together([done[one] for one in sorted(done)])


def demand_same(found: Rows, wanted: Rows) -> None:
    for name in ("values", "found", "margins", "verdicts", "interests"):
        first, second = getattr(found, name), getattr(wanted, name)
        assert first.dtype == second.dtype and first.tobytes() == second.tobytes()
    assert found.outcomes == wanted.outcomes


def test_every_engine_gives_the_rows_of_one_process(engine: Engine) -> None:
    values = [float(one) / 3.0 for one in range(18)]
    demand_same(rows_of(engine, values), rows_of(Inline(), values))


def test_a_study_of_nothing_is_nothing(engine: Engine) -> None:
    assert list(engine.run(Quick(), np.empty((0, 1)), [])) == []


@several
def test_a_design_that_ends_its_process_is_named_and_the_others_are_judged(engine: Engine) -> None:
    values = [float(one) for one in range(12)]
    values[8], values[9] = 20.0, 21.0
    found = rows_of(engine, values)
    lost = [at for at, said in enumerate(found.outcomes) if said]
    assert lost == [values.index(POISON)] and "the process that judged it ended" in found.outcomes[lost[0]]
    assert found.verdicts[lost[0], 0] == "not verified" and np.isnan(found.margins[lost[0], 0])
    others = [at for at in range(12) if at not in lost]
    assert np.array_equal(found.found[others, 0], np.array(values)[others])


@several
def test_a_worker_that_is_killed_costs_no_design(engine: Engine, tmp_path: Path) -> None:
    values = [float(one) + 10.0 for one in range(24)]
    killed: list[int] = []

    def kill() -> None:
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        killed.append(int(next(tmp_path.iterdir()).name.split("-")[0]))
        os.kill(killed[0], signal.SIGKILL)

    assassin = threading.Thread(target=kill)
    assassin.start()
    found = rows_of(engine, values, Slow(str(tmp_path)))
    assassin.join()
    demand_same(found, rows_of(Inline(), values))
    assert len(killed) == 1 and len({one.name.split("-")[0] for one in tmp_path.iterdir()}) >= 2


@several
def test_who_stops_listening_stops_the_judging(engine: Engine, tmp_path: Path) -> None:
    chunks, values = chunks_of(40, 2), np.arange(40, dtype=np.float64)[:, None] + 10.0
    course = engine.run(Slow(str(tmp_path)), values, chunks)
    next(course)
    course.close()  # type: ignore[attr-defined]
    before = -1
    while (
        now := len(list(tmp_path.iterdir()))
    ) != before:  # what is under way is ended, and a busy machine takes its time
        before = now
        time.sleep(2.0)
    assert now < len(chunks)


def test_a_bug_and_a_refusal_of_a_process_are_raised_here(engine: Engine) -> None:
    with pytest.raises((RuntimeError, ZeroDivisionError), match="a bug of ours"):
        rows_of(engine, [FAULT])
    with pytest.raises(InputError, match="refused"):
        rows_of(engine, [REFUSED])


@pytest.mark.parametrize(
    ("changed", "said"), [({"covolt": "9.1.0"}, "and the study covolt 9.1.0"), ({"source": "0" * 64}, "another state")]
)
def test_a_worker_of_another_covolt_judges_nothing(
    engine: Engine, changed: dict[str, str], said: str, programme: Programme, space: DesignSpace, tmp_path: Path
) -> None:
    seen = programme.seen_by(None)
    asked = {"method": "sobol", "seed": 0, "designs": 1}
    plan = plan_of(seen, space, tmp_path, **asked).model_copy(update=changed)  # type: ignore[arg-type]
    opening = Opening(seen, ("I-MASS",), plan.covolt, plan.source)
    with pytest.raises(Conflict, match=said) as raised:
        next(iter(engine.run(opening, sample(space, "sobol", count=1), chunks_of(2, 2))))
    assert platform.node() in raised.value.problems[0].where


@pytest.mark.slow  # compiles the vehicle in each process
def test_a_study_is_the_same_to_the_bit_on_every_engine(engine: Engine, programme: Programme, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    only = ("I-MASS", "I-ACCELERATION", "PARTS-PRICE")
    run(programme, here, designs=7, only=only, chunk=2)
    seen = programme.seen_by(None)
    write_plan(there, read_plan(here))
    assert go_on(there, read_plan(here), seen, engine=engine) == 8
    for one in here.iterdir():
        assert one.read_bytes() == (there / one.name).read_bytes()


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("dask://nowhere", "'dask://nowhere' is no address of a scheduler"),
        ("spark://host:80", "write dask://HOST:PORT, or dasks://HOST:PORT for TLS"),
        ("dasks://host:8786", r"distributed.comm.tls.ca-file[\s\S]*DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT"),
        ("dask://127.0.0.1:9", "no scheduler of Dask answers here"),
    ],
)
def test_what_is_no_cluster_is_told(
    programme: Programme, tmp_path: Path, engine: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from covolt.study.designs import cluster

    monkeypatch.setattr(cluster, "CONNECTING_s", 0.5)
    with pytest.raises(InputError, match=said):
        run(programme, tmp_path / "study", designs=2, only=("I-MASS",), engine=engine)
    with pytest.raises(InputError, match="both are given"):
        run(programme, tmp_path / "study", designs=2, only=("I-MASS",), engine=engine, workers=2)


def test_a_worker_without_this_covolt_is_named(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client

    from covolt.study.designs import cluster as module

    with Client(cluster.replace("dask://", "tcp://")) as client:
        client.wait_for_workers(1, timeout=60.0)  # one that a test ended is not always begun anew
        there = list(client.scheduler_info(n_workers=-1)["workers"])
    monkeypatch.setattr(module, "version", lambda name: "9.2.0")
    with pytest.raises(Conflict, match=r"and the study covolt 9.2.0") as raised:
        rows_of(Dask.at(cluster, "--engine"), [1.0])
    told = [one.where for one in raised.value.problems]
    assert there and all(any(address in one for one in told) for address in there), "each worker, by its address"


def test_processes_that_never_begin_are_told_and_no_design_is_blamed() -> None:
    with pytest.raises(Unavailable, match=r"before they were ready: exit code 3"):
        list(Pool(1).run(Quick(stillborn=True), np.zeros((2, 1)), chunks_of(2, 1)))


def test_over_tls_who_has_no_certificate_of_its_authority_is_kept_out() -> None:
    import dask
    from distributed import LocalCluster, Security

    def settings(security: Security) -> dict[str, str]:
        ends = {"ca-file": security.tls_ca_file, "client.cert": security.tls_client_cert}
        ends |= {"client.key": security.tls_client_key}
        return {f"distributed.comm.tls.{name}": content for name, content in ends.items()}

    ours, another = Security.temporary(), Security.temporary()
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", security=ours) as made:
        address = made.scheduler_address.replace("tls://", "dasks://")
        with dask.config.set(settings(ours)):
            demand_same(rows_of(Dask.at(address, "--engine"), [1.0, 6.0]), rows_of(Inline(), [1.0, 6.0]))
            with pytest.raises(Unavailable, match="no scheduler of Dask answers here"):
                rows_of(Dask.at(address.replace("dasks", "dask"), "--engine"), [1.0])
        with dask.config.set(settings(another)), pytest.raises(Unavailable, match="no scheduler of Dask"):
            rows_of(Dask.at(address, "--engine"), [1.0])
