"""Signs that nobody sees: told in documents, shown in a terminal, and never sent to it as they are."""

import io
import json
import re
import sys

import pytest
from rich.text import Text

from covolt.cli import main
from covolt.cli.printing import console, pairs, print_json, print_problems, table
from covolt.cli.shown_console import ShownConsole
from covolt.contract.document import loads
from covolt.errors import InputError, Problem
from covolt.legible import ASCII_SIGNS, alike, escaped, hidden, mixed_words, odd_signs, shown
from covolt.programme.party import Party

HIDDEN = (
    *("\x00", "\x07", "\x08", "\x1b", "\x7f", "\x85", "\x9b", "\x9d", "\u061c", "\u200b", "\u200c", "\u200d", "\u200e"),
    *("\u200f", "\u202a", "\u202e", "\u2028", "\u2060", "\u2066", "\u2069", "\ufeff", "\u180e", "\U000e0041"),
    *(
        "\u00ad",
        "\u034f",
        "\u115f",
        "\u1160",
        "\u180b",
        "\u2800",
        "\u3164",
        "\uffa0",
        "\ufff0",
        "\U0001d173",
        "\U000e0fff",
    ),
    *("\U000e0001", "\ud800", "\udcff", "\ufe0f", "\U000e0100"),
)
HONEST = (
    *("ё", "é", "e\u0301", "±", "№ 5", "5 км/ч", "10⁶", "CO₂", "漢字", "≤", "“a”", "a\nb\tc", "\u00a0", "\u2009"),
    *("\u2764\ufe0f", "1\ufe0f\u20e3", "\u6f22\U000e0100", "αβ", "🙂", "ệ", "e\u0323\u0302"),
    *("\u05d1\u05bc\u05b0\u05e8\u05b5\u0596", "สวัสดี", "\u0915\u093f", "о\u0301".join("ъ" * 9)),
)


@pytest.mark.parametrize("sign", HIDDEN, ids=ascii)
def test_a_hidden_sign_is_found_and_shown_by_its_number(sign):
    assert hidden(f"a{sign}b") == [sign]
    assert shown(f"a{sign}b") == f"a\\u{{{ord(sign):x}}}b"
    assert json.loads(escaped(json.dumps(f"a{sign}b", ensure_ascii=False))) == f"a{sign}b"
    assert escaped(json.dumps([sign], ensure_ascii=False)).isascii()


@pytest.mark.parametrize("text", HONEST)
def test_what_people_write_stays(text):
    assert hidden(text) == []
    assert shown(text) == text == json.loads(escaped(json.dumps(text)))


def test_marks_that_pile_up_are_hidden_signs_from_the_ninth_on():
    assert hidden("Z" + "\u0335\u0489" * 4) == []
    assert hidden("Z" + "\u0335\u0489" * 6) == ["\u0335", "\u0489"] * 2
    assert shown("Z" + "\u0335" * 9) == "Z" + "\u0335" * 8 + "\\u{335}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Battery works", "battery-works."),
        ("АМО", "AMO"),
        ("Ｂattery", "battery"),
        ("A\u3164b", "ab"),
        ("w0rk", "work"),
    ],
)
def test_what_people_do_not_tell_apart_is_alike(one, other):
    assert alike(one) == alike(other) != ""
    assert alike("Drive works") != alike("Brake works")


def test_a_row_of_variants_hides_nothing_behind_one_picture():
    assert len(hidden("\u2764\ufe0f\ufe01\ufe02\ufe03")) == 3


def test_a_line_break_in_a_name_makes_no_line_of_its_own(capsys):
    print_problems([Problem("wrong\nin order", "x\n0 problems.toml")])
    assert capsys.readouterr().err.count("\n") <= 2
    assert shown("a\nb", breaks=True) == "a\\u{a}b"


HOSTILE = "\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e\u200b\udcffx"


def drawn(thing, *, coloured=False):
    out = io.StringIO()
    made = ShownConsole(
        file=out, width=200, force_terminal=coloured, color_system="standard" if coloured else None, markup=False
    )
    made.print(thing)
    return out.getvalue()


