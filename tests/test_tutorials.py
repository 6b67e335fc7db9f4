"""Who follows a tutorial from a fresh folder sees what the page shows, command by command."""

import tempfile
from pathlib import Path

import pytest
from tools.pages import Block, do_page, missing_lines, renewed

from tests.house.source import ROOT

TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
LONG = {"the-agency", "the-integrator", "the-supplier"}
"""Half a minute each, whose commands have tests of their own: done where there is time (`make test-all`)."""


@pytest.mark.whole
@pytest.mark.parametrize(
    "page",
    [pytest.param(one, marks=pytest.mark.slow if one.stem in LONG else ()) for one in TUTORIALS],
    ids=lambda page: page.stem,
)
def test_a_tutorial_shows_what_comes(page):
    with tempfile.TemporaryDirectory(prefix="covolt-page-") as folder:  # as long as a home folder: lines break alike
        work = Path(folder) / "work"
        work.mkdir()
        assert not "\n".join(do_page(page, work))


def test_there_is_one_for_each_role():
    assert {page.stem for page in TUTORIALS} == {"the-engineer", "the-supplier", "the-integrator", "the-agency"}


def test_what_a_page_shows_otherwise_is_told():
    came = "range 251 km\nmass 1150 kg\nmet\n"
    assert missing_lines("range 251 km\nmass 1150 kg\n", came) == []
    assert missing_lines("range 251 km\n…\nmet\n", came) == []
    assert missing_lines("range … km\n", came) == []
    assert missing_lines("range 252 km\n", came) == ["range 252 km"]
    assert missing_lines("range 251 km\nmet\n", came) == ["met"], "a line is left out and nobody says so"
    assert missing_lines("met\n…\nrange 251 km\n", came) == ["range 251 km"], "in another order"
    assert renewed("range 1 km\n…\nmet\n", came) == "range 251 km\n…\nmet\n"


def test_a_page_is_done_as_it_stands(tmp_path):
    page = tmp_path / "page.md"
    blocks = (
        'toml title="a.toml"\nx = 1',
        "sh\ncat a.toml",
        "text\nx = 2",
        "sh\nexit 2",
        "python\nprint(6)",
        "text\n6",
        "sh\nread -p 'sure? [y]: ' a; echo $a   # answers: yes",
        "text\n…yes\nyes",
    )
    page.write_text("".join(f"```{block}\n```\n\n" for block in blocks), encoding="utf-8")
    assert len(Block.all_of(page.read_text(encoding="utf-8"))) == len(blocks)
    work = tmp_path / "work"
    work.mkdir()
    first, second = do_page(page, work)
    assert "x = 2" in first and "ended with 2" in second
    [left] = do_page(page, work, write=True)
    assert "ended with 2" in left
    assert "```text\nx = 1\n```" in page.read_text(encoding="utf-8")
