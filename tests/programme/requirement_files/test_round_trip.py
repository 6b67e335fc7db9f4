"""What people and other tools add survives the way out and back: columns, sheets, relations, containers, encodings, capitals."""

import re
import tracemalloc
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from covolt.cli import main
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.programme.requirement_files import read_excel, read_reqif, rows_of, take_in, write_excel, write_reqif
from tests.programme.requirement_files.test_foreign import written
from tests.programme.requirement_files.test_taking import EXAMPLES, copy, exported, texts


def with_columns(path):
    """A list to which somebody has added two columns, one in the middle, a note beside the table, and a sheet."""
    book = load_workbook(path)
    sheet = book["Requirements"]
    sheet.insert_cols(2)
    sheet.cell(1, 2).value = "Status"
    last = sheet.max_column + 1
    sheet.cell(1, last).value = "Cost, EUR"
    for row in range(2, 6):
        sheet.cell(row, 2).value = f"asked {row}"
        sheet.cell(row, last).value = 1.5 * row
        sheet.cell(row, last).number_format = "0.00"
    book.create_sheet("Minutes").append(["28 November", "=1+1"])
    book.save(path)
    return {sheet.cell(row, 1).value: (f"asked {row}", 1.5 * row) for row in range(2, 6)}


def test_columns_of_people_are_told_not_read_and_stay_where_an_export_comes_over_them(tmp_path, capsys):
    folder, path = copy(EXAMPLES[0], tmp_path), tmp_path / "list.xlsx"
    exported(read_programme(folder), path)
    theirs = with_columns(path)
    before = texts(folder)
    with pytest.raises(SystemExit) as ended:
        main(["requirements", "import", str(path), str(folder), "--party", "agency"])
    out = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert "not read: the column 'Status' of yours, 4 cells" in out
    assert "not read: the column 'Cost, EUR' of yours, 4 cells" in out
    assert texts(folder) == before
    gone = next(iter(theirs))
    next(folder.rglob(f"requirements/{gone}.toml")).unlink()
    with pytest.raises(SystemExit) as ended:
        main(["requirements", "export", str(path), str(folder)])
    out = " ".join(capsys.readouterr().out.split())
    assert "kept: the column 'Status' of yours" in out
    assert "kept: the sheet 'Minutes'" in out
    assert f"gone with its row: {gone}, Status 'asked" in out
    book = load_workbook(path)
    assert book.sheetnames == ["Requirements", "Columns", "Minutes"]
    assert book["Minutes"]["B1"].value == "=1+1"
    sheet = book["Requirements"]
    heads = [cell.value for cell in sheet[1]]
    found = {
        row[0].value: (row[heads.index("Status")].value, row[heads.index("Cost, EUR")].value)
        for row in sheet.iter_rows(min_row=2)
        if row[heads.index("Status")].value
    }
    del theirs[gone]
    assert found == theirs
    assert sheet.cell(2, heads.index("Cost, EUR") + 1).number_format == "0.00"
    assert read_excel(path).left_out[:2] == (
        "not read: the column 'Status' of yours, 3 cells",
        "not read: the column 'Cost, EUR' of yours, 3 cells",
    )


