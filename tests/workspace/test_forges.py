"""Workflows for forges: their files are read, and what they run tells the verdicts and ends red where a law is broken."""

import json
import subprocess
import sys

import pytest

from covolt.cli.application import main
from tests.house.source import ROOT

FORGES = ROOT / "docs/how-to/forges"


def told(path):
    done = subprocess.run(
        [sys.executable, str(FORGES / "verdicts.py"), str(path)], capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_a_workflow_is_read_and_runs_what_is_there(name):
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with another package, where it is installed")
    read = yaml.safe_load((FORGES / name).read_text("utf-8"))
    lines = json.dumps(read)
    assert "covolt verify --json" in lines
    assert "verdicts.py verdicts.json > comment.md" in lines
    assert set(read) >= ({"jobs", "permissions"} if name == "github.yml" else {"verify"})


@pytest.mark.whole
def test_verdicts_become_a_comment_that_is_red_where_a_law_is_broken(small_programme, own_records, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["verify", str(small_programme), "--json"])
    found = json.loads(capsys.readouterr().out)
    path = tmp_path / "verdicts.json"
    path.write_text(json.dumps(found), "utf-8")
    code, said = told(path)
    assert code == 0
    assert "| I-MASS | integrator |" in said
    law = next(one for one in found["verdicts"] if one["requirement"] == "A-GRADE")
    assert law["kind"] == "law"
    law["verdict"] = "not met"
    path.write_text(json.dumps(found), "utf-8")
    code, said = told(path)
    assert code == 1
    assert said.endswith("Law is not shown to be met: A-GRADE\n")
