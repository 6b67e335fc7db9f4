"""Documents in and out: every problem at once, each with its line."""

import os
import time

import pytest

from covolt.contract import Datasheet, Interface, dumps, loads, standard_interfaces
from covolt.contract import document as documents
from covolt.errors import InputError

PACK = """\
schema = "part/1"
id = "pack-33"
party = "battery-works"
fills = "battery"
version = "1.2.0"
promises = ["energy_closes", "deterministic", "finite"]

[declared]
mass = { value = "235 kg", u = "4 kg", basis = "measured", evidence = "reports/mass.pdf" }
energy_usable = { value = "30.5 kWh", u = "0.4 kWh", basis = "simulated" }
voltage_nominal = { value = "350 V", basis = "supplier" }
discharge_power_peak = { value = "90 kW", basis = "estimate" }

[ports."dc.voltage"]
minimum = "280 V"
maximum = "403 V"

[tables.open_circuit_voltage]
unit = "V"
values = [3.0, 3.6, 4.1]
axes = [{ name = "state_of_charge", unit = "%", values = [0.0, 50.0, 100.0] }]
basis = "measured"

[model]
kind = "equivalent-circuit"
"""


def problems_of(text):
    with pytest.raises(InputError) as caught:
        loads(text, Datasheet, "pack.toml")
    return caught.value.problems


def test_a_good_datasheet_reads_in_si():
    sheet = loads(PACK, Datasheet)
    assert sheet.reference == "battery-works/pack-33@1.2.0"
    assert sheet.declared["energy_usable"].value_si == pytest.approx(30.5 * 3.6e6)
    assert sheet.declared["energy_usable"].uncertainty_si == pytest.approx(0.4 * 3.6e6)
    assert sheet.tables["open_circuit_voltage"].axes[0].values_si == (0.0, 0.5, 1.0)
    assert sheet.tables["open_circuit_voltage"].rows_si == ((3.0, 3.6, 4.1),)


def test_every_problem_is_told_at_once_with_its_line():
    bad = (
        PACK.replace('"235 kg"', "235")
        .replace('"30.5 kWh"', '"30.5 kwh"')
        .replace('u = "0.4 kWh"', 'u = "0.4 kg"')
        .replace('basis = "supplier"', 'basis = "guess"')
        .replace("[0.0, 50.0, 100.0]", "[0.0, 50.0, 50.0]")
        .replace('fills = "battery"', 'fils = "battery"')
    )
    found = {problem.where: problem for problem in problems_of(bad)}
    assert "has no unit" in found["pack.toml:9 (declared.mass)"].what
    assert found["pack.toml:10 (declared.energy_usable)"].hint == "did you mean 'kWh'?"
    assert "basis" in "".join(found)
    assert "pack.toml:11 (declared.voltage_nominal.basis)" in found
    assert "does not rise strictly" in found["pack.toml:21 (tables.open_circuit_voltage.axes.0)"].what
    assert found["pack.toml:4 (fils)"].hint == "did you mean 'fills'?"
    assert "pack.toml (fills)" not in found, "a misspelt field is told once, where it stands"
    assert len(found) == 6 - 1


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"235 kg"', "true", "cannot be True"),
        ('"235 kg"', "nan", "number"),
        ('u = "4 kg"', 'u = "-4 kg"', "negative"),
        (', evidence = "reports/mass.pdf"', "", "measured number has no source"),
        ("[3.0, 3.6, 4.1]", "[3.0, 3.6]", "the axes ask for 1 x 3 values"),
        ("[3.0, 3.6, 4.1]", "[3.0, 3.6, inf]", "not a finite number at index 2"),
        ("[3.0, 3.6, 4.1]", "[]", "the axes ask for 1 x 3 values"),
        ('version = "1.2.0"', 'version = "1.2"', "'1.2' is not written as 'version' must be"),
        ('"350 V"', '"0,3 V"', "comma"),
        ("[model]\n", "[model]\n[model]\n", "not TOML"),
        ('schema = "part/1"', 'schema = "part/2"', "part/1"),
        ('version = "1.2.0"', 'version = "1.2.0"\nchemistry = "nmc"', "'nmc' is none of the words"),
        ('fills = "battery"', 'fills = "tyre"\nchemistry = "NMC"', "tyre has no cells"),
    ],
)
def test_each_fault_is_named(old, new, what):
    assert old in PACK
    assert any(what in f"{problem.what}; {problem.hint}" for problem in problems_of(PACK.replace(old, new, 1)))


def test_toml_faults_carry_their_line():
    (problem,) = problems_of(PACK.replace('party = "battery-works"', "party = battery-works"))
    assert problem.where == "pack.toml:3"


def test_text_survives_byte_order_mark(tmp_path):
    path = tmp_path / "part.toml"
    path.write_bytes(b"\xef\xbb\xbf" + PACK.encode())
    assert documents.read_text(path) == PACK


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("schema = 'part/1'\ntitle = 'Батарея'".encode("cp1251"), "not UTF-8"),
        (PACK.encode("utf-16"), "not UTF-8"),
        (PACK.encode("utf-16-le"), "UTF-16"),
        (b"", "empty"),
        (b"\n \n", "empty"),
    ],
)
def test_wrong_files_are_refused(tmp_path, content, what):
    path = tmp_path / "part.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what) as caught:
        documents.read_text(path)
    assert caught.value.problems[0].hint


