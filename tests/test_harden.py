"""`make harden`: its mutants change the physics, its trials tell a noticed one from one that is not; damaged files."""

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

TOOLS = Path(__file__).resolve().parents[1] / "tools"


@pytest.fixture(scope="module")
def harden():
    sys.path.insert(0, str(TOOLS))
    import harden

    yield harden
    sys.path.remove(str(TOOLS))


def test_every_mutant_is_one_change_of_one_line_that_can_be_read(harden):
    every = harden.mutants()
    assert len(every) >= 100
    assert len({(one.file, one.line, one.begin) for one in every}) == len(every)
    for one in every[::7]:
        before = (harden.SOURCE / one.file).read_text(encoding="utf-8")
        after = one.applied()
        different = [x for x in zip(before.splitlines(), after.splitlines(), strict=True) if x[0] != x[1]]
        assert len(different) == 1
        ast.parse(after)


def test_mutants_are_of_every_kind_and_of_every_room(harden):
    every = harden.mutants()
    assert {"vehicle", "simulation", "library"} == {one.file.split("/")[0] for one in every}
    assert {"+", "-", "<", ">", "minimum", "maximum"} <= {one.before for one in every}
    numbers = [one for one in every if one.before[0].isdigit()]
    assert all(float(one.after) == pytest.approx(1.2 * float(one.before)) for one in numbers)


