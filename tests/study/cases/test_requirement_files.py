"""Requirements in Excel: an import is a party's, tells nothing of what others keep to themselves, and widens nothing unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.cli import exit_codes, main
from covolt.errors import Forbidden, InputError
from covolt.programme.reading import read_programme
from covolt.programme.requirement_files import Row, read_excel, rows_of, write_excel
from covolt.study.cases.requirement_files import import_requirements

OWNER, OTHER, OWN = "battery-works", "agency", "B-MASS"


@pytest.fixture
def folder(city_car: Path) -> Path:
    """A programme in which a party keeps a requirement to itself."""
    path = city_car / OWNER / "requirements" / f"{OWN}.toml"
    path.write_text(path.read_text(encoding="utf-8") + 'visibility = "party"\n', encoding="utf-8")
    return city_car


def workbook(folder: Path, place: Path, name: str, **changed: str) -> Path:
    """A workbook with one row: a requirement as it is, with some cells changed."""
    [row] = rows_of([read_programme(folder).requirements[name]])
    write_excel(
        place / "rows.xlsx", [Row({**row.cells, **{key.replace("__", "."): one for key, one in changed.items()}})]
    )
    return place / "rows.xlsx"


@pytest.mark.parametrize("bound", ["as it is", "1 kg", "no number", "3 s"])
def test_whatever_is_guessed_of_what_another_keeps_to_itself_the_answer_is_one(folder, tmp_path, bound):
    cells = {} if bound == "as it is" else {"at_most": bound}
    with pytest.raises(Forbidden) as refused:
        import_requirements(workbook(folder, tmp_path, OWN, **cells), folder, party=OTHER, write=False)
    [problem] = refused.value.problems
    assert problem.what == f"'{OWN}' is what {OWNER} keeps to itself"
    assert problem.hint == f"take out the row, or import as {OWNER}"


def test_who_imports_must_be_said_where_there_are_several(folder, tmp_path):
    with pytest.raises(InputError, match="say as whom you import") as refused:
        import_requirements(workbook(folder, tmp_path, "I-SPEED"), folder, write=False)
    assert OWNER in refused.value.problems[0].hint


def test_what_another_party_wrote_may_stand_in_the_file_and_is_not_changed(folder, tmp_path):
    assert import_requirements(workbook(folder, tmp_path, "I-SPEED"), folder, party=OTHER).same == ("I-SPEED",)
    with pytest.raises(Forbidden, match="this is a requirement of integrator"):
        import_requirements(workbook(folder, tmp_path, "I-SPEED", title__en="Mine"), folder, party=OTHER)


@pytest.mark.parametrize("cell", ["", "programme", "public"])
def test_an_own_requirement_is_not_shown_to_more_readers_unless_that_is_said(folder, tmp_path, capsys, cell):
    path = workbook(folder, tmp_path, OWN, visibility=cell)
    with pytest.raises(Forbidden, match=f"visibility party becomes {cell or 'programme'}"):
        import_requirements(path, folder, party=OWNER)
    assert read_programme(folder).requirements[OWN].visibility == "party"
    with pytest.raises(SystemExit) as ended:
        main(["requirements", "import", str(path), str(folder), "--party", OWNER, "--widen"])
    out = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == exit_codes.COMPLETED
    assert f"shown to more readers: {OWN}, party → {cell or 'programme'}" in out
    assert "wrote 1 requirement; 0 as before" in out
    assert read_programme(folder).requirements[OWN].visibility == (cell or "programme")


def test_a_workbook_tells_a_party_its_own_alone_and_comes_back(folder, tmp_path):
    assert [row.cells["id"] for row in read_excel(workbook(folder, tmp_path, OWN))] == [OWN]
    assert import_requirements(tmp_path / "rows.xlsx", folder, party=OWNER).same == (OWN,)
