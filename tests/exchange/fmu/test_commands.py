"""`covolt fmu` as people use it: looking, trying and running, in the sandbox; a call that never returns is ended and named."""

import csv
import json
import os
import re
import subprocess
import sys
import time

import pytest

from covolt.cli.application import main
from covolt.exchange.sandbox import Program, SandboxedComponent
from tests.exchange.fmu.built import fmu, library
from tests.exchange.fmu.test_component import ARRAYS, EVERY, TEXTS, _paired
from tests.exchange.fmu.written import packed, two

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """Skips where no worker can be protected here."""
    from covolt.errors import Unavailable

    folder = tmp_path_factory.mktemp("probe")
    import covolt.exchange.fmu as room

    inside = folder / "in"
    inside.mkdir()
    model, form = room.unpacked(fmu(folder, "stair", 2), inside)
    try:
        SandboxedComponent(
            Program("probe", "covolt.exchange.fmu:open_in_worker", inside, {"form": form}, model.digest)
        ).close()
    except Unavailable as error:
        pytest.skip(str(error))


def ended(capsys, *arguments):
    """Exit code, what was printed, and what was told of problems."""
    with pytest.raises(SystemExit) as end:
        main(["fmu", *map(str, arguments)])
    told = capsys.readouterr()
    return end.value.code, told.out, told.err


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_looking_runs_nothing_and_tells_all(capsys, tmp_path):
    text = two(
        '<ScalarVariable name="M" valueReference="2" causality="output" variability="continuous" initial="exact">'
        '<Real unit="N.m" min="0" max="5" start="9"/></ScalarVariable>'
        '<ScalarVariable name="q" valueReference="3" causality="input" variability="continuous"><Real unit="smoots" start="0"/></ScalarVariable>',
        structure='<Outputs><Unknown index="1"/></Outputs>',
    )
    content = library(tmp_path, "frame2.c", '-DMODEL="stair.h"', name="plain")
    path = packed(
        tmp_path / "a.fmu",
        text,
        {
            "binaries/linux64/model.so": content,
            "documentation/licenses/license.txt": "mine",
            "binaries/win64/model.dll": b"MZ",
        },
    )
    code, out, _ = ended(capsys, "inspect", path)
    assert code == 0
    for said in (
        "FMI 2.0",
        "linux64, win64",
        "documentation/licenses/license.txt",
        "N.m",
        "outside of its range",
        "smoots",
        "no shared library",
    ):
        assert said in " ".join(out.split())
    code, out, _ = ended(capsys, "inspect", path, "--json")
    told = json.loads(out)
    assert told["binaries"][0]["kind"] in {"elf", ""}
    assert [one["name"] for one in told["variables"]] == ["M", "q"]


def test_a_run_is_written_with_units_and_without_loss(capsys, tmp_path, sandbox):
    path = fmu(tmp_path, "stair", 3, variables=ARRAYS + _paired(EVERY) + TEXTS)
    given = tmp_path / "in.csv"
    given.write_text(
        "time,u[1],u[2],Int64_in,word_in,blob_in\n0,1,2,9223372036854775807,first,00ff\n1,3,2,-5,second,\n"
    )
    code, _, err = ended(
        capsys, "run", path, "--input", given, "--step", "100 ms", "--stop", "1.5", "-o", tmp_path / "out.csv"
    )
    assert (code, err) == (0, "")
    head, *rows = rows_of(tmp_path / "out.csv")
    assert head[:4] == ["time [s]", "counter", "y[1]", "y[2]"]
    by_name = [dict(zip(head, row, strict=True)) for row in rows]
    assert float(by_name[6]["y[1]"]) == pytest.approx(2.0)  # of the step from 0.5 s, on the straight line from 1 to 3
    assert by_name[10]["Int64_out"] == "9223372036854775807"
    assert [by_name[11][name] for name in ("Int64_out", "word_out", "blob_out")] == ["-5", "second", ""]
    code, _, _ = ended(capsys, "run", path, "-p", "n=3", "-p", "A=1 0 0 0 2 0 0 0 3", "-o", tmp_path / "out.csv")
    assert "y[3]" in rows_of(tmp_path / "out.csv")[0]


def test_what_is_asked_wrongly_is_told_at_once(capsys, tmp_path, sandbox):
    path = fmu(tmp_path, "dahlquist", 2)
    given = tmp_path / "in.csv"
    given.write_text("time,force\n0,1\n")
    code, _, err = ended(capsys, "run", path, "--input", given, "-p", "kk=2", "-p", "k=two", "--stop", "-1")
    said = " ".join(err.split())
    assert code == 2
    for one in ("no variable 'kk'", "'two' is no Real", "'force' is no input of it", "before it begins"):
        assert one in said
    code, _, err = ended(capsys, "run", path, "--step", "1 kg", "--form", "x", "-o", path)
    assert code == 2
    assert "4 problems" in err or "3 problems" in err


def test_a_check_says_whether_halving_the_step_changes_the_answer(capsys, tmp_path, sandbox):
    code, out, _ = ended(capsys, "check", fmu(tmp_path, "vanderpol", 2), "--json")
    told = json.loads(out)
    assert (code, told["same_again"], told["wrong"]) == (0, True, [])
    assert told["halving"][0]["share"] < 1e-9  # it steps by 1 ms inside, whatever the communication step
    coarse = fmu(tmp_path, "dahlquist", 3, "-DEARLY=9")
    code, out, _ = ended(capsys, "check", coarse, "--step", "0.3 ms", "--json")
    first = json.loads(out)["halving"][0]
    assert first["output"] == "x"
    assert 1e-6 < first["share"] < 1e-3


def test_values_that_do_not_count_end_a_check_with_4(capsys, tmp_path, sandbox):
    code, out, _ = ended(capsys, "check", fmu(tmp_path, "vanderpol", 2, "-DTROUBLE=2"))
    assert code == 4
    assert "it is nan at 0.5" in " ".join(out.split())


def test_a_run_whose_output_is_no_number_ends_with_4_and_tells_what_was_finite(capsys, tmp_path, sandbox):
    code, out, _ = ended(capsys, "run", fmu(tmp_path, "vanderpol", 2, "-DTROUBLE=2"))
    said = " ".join(out.split())
    assert code == 4
    assert "x0: it is nan at 0.5" in said
    assert re.search(r"x0 \d\S* \d", said)


@pytest.mark.parametrize("trouble", [1, 5], ids=["hangs", "aborts"])
def test_a_call_that_never_returns_or_dies_is_ended_and_named_with_no_child_left(tmp_path, sandbox, trouble):
    path = fmu(tmp_path, "vanderpol", 2, f"-DTROUBLE={trouble}")
    begun_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "covolt", "fmu", "run", str(path), "--deadline", "1.5", "-o", str(tmp_path / "out.csv")],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 4
    assert time.monotonic() - begun_s < 40.0
    said = " ".join(done.stderr.split())
    last_s = rows_of(tmp_path / "out.csv")[-1][0]
    assert f"vanderpol2.fmu, call step at {last_s} s" in said
    assert "it had answered until 0.5" in said
    assert "the rows until then are in" in said
    children = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    assert str(tmp_path) not in children
