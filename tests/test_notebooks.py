"""Every notebook of the documentation runs from its first cell to its last, and what it shows is a table or a picture.

Without a Jupyter server: the cells run as plain Python in one namespace, and the last expression of each is shown as a notebook
shows it, by `_repr_html_` where it has one.
"""

import ast
import json

import pytest

from tests.house.source import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def run(path):
    """What each cell of code shows, in order: HTML where it has such, else text."""
    names: dict[str, object] = {"__name__": "__main__"}
    shown: list[str] = []
    for number, cell in enumerate(one for one in cells(path) if one["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{path.name}, cell {number}", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"{path.name}, cell {number}", "eval"), names)
            html = getattr(value, "_repr_html_", None)
            shown.append("" if value is None else html() if html else repr(value))
    return shown


@pytest.mark.whole
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_computes(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = run(path)
    assert any("<table>" in one or "xr-wrap" in one for one in shown), "results are tables, ours or those of xarray"
    asked = sum(
        "".join(one["source"]).rstrip().endswith(")") and "plot(" in "".join(one["source"]) for one in cells(path)
    )
    drawn = sum(one.startswith(("<svg", "<iframe")) for one in shown)
    assert drawn == asked, "each picture that is asked for is drawn"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_it_showed(path):
    found = cells(path)
    assert found[0]["cell_type"] == "markdown"
    assert "".join(found[0]["source"]).startswith("# ")
    for one in found:
        if one["cell_type"] == "code":
            assert one["outputs"] == []
            assert one["execution_count"] is None


def test_the_documentation_leads_to_every_notebook():
    page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) >= 3
    assert not [path.name for path in NOTEBOOKS if f"notebooks/{path.name}" not in page]
