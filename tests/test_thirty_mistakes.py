"""Mistakes that newcomers make: each names file or option, line, field and what mends it, ends with 2, and writes nothing."""

# ruff: noqa: E501
import re
from pathlib import Path

import pytest

from covolt.cli import exit_codes, main
from covolt.library.cars import figures, shipped_text
from covolt.library.starting import begin

pytestmark = pytest.mark.whole

CAR, PACK, RANGE = "car.toml", "p/supplier/parts/pack/part.toml", "p/integrator/requirements/RANGE.toml"
SLOT, GATE, CONTRACT, LOCK = (
    "p/slots/battery.toml",
    "p/gates/concept.toml",
    "p/contracts/battery.toml",
    "p/programme.lock",
)
DRIVE, CHECK, OFFER = f"drive {CAR} --cycle sort-1", "check p", f"offer {PACK}"

# The file to be edited, what is replaced there by what, the command, and what must be told: place, mistake and remedy.
MISTAKES = [
    # A car of one's own
    (CAR, "test_mass", "tset_mass", DRIVE, r"car\.toml:5 \(tset_mass\): unknown field.*did you mean 'test_mass'"),
    (CAR, "^test_mass.*\n", "", DRIVE, r"car\.toml \(test_mass\): 'test_mass' is missing.*add: test_mass"),
    (CAR, '"3875 lb"', '"-1602 kg"', DRIVE, r"car\.toml:5 \(test_mass\): '-1602 kg' is not more than 0.*above 0"),
    (CAR, '"3875 lb"', '"1602 kW"', DRIVE, r"car\.toml:5 \(test_mass\): '1602 kW' has the dimension of power.*\"1602 kg\""),
    (CAR, '"3875 lb"', "1602", DRIVE, r"car\.toml:5 \(test_mass\): a bare number has no unit.*such as"),
    (CAR, '"40 kWh"', '"40 kwh"', DRIVE, r"car\.toml:6 \(battery_energy\): unknown unit 'kwh'.*did you mean 'kWh'"),
    (CAR, '"40 kWh"', '"52 MWh"', DRIVE, r"car\.toml:6 \(battery_energy\): .*52 MWh is not between.*check its unit"),
    (CAR, '"40 kWh"', "40 kWh", DRIVE, r'car\.toml:6: not TOML.*in quotes: battery_energy = "40 kWh"'),
    (CAR, '"front"', '"FWD"', DRIVE, r"car\.toml:11 \(layout\): 'FWD' is none of the words.*front, rear, all"),
    (CAR, '"front"', "front", DRIVE, r'car\.toml:11: not TOML.*layout = "front"'),
    (CAR, "^layout =", "layout:", DRIVE, r"car\.toml:11: not TOML.*= instead of the colon"),
    (CAR, "^layout", 'layout = "rear"\nlayout', DRIVE, r"car\.toml:12: this key stands here a second time.*keep one"),
    (CAR, "8.19", "8,19", DRIVE, r"car\.toml:17: not TOML.*decimal point: gear_ratio = 8\.19"),
    (CAR, "8.19", "-8.19", DRIVE, r"car\.toml:17 \(gear_ratio\): -8\.19 is not more than 0.*above 0"),
    (CAR, "^gear_ratio", "drag_coefficient = 0.29\ngear_ratio", DRIVE, r"car\.toml:17 \(drag_coefficient\).*drag_area = Cd x A.*\[drag_and_tyres\]"),
    (CAR, "^gear_ratio", "rolling_coefficient = 0.009\ngear_ratio", DRIVE, r"car\.toml:17 \(rolling_coefficient\).*stands in the table \[drag_and_tyres\]"),
    (CAR, r"\[coast_down\][^[]*", '[drag_and_tyres]\ndrag_area = "0.65 m2"\nrolling_coefficient = 9.5\n\n', DRIVE, r"car\.toml:22 \(drag_and_tyres\.rolling_coefficient\).*9\.5 is not between.*\"9\.5 kg/t\""),
    (CAR, r"\[coast_down\][^[]*", '[drag_and_tyres]\ndrag_area = "0.65 m2"\nrolling_coefficient = "9.5 kg/l"\n\n', DRIVE, r"car\.toml:22 \(drag_and_tyres\.rolling_coefficient\).*kg/l.*hint"),
    # The command line
    ("", "", "", "drvie leaf-40", r"COMMAND: covolt has no command 'drvie'.*did you mean 'drive'"),
    ("", "", "", "simulate leaf-40", r"COMMAND: covolt has no command 'simulate'.*did you mean 'drive'"),
    ("", "", "", "drive", r"CAR\.\.\.: it is missing.*covolt drive leaf-40"),
    ("", "", "", "drive leaf40", r"CAR: there is no car named 'leaf40'.*did you mean 'leaf-40'\?"),
    ("", "", "", "drive Xyz", r"CAR: there is no car named 'Xyz'.*list them: covolt parts\. A file"),
    ("", "", "", "drive p", r"p: this folder holds no file of a car.*TOML files"),
    ("", "", "", "drive leaf-40 cycle:udds", r"CAR: there is no car named 'cycle:udds'.*write --cycle as an option"),
    ("", "", "", "drive leaf-40 --cycle: udds", r"--cycle:: covolt drive has no such option.*did you mean --cycle"),
    ("", "", "", "drive leaf-40 --ambeint 5", r"--ambeint: covolt drive has no such option.*did you mean --ambient"),
    ("", "", "", "drive leaf-40 --cycle p", r"p: a folder, not a file.*name the file of a cycle"),
    ("", "", "", "drive leaf-40 --cycle udss", r"--cycle: there is no cycle named 'udss'.*udds"),
    ("", "", "", "drive leaf-40 --cycle absent.csv", r"absent\.csv: there is no such file.*check the path"),
    ("", "", "", "drive leaf-40 --soc 80", r"--soc: a bare number has no unit: '80'.*\"80 %\""),
    ("", "", "", "drive leaf-40 --ambient 5", r"--ambient: a bare number has no unit: '5'.*\"5 degC\""),
    ("", "", "", "drive leaf-40 --ambient 400_degC", r"--ambient '400 degC': .*400 degC.*outside.*hint"),
    ("", "", "", "drive leaf-40 --csv out.xlsx", r"--csv out\.xlsx: --csv writes \.csv.*write out\.csv"),
    ("", "", "", "drive leaf-40 --plot out.png", r"--plot out\.png: --plot writes \.html.*write out\.html"),
    ("", "", "", "drive leaf-40 --csv nowhere/out.csv", r"--csv nowhere/out\.csv: there is no folder.*make the folder first"),
    ("", "", "", "charge leaf-40", r"--post, --socket: no supply is named.*150 kW"),
    ("", "", "", "charge leaf-40 --post 150", r"--post: a bare number has no unit: '150'.*kW"),
    ("", "", "", "procedures WLTP", r"PROCEDURE: no procedure 'WLTP'.*did you mean 'wltp'"),
    ("", "", "", "procedures zzz", r"PROCEDURE: no procedure 'zzz'.*and \d+ more; list them: covolt procedures"),
    ("", "", "", "schema car", r"NAME: there is no document 'car'.*did you mean 'car/1'"),
    ("", "", "", "new p", r"p: there is something here already.*empty folder"),
    ("", "", "", "new q --like tesla", r"there is no car named 'tesla'.*covolt parts"),
    ("", "", "", "check nowhere", r"nowhere: no such folder.*covolt new"),
    ("", "", "", "verify p --only RNAGE", r"--only: no requirement 'RNAGE'.*did you mean 'RANGE'"),
    ("", "", "", "verify p --with batery=x/y@1.0.0", r"--with: no slot 'batery'.*battery"),
    ("", "", "", "lock p --pin battery", r"--pin: 'battery' names no offer.*SLOT=PARTY/PART@VERSION"),
    ("", "", "", "offers p --slot batery", r"--slot: no slot 'batery'.*did you mean 'battery'"),
    ("", "", "", "report p -o x.pdf", r"--output x\.pdf: the report is a page of HTML.*ends in \.html"),
    ("", "", "", "report p --language de", r"--language.*'de'.*en.*ru"),
    # A joint programme
    (PACK, "236 kg", "-270 kg", OFFER, r"part\.toml:10 \(declared\.mass\): promised 0 kg … 20000 kg; offered -270 kg.*check the number"),
    (PACK, "energy_usable", "usable_energy", OFFER, r"part\.toml:11 \(declared\.usable_energy\): no such number.*did you mean 'energy_usable'"),
    (PACK, "236 kg", "235 kg", OFFER, r"part\.toml:5 \(version\): .*published already, with other content.*version = \"1\.0\.1\""),
    (PACK, '"supplier"', '"suplier"', OFFER, r"part\.toml:3 \(party\): no party 'suplier'.*did you mean 'supplier'"),
    (PACK, '"1.0.0"', '"1.0"', OFFER, r"part\.toml:5 \(version\): '1\.0' is not written.*such as 1\.0\.0"),
    (PACK, "equivalent-circuit", "equivalent-circut", OFFER, r"part\.toml:17 \(model\.kind\): no model.*did you mean 'equivalent-circuit'"),
    (RANGE, '"wltp"', '"WLTP"', CHECK, r"RANGE\.toml:\d+.*no procedure 'WLTP'.*did you mean 'wltp'"),
    (RANGE, '"range"', '"rnage"', CHECK, r"RANGE\.toml:\d+.*no measure 'rnage'.*did you mean 'range'"),
    (RANGE, ' km"', ' kWh"', CHECK, r"RANGE\.toml:\d+: range is in km, and the bound is 132 kWh.*such as km"),
    (SLOT, '"supplier"', '"suplier"', CHECK, r"slots/battery\.toml:3: no party 'suplier'.*did you mean 'supplier'"),
    (GATE, r"slots\.empty", "slots.emtpy", CHECK, r"gates/concept\.toml:\d+.*slots\.emtpy.*did you mean 'slots\.empty'"),
    (CONTRACT, "^mass", "masss", CHECK, r"contracts/battery\.toml:\d+ \(limits\.masss\): .*no number 'masss'.*limit one of"),
    (LOCK, r"^\[slots\]", "<<<<<<< HEAD\n[slots]", CHECK, r"programme\.lock:\d+: Git has left the marks of a merge.*covolt lock"),
]  # fmt: skip


