"""Requirements out to Excel and ReqIF and back: nothing is lost, nothing is written where something is wrong."""

import re
import shutil
import time
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from covolt.cli import exit_codes, main
from covolt.errors import InputError, Problem
from covolt.programme.reading import read_programme
from covolt.programme.requirement import StatedConditions
from covolt.programme.requirement_files import read_excel, read_reqif, rows_of, take_in, write_excel, write_reqif
from covolt.programme.requirement_files import workbook as workbook_reader
from covolt.programme.requirement_files.columns import COLUMNS
from covolt.programme.requirement_files.rows import Row
from covolt.study.verdicts.verification import requirement_problems
from covolt.words import spoken, text
from tests.house.source import ROOT

EXAMPLES = [ROOT / "examples" / "city-car", ROOT / "examples" / "city-bus"]


def exported(programme, path):
    rows = rows_of(programme.requirements.values())
    if path.suffix == ".xlsx":
        write_excel(path, rows)
        return read_excel(path)
    write_reqif(path, rows, 'Car <&> "Auto"')
    return read_reqif(path)


def copy(folder, tmp_path):
    return Path(shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns(".covolt", "build")))


def texts(folder):
    return {path: path.read_bytes() for path in folder.rglob("*.toml")}


def test_every_condition_has_its_column():
    assert {f"conditions.{name}" for name in StatedConditions.model_fields} <= {one.key for one in COLUMNS}


@pytest.mark.parametrize("name", ["requirements.xlsx", "requirements.reqif"])
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_out_and_back_changes_nothing(folder, name, tmp_path):
    programme = read_programme(folder)
    found = take_in(programme, exported(programme, tmp_path / name), write=False)
    assert set(found.same) == set(programme.requirements)
    assert (found.new, found.changed, found.left) == ((), (), ())


