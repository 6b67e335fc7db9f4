"""A study on a full disk, with a design that ends its process, and of another covolt: nothing is lost, and it is said."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from covolt.cli import main
from covolt.cli.exit_codes import INPUT_WRONG
from covolt.programme.documents import Programme
from covolt.study.cases.study import resume, run
from covolt.study.designs.plan import read_plan
from covolt.study.designs.pool import Pool
from covolt.study.designs.running import go_on
from covolt.study.designs.study_table import StudyTable, parquet_of
from tests.study.conftest import CITY_CAR
from tests.study.designs.judging import DeadlyEngine

ONLY = ("I-MASS", "PARTS-PRICE")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is broken."""
    monkeypatch.setenv("COLUMNS", "400")


@pytest.fixture(scope="module")
def twin(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "twin"
    run(programme, folder, designs=9, only=ONLY, chunk=2)
    return folder


def told(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["study", *command])
    assert left.value.code == INPUT_WRONG
    return " ".join(capsys.readouterr().err.split())


def test_a_file_that_may_not_grow_is_told_and_the_study_goes_on(
    twin: Path, programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, before = tmp_path / "cut", resource.getrlimit(resource.RLIMIT_FSIZE)
    shutil.copytree(twin, cut)
    (cut / "designs-00000002.parquet").unlink()
    (cut / "designs-00000006.parquet").unlink()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, before[1]))
    try:
        said = told(capsys, "resume", str(cut), "--programme", str(programme.root), "--workers", "0")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "designs-00000002.parquet: cannot be written: File too large" in said
    assert f"covolt study resume {cut}" in said
    assert sorted(one.name for one in cut.iterdir()) == [
        *(f"designs-{at:08d}.parquet" for at in (0, 4, 8)),
        "study.toml",
    ]
    assert resume(cut, programme=programme.root).judged == 4
    assert parquet_of(cut).equals(parquet_of(twin))


FULL = """
import json, subprocess, sys
from pathlib import Path
from covolt.cli import main

def covolt(*command):
    try:
        main(["study", *command])
    except SystemExit as left:
        return left.code

programme, disk, out = sys.argv[1:]
mount = ["mount", "-t", "tmpfs", "-o"]
subprocess.run([*mount, "size=24k", "tmpfs", disk], check=True)
study = f"{disk}/study"
asked = ("--designs", "159", "--only", "I-MASS", "--only", "PARTS-PRICE", "--workers", "0")
ended = covolt("run", programme, *asked, "-o", study)
left = sorted(one.name for one in Path(study).iterdir())
again = covolt("resume", study, "--workers", "0")
subprocess.run([*mount, "remount,size=2m", "tmpfs", disk], check=True)
ends = [ended, again, covolt("resume", study, "--workers", "0"), covolt("export", study, f"{out}/all.parquet")]
Path(out, "found.json").write_text(json.dumps({"ends": ends, "left": left}))
"""


@pytest.mark.slow  # covolt begun anew, where a disk can be made
def test_a_full_disk_leaves_whole_chunks_and_the_study_goes_on(tmp_path: Path) -> None:
    spaces = ["unshare", "--user", "--map-root-user", "--mount"]
    disk, script = tmp_path / "disk", tmp_path / "script.py"
    disk.mkdir()
    may = shutil.which("unshare") and subprocess.run(
        [*spaces, "mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not may or may.returncode:
        pytest.skip("this machine lets nobody make a small disk of his own, by unshare and mount")
    script.write_text(FULL, encoding="utf-8")
    done = subprocess.run(
        [*spaces, sys.executable, str(script), str(CITY_CAR), str(disk), str(tmp_path)],
        capture_output=True, text=True, timeout=300.0, check=True,
    )  # fmt: skip
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["ends"] == [INPUT_WRONG, INPUT_WRONG, 0, 0], done.stderr
    full = [one for one in done.stderr.splitlines() if "No space left on device" in one]
    assert len(full) == 2 and all(f"{disk}/study/designs-" in one for one in full)
    assert done.stderr.count(f"covolt study resume {disk}/study") == 2
    chunks = [one for one in found["left"] if one != "study.toml"]
    assert 0 < len(chunks) < 5 and all(one.startswith("designs-") for one in chunks)
    run(CITY_CAR, tmp_path / "twin", designs=159, only=ONLY)
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(tmp_path / "all.parquet").equals(parquet_of(tmp_path / "twin"))


@pytest.mark.slow  # starts a process for each time that one ends
def test_a_design_that_ends_its_process_is_set_apart_in_the_study(
    twin: Path, programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    shutil.copy(twin / "study.toml", cut)
    judged = go_on(cut, read_plan(twin), programme.seen_by(None), engine=DeadlyEngine(Pool(2), (3, 6)))
    assert judged == 10
    found, whole = StudyTable.read(cut), StudyTable.read(twin)
    lost = [at for at, said in enumerate(found.outcomes) if said]
    assert lost == [3, 6] and all("SIGKILL" in found.outcomes[at] for at in lost)
    assert set(found.verdicts[lost].flat) == {"not verified"}
    others = [at for at in range(10) if at not in lost]
    for name in ("values", "found", "margins", "verdicts", "interest_values"):
        assert np.array_equal(getattr(found, name)[others], getattr(whole, name)[others])
    with pytest.raises(SystemExit) as left:
        main(["study", "show", str(cut)])
    assert not left.value.code and "3: the process that judged it ended: SIGKILL" in capsys.readouterr().out


@pytest.mark.parametrize("command", [("resume",), ("show",), ("export",)])
def test_a_study_laid_out_by_another_version_is_refused(
    twin: Path, tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    shutil.copytree(twin, other)
    plan = other / "study.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"study/1"', '"study/7"') + "new = 1\n", encoding="utf-8")
    more = (str(tmp_path / "all.csv"),) if command == ("export",) else ()
    said = told(capsys, *command, str(other), *more)
    assert f"{plan}:1: this study is laid out as study/7, and this covolt reads study/1" in said
