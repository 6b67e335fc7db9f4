"""`covolt fmu` takes a WebAssembly component for one more platform, runs it, and says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covolt.cli.application import main
from tests.exchange.wasm.fmus import MANIFEST, lag_fmu

FORMS = ("co-simulation", "model exchange")


pytestmark = pytest.mark.whole


@pytest.fixture
def covolt(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command; its exit code and what it printed."""

    def run(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    return run


def test_inspect_shows_it_as_a_platform(tmp_path: Path, covolt: Any) -> None:
    code, printed = covolt("fmu", "inspect", lag_fmu(tmp_path / "lag.fmu", *FORMS), "--json")
    seen = json.loads(printed)
    assert code == 0
    assert seen["platforms"] == ["wasm32-wasip2"]
    assert seen["runs_here"] is True
    assert [(one["kind"], one["machine"]) for one in seen["binaries"]] == [("wasm", "wasm32")] * 2
    assert "manifest" not in printed


def test_inspect_tells_a_missing_manifest_and_a_module_that_is_no_component(tmp_path: Path, covolt: Any) -> None:
    module = {"binaries/wasm32-wasip2/other.wasm": b"\0asm\1\0\0\0"}
    path = lag_fmu(tmp_path / "lag.fmu", "co-simulation", manifest=False, extra=module)
    told = json.loads(covolt("fmu", "inspect", path, "--json")[1])["told"]
    assert [MANIFEST in one["what"] for one in told].count(True) == 1
    assert [one["where"].endswith("other.wasm") for one in told].count(True) == 1


@pytest.mark.parametrize("form", FORMS)
def test_check_and_run_say_what_they_ran(tmp_path: Path, covolt: Any, form: str) -> None:
    path = lag_fmu(tmp_path / "lag.fmu", *FORMS)
    code, printed = covolt("fmu", "run", path, "--form", form, "-o", tmp_path / "out.csv")
    assert code == 0
    assert f"{form}, WebAssembly" in printed
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("time [s],x,s,")
    code, printed = covolt("fmu", "check", path, "--form", form, "--json")
    checked = json.loads(printed)
    assert (code, checked["form"], checked["same_again"]) == (0, f"{form}, WebAssembly", True)


def test_native_asks_for_the_binary_of_this_machine(tmp_path: Path, covolt: Any) -> None:
    code, printed = covolt("fmu", "run", lag_fmu(tmp_path / "lag.fmu", "co-simulation"), "--native")
    assert code == 2
    assert "no binary for this machine" in " ".join(printed.split())


def test_deadline_of_the_command_is_that_of_each_call(tmp_path: Path, covolt: Any) -> None:
    path = lag_fmu(tmp_path / "lag.fmu", "co-simulation")
    code, printed = covolt("fmu", "run", path, "--parameter", "wrong=1", "--deadline", "300 ms")
    assert code == 4
    assert "do-step at 0 s: did not return within its deadline of 0.3 s" in " ".join(printed.split())
