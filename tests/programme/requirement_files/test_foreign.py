"""ReqIF of other tools: nothing of it is lost in silence, and text keeps its meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.programme.requirement_files import read_reqif, rows_of, take_in, write_reqif
from covolt.programme.requirement_files.foreign import apart, key_of, plain_text
from covolt.programme.text import IDENTIFIER
from tests.programme.requirement_files.test_taking import EXAMPLES, copy

KINDS = {"ReqIF.ForeignDeleted": "BOOLEAN", "ReqIF.Text": "XHTML", "ReqIF.ChapterName": "XHTML"}
HEAD = (
    '<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd" xmlns:h="http://www.w3.org/1999/xhtml">'
    "<CORE-CONTENT><REQ-IF-CONTENT>"
)


def value(name: str, text: str) -> str:
    kind = KINDS.get(name, "STRING")
    reference = f"<DEFINITION><ATTRIBUTE-DEFINITION-{kind}-REF>{name}</ATTRIBUTE-DEFINITION-{kind}-REF></DEFINITION>"
    if kind == "XHTML":
        inner = f"{reference}<THE-VALUE><h:div>{text}</h:div></THE-VALUE>"
        return f"<ATTRIBUTE-VALUE-XHTML>{inner}</ATTRIBUTE-VALUE-XHTML>"
    return f'<ATTRIBUTE-VALUE-{kind} THE-VALUE="{escape(text)}">{reference}</ATTRIBUTE-VALUE-{kind}>'


def values(stated: Mapping[str, str]) -> str:
    return f"<VALUES>{''.join(value(name.replace('_', '.'), text) for name, text in stated.items())}</VALUES>"


def written(
    tmp_path: Path,
    objects: Sequence[Mapping[str, str]],
    *,
    relations: Sequence[tuple[int, int]] = (),
    modules: Sequence[tuple[str, Mapping[str, str], Sequence[int]]] = (),
    kinds: Sequence[str] = (),
) -> Path:
    """A file of objects by their attributes, of relations and of specifications by the places of objects."""
    names = {name.replace("_", ".") for one in (*objects, *(stated for _, stated, _ in modules)) for name in one}
    definitions = "".join(
        f'<ATTRIBUTE-DEFINITION-{KINDS.get(name, "STRING")} IDENTIFIER="{name}" LONG-NAME="{name}"/>'
        for name in sorted(names)
    )
    types = "".join(f'<SPEC-OBJECT-TYPE IDENTIFIER="k{kind}" LONG-NAME="{kind}"/>' for kind in kinds)
    body = "".join(
        f'<SPEC-OBJECT IDENTIFIER="o{k}">{values(one)}'
        + (f"<TYPE><SPEC-OBJECT-TYPE-REF>k{kinds[k]}</SPEC-OBJECT-TYPE-REF></TYPE>" if kinds else "")
        + "</SPEC-OBJECT>"
        for k, one in enumerate(objects)
    )

    def end(tag: str, k: int) -> str:
        return f"<{tag}><SPEC-OBJECT-REF>o{k}</SPEC-OBJECT-REF></{tag}>"

    related = "".join(f"<SPEC-RELATION>{end('SOURCE', a)}{end('TARGET', b)}</SPEC-RELATION>" for a, b in relations)
    specified = "".join(
        f'<SPECIFICATION LONG-NAME="{name}">{values(stated)}<CHILDREN>'
        + "".join(f"<SPEC-HIERARCHY>{end('OBJECT', k)}</SPEC-HIERARCHY>" for k in places)
        + "</CHILDREN></SPECIFICATION>"
        for name, stated, places in modules
    )
    path = tmp_path / "foreign.reqif"
    path.write_text(
        f"{HEAD}<SPEC-TYPES>{types}<SPEC-OBJECT-TYPE><SPEC-ATTRIBUTES>{definitions}</SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE>"
        f"</SPEC-TYPES><SPEC-OBJECTS>{body}</SPEC-OBJECTS><SPEC-RELATIONS>{related}</SPEC-RELATIONS>"
        f"<SPECIFICATIONS>{specified}</SPECIFICATIONS></REQ-IF-CONTENT></CORE-CONTENT></REQ-IF>",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("formatted", "plain"),
    [
        ("Mass <del>1900</del><ins>1850</ins> kg", "Mass 1850 kg"),
        ('Mass <span style="text-decoration: line-through">1900</span>1850 kg', "Mass 1850 kg"),
        ("Mass <s>1900</s><strike>1700</strike> 1850 kg", "Mass 1850 kg"),
        ("below 95 g CO<sub>2</sub>/km", "below 95 g CO₂/km"),
        ("10<sup>6</sup> cycles, 10<sup>-3</sup> failures", "10⁶ cycles, 10⁻³ failures"),
        ("v<sub>max</sub>, x<sup>*</sup>, 10<sup>n</sup>", "v_max, x^(*), 10ⁿ"),
        ("3<i>50</i> V, <b>s</b>hall", "350 V, shall"),
        ("<p>one</p><p>two</p>three<br/>four<ul><li>five</li><li>six</li></ul>", "one two three four five six"),
        ("  a \n b  ", "a b"),
    ],
)
def test_formatted_text_keeps_its_meaning(formatted: str, plain: str) -> None:
    assert plain_text(ElementTree.fromstring(f"<div>{formatted}</div>")) == plain


def test_deleted_objects_and_headings_are_left_out_and_named(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [
            {"ReqIF_ForeignID": "SYS-7", "ReqIF_Text": "lives", "ReqIF_ForeignDeleted": "false"},
            {"ReqIF_ForeignID": "SYS-8", "ReqIF_Text": "gone", "ReqIF_ForeignDeleted": "true"},
            {"ReqIF_ForeignID": "SYS-9", "ReqIF_Text": "Brakes", "ReqIF_ChapterName": "Brakes"},
            {"ReqIF_ForeignID": "SYS-10", "ReqIF_Text": "Motor"},
        ],
        kinds=["Requirement", "Requirement", "Requirement", "Heading"],
    )
    rows = read_reqif(path, party="agency")
    assert [row.cells["id"] for row in rows] == ["SYS-7"]
    told = " / ".join(rows.left_out)
    assert len(rows.left_out) == 3
    for words in (
        "left out SYS-8: deleted",
        "left out SYS-9: a heading ('Brakes')",
        "left out SYS-10: a heading ('Motor')",
    ):
        assert words in told


def test_what_was_not_read_is_counted_and_named_and_an_option_reads_it(tmp_path: Path) -> None:
    objects = [
        {"ReqIF_ForeignID": "SYS-1", "ReqIF_Text": "First"},
        {"ReqIF_ForeignID": "SYS-2", "Demand": "Second"},
        {"ReqIF_ForeignID": "SYS-3"},
    ]
    path = written(tmp_path, objects, relations=[(1, 0), (2, 0)])
    rows = read_reqif(path, party="agency")
    told = " / ".join(rows.left_out)
    assert [row.cells["id"] for row in rows] == ["SYS-1"]
    for words in ("left out SYS-2: no text in ReqIF.Text; it has Demand 'Second'", "left out SYS-3: no text"):
        assert words in told
    lost = "left out relations to what is no requirement here (2): related: SYS-2 to SYS-1, related: SYS-3 to SYS-1"
    assert lost in told
    for name in ("Demand", "DEMAND"):
        both = read_reqif(path, party="agency", attribute=name)
        assert [row.cells["title.en"] for row in both] == ["First", "Second"]
        assert both[1].cells["relations"] == "related: SYS-1"
        assert "(1): related: SYS-3 to SYS-1" in " / ".join(both.left_out)
    with pytest.raises(InputError, match="no attribute is called 'demands'") as raised:
        read_reqif(path, party="agency", attribute="demands")
    assert "Demand" in raised.value.problems[0].hint


def test_a_file_of_which_nothing_can_be_read_says_why(tmp_path: Path) -> None:
    path = written(tmp_path, [{"ReqIF_ForeignID": "SYS-2", "Demand": "Second"}])
    with pytest.raises(InputError, match="it has Demand 'Second'") as raised:
        read_reqif(path, party="agency")
    assert "--text" in raised.value.problems[0].hint


def test_keys_are_written_in_latin_letters_and_never_lost(tmp_path: Path) -> None:
    raws = ["ТЗ-12", "Щит 4", "A/1", "A.1", "Größe-2", "需求-3", "8", "№ 5", "§"]
    path = written(tmp_path, [{"ReqIF_ForeignID": raw, "ReqIF_Text": f"text {raw}"} for raw in raws])
    rows = read_reqif(path, party="agency")
    keys = [row.cells["id"] for row in rows]
    assert keys[:2] == ["TZ-12", "Shchit-4"] and keys[4] == "Grosse-2" and keys[6:] == ["R-8", "No-5", "R-o8"]
    assert keys[2] != keys[3] and keys[2].startswith("A-1-") and "u9700u6c42-3" in keys
    assert "there it is called 'ТЗ-12'" in rows[0].remark


def test_modules_with_the_same_numbers_are_kept_apart(tmp_path: Path) -> None:
    objects = [{"ReqIF_ForeignID": "1", "ReqIF_Text": f"text {k}"} for k in range(4)]
    own = [{**one, "ReqIF_Prefix": prefix} for one, prefix in zip(objects, ["BAT", "MOT-", "BAT_", "GBX"], strict=True)]
    assert keys_of(written(tmp_path, own)) == ["BAT-1", "MOT-1", "BAT_1", "GBX-1"]
    stated = [(f"Module {k}", {"ReqIF_Prefix": f"M{k}"}, [k]) for k in range(4)]
    assert keys_of(written(tmp_path, objects, modules=stated)) == ["M0-1", "M1-1", "M2-1", "M3-1"]
    named = [("Battery", {}, [0]), ("Motor", {}, [1]), ("Тормоз", {}, [2]), ("Gearbox", {}, [3])]
    assert keys_of(written(tmp_path, objects, modules=named)) == [
        "Battery-R-1",
        "Motor-R-1",
        "Tormoz-R-1",
        "Gearbox-R-1",
    ]
    assert keys_of(written(tmp_path, [{"ReqIF_ForeignID": "BAT-1", "ReqIF_Text": "x", "ReqIF_Prefix": "BAT"}])) == [
        "BAT-1"
    ]


def keys_of(path: Path) -> list[str]:
    return [row.cells["id"] for row in read_reqif(path, party="agency")]


def test_one_key_twice_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = copy(EXAMPLES[0], tmp_path)
    path = written(tmp_path, [{"ReqIF_ForeignID": "SYS-1", "ReqIF_Text": text} for text in ("One", "Two")])
    with pytest.raises(InputError, match="stands twice"):
        take_in(read_programme(folder), read_reqif(path, party="agency"), party="agency")


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8, unique=True))
def test_different_names_make_different_keys(raws: list[str]) -> None:
    """But for names of which no letter is left, and of which the object's own identifier then takes the place."""
    told = [raw for raw in raws if key_of(raw)]
    keys = apart([key_of(raw) for raw in told], told, [""] * len(told))
    assert len({key.casefold() for key in keys}) == len(keys)
    import re

    assert all(re.fullmatch(IDENTIFIER, key) for key in keys)