def test_a_file_that_is_no_workbook_is_written_over_as_ever(tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_text("no workbook")
    assert write_excel(path, rows_of(read_programme(EXAMPLES[0]).requirements.values())) == ()
    assert len(read_excel(path)) == len(read_programme(EXAMPLES[0]).requirements)


@pytest.mark.parametrize(
    ("title", "meant"), [("Atleast", "At least"), ("At  most", "At most"), ("Scenarios", "Scenario"), ("Slot", "Slots")]
)
def test_a_slip_of_the_pen_is_no_column_of_ones_own(tmp_path, title, meant):
    book = Workbook()
    book.active.append(["ID", "Party", title])
    book.active.append(["X-1", "agency", "5"])
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(InputError, match=f"no column is called '{title}'") as caught:
        read_excel(tmp_path / "list.xlsx")
    assert f"did you mean '{meant}'" in caught.value.problems[0].hint


def test_cells_in_other_capitals_are_those_of_the_programme(tmp_path):
    programme, path = read_programme(EXAMPLES[0]), tmp_path / "list.xlsx"
    exported(programme, path)
    book = load_workbook(path)
    sheet = book["Requirements"]
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for title in ("Party", "Kind", "Firmness", "Shown by", "Gate", "Slots", "Safety", "Scenario"):
            cell = row[heads.index(title)]
            cell.value = cell.value and str(cell.value).capitalize()
    for cell in sheet[1]:
        cell.value = cell.value.upper()
    book.save(path)
    found = take_in(programme, read_excel(path), write=False)
    assert set(found.same) == set(programme.requirements)


def test_an_id_in_other_capitals_is_the_known_one_and_stands_once(tmp_path):
    programme, path = read_programme(EXAMPLES[0]), tmp_path / "list.xlsx"
    exported(programme, path)
    book = load_workbook(path)
    cells = {row[0].value: row[0] for row in book["Requirements"].iter_rows(min_row=2)}
    cells["I-SPEED"].value = "i-speed"
    book.save(path)
    assert "I-SPEED" in take_in(programme, read_excel(path), write=False).same
    cells["I-MASS"].value = "I-Speed"
    book.save(path)
    with pytest.raises(InputError, match="'I-SPEED' stands twice"):
        take_in(programme, read_excel(path), write=False)


TWO = [
    {"ReqIF_ForeignID": "SYS-1", "ReqIF_Text": "The bus stops"},
    {"ReqIF_ForeignID": "SYS-2", "ReqIF_Text": "within 40 m"},
    {"ReqIF_ForeignID": "SYS-3", "ReqIF_ChapterName": "Brakes"},
]


def foreign(tmp_path):
    """Two requirements and a heading of another tool, three relations between them of two kinds."""
    path = written(tmp_path, TWO, relations=[(1, 0), (0, 1), (1, 2)])
    kinds = "".join(
        f'<SPEC-RELATION-TYPE IDENTIFIER="{key}" LONG-NAME="{name}"/>'
        for key, name in (("s", "satisfies"), ("c", "Conflicts: with"))
    )
    text = path.read_text(encoding="utf-8").replace("<SPEC-TYPES>", f"<SPEC-TYPES>{kinds}")
    for kind in "sc":
        end = f"<TYPE><SPEC-RELATION-TYPE-REF>{kind}</SPEC-RELATION-TYPE-REF></TYPE></ SPEC-RELATION>"
        text = text.replace("</SPEC-RELATION>", end, 1)
    path.write_text(text.replace("</ SPEC", "</SPEC"), encoding="utf-8")
    return path


def test_relations_of_another_tool_are_kept_through_every_way_out_and_back(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    rows = read_reqif(foreign(tmp_path), party="agency")
    assert any("to what is no requirement here (1): related: SYS-2 to SYS-3" in one for one in rows.left_out)
    take_in(read_programme(folder), rows)
    read = read_programme(folder).requirements
    related = {name: [(one.kind, one.to) for one in read[name].relations or ()] for name in ("SYS-1", "SYS-2")}
    assert related == {"SYS-1": [("Conflicts: with", "SYS-2")], "SYS-2": [("satisfies", "SYS-1")]}
    written_down = (folder / "agency" / "requirements" / "SYS-2.toml").read_text(encoding="utf-8")
    assert '[[relations]]\nkind = "satisfies"\nto = "SYS-1"\n' in written_down
    for name in ("out.xlsx", "out.reqif", "out.reqifz"):
        back = exported(read_programme(folder), tmp_path / name)
        found = take_in(read_programme(folder), back, write=False)
        assert set(found.same) == set(read), name
    text = (tmp_path / "out.reqif").read_text(encoding="utf-8")
    assert 'LONG-NAME="satisfies"' in text and 'LONG-NAME="refines"' in text
    again = take_in(read_programme(folder), read_reqif(foreign(tmp_path), party="agency"), write=False)
    assert set(again.same) == {"SYS-1", "SYS-2"}


def test_relations_that_another_tool_adds_to_an_export_are_taken_in(tmp_path):
    folder, path = copy(EXAMPLES[0], tmp_path), tmp_path / "out.reqif"
    exported(read_programme(folder), path)
    text = path.read_text(encoding="utf-8")
    names = {
        name: re.search(rf'<SPEC-OBJECT IDENTIFIER="(\S+)" [^>]*LONG-NAME="{name}"', text)[1]
        for name in ("A-R10", "A-R100")
    }
    kind = re.search(r'<SPEC-RELATION-TYPE IDENTIFIER="(\S+)"', text)[1]

    def relation(of_kind):
        ends = "".join(
            f"<{end}><SPEC-OBJECT-REF>{names[name]}</SPEC-OBJECT-REF></{end}>"
            for end, name in (("TARGET", "A-R10"), ("SOURCE", "A-R100"))
        )
        return f"<SPEC-RELATION>{ends}<TYPE><SPEC-RELATION-TYPE-REF>{of_kind}</SPEC-RELATION-TYPE-REF></TYPE></SPEC-RELATION>"

    added = '<SPEC-RELATION-TYPE IDENTIFIER="copies" LONG-NAME="copies"/></SPEC-TYPES>'
    text = text.replace("</SPEC-TYPES>", added).replace(
        "</SPEC-RELATIONS>", f"{relation(kind)}{relation('copies')}</SPEC-RELATIONS>"
    )
    path.write_text(text, encoding="utf-8")
    found = take_in(read_programme(folder), read_reqif(path))
    assert found.changed == ("A-R100",)
    made = read_programme(folder).requirements["A-R100"]
    assert made.parents == ("A-R10",)
    assert [(one.kind, one.to) for one in made.relations or ()] == [("copies", "A-R10")]


def test_a_relation_to_nothing_is_refused(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    file = folder / "agency" / "requirements" / "A-R10.toml"
    file.write_text(
        file.read_text(encoding="utf-8") + 'relations = [{ kind = "copies", to = "A-R11" }]\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match="no requirement 'A-R11'"):
        read_programme(folder)


ENCODED = {
    "UTF-8 with its mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.replace("?>", ' encoding="UTF-16"?>').encode("utf-16"),
    "UTF-16 without mark": lambda text: text.replace("?>", " encoding='UTF-16LE'?>").encode("utf-16-le"),
    "UTF-16 the other way": lambda text: text.encode("utf-16-be"),
    "Windows-1251": lambda text: text.replace("?>", ' encoding="windows-1251"?>').encode("cp1251"),
    "ISO-8859-5": lambda text: text.replace("?>", ' encoding="ISO-8859-5" standalone="yes"?>').encode("iso8859-5"),
}


@pytest.mark.parametrize("encoded", ENCODED.values(), ids=ENCODED.keys())
def test_a_file_is_read_in_the_encoding_that_it_states(tmp_path, encoded):
    path = written(tmp_path, [{"ReqIF_ForeignID": "ТЗ-1", "ReqIF_Text": "Масса не более 1200 кг"}])
    path.write_bytes(encoded('<?xml version="1.0"?>\n' + path.read_text(encoding="utf-8")))
    (row,) = read_reqif(path, party="agency")
    assert (row.cells["id"], row.cells["title.ru"]) == ("TZ-1", "Масса не более 1200 кг")


@pytest.mark.parametrize(
    ("declared", "words"), [("windows-1251", ""), ("rot13", ""), ("klingon", "not in its encoding")]
)
def test_an_encoding_that_is_none_is_told(tmp_path, declared, words):
    path = written(tmp_path, [{"ReqIF_ForeignID": "R-1", "ReqIF_Text": "first"}])
    path.write_bytes(f'<?xml version="1.0" encoding="{declared}"?>\n'.encode() + path.read_bytes())
    if words:
        with pytest.raises(InputError, match=words):
            read_reqif(path, party="agency")
    else:
        assert len(read_reqif(path, party="agency")) == 1


def test_names_of_attributes_in_other_capitals(tmp_path):
    path = written(tmp_path, [{"ReqIF_ForeignID": "SYS-1", "ReqIF_Text": "first"}])
    text = path.read_text(encoding="utf-8")
    for name in ("ReqIF.ForeignID", "ReqIF.Text"):
        text = text.replace(f'LONG-NAME="{name}"', f'LONG-NAME="{name.upper()}"')
    path.write_text(text, encoding="utf-8")
    (row,) = read_reqif(path, party="agency")
    assert (row.cells["id"], row.cells["title.en"]) == ("SYS-1", "first")


def container(tmp_path, parts):
    path = tmp_path / "out.reqifz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def test_a_container_is_read_with_all_its_files_and_its_attachments_are_named(tmp_path):
    first = written(tmp_path, TWO[:1]).read_bytes()
    second = (
        written(tmp_path, [{"ReqIF_ForeignID": "HW-1", "ReqIF_Text": "second"}]).read_bytes().replace(b'"o0"', b'"p0"')
    )
    path = container(
        tmp_path, {"System.ReqIF": first, "sub/Hardware.reqif": second, "files/brake.png": b"x" * 9, "files/": b""}
    )
    rows = read_reqif(path, party="agency")
    assert [row.cells["id"] for row in rows] == ["SYS-1", "HW-1"]
    assert rows.left_out == ("not read: attachments (1): files/brake.png",)


HOSTILE = {
    "no file": ({"readme.txt": "x"}, "no ReqIF file in the container"),
    "too large": ({"a.reqif": b" " * (17 * 2**20)}, "more than 20 ReqIF files, 16 MiB"),
    "too many": ({f"{k}.reqif": "x" for k in range(21)}, "more than 20 ReqIF files"),
    "entities": ({"a.reqif": '<!DOCTYPE a [<!ENTITY x "y">]><REQ-IF/>'}, "declares a document type"),
    "another file": ({"a.reqif": "<html/>"}, "out.reqifz, a.reqif: this is no ReqIF file"),
}


@pytest.mark.parametrize(("parts", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_containers_are_refused_within_bounds(tmp_path, parts, words):
    with pytest.raises(InputError, match=words):
        read_reqif(container(tmp_path, parts), party="agency")


def test_a_part_that_states_less_than_it_holds_is_never_unpacked_whole(tmp_path):
    path = container(tmp_path, {"a.reqif": " " * 20_000_000})
    stated, held = (100).to_bytes(4, "little"), (20_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(held, stated))
    tracemalloc.start()
    with pytest.raises(InputError, match="container is broken"):
        read_reqif(path, party="agency")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_broken_container_is_told(tmp_path):
    path = container(tmp_path, {"a.reqif": "x" * 500})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="container is broken"):
        read_reqif(path, party="agency")


def test_nothing_of_a_container_is_written_wherever_its_names_lead(tmp_path):
    first = written(tmp_path, TWO[:1]).read_bytes()
    inner = tmp_path / "inner"
    inner.mkdir()
    path = container(inner, {"../../out.reqif": first, "/tmp/other.png": b"x", "..\\up.png": b"y"})
    before = sorted(tmp_path.rglob("*"))
    rows = read_reqif(path, party="agency")
    assert len(rows) == 1 and "../" not in rows[0].where
    assert sorted(tmp_path.rglob("*")) == before


def test_the_same_content_is_the_same_container(tmp_path):
    rows = rows_of(read_programme(EXAMPLES[0]).requirements.values())
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_reqif(tmp_path / name / "out.reqifz", rows, "Car")
        made.append((tmp_path / name / "out.reqifz").read_bytes())
    assert made[0] == made[1] and zipfile.is_zipfile(tmp_path / "a" / "out.reqifz")
