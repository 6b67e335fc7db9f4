"""What is shipped to run a server: a unit that systemd takes, a container without rights, a wheel that bears the pages."""

import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from covolt.workspace.application import PAGES
from tests.house.source import ROOT

UNIT = ROOT / "deploy" / "covolt.service"
CONTAINER = ROOT / "deploy" / "Containerfile"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze on this machine")


def asked(*command):
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@needs_systemd
def test_systemd_takes_the_unit(tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text("utf-8")), "utf-8")
    told = asked(ANALYZE, "verify", str(unit))
    assert (told.returncode, told.stderr) == (0, "")
    unit.write_text(unit.read_text("utf-8") + "\nNoNewPrivilege=yes\n", "utf-8")
    assert "NoNewPrivilege" in asked(ANALYZE, "verify", str(unit)).stderr, "it sees no misspelt setting"


@needs_systemd
def test_the_unit_gives_few_rights():
    help_ = asked(ANALYZE, "--help").stdout
    if "--offline" not in help_ or "--threshold" not in help_:
        pytest.skip("this systemd-analyze rates no file")
    told = asked(ANALYZE, "security", "--offline=true", "--threshold=30", "--no-pager", str(UNIT))
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def test_the_container_runs_as_nobody_and_holds_nothing_that_builds_it():
    stages = CONTAINER.read_text("utf-8").split("\nFROM ")
    last = stages[-1]
    assert re.search(r"(?m)^USER 10001:10001$", last)
    assert last.index("USER ") < last.index("ENTRYPOINT ")
    assert re.findall(r"(?m)^COPY (.*)$", last) == ["--from=build /usr/local/lib/covolt /usr/local/lib/covolt"]
    assert "--no-deps --require-hashes -r requirements-server.lock" in CONTAINER.read_text("utf-8")
    assert "/health/ready" in last


def test_what_the_container_copies_is_there_and_let_through():
    copied = re.findall(r"(?m)^COPY (?!--)(.*) \S+$", CONTAINER.read_text("utf-8"))
    let = set(re.findall(r"(?m)^!(.*)$", (ROOT / ".dockerignore").read_text("utf-8")))
    for name in " ".join(copied).split():
        assert list(ROOT.glob(name)), name
        assert name in let, name


@pytest.mark.whole
@pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="the pages are not built: make web")
def test_the_wheel_bears_the_pages_and_what_is_migrated(tmp_path):
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=False, cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in PAGES.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert f"covolt/workspace/pages/{path.relative_to(PAGES).as_posix()}" in names
    assert "covolt/workspace/migrations/versions/outgoing.py" in names
    assert not [one for one in names if "node_modules" in one]