@pytest.mark.parametrize("where", ["text", "styled", "cell", "title", "plain"])
def test_whatever_is_printed_holds_no_hidden_sign(where):
    rows = table([(HOSTILE if where == "title" else "name", "name")])
    rows.add_row(HOSTILE if where == "plain" else Text(HOSTILE))
    thing = {"text": HOSTILE, "styled": Text.assemble(("a", "bold"), HOSTILE), "cell": pairs([(HOSTILE, HOSTILE)])}
    said = drawn(thing.get(where, rows))
    assert not hidden(said.replace("\n", "")), said
    assert "\\u{1b}]0;pwned" in said.replace("\n", "")
    assert "\\u{1b}[2J\\u{9b}31m" in said.replace("\n", "").replace(" ", "")


def test_colours_of_its_own_stay():
    said = drawn(Text.assemble(("red\x1b[8m", "red"), " plain"), coloured=True)
    assert said.startswith("\x1b[31m")
    assert set(re.findall(r"\x1b\[[^m]*m", said)) == {"\x1b[31m", "\x1b[0m"}
    assert re.sub(r"\x1b\[\d+m", "", said) == "red\\u{1b}[8m plain\n"


def test_every_console_of_a_command_is_this_one(capsys):
    console().print(HOSTILE)
    print_problems([Problem(HOSTILE, HOSTILE, HOSTILE)])
    print_json({HOSTILE: HOSTILE})
    said = capsys.readouterr()
    assert not hidden((said.out + said.err).replace("\n", ""))
    assert HOSTILE in json.loads(said.out[said.out.index("{\n") :])


def test_no_module_prints_past_it():
    from tests.house.source import ROOT

    for path in (ROOT / "src/covolt").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bConsole\(", text) or path.name == "shown_console.py", path
        for line in text.splitlines():
            if "typer.echo(" in line:
                assert path.name == "printing.py" or "text_of_car" in line or '"interrupted"' in line, (path, line)


def party(title):
    return f'schema = "party/1"\nid = "z"\n\ntitle = "{title}"\ncountry = "RU"\nroles = ["agency"]\n'


@pytest.mark.parametrize("sign", ["\\u001b", "\u200b", "\u061c", "\u2060", "\U000e0041", "\u202e", "\\u009b"])
def test_a_document_that_holds_one_is_refused_with_its_line(sign):
    with pytest.raises(InputError) as raised:
        loads(party(f"a{sign}b"), Party, "parties/z.toml")
    assert [one.where for one in raised.value.problems] == ["parties/z.toml:4 (title)"]
    assert "control characters (U+" in raised.value.problems[0].what
    assert loads(party("Agency ё 漢"), Party).title.en == "Agency ё 漢"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Type-\u0430pproval agency", {"\u0430pproval": "Cyrillic \u0430"}),
        ("НАMИ", {"НАMИ": "Latin M"}),
        ("Drive works", {}),
        ("Завод e-мобиль Drive, 5 кВт", {}),
        ("ΔT, µs", {}),
    ],
)
def test_a_word_of_two_alphabets_is_told_with_its_letters(text, told):
    assert mixed_words(text) == told


def test_a_terminal_of_ascii_gets_what_people_type_instead(monkeypatch):
    assert "±4 → 5 °C ≤ 2·10²".encode("ascii", ASCII_SIGNS) == b"+/-4 -> 5 degC <= 2*102"
    assert "ёж".encode("ascii", ASCII_SIGNS) == b"??"
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    with pytest.raises(SystemExit) as leaving:
        main(["drive", "city-car", "--cycle", "sort-1"])
    assert leaving.value.code == 0
    terminal.flush()
    said = terminal.buffer.getvalue().decode("ascii")
    assert "+/-" in said
    assert "?" not in said


def test_a_wrong_option_is_told_without_its_escapes(capsys):
    for arguments in (["drive", "--\x1b[2J"], ["verify", "a", "\x1b[31mx", "y"], ["cycles", "--\u202e=5"]):
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        assert leaving.value.code == 2
        said = capsys.readouterr()
        assert not hidden((said.out + said.err).replace("\n", "")), said
        assert re.search(r"\\u\{202e|\\u\{1b|\\x1b", said.err)


def test_signs_that_can_look_like_others_are_found():
    assert odd_signs("Орган «Тест» № 5 — ё, Žluťoučký & Co.'s (BY)") == []
    for sign in "\u00ad\u034f\u3164\u0391\uff34\u028f\u2010\u0251":
        assert odd_signs(f"Type{sign}approval") == [sign]