@pytest.mark.parametrize("name", ["requirements.xlsx", "requirements.reqif"])
def test_into_an_empty_programme_it_is_the_same_again(name, tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    whole = read_programme(folder)
    rows = exported(whole, tmp_path / name)
    for path in folder.rglob("requirements/*.toml"):
        path.unlink()
    for path in (folder / "gates").glob("*.toml"):  # their criteria may name requirements
        path.write_text("\n".join(line for line in path.read_text().splitlines() if "margin(" not in line))
    for path in folder.rglob("gates/prototype.toml"):
        text = path.read_text()
        path.write_text(text.replace('id = "price"', 'id = "price"\ncheck = "1 == 1"'))
    found = take_in(read_programme(folder), rows)
    assert set(found.new) == set(whole.requirements)
    without = {name: one.model_copy(update={"evidence": ()}) for name, one in whole.requirements.items()}
    assert read_programme(folder).requirements == without  # papers and their digests are no rows


def test_the_same_content_is_the_same_reqif_file(tmp_path):
    rows = rows_of(read_programme(EXAMPLES[0]).requirements.values())
    for name in ("a.reqif", "b.reqif"):
        write_reqif(tmp_path / name, rows, "Car")
    assert (tmp_path / "a.reqif").read_bytes() == (tmp_path / "b.reqif").read_bytes()


def test_the_reqif_file_keeps_the_schema(tmp_path):
    """The schema of the OMG, and another reader of the format as the oracle."""
    import reqif
    from reqif.parser import ReqIFParser
    from xmlschema import XMLSchema

    programme = read_programme(EXAMPLES[0])
    path = tmp_path / "requirements.reqif"
    exported(programme, path)
    bundle = ReqIFParser.parse(str(path))
    assert bundle.exceptions == []
    content = bundle.core_content.req_if_content
    assert len(content.spec_objects) == len(programme.requirements)
    assert {one.long_name for one in content.specifications} == {one.party for one in programme.requirements.values()}
    in_tree = [
        node.spec_object for one in content.specifications for node in bundle.iterate_specification_hierarchy(one)
    ]
    assert len(in_tree) == len(set(in_tree)) == len(programme.requirements)
    assert len(content.spec_relations) == sum(len(one.parents) for one in programme.requirements.values())
    schema = XMLSchema(str(Path(reqif.__file__).parent / "reqif_schema" / "reqif.xsd"), allow="local")
    assert list(schema.iter_errors(str(path))) == []


def test_a_changed_cell_changes_its_file_alone(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    path = tmp_path / "requirements.xlsx"
    exported(read_programme(folder), path)
    book = load_workbook(path)
    sheet = book["Requirements"]
    heads = [cell.value for cell in sheet[1]]
    line = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "A-R13H")
    line[heads.index("At most")].value = "68 m"
    book.save(path)
    before = texts(folder)
    found = take_in(read_programme(folder), read_excel(path))
    assert found.changed == ("A-R13H",)
    changed = {one.stem for one, content in texts(folder).items() if before[one] != content}
    assert changed == {"A-R13H"}
    assert read_programme(folder).requirements["A-R13H"].at_most == "68 m"
    file = folder / "agency" / "requirements" / "A-R13H.toml"
    differing = [line for line in file.read_bytes().splitlines() if line not in before[file].splitlines()]
    assert differing == [b'at_most = "68 m"']


def sheet_of(tmp_path, *rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "mine.xlsx"
    book.save(path)
    return path


def test_every_problem_of_every_row_at_once(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    head = ["ID", "Party", "Title", "Kind", "Procedure", "Measure", "At least", "Gate"]
    path = sheet_of(
        tmp_path,
        head,
        ["X-1", "agency", "One", "must", "wltp", "range", "250 km", "concept"],
        ["X-2", "nobody", "Two", "need", "wltp", "range", "250 km", "concept"],
        ["X-3", "agency", "Three", "need", "wltp", "range", "250 quux", "concept"],
        ["X-4", "agency", "", "need", "wltp", "range", "250 km", "concept"],
        ["A-R85", "integrator", "Five", "need", "wltp", "range", "250 km", "concept"],
    )
    before = texts(folder)
    with pytest.raises(InputError) as raised:
        take_in(read_programme(folder), read_excel(path))
    said = [f"{one.where}: {one.what} ({one.hint})" for one in raised.value.problems]
    for words in (
        "mine.xlsx, row 2, Kind",
        "write one of: law, constraint, need, wish",
        "mine.xlsx, row 3, Party: no party 'nobody'",
        "row 4",
        "row 5",
        "row 6, Party: 'A-R85' belongs to agency",
    ):
        assert any(words in one for one in said), (words, said)
    assert texts(folder) == before


def test_each_fault_of_a_row_is_told_once_in_its_own_column(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    head = ["ID", "Party", "Title", "Вид", "Procedure", "Measure", "At least", "Ambient", "Нагрузка", "Gate"]
    path = sheet_of(
        tmp_path,
        head,
        ["X-1", "agency", "One", "need", "wltp", "range", "40,5 km", None, None, "nogate"],
        ["X-2", "nobody", "Two", None, "wltp", "range", "250 quux", "warm", "many", "concept"],
        ["X-3", "agency", "Three", "Закон", "wltp", "range", "250 км", None, "150 кг", "concept"],
    )
    with pytest.raises(InputError) as raised:
        take_in(read_programme(folder), read_excel(path), further=requirement_problems)
    said = sorted((one.where.removeprefix("mine.xlsx, "), one.what) for one in raised.value.problems)
    assert said == [
        ("row 2, At least", "'40,5 km' has a comma in its number"),
        ("row 2, Gate", "no gate 'nogate' in this programme"),
        ("row 3, Ambient", "'warm' does not begin with a number"),
        ("row 3, At least", "unknown unit 'quux'"),
        ("row 3, Party", "no party 'nobody'"),
        ("row 3, Вид (Kind)", "'kind' is missing"),
        ("row 3, Нагрузка (Payload)", "'many' does not begin with a number"),
    ]


def test_words_and_units_of_a_cell_are_read_in_any_language(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    head = ["ID", "Party", "Title", "Kind", "Procedure", "Measure", "At most", "Payload", "Safety"]
    row = ["X-1", "agency", "One", "Потребность", "wltp", "consumption", "15 кВт·ч/100 км", "150 кг", "Да"]
    take_in(read_programme(folder), read_excel(sheet_of(tmp_path, head, row)), further=requirement_problems)
    made = read_programme(folder).requirements["X-1"]
    assert (made.kind, made.at_most, made.conditions.payload, made.safety) == (
        "need",
        "15 kWh/100 km",
        "150 kg",
        True,
    )


def test_what_does_not_hang_together_is_refused(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    head = ["id", "party", "title.en", "kind", "procedure", "measure", "at_least", "verify.gate", "parents"]
    path = sheet_of(
        tmp_path,
        head,
        ["X-1", "agency", "One", "need", "wltp", "range", "250 km", "heaven", None],
        ["X-2", "agency", "Two", "need", "wltp", "range", "250 km", "concept", "X-9"],
    )
    with pytest.raises(InputError) as raised:
        take_in(read_programme(folder), read_excel(path))
    places = {one.where.partition(":")[0] for one in raised.value.problems}
    assert places == {"mine.xlsx, row 2, verify.gate (Gate)", "mine.xlsx, row 3, Parents"}


def test_titles_in_russian_and_in_any_order(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    path = sheet_of(
        tmp_path,
        ["Не менее", "Участник", "Показатель", "Методика", "Название", "Вид", "Обозначение", "Рубеж", "Безопасность"],
        ["240 km", "agency", "range", "wltp", "Запас хода", "need", "Х-1".replace("Х", "X"), "concept", "да"],
    )
    found = take_in(read_programme(folder), read_excel(path))
    assert found.new == ("X-1",)
    made = read_programme(folder).requirements["X-1"]
    assert (made.title.ru, made.safety, made.at_least) == ("Запас хода", True, "240 km")


@pytest.mark.parametrize("text", ["=1+1", "+7", "-cmd", "@SUM(A1)"])
def test_a_text_that_begins_like_a_formula_stays_text(text, tmp_path):
    programme = read_programme(EXAMPLES[0])
    first, *_ = rows_of(programme.requirements.values())
    path = tmp_path / "a.xlsx"
    write_excel(path, [type(first)({**first.cells, "title.en": text})])
    assert read_excel(path)[0].cells["title.en"] == text
    with zipfile.ZipFile(path) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


DOORS = """<?xml version="1.0" encoding="UTF-8"?>
<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd" xmlns:x="http://www.w3.org/1999/xhtml">
 <CORE-CONTENT><REQ-IF-CONTENT>
  <SPEC-TYPES><SPEC-OBJECT-TYPE IDENTIFIER="t"><SPEC-ATTRIBUTES>
   <ATTRIBUTE-DEFINITION-STRING IDENTIFIER="i" LONG-NAME="ReqIF.ForeignID"/>
   <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="x" LONG-NAME="ReqIF.Text"/>
   <ATTRIBUTE-DEFINITION-STRING IDENTIFIER="c" LONG-NAME="ReqIF.ChapterName"/>
  </SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE></SPEC-TYPES>
  <SPEC-OBJECTS>
   <SPEC-OBJECT IDENTIFIER="a"><VALUES>
    <ATTRIBUTE-VALUE-STRING THE-VALUE="Braking"><DEFINITION>
     <ATTRIBUTE-DEFINITION-STRING-REF>c</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>
   </VALUES></SPEC-OBJECT>
   <SPEC-OBJECT IDENTIFIER="b"><VALUES>
    <ATTRIBUTE-VALUE-STRING THE-VALUE="417"><DEFINITION>
     <ATTRIBUTE-DEFINITION-STRING-REF>i</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>
    <ATTRIBUTE-VALUE-XHTML><DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>x</ATTRIBUTE-DEFINITION-XHTML-REF></DEFINITION>
     <THE-VALUE><x:div>The car <x:b>shall</x:b> stop.</x:div></THE-VALUE></ATTRIBUTE-VALUE-XHTML>
   </VALUES></SPEC-OBJECT>
  </SPEC-OBJECTS>
 </REQ-IF-CONTENT></CORE-CONTENT>
</REQ-IF>
"""


def test_another_tools_reqif_becomes_requirements_shown_by_document(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    path = tmp_path / "doors.reqif"
    path.write_text(DOORS)
    with pytest.raises(InputError, match="which party"):
        read_reqif(path)
    found = take_in(read_programme(folder), read_reqif(path, party="agency"), party="agency")
    assert found.new == ("R-417",)
    assert "shown by a document" in found.remarks[0]
    assert any("left out" in one and "a heading ('Braking')" in one for one in found.remarks)
    made = read_programme(folder).requirements["R-417"]
    assert (made.title.en, made.verify.method, made.kind) == ("The car shall stop.", "document", "need")
    path.write_text(DOORS.replace("stop.", "stop at once."))
    file = folder / "agency" / "requirements" / "R-417.toml"
    file.write_text(file.read_text().replace('kind = "need"', 'kind = "law"'))
    take_in(read_programme(folder), read_reqif(path, party="agency"), party="agency")
    again = read_programme(folder).requirements["R-417"]
    assert (again.title.en, again.kind) == ("The car shall stop at once.", "law")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"not a workbook", "no Excel workbook"),
        ("a.reqif", b"<REQ-IF", "not XML"),
        ("a.reqif", b"<html/>", "no ReqIF file"),
        ("a.reqif", b"<REQ-IF/>", "no requirement in it"),
        ("a.reqif", b'<!DOCTYPE x [<!ENTITY a "b">]><REQ-IF>&a;</REQ-IF>', "declares a document type"),
        ("a.reqif", b"", "empty"),
        ("a.reqif", b"<REQ-IF>" + b"<b>" * 3000 + b"</b>" * 3000 + b"</REQ-IF>", "more than 64 levels"),
        ("a.reqif", b"<REQ-IF>" + b"<b>" * 64 + b"</b>" * 64 + b"</REQ-IF>", "more than 64 levels"),
        ("a.reqif", b"<REQ-IF>" + b"<b>" * 63 + b"</b>" * 63 + b"</REQ-IF>", "no requirement in it"),
        ("a.reqif", b"<REQ-IF><SPEC-OBJECT><b><SPEC-OBJECT/></b></SPEC-OBJECT></REQ-IF>", "stands within another"),
    ],
)
def test_files_that_are_something_else(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    reader = read_excel if name.endswith("xlsx") else read_reqif
    with pytest.raises(InputError, match=words):
        reader(path)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (["ID", "Title"], "the column 'Party' is missing"),
        (["ID", "Party", "Atleast"], "no column is called 'Atleast'"),
        (["ID", "Party", "id"], "stands twice"),
    ],
)
def test_columns_that_do_not_fit(tmp_path, head, words):
    with pytest.raises(InputError, match=words):
        read_excel(sheet_of(tmp_path, head, ["X-1", "agency", ""]))


def test_a_partys_own_requirement_leaves_by_its_own_hand_only(tmp_path, capsys):
    folder = copy(EXAMPLES[0], tmp_path)
    path = folder / "battery-works" / "requirements" / "B-MASS.toml"
    path.write_text(path.read_text() + 'visibility = "party"\n')
    for extra, there in (((), False), (("--party", "battery-works"), True)):
        with pytest.raises(SystemExit) as leaving:
            main(["requirements", "export", str(tmp_path / "a.xlsx"), str(folder), *extra])
        assert leaving.value.code == exit_codes.COMPLETED
        names = {row.cells["id"] for row in read_excel(tmp_path / "a.xlsx")}
        assert ("B-MASS" in names) is there
        assert ("left out 1" in capsys.readouterr().out) is not there


def test_the_commands(tmp_path, capsys):
    folder = copy(EXAMPLES[0], tmp_path)
    file = tmp_path / "a.reqif"
    imported = ["import", str(file), str(folder), "--party", "agency", "--dry-run"]
    for arguments in (["export", str(file), str(folder)], imported):
        with pytest.raises(SystemExit) as leaving:
            main(["requirements", *arguments])
        assert leaving.value.code == exit_codes.COMPLETED
    assert "would write 0 requirements; 68 as before" in capsys.readouterr().out
    with pytest.raises(SystemExit) as leaving:
        main(["requirements", "import", str(tmp_path / "a.csv"), str(folder), "--party", "nobody"])
    assert leaving.value.code == exit_codes.INPUT_WRONG


@pytest.fixture
def workbook(tmp_path):
    """The requirements as a workbook, and a function that changes a cell of it and tells what an import then says."""
    folder = copy(EXAMPLES[0], tmp_path)
    path = tmp_path / "requirements.xlsx"
    write_excel(path, rows_of(read_programme(folder).requirements.values()))

    def changed(change):
        book = load_workbook(path)
        sheet = book.worksheets[0]
        column = {cell.value: cell.column for cell in sheet[1]}
        row = {cell.value: cell.row for cell in sheet["A"]}
        change(sheet, lambda name, title: sheet.cell(row[name], column[title]), column)
        book.save(path)
        before = texts(folder)
        programme = read_programme(folder)
        try:
            found = take_in(programme, read_excel(path), further=requirement_problems)
        except InputError as error:
            assert texts(folder) == before
            return list(error.problems)
        read_programme(folder, further=requirement_problems)
        return found

    return changed


@pytest.mark.parametrize("title", ["Title (Russian)", "Ambient", "Regulation", "Parents", "Safety", "At most", "Gate"])
def test_a_column_that_was_deleted_says_nothing(workbook, title):
    found = workbook(lambda sheet, cell, column: sheet.delete_cols(column[title]))
    assert (found.new, found.changed) == ((), ())


def test_a_cell_that_was_emptied_says_that_it_is_empty(workbook):
    def change(sheet, cell, column):
        cell("A-R85", "Regulation").value = None

    assert workbook(change).changed == ("A-R85",)


@pytest.mark.parametrize(
    ("name", "title", "value", "words"),
    [
        ("I-MASS", "At most", '="1170"&" kg"', "a formula that was never computed"),
        ("A-R85", "Regulation", "=A1", "a formula that was never computed"),
        ("A-R85", "Title", "#REF!", "the error #REF!"),
        ("I-MASS", "At most", "1170 km", "is in kg, and the bound is 1170 km"),
        ("I-MASS", "At most", 1170, "is in kg, and the bound is 1170"),
        ("I-MASS", "Measure", "mass", "yields no measure 'mass'"),
        ("I-MASS", "Title", "a \u202e b", "control characters (U+202E)"),
        ("I-MASS", "ID", "../../x", "is not written as 'id' must be"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named(workbook, name, title, value, words):
    def change(sheet, cell, column):
        cell(name, title).value = value

    found = [one for one in workbook(change) if words in one.what]
    assert found
    assert all(f"row {36 if name == 'I-MASS' else 13}" in one.where for one in found)


def test_more_rows_than_are_read_are_not_left_out_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_reader, "MOST_ROWS", 4)
    path = sheet_of(tmp_path, ["ID", "Party"], *([f"X-{number}", "agency"] for number in range(5)))
    with pytest.raises(InputError, match="more than 4 rows"):
        read_excel(path)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, (b"&%c;" % (letter - 1)) * 10) for letter in range(98, 110)
)
PARTS = {
    "bomb": ("xl/styles.xml", lambda content: bytes(160 * 2**20), "too large"),
    "entities": ("xl/workbook.xml", lambda content: LAUGHS + b"]><x>&m;</x>", "document type"),
    "outside": (
        "xl/worksheets/sheet1.xml",
        lambda content: b'<!DOCTYPE x [<!ENTITY e SYSTEM "a">]>' + content,
        "document type",
    ),
    "UTF-16": (
        "xl/worksheets/sheet1.xml",
        lambda content: ("<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x []><x/>").encode("utf-16"),
        "document type",
    ),
    "one wide row": (
        "xl/worksheets/sheet1.xml",
        lambda content: (
            b'<worksheet xmlns="a"><sheetData><row>' + b"<c><v>1</v></c>" * 190_000 + b"</row></sheetData></worksheet>"
        ),
        "more than 200 cells",
    ),
    "cut sheet": ("xl/worksheets/sheet1.xml", lambda content: content[:200], "broken"),
    "cut book": ("xl/workbook.xml", lambda content: content[:200], "broken"),
}


@pytest.mark.parametrize("case", PARTS)
def test_hostile_and_broken_workbooks(tmp_path, case):
    name, change, words = PARTS[case]
    whole = sheet_of(tmp_path, ["ID", "Party"], ["X-1", "agency"])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    with pytest.raises(InputError, match=words):
        read_excel(broken)


def with_pieces(tmp_path, pieces):
    """A workbook whose title is of pieces with fonts of their own, as Excel keeps them among its shared strings."""
    whole = sheet_of(tmp_path, ["ID", "Party", "Title"], ["X-1", "agency", "PIECES"])
    rich = tmp_path / "rich.xlsx"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    declared = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>'
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(rich, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part).decode()
            content = re.sub(r't="inlineStr"><is><t>PIECES</t></is>', 't="s"><v>0</v>', content)
            new.writestr(part, content.replace("</Types>", declared))
        new.writestr("xl/sharedStrings.xml", f"{head}<si>{pieces}</si></sst>")
    return rich


@pytest.mark.parametrize(
    ("pieces", "title"),
    [
        (
            '<r><t>10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>6</t></r><r><t xml:space="preserve"> km</t></r>',
            "10⁶ km",
        ),
        ('<r><t>CO</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r>', "CO₂"),
        ("<r><rPr><strike/></rPr><t>250</t></r><r><t>300 km</t></r>", "300 km"),
        ("<r><rPr><b/></rPr><t>s</t></r><r><t>hall</t></r>", "shall"),
    ],
)
def test_formatted_text_in_a_cell_keeps_its_meaning(tmp_path, pieces, title):
    """Raised digits were once read as digits: 10 to the 6th as 106."""
    assert read_excel(with_pieces(tmp_path, pieces))[0].cells["title.en"] == title


def test_cells_that_are_struck_or_became_dates_are_refused_with_their_place(tmp_path):
    book = Workbook()
    book.active.append(["ID", "Party", "Title"])
    book.active.append([datetime(2026, 2, 1), "agency", "One"])
    book.active.append(["X-2", "agency", "Two"])
    book.active["C3"].font = Font(strike=True)
    book.save(tmp_path / "mine.xlsx")
    with pytest.raises(InputError) as raised:
        read_excel(tmp_path / "mine.xlsx")
    said = [f"{one.where}: {one.what}" for one in raised.value.problems]
    assert len(said) == 2 and all(one.hint for one in raised.value.problems)
    assert said[0].startswith("mine.xlsx, row 2, ID: the cell holds a date")
    assert said[1].startswith("mine.xlsx, row 3, Title: the cell is struck through")


def test_further_sheets_are_named(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    book = load_workbook(exported_file(folder, tmp_path))
    book.create_sheet("Motor").append(["ID", "Party"])
    book.create_sheet("Empty")
    book.save(tmp_path / "two.xlsx")
    rows = read_excel(tmp_path / "two.xlsx")
    assert rows.left_out == ("left out: the sheet 'Motor' with 1 row; import it by itself",)
    assert rows.left_out[0] in take_in(read_programme(folder), rows, write=False).remarks


def with_cells(tmp_path, cells, part="xl/worksheets/sheet1.xml", old=b"</sheetData>", new=b"</sheetData>"):
    """A workbook with these cells below its heading, as they are written, and something else of a part replaced."""
    whole = sheet_of(tmp_path, ["ID", "Party", "Title"], ["X-1", "agency", "One"])
    made = tmp_path / "made.xlsx"
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", f"{cells}</sheetData>".encode())
            after.writestr(name, content.replace(old, new) if name == part else content)
    return made


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ('<row r="9"><c r="A9" t="str"><f>A2</f><v>X-2</v></c><c r="C9" t="b"><v>1</v></c></row>', ("X-2", "", "yes")),
        ("<row><c><v>7</v></c><c><v>7.0</v></c><c><v>1E-3</v></c></row>", ("7", "7", "0.001")),
        ('<row><c r="C3" t="str"><f>""</f><v></v></c><c r="A3"><v>3</v></c></row>', ("3", "", "")),
        (
            '<row><c t="inlineStr"><is><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh></is></c></row>',
            ("漢字", "", ""),
        ),
    ],
)
def test_a_cell_is_read_as_it_shows(tmp_path, cells, read):
    row = read_excel(with_cells(tmp_path, cells))[1]
    assert tuple(row.cells[key] for key in ("id", "party", "title.en")) == read
    assert row.where == f"made.xlsx, row {9 if 'A9' in cells else 3}"


def test_the_day_of_a_workbook_of_1904_is_told_as_its_cell_shows_it(tmp_path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["ID", "Party", "Title"])
    book.active.append([datetime(2026, 2, 1), "agency", "One"])
    book.save(tmp_path / "mac.xlsx")
    with pytest.raises(InputError, match="a date or a time \\(2026-02-01"):
        read_excel(tmp_path / "mac.xlsx")


def test_the_namespace_of_a_strict_workbook_is_read_too(tmp_path):
    made = with_cells(
        tmp_path, "", old=b"schemas.openxmlformats.org/spreadsheetml/2006", new=b"purl.oclc.org/ooxml/spreadsheetml"
    )
    assert read_excel(made)[0].cells["id"] == "X-1"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ('<row r="4001"><c><v>1</v></c></row>', "more than 4000 rows"),
        ("<row><c><v>1</v></c></row>" * 4001, "more than 4000 rows"),
        ("<row/>" * 400_001, "more than 400000 elements"),
        ('<row><c r="?1"><v>1</v></c></row>', "broken"),
        ('<row><c t="s"><v>1</v></c></row>', "broken"),
    ],
)
def test_a_workbook_beyond_its_bounds_is_refused(tmp_path, cells, words):
    with pytest.raises(InputError, match=words):
        read_excel(with_cells(tmp_path, cells))


def test_a_stray_empty_cell_far_below_is_no_row(tmp_path):
    assert len(read_excel(with_cells(tmp_path, '<row r="4001"><c s="0"/></row>'))) == 1


def test_what_explains_the_columns_is_not_read(tmp_path):
    path = exported_file(copy(EXAMPLES[0], tmp_path), tmp_path)
    cut = tmp_path / "cut.xlsx"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(cut, "w") as after:
        for name in before.namelist():
            after.writestr(name, b"<x" if name.endswith("sheet2.xml") else before.read(name))
    assert len(read_excel(cut)) == len(read_excel(path))


def test_of_rows_that_are_all_wrong_the_first_are_told(tmp_path):
    folder = copy(EXAMPLES[0], tmp_path)
    path = sheet_of(tmp_path, ["ID", "Party", "Kind"], *([f"X-{number}", "agency", "law"] for number in range(900)))
    with pytest.raises(InputError) as raised:
        take_in(read_programme(folder), read_excel(path))
    assert 500 < len(raised.value.problems) < 510
    assert raised.value.problems[-1].what == "from here on nothing was looked at"


def test_rows_of_many_requirements_take_no_more_time_each(tmp_path):
    programme = read_programme(copy(EXAMPLES[0], tmp_path))
    first = next(row for row in rows_of(programme.requirements.values()) if row.cells["procedure"] == "declaration")
    taken_s = []
    for count in (250, 1000):
        rows = [type(first)({**first.cells, "id": f"X-{number}", "parents": ""}) for number in range(count)]
        begin_s = time.process_time()
        assert len(take_in(programme, rows, write=False).new) == count
        taken_s.append(time.process_time() - begin_s)
    assert taken_s[1] < 8.0 * taken_s[0]


def exported_file(folder, tmp_path):
    path = tmp_path / "one.xlsx"
    exported(read_programme(folder), path)
    return path


def test_a_row_and_its_column_are_said_in_russian():
    row = Row({}, spoken(text("{file}, row {number}", file="list.xlsx", number=7)))
    told = Problem(text("the text is empty"), row.place("id"))
    assert (str(told), told.told("ru")) == (
        "list.xlsx, row 7, ID: the text is empty",
        "list.xlsx, строка 7, ID: текст пуст",
    )