def test_a_wrong_encoding_names_the_line(tmp_path):
    path = tmp_path / "part.toml"
    path.write_bytes("a = 1\ntitle = 'Батарея'".encode("cp1251"))
    with pytest.raises(InputError) as caught:
        documents.read_text(path)
    assert caught.value.problems[0].where == f"{path}:2"


def test_missing_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="No such file"):
        documents.read_text(tmp_path / "absent.toml")
    monkeypatch.setattr(documents, "LARGEST_FILE", 10)
    path = tmp_path / "part.toml"
    path.write_text(PACK)
    with pytest.raises(InputError, match="bytes"):
        documents.read_text(path)


def test_writing_and_reading_return_the_document():
    sheet = loads(PACK, Datasheet)
    assert loads(dumps(sheet), Datasheet) == sheet
    for interface in standard_interfaces().values():
        assert loads(dumps(interface), Interface) == interface


def test_canonical_bytes_depend_on_content_alone():
    shuffled = PACK.replace('id = "pack-33"\n', "").replace("[declared]", 'id   =   "pack-33"  # same\n[declared]')
    first, second = (documents.canonical_json(loads(text, Datasheet)) for text in (PACK, shuffled))
    assert first == second
    changed = documents.canonical_json(loads(PACK.replace("235 kg", "236 kg"), Datasheet))
    assert changed != first


def test_documents_do_not_change():
    sheet = loads(PACK, Datasheet)
    with pytest.raises(ValueError, match="frozen"):
        sheet.id = "other"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('schema = "part/1"\na = ' + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ('schema = "part/1"\na = ' + "{a=" * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ('schema = "part/1"\na = ' + "9" * 5000, "too many digits"),
        ('schema = "part/1"\n' + ".".join(["a"] * 3000) + " = 1", "more than 32 steps"),
        ('schema = "part/1"\n' + "[[a]]\n" * 20_001, "more than 20000 tables"),
        ('schema = "part/1"\n[' + ".".join(["a"] * 33) + "]", "more than 32 steps"),
        ('schema = "part/1"\n' + " . ".join(['"a"', "'b'"] * 17) + " = 1", "more than 32 steps"),
        ('schema = "part/1"\n' + '"\\"".' * 33 + "a = 1", "more than 32 steps"),
        ('schema = "part/1"\na = [' + "1," * 60_001 + "]", "more than 60000 keys, values and brackets"),
        ('schema = "part/1"\n' + ".".join(["a"] * 32) + " = 1", "unknown field 'a'"),
        (PACK.replace('"pack-33"', '"\\u001b[31m"', 1), "control characters (U+001B)"),
        (PACK.replace('"pack-33"', '"\\u202e"', 1), "control characters (U+202E)"),
    ],
)
def test_hostile_texts_are_refused(text, what):
    assert any(what in f"{problem.what}; {problem.hint}" for problem in problems_of(text))


@pytest.mark.parametrize("text", ['"""{}"""', "'''{}'''", '"{}"', "'{}'"])
def test_what_stands_in_a_text_or_a_remark_is_no_value(text):
    said = text.format("1,[=" * 60_001)
    table = documents.load_table(f"# {'.,' * 60_001}\na = {said}\n", "a.toml")
    assert len(table["a"]) == 4 * 60_001


@pytest.mark.parametrize("text", ['"' * 900_001, '"""' + '\\"""' * 200_000, "'" * 900_001, "'''" + '"""' * 200_000])
def test_texts_without_end_are_passed_over_once(text):
    begin_s = time.process_time()
    with pytest.raises(InputError, match="not TOML"):
        documents.load_table("a = " + text, "a.toml")
    assert time.process_time() - begin_s < 1.5


@pytest.mark.parametrize("line", ["k{} = 1\n", 'k{} = "\u200b"\n', "k{} = 0xfffffffffffffffff\n"])
def test_of_many_mistakes_the_first_are_told_and_the_others_counted(line):
    problems = problems_of("".join(line.format(number) for number in range(700)) + PACK)
    assert len(problems) == 501
    assert problems[-1].what == "200 more mistakes"


def test_what_is_no_ordinary_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    for name in ("pipe.toml", "zero.toml", "."):
        with pytest.raises(InputError, match="no ordinary file"):
            documents.read_text(tmp_path / name)


@pytest.mark.parametrize("place", ["size", "schema"])
def test_a_number_of_thousands_of_digits_is_refused_with_its_line(place):
    with pytest.raises(InputError, match="more than 64 bits") as told:
        documents.load_table(f"other = 0x7fff\n{place} = 0x{'f' * 5000}\n", "a.toml")
    assert told.value.problems[0].where.startswith("a.toml:2")
    assert documents.load_table("size = 0x7fffffffffffffff\n", "a.toml")["size"] == 2**63 - 1


@pytest.mark.parametrize(
    ("name", "hint"), [("programme.lock", "then: covolt lock"), ("slots/battery.toml", "the marks")]
)
def test_marks_of_a_merge_are_called_so(name, hint):
    text = 'schema = "lock/1"\n<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> theirs\n'
    with pytest.raises(InputError) as told:
        documents.load_table(text, name)
    (problem,) = told.value.problems
    assert (problem.what, problem.where) == ("Git has left the marks of a merge here", f"{name}:2")
    assert problem.hint.startswith("keep one side") and hint in problem.hint
    assert documents.load_table('a = """\n<<<<<<< HEAD\n"""\n', name) == {"a": "<<<<<<< HEAD\n"}, (
        "in a text they are words"
    )