def test_an_object_of_covolt_that_another_tool_deleted_is_left_out(tmp_path: Path) -> None:
    programme = read_programme(EXAMPLES[0])
    path = tmp_path / "own.reqif"
    rows = rows_of(programme.requirements.values())
    write_reqif(path, rows, "Car")
    text = path.read_text()
    flag = '<ATTRIBUTE-DEFINITION-BOOLEAN IDENTIFIER="gone" LONG-NAME="ReqIF.ForeignDeleted"/></SPEC-ATTRIBUTES>'
    mark = (
        '<VALUES><ATTRIBUTE-VALUE-BOOLEAN THE-VALUE="true"><DEFINITION><ATTRIBUTE-DEFINITION-BOOLEAN-REF>gone'
        "</ATTRIBUTE-DEFINITION-BOOLEAN-REF></DEFINITION></ATTRIBUTE-VALUE-BOOLEAN>"
    )
    path.write_text(text.replace("</SPEC-ATTRIBUTES>", flag, 1).replace("<VALUES>", mark, 1))
    read = read_reqif(path)
    assert len(read) == len(rows) - 1
    assert any("deleted in the other tool" in one for one in read.left_out)


def test_the_command_tells_what_it_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy(EXAMPLES[0], tmp_path)
    objects = [
        {"ReqIF_ForeignID": "SYS-1", "ReqIF_Text": "[b]First[/b]"},
        {"ReqIF_ForeignID": "SYS-2", "Demand": "Second"},
    ]
    path = str(written(tmp_path, objects))
    for more, count in (((), 1), (("--text", "Demand"), 2)):
        with pytest.raises(SystemExit) as leaving:
            main(["requirements", "import", path, str(folder), "--party", "agency", "--dry-run", *more])
        out = " ".join(capsys.readouterr().out.split())
        assert leaving.value.code == exit_codes.COMPLETED
        assert f"would write {count} requirement{'s' if count > 1 else ''};" in out
        assert ("left out SYS-2" in out) is (count == 1)
    with pytest.raises(SystemExit) as leaving:
        main(["requirements", "import", "a.xlsx", str(folder), "--text", "Demand"])
    assert leaving.value.code == exit_codes.INPUT_WRONG


@pytest.mark.parametrize(
    ("style", "text"), [("vertical-align: super", "10⁻³"), ("VERTICAL-ALIGN:sub", "10₋₃"), ("color: red", "10-3")]
)
def test_raised_and_lowered_by_style(style: str, text: str) -> None:
    assert plain_text(ElementTree.fromstring(f'<div>10<span style="{style}">-3</span></div>')) == text
