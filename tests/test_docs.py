"""Code on a documentation page runs, and the table of units is the one in the code."""

import re

import pytest

from covolt.units import UNITS
from tests.house.source import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WITH_CODE = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_code_on_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            (tmp_path / "part.toml").write_text(code, encoding="utf-8")
        else:
            exec(compile(code, str(page), "exec"), names)


def test_the_page_of_units_is_complete():
    text = (ROOT / "docs/reference/units.md").read_text(encoding="utf-8")
    listed = {
        name
        for row in re.findall(r"^\| [a-z ]+ \| (.+) \|$", text, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    assert listed == set(UNITS)