def test_what_words_an_error_is_no_mutant(harden, tmp_path, monkeypatch):
    import mutants

    source = tmp_path / "vehicle"
    source.mkdir()
    text = 'A = 2.5\ndef f(x):\n    if x > 3.0:\n        raise ValueError("x" + str(4.0))\n    return x[1 - 2] - 1.5\n'
    (source / "one.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(mutants, "SOURCE", tmp_path)
    found = [(one.before, one.after) for one in mutants._of(source / "one.py")]
    assert found == [
        ("2.5", "3.0"),
        (">", "<="),
        ("3.0", "3.5999999999999996"),
        ("-", "+"),
        ("1.5", "1.7999999999999998"),
    ]


def chosen(harden, before: str):
    return next(one for one in harden.mutants() if one.file == "vehicle/ambient.py" and one.before == before)


AIR, DIGITS = "tests/vehicle/test_ambient.py", "tests/test_digits.py"


@pytest.mark.parametrize(
    ("file", "test", "outcome"),
    [
        (AIR, "test_pressure_is_that_of_the_standard_atmosphere[0.0-101325.0]", "killed"),
        (AIR, "test_nothing_of_this_name", "no trial"),
        (DIGITS, "test_what_is_no_number_is_said", "survived"),
    ],
)
def test_a_trial_tells_what_the_tests_of_a_line_notice(harden, file, test, outcome):
    mutant = [one for one in harden.mutants() if one.file == "vehicle/ambient.py" and one.before == "101325.0"][-1]
    name = f"{file}::{test}"
    found = harden.tried(mutant, {file: harden.Cover({name: 1.0}, {mutant.file: {str(mutant.line): [name]}})}, {})
    assert found.outcome == outcome, found.by


def test_tests_that_ran_the_line_come_first_then_those_named_after_its_module_then_the_quick_ones(harden):
    mutant = chosen(harden, "101325.0")
    known = {
        "a/test_far.py": harden.Cover(
            {"a/test_far.py::q": 0.1, "a/test_far.py::s": 9.0}, {mutant.file: {str(mutant.line): ["a/test_far.py::s"]}}
        ),
        "a/test_ambient.py": harden.Cover({"a/test_ambient.py::x": 3.0}, {mutant.file: {str(mutant.line): []}}),
        "a/test_else.py": harden.Cover({"a/test_else.py::x": 0.1}, {mutant.file: {}}),
    }
    files, tests = harden.tests_of(mutant, known)
    assert sorted(files) == ["a/test_ambient.py", "a/test_far.py"]
    assert tests == ["a/test_far.py::s", "a/test_ambient.py::x", "a/test_far.py::q"]


def test_what_a_file_of_tests_runs_is_told_by_test_and_by_line(harden):
    read = harden._measured(harden.ROOT / AIR)
    lines = (harden.SOURCE / "vehicle/ambient.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "return 101325.0" in text)
    assert {test.split("[")[0] for test in read["lines"]["vehicle/ambient.py"][str(line)]} == {
        f"{AIR}::test_pressure_is_that_of_the_standard_atmosphere"
    }
    assert set(read["lines"]["vehicle/ambient.py"][str(line)]) <= set(read["seconds"])


def test_a_mutant_that_changes_nothing_or_that_no_test_runs_is_said_to_be_so(harden):
    mutant = chosen(harden, "101325.0")
    assert harden.tried(mutant, {}, {}).outcome == "not covered"
    assert harden.tried(mutant, {}, {mutant.name: "why"}).by == "why"


def test_equivalent_mutants_are_still_there_and_say_why(harden):
    names = {one.name for one in harden.mutants()}
    listed = harden.equivalents()
    assert all(len(reason) > 20 for reason in listed.values())
    assert set(listed) <= names, "a line has changed: look again whether the change changes nothing"


def test_damaged_files_are_refused_or_answered(harden, tmp_path):
    assert harden.main(["--only", "fuzz", "--count", "40", "--seed", "3", "--build", str(tmp_path)]) == 0
    row = json.loads((tmp_path / "harden.json").read_text(encoding="utf-8"))[0]
    assert (row["name"], row["measured"], row["cases"]) == ("fuzz", 0.0, 40), row["details"]


def test_a_damaged_file_that_crashes_or_grows_is_noticed(harden):
    import fuzz

    assert "ZeroDivisionError" in fuzz.crash_of(lambda: 1 / 0)[1]
    assert fuzz.crash_of(lambda: 1) == (True, "")
    assert fuzz.in_child("no such kind")[0] is None


def test_what_grows_worse_than_its_size_or_beyond_what_is_promised_is_noticed(harden, monkeypatch):
    import fuzz_limits

    def squared(_: str, kind: str, quarters: str):
        size = int(quarters)
        cpu_s = 0.3 * size * size if kind == "bad" else 0.3 * size
        return {"quarters": size, "bytes": 1000 * size, "cpu_s": cpu_s, "memory_MB": 10, "said": ""}, ""

    monkeypatch.setattr(fuzz_limits, "in_child", squared)
    bad, good = (fuzz_limits.growth((kind,))[0]["wrong"] for kind in ("bad", "good"))
    assert bad == [
        "4.8 CPU s and 10 MB for 4000 bytes",
        "cpu_s grows 4.00 times from 1 to 2 quarters",
        "cpu_s grows 4.00 times from 2 to 4 quarters",
    ]
    assert not good


def test_documents_at_their_limits_are_within_them_and_near(harden):
    import fuzz_limits

    from covolt.contract.document import load_table
    from covolt.errors import InputError

    for kind, ((begin, one, end), count) in fuzz_limits._documents().items():
        if count:
            load_table(fuzz_limits._counted(begin, one, end, count), kind)
            with pytest.raises(InputError, match="more than"):
                load_table(fuzz_limits._counted(begin, one, end, count + 2000), kind)


@pytest.mark.slow  # each command begins anew
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, which ends a process at its calls")
def test_a_command_that_is_killed_leaves_nothing_half_done(harden):
    import kills

    rounds = kills.kills(3, 1, ["lock"])
    assert not [one for one in rounds if one.wrong]
    assert sum(one.killed for one in rounds) >= 2


def test_a_kill_that_loses_something_is_noticed(harden, tmp_path):
    """The trial itself, held against folders as a bad writer would leave them."""
    import kills

    before, after = {"car/a": "1", "car/b": "1"}, {"car/a": "2", "car/b": "2", "car/.covolt/lock": ""}
    assert kills.half_done(before, before, after, "") == []
    assert kills.half_done(after, before, after, "wrote b") == []
    assert "half changed" in kills.half_done({"car/a": "2", "car/b": "1"}, before, after, "")[0]
    assert "half changed" in kills.half_done({**before, "car/.b.1-1.part": "3"}, before, after, "")[0]
    assert "lost" in kills.half_done(before, before, after, "wrote b")[0]


@pytest.mark.slow  # each command begins anew
def test_two_writers_of_one_name_have_one_winner_and_of_two_names_two(harden):
    import races

    ended = races.races(4, 1, ["offer with files", "import"])
    assert not [one for one in ended if one.wrong]
    assert sum(one.overlapped for one in ended) >= 2


@pytest.mark.slow  # each command begins anew and makes its workers anew
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the processes of a command in /proc")
def test_a_study_that_is_killed_ends_as_if_it_had_not_been(harden):
    import studies

    tried = studies.killed(3, 1, designs=191)
    assert not tried.wrong and len(tried.done) == 3