@pytest.fixture(scope="module")
def programme(tmp_path_factory) -> Path:
    return begin(tmp_path_factory.mktemp("begun") / "p", figures("city-car"))


@pytest.fixture
def here(programme, tmp_path, monkeypatch) -> Path:
    """A folder with a car and a programme, as somebody has them who begins."""
    import shutil

    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(programme, tmp_path / "p")
    (tmp_path / CAR).write_text(shipped_text("leaf-40"), encoding="utf-8")
    return tmp_path


def leave(command: str) -> object:
    """Run a command, and say how it left."""
    with pytest.raises(SystemExit) as leaving:
        main([one.replace("_degC", " degC") for one in command.split()])
    return leaving.value.code


def edit(here: Path, file: str, old: str, new: str) -> None:
    """Make the mistake in its file."""
    if file:
        text, count = re.subn(old, new, (here / file).read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
        assert count == 1, "the mistake is not in the file"
        (here / file).write_text(text, encoding="utf-8")


def contents(folder: Path) -> dict[Path, bytes]:
    return {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_there_are_thirty_and_more():
    assert len({(row[1], row[2], row[3]) for row in MISTAKES}) == len(MISTAKES) >= 30


@pytest.mark.parametrize(
    ("file", "old", "new", "command", "told"), MISTAKES, ids=[f"{row[2]} {row[3]}" for row in MISTAKES]
)
def test_a_mistake_is_told_with_its_place_and_remedy(here, capsys, file, old, new, command, told):
    edit(here, file, old, new)
    before = contents(here)
    code = leave(command)
    out, err = capsys.readouterr()
    assert (code, out) == (exit_codes.INPUT_WRONG, ""), err
    assert re.search(told, " ".join(err.split())), err
    assert "hint: " in err
    assert not re.search(r"Input should|Traceback|Need\b|^\s*hint: .*[a-z] A file", err), err
    assert contents(here) == before, "a mistake writes nothing"


@pytest.mark.parametrize(
    ("file", "old", "new", "command"), [row[:4] for row in MISTAKES], ids=[f"{row[2]} {row[3]}" for row in MISTAKES]
)
def test_a_russian_reader_loses_nothing(here, capsys, monkeypatch, file, old, new, command):
    edit(here, file, old, new)
    before = contents(here)
    english = leave(command), capsys.readouterr().err
    monkeypatch.setenv("COVOLT_LANGUAGE", "ru")
    code, (out, err) = leave(command), capsys.readouterr()
    assert (code, out) == (english[0], "") == (exit_codes.INPUT_WRONG, "")
    assert contents(here) == before, "a mistake writes nothing"
    told, meant = (
        re.split(r"(?<!\S)(?=[✗x] |hint: |подсказка: )", " ".join(one.replace("\N{MINUS SIGN}", "-").split()))
        for one in (err, english[1])
    )
    assert len(told) == len(meant) and "hint:" not in err
    for line, same in zip(told[1:], meant[1:], strict=True):
        assert re.search("[а-яё]", line.removeprefix("подсказка: ")), f"in English alone: {line}"
        assert not re.search(r"\{\w+[}!:]", line), f"not filled: {line}"
        place = re.match(r"[✗x] (\S+:\d+|--\S+|[A-Z]+)(?= |:)", same)
        assert place is None or place[1] in line, f"another place: {line}"
