"""What a person sees of the commands: results, all problems at once, exit codes, and files that are whole or absent."""

import json
import os
import re
import subprocess
import sys

import pytest

from covolt.cli import exit_codes, main
from covolt.cli.printing import print_problems
from covolt.errors import Problem
from covolt.library.cars import car_names, figures, shipped_text
from covolt.library.cell_file import write_cell
from covolt.library.interval import drive_intervals
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from tests.house.source import ROOT
from tests.library.test_cell_file import cell

pytestmark = pytest.mark.whole

FAST = ["drive", "city-car", "--cycle", "sort-1"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture(autouse=True)
def terminal(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


def test_a_drive_is_told_with_units_in_80_columns(capsys):
    code, out, err = run(capsys, *FAST)
    assert (code, err) == (exit_codes.COMPLETED, "")
    assert re.search(r"Distance +0\.52 km", out)
    assert re.search(r"Plug consumption +\d+\.\d+ ± \d+\.\d+ kWh/100 km", out)
    assert re.search(r"Range at this consumption +\d+ ± \d+ km", out)
    assert re.search(r"out of the cells +\d+(\.\d)? ± \d+(\.\d)? Wh +100\.0 %", out)
    assert "± is U, k = 2" in out
    assert "Outcome: completed" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_json_is_json_only_and_its_energies_close(capsys):
    code, out, _ = run(capsys, *FAST, "--json", "--ambient", "-10 degC")
    drive = json.loads(out)
    assert code == exit_codes.COMPLETED
    assert drive["mission"]["ambient_temperature_degC"] == -10.0
    assert drive["result"]["distance_m"] == pytest.approx(520.0, rel=1e-3)
    entries = {entry["name"]: entry for entry in drive["ledger"]}
    sinks = sum(entry["energy_J"] for entry in entries.values() if entry["kind"] != "source")
    assert sinks == pytest.approx(entries["battery"]["energy_J"], rel=1e-6)
    assert entries["battery"]["energy_Wh"] == pytest.approx(entries["battery"]["energy_J"] / 3600.0)
    assert drive["result"]["plug_consumption_Wh_per_km"] > drive["result"]["battery_consumption_Wh_per_km"]


@pytest.mark.parametrize("driver", ["ideal", "pi"])
def test_the_uncertainty_of_a_drive_is_that_of_the_library_whatever_was_kept(capsys, driver):
    mission = follow(standard("sort-1"), Conditions(state_of_charge=0.9, comforts_on=True))
    expected = drive_intervals(figures("city-car"), mission)
    told = []
    for _ in range(2):
        drive = json.loads(run(capsys, *FAST, "--json", "--driver", driver)[1])
        told.append((drive["uncertainty"], [entry["uncertainty_J"] for entry in drive["ledger"]]))
        assert drive["uncertainty"].keys() == drive["result"].keys()
        near = pytest.approx(expected["range_m"].standard_uncertainty / 1e3, rel=1e-5 if driver == "ideal" else 0.1)
        assert drive["uncertainty"]["range_km"] == {"uncertainty": near, "inputs": 0.0, "models": near}
        losses = {entry["name"]: entry["uncertainty_J"] for entry in drive["ledger"]}
        assert losses["drive unit loss"] > 5.0 * losses["rolling"] > 0.0
    # What is kept is driven by the same compiled drive: the same bits.
    assert told[0] == told[1]


def test_files_are_written_whole_and_tell_units(capsys, tmp_path):
    code, out, _ = run(capsys, *FAST, "--csv", "t.csv", "--parquet", "t.parquet", "--plot", "t.html")
    assert code == exit_codes.COMPLETED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv", "t.csv-metadata.json", "t.html", "t.parquet"]
    assert all(f"Wrote {name}" in out for name in ("t.csv", "t.html", "t.parquet"))
    header, *rows = (tmp_path / "t.csv").read_text().splitlines()
    assert header.startswith("time_s,distance_m,")
    assert float(rows[-1].split(",")[1]) == pytest.approx(520.0, rel=1e-3)
    page = (tmp_path / "t.html").read_text()
    assert '<svg class="sankey wide"' in page
    assert "http" not in page
    shown = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "nan" not in shown.lower().replace("finance", "")


def test_all_problems_of_a_run_are_told_at_once(capsys, tmp_path):
    (tmp_path / "bad.toml").write_text(
        'schema = "car/1"\ntest_mass = 1200\nbattery_energy = "30 kg"\nmotor_powr = "80 kW"\n'
    )
    (tmp_path / "bad.csv").write_text("time_s,speed\n0,0\n1,abc\n0.5,3\n")
    code, out, err = run(
        capsys, "drive", "bad.toml", "--cycle", "bad.csv", "--ambient", "-20", "--payload", "3 m", "--soc", "90",
        "--driver", "fast", "--csv", "absent/t.csv", "--plot", tmp_path,
    )  # fmt: skip
    assert (code, out) == (exit_codes.INPUT_WRONG, "")
    flat = " ".join(err.split())
    for part in (
        "bad.toml:2 (test_mass): a bare number has no unit",
        "dimension of mass, not of energy",
        "unknown field 'motor_powr'",
        "did you mean 'motor_power'?",
        "column 'speed' names no unit",
        "--ambient: a bare number has no unit: '-20'",
        'such as "-20 degC"',
        "--payload: '3 m' has the dimension of length",
        "--soc: a bare number has no unit: '90'",
        "--driver: there is no driver 'fast'",
        "there is no folder",
        "a folder of this name is there",
    ):
        assert part in flat, part
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "bad.toml"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["drive", "leaf-4"], "did you mean 'leaf-40'"),
        (["drive", "absent.toml"], "absent.toml: No such file"),
        (["drive", "."], "latin.toml:1: not UTF-8"),
        (["drive", "empty.toml"], "the file is empty"),
        (["drive", "latin.toml"], "not UTF-8"),
        (["drive", "leaf-40", "--cycle", "wltp"], "wltc-3b"),
        (["drive", "leaf-40", "--cycle", "absent.csv"], "absent.csv"),
        (["drive", "leaf-40", "--cycle", "empty.toml"], "empty"),
        (["drive", "leaf-40", "--ambient", "-90 degC"], "-90 degC lies outside -60 to 60 degC"),
        (["drive", "leaf-40", "--ambient", "nan degC"], "does not begin with a number"),
        (["drive", "leaf-40", "--colour"], "has no such option"),
        (["drive"], "CAR...: it is missing"),
        (["schema", "car/2"], "car/1"),
        (["parts", "leaf"], "leaf-40"),
        (["identify", "battery", "absent.csv", "--slow", "none.csv"], "none.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_is_refused_with_a_hint(capsys, tmp_path, arguments, told):
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (exit_codes.INPUT_WRONG, "")
    assert told in " ".join(err.split())
    assert "Traceback" not in err


def test_a_drive_that_cannot_be_completed_is_a_value_with_its_files(capsys, tmp_path):
    code, out, _ = run(capsys, "drive", "city-bus", "--cycle", "us06", "--ambient", "-30 degC", "--csv", "t.csv")
    assert code == exit_codes.DRIVE_NOT_COMPLETED
    assert re.search(r"Outcome: speed missed from \d+ s.*the drive unit gives no\s+more torque", out, re.DOTALL)
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 601


def test_a_pi_driver_keeps_the_trace_nearly(capsys):
    _, exact, _ = run(capsys, "drive", "city-car", "--cycle", "wltc-3b", "--json")
    code, corrected, _ = run(capsys, "drive", "city-car", "--cycle", "wltc-3b", "--json", "--driver", "pi")
    assert code == exit_codes.COMPLETED
    first, second = (json.loads(text)["result"]["distance_m"] for text in (exact, corrected))
    assert first != second
    assert second == pytest.approx(first, rel=0.01)


def test_everything_that_ships_is_listed_and_read(capsys):
    _, parts, _ = run(capsys, "parts")
    assert all(name in parts for name in car_names())
    assert "battery@1" in parts
    assert sum(figures(name).measured is not None for name in car_names()) >= 8
    assert all(figures(name).source and figures(name).id == name for name in car_names())
    _, cycles, _ = run(capsys, "cycles")
    assert re.search(r"^name +s +km +km/h +km/h +what", cycles, re.MULTILINE)
    assert re.search(r"^wltc-3b +1800 +23\.27 +131 +47 ", cycles, re.MULTILINE)


def test_a_shipped_car_printed_is_a_car_again(capsys, tmp_path):
    _, text, _ = run(capsys, "parts", "leaf-40")
    (tmp_path / "mine.toml").write_text(text)
    assert figures("mine.toml") == figures("leaf-40")


def test_schemas_are_printed(capsys):
    _, kinds, _ = run(capsys, "schema")
    for kind in ("car/1", "part/1", "interface/1", "offer/1"):
        assert kind in kinds
        code, text, _ = run(capsys, "schema", kind)
        assert code == exit_codes.COMPLETED
        assert json.loads(text)["type"] == "object"


def test_exit_codes_stand_in_the_help_and_in_the_page(capsys):
    _, out, _ = run(capsys, "--help")
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code} {meaning}" in " ".join(out.split())
        assert f"| {code} | {meaning} |" in page


def test_every_option_of_drive_stands_in_the_page(capsys):
    _, out, _ = run(capsys, "drive", "--help")
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z]+", out)) - {"--help", "--no"}
    assert len(options) > 10
    assert not [option for option in options if f"`{option}" not in page]


@pytest.mark.slow  # `test_native_trace` and `test_compiled` hold the same of both executors within one process
def test_a_second_process_loads_what_the_first_compiled_and_mends_a_damaged_file(tmp_path):
    cache = tmp_path / "cache"
    environment = {**os.environ, "COVOLT_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", "from covolt.cli import main; main()", *FAST, "--json"]

    def drive():
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return json.loads(done.stdout)["ledger"]

    first = drive()
    kept = {path: path.read_bytes() for path in cache.iterdir()}
    assert kept
    assert drive() == first
    assert {path: path.read_bytes() for path in cache.iterdir()} == kept
    for path, content in kept.items():
        path.write_bytes(content[:-100] + bytes(100))
    assert drive() == first
    assert all(path.read_bytes()[-100:] != bytes(100) for path in kept)


@pytest.mark.parametrize(
    ("policy", "expected"),
    # Each compiles a drive of its own; tests/simulation/test_outcome.py holds the policies in the fast suite.
    [
        ("report", 3),
        pytest.param("correct", 0, marks=pytest.mark.slow),
        pytest.param("abort", 3, marks=pytest.mark.slow),
    ],
)
def test_a_missed_trace_is_reported_corrected_or_ends_the_drive(capsys, tmp_path, policy, expected):
    weak = tmp_path / "weak.toml"
    shipped = (ROOT / "src" / "covolt" / "library" / "cars" / "leaf-40.toml").read_text(encoding="utf-8")
    weak.write_text(shipped.replace('motor_power = "110 kW"', 'motor_power = "25 kW"'), encoding="utf-8")
    code, text, _ = run(capsys, "drive", weak, "--cycle", "udds", "--on-miss", policy, "--json")
    assert code == expected
    assert json.loads(text)["mission"]["name"] == "udds"


def test_a_limiter_of_a_car_file_holds_the_car_below_the_cycle(capsys, tmp_path):
    slow = tmp_path / "slow.toml"
    slow.write_text(re.sub(r'top_speed = ".*?"', 'top_speed = "80 km/h"', shipped_text("leaf-40")), encoding="utf-8")
    code, _, _ = run(capsys, "drive", slow, "--cycle", "hwfet", "--csv", tmp_path / "s.csv")
    assert code == exit_codes.DRIVE_NOT_COMPLETED
    head, *rows = (tmp_path / "s.csv").read_text().splitlines()
    at = head.split(",").index("speed_m_per_s")
    assert max(float(row.split(",")[at]) for row in rows) == pytest.approx(80.0 / 3.6, rel=0.006)


def test_rollers_know_no_wind(capsys):
    code, _, errors = run(capsys, "drive", "leaf-40", "--dynamometer", "--wind", "-5 m/s", "--sun", "300 W/m2")
    assert code == exit_codes.INPUT_WRONG
    assert errors.count("rollers stand indoors") == 2


@pytest.mark.parametrize("columns", ["50", "60", "80"])
def test_a_number_is_never_cut(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    code, out, _ = run(capsys, "drive", "leaf-40", "--cycle", "sort-2")
    assert code == exit_codes.COMPLETED
    assert len(re.findall(r"\d Wh +-?\d+\.\d %", out)) >= 5
    assert len(re.findall(r"\d ± \d+(\.\d)? Wh ", out)) >= 4
    assert max(map(len, out.splitlines())) <= int(columns)


def test_an_unknown_policy_is_refused(capsys):
    code, _, errors = run(capsys, "drive", "leaf-40", "--on-miss", "perhaps")
    assert code == exit_codes.INPUT_WRONG
    assert "--on-miss: there is no policy 'perhaps'" in errors


def test_a_charging_session_says_how_long_and_what_bound_it(capsys, tmp_path):
    code, out, err = run(capsys, "charge", "city-car", "--post", "50 kW", "--csv", "s.csv")
    assert (code, err) == (exit_codes.COMPLETED, "")
    assert re.search(r"State of charge +10 to 80 %", out)
    assert re.search(r"Time +\d+(\.\d+)? (± \d+(\.\d+)?|−\d+(\.\d+)?/\+\d+(\.\d+)?) min", out)
    assert re.search(
        r"80 % +\d+(\.\d+)? (± \d+(\.\d+)?|−\d+(\.\d+)?/\+\d+(\.\d+)?) +\d+\.\d kW +\d+\.\d degC +generic curve", out
    )
    assert max(map(len, out.splitlines())) <= 80
    head, *rows = (tmp_path / "s.csv").read_text().splitlines()
    assert head.startswith("time_s,displayed_fraction")
    assert float(rows[-1].split(",")[1]) == pytest.approx(0.8, abs=1e-3)
    cold = json.loads(run(capsys, "charge", "city-car", "--post", "50 kW", "--ambient", "-20 degC", "--json")[1])
    mild = json.loads(run(capsys, "charge", "city-car", "--post", "50 kW", "--json")[1])
    assert cold["time_s"] > mild["time_s"]
    assert cold["uncertainty"]["time_s"]["uncertainty"] > mild["uncertainty"]["time_s"]["uncertainty"] > 0.0
    assert cold["uncertainty"]["time_s"]["models"] == cold["uncertainty"]["time_s"]["uncertainty"]
    assert mild["stored_energy_J"] < mild["plug_energy_J"]


@pytest.mark.parametrize(
    ("arguments", "percent"),
    [
        (("drive", "leaf-40", "--soc", "0.5"), "50 %"),
        (("drive", "leaf-40", "--soc", "50"), "50 %"),
        (("charge", "leaf-40", "--post", "50 kW", "--from", "1e-1"), "10 %"),
        (("charge", "leaf-40", "--post", "50 kW", "--to", "1"), "100 %"),
    ],
)
def test_a_state_of_charge_without_a_unit_is_refused(capsys, arguments, percent):
    code, _, err = run(capsys, *arguments)
    assert code == exit_codes.INPUT_WRONG
    assert f"a bare number has no unit: '{arguments[-1]}'" in err
    assert f'write it in percent: "{percent}"' in err


def test_a_session_that_cannot_end_is_a_value(capsys):
    arguments = ["charge", "city-car", "--socket", "0.5 kW", "--to", "100 %"]
    code, out, _ = run(capsys, *arguments)
    assert code == exit_codes.DRIVE_NOT_COMPLETED
    assert re.search(r"not reached: \d+\.\d % after 24\.0 h", out)


def test_every_problem_of_a_session_is_told_at_once(capsys):
    code, out, err = run(
        capsys, "charge", "city-cra", "--post", "150 V", "--from", "10", "--to", "5 %", "--ambient", "-80 degC"
    )
    assert (code, out) == (exit_codes.INPUT_WRONG, "")
    for told in (
        "did you mean 'city-car'",
        "dimension of voltage",
        'write it in percent: "10 %"',
        "a bare number has no unit: '10'",
        "-80 degC is outside",
    ):
        assert told in err
    assert "--battery" not in err
    assert "name one" in run(capsys, "charge", "city-car")[2]
    assert "both a post and a socket" in run(capsys, "charge", "city-car", "--post", "50 kW", "--socket", "11 kW")[2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--csv", "cycle.csv"], "--csv cycle.csv: this file is an input"),
        (["--plot", "link.html"], "--plot link.html: this file is an input"),
        (["--parquet", "car.toml"], "--parquet car.toml: this file is an input"),
        (["--csv", "pipe"], "--csv pipe: this is no ordinary file"),
        (["--csv", "a.csv", "--plot", "./a.csv"], "--csv writes the same file"),
        (["--soc", "190 %"], "190 % lies outside 0 to 100 %"),
    ],
)
def test_nothing_is_written_over_an_input(capsys, tmp_path, options, told):
    (tmp_path / "car.toml").write_text(run(capsys, "parts", "leaf-40")[1])
    (tmp_path / "cycle.csv").write_text("time_s,speed_kmh\n0,0\n1,3\n2,0\n")
    (tmp_path / "link.html").symlink_to("cycle.csv")
    os.mkfifo(tmp_path / "pipe")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    code, out, err = run(capsys, "drive", "car.toml", "--cycle", "cycle.csv", *options)
    assert (code, out) == (exit_codes.INPUT_WRONG, "")
    assert told in " ".join(err.split())
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_car_that_stands_consumes_nothing_per_kilometre(capsys, tmp_path):
    rows = "".join(f"{second},0\n" for second in range(20))
    (tmp_path / "stand.csv").write_text("time_s,speed_kmh\n" + rows)
    code, out, _ = run(capsys, "drive", "city-car", "--cycle", "stand.csv")
    assert code == exit_codes.COMPLETED
    assert "none: the car does not move" in out
    assert "nan" not in out


def test_a_thousand_problems_are_counted_and_some_are_told(capsys):
    print_problems([Problem(f"wrong {number}", "file") for number in range(1000)])
    err = capsys.readouterr().err
    assert "1000 problems" in err
    assert "wrong 499" in err
    assert "wrong 500" not in err
    assert "and 500 more" in err


def test_one_mistake_in_twenty_rows_is_told_once_with_every_place(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    rows = [Problem("'fast' is no number", f"log.csv, row {row}", "write a number") for row in range(2, 22)]
    alone = [
        Problem("two columns hold the time", "log.csv, header", "leave one out"),
        Problem("it ends early", "log.csv"),
    ]
    print_problems(
        [alone[0], *rows[:10], *alone[1:], *rows[10:], Problem("'slow' is no number", "x.csv", "write a number")]
    )
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "23 problems:"
    assert [line[2:] for line in lines[1:]] == [
        "log.csv, header: two columns hold the time",
        "hint: leave one out",
        f"log.csv, row {', '.join(map(str, range(2, 22)))}: 'fast' is no number",
        "x.csv: 'slow' is no number",
        "hint: write a number",
        "log.csv: it ends early",
    ]


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_an_interruption_while_the_libraries_load_is_no_traceback(seconds):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    code = "import os, signal, threading, time\n"
    code += f"def stop():\n time.sleep({seconds})\n os.kill(os.getpid(), signal.SIGINT)\n"
    code += "import covolt\nthreading.Thread(target=stop, daemon=True).start()\n"
    code += "from covolt.cli import main\nmain(['cycles'])\ntime.sleep(5)\n"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 1
    assert "Traceback" not in done.stderr


def test_wrong_measurements_are_told_at_once_with_their_files(capsys, tmp_path):
    head = "ambient_C,discharged_Ah_before,pulse_A,rest_voltage_V,R_10s_mohm\n"
    (tmp_path / "pulses.csv").write_text(head + "25,0,10,4.1,x\n-300,0,10,4.1,2\n25,0,10,410,2\n")
    rows = ["0,1,4.1", "1,nan,4.0", "0.5,1,x", "2,1,3.9"]
    (tmp_path / "slow.csv").write_text("time_s,current_A,voltage_V\n" + "\n".join(rows) + "\n")
    command = ("identify", "battery", "pulses.csv", "--slow", "slow.csv", "--output", "pulses.csv")
    code, out, err = run(capsys, *command)
    flat = " ".join(err.split())
    assert (code, out) == (exit_codes.INPUT_WRONG, "")
    for part in (
        "--output pulses.csv: this file is an input",
        "pulses.csv:2: R_10s_mohm is not a number",
        "pulses.csv:3: lacks a plausible temperature",
        "pulses.csv:4: lacks a plausible rest voltage",
        "slow.csv:3: current_A is not a number",
        "slow.csv:4: voltage_V is not a number",
        "slow.csv:4: time runs backwards",
    ):
        assert part in flat, part


def test_a_car_drives_with_its_measured_cell_as_it_is_now(capsys, tmp_path):
    write_cell(cell(), tmp_path / "cell.toml", source="")
    text = shipped_text("city-car").replace("battery_energy", 'battery_cell = "cell.toml"\nbattery_energy', 1)
    (tmp_path / "mine.toml").write_text(text)
    lost_J = []
    for factor in (1.0, 1.0, 2.0):
        path = tmp_path / "cell.toml"
        path.write_text(path.read_text().replace("0.0011", f"{factor * 0.0011}"))
        code, out, err = run(capsys, "drive", "mine.toml", "--cycle", "sort-1", "--json")
        assert (code, err) == (exit_codes.COMPLETED, "")
        (loss,) = (entry["energy_J"] for entry in json.loads(out)["ledger"] if entry["name"] == "battery loss")
        lost_J.append(loss)
    assert lost_J[0] == lost_J[1]
    assert lost_J[2] > 1.05 * lost_J[0]
    for ambient, told in (("0 degC", False), ("-20 degC", True)):
        for command in (
            ("drive", "mine.toml", "--cycle", "sort-1"),
            ("charge", "mine.toml", "--post", "50 kW", "--to", "20 %"),
        ):
            code, out, _ = run(capsys, *command, "--ambient", ambient)
            assert code == exit_codes.COMPLETED
            remarks = json.loads(run(capsys, *command, "--ambient", ambient, "--json")[1])["remarks"]
            assert any("The tables of the cell reach" in one for one in remarks) == told
            assert ("The tables of the cell reach from -10.0 to 25.0 degC" in out) == told
    code, _, err = run(capsys, "new", "programme", "--like", "mine.toml")
    assert code == exit_codes.COMPLETED
    assert "generic cells" in err
    code, out, err = run(capsys, "drive", "mine.toml", "--csv", "cell.toml")
    assert code == exit_codes.INPUT_WRONG
    assert "this file is an input" in " ".join(err.split())


@pytest.mark.parametrize("content", ["0,1,4\n", "0,1,4\n0,1,3.9\n0,1,3.8\n", "0,0,4\n1,0,4\n"])
def test_a_slow_discharge_that_is_none(capsys, tmp_path, content):
    head = "ambient_C,discharged_Ah_before,pulse_A,rest_voltage_V,R_10s_mohm\n"
    (tmp_path / "pulses.csv").write_text(head + "25,0,10,4.1,2\n")
    (tmp_path / "slow.csv").write_text("time_s,current_A,voltage_V\n" + content)
    code, _, err = run(capsys, "identify", "battery", "pulses.csv", "--slow", "slow.csv")
    assert code == exit_codes.INPUT_WRONG
    assert "slow.csv, slow discharge" in " ".join(err.split())
    assert not (tmp_path / "cell.toml").exists()


ROAD = "distance_m,speed_kmh,grade_percent,stop_s\n0,50,0,0\n800,30,4,0\n1400,50,0,20\n3000,0,0,0\n"


def test_a_road_by_distance_is_driven_whole(capsys, tmp_path):
    (tmp_path / "line-7.csv").write_text(ROAD)
    code, out, _ = run(capsys, "drive", "city-car", "--route", "line-7.csv")
    assert code == exit_codes.COMPLETED
    assert re.search(r"line-7, 23\.0 degC", out)
    assert re.search(r"Distance +(2\.9[89]|3|3\.0[01]) km", out)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--cycle", "udds"], "both a cycle and a route"),
        (["--driver", "pi"], "a route is driven whole"),
        (["--on-miss", "abort"], "a route is driven whole"),
    ],
)
def test_a_route_refuses_what_it_cannot_heed(capsys, tmp_path, options, told):
    (tmp_path / "line-7.csv").write_text(ROAD)
    code, _, err = run(capsys, "drive", "city-car", "--route", "line-7.csv", *options)
    assert code == exit_codes.INPUT_WRONG
    assert told in " ".join(err.split())


def test_a_road_that_is_no_road_says_why(capsys, tmp_path):
    (tmp_path / "cycle.csv").write_text("time_s,speed_kmh\n0,0\n1,3\n")
    code, _, err = run(capsys, "drive", "city-car", "--route", "cycle.csv")
    assert code == exit_codes.INPUT_WRONG
    assert "no column of distance" in " ".join(err.split())


def test_no_output_leaves_a_programme_through_a_link_of_it(capsys, tmp_path):
    """A partner's folder may hold a link; where somebody leads a folder of his own elsewhere is his."""
    car, elsewhere = tmp_path / "car", tmp_path / "elsewhere"
    (elsewhere / "inner").mkdir(parents=True)
    car.mkdir()
    (car / "build").symlink_to(elsewhere)
    assert run(capsys, "drive", "leaf-40", "--cycle", "udds", "--csv", str(car / "build" / "a.csv"))[0] == 0
    (car / "programme.toml").write_text("")
    for path in (car / "build" / "b.csv", car / "build" / "inner" / "b.csv"):
        code, _, err = run(capsys, "drive", "leaf-40", "--cycle", "udds", "--csv", str(path))
        assert code == exit_codes.INPUT_WRONG
        assert "is a link out of the programme" in " ".join(err.split())
    assert sorted(one.name for one in elsewhere.rglob("*.csv")) == ["a.csv"]


def test_it_says_which_covolt_it_is(capsys):
    import covolt

    said = f"covolt {covolt.__version__}"
    assert run(capsys, "--version")[:2] == (exit_codes.COMPLETED, f"{said}\n")
    module = subprocess.run([sys.executable, "-m", "covolt", "--version"], capture_output=True, text=True, check=True)
    assert module.stdout == f"{said}\n"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", covolt.__version__)


def test_an_ending_that_an_option_does_not_write_is_refused(capsys, tmp_path):
    outputs = ("--plot", "out.png", "--csv", "out.xlsx", "--parquet", "out.csv")
    code, _, errors = run(capsys, "drive", "leaf-40", "--cycle", "udds", *outputs)
    assert code == exit_codes.INPUT_WRONG
    assert "--plot out.png: --plot writes .html, and this name ends in .png" in errors
    assert "write out.csv" in errors
    assert "write out.parquet" in errors
    code, _, errors = run(capsys, "demo", "-o", "demo.pdf")
    assert (code, "write demo.html" in errors) == (exit_codes.INPUT_WRONG, True)
    assert not list(tmp_path.iterdir())


def test_cars_stand_beside_each_other_in_one_table_and_one_file(capsys, tmp_path):
    (tmp_path / "cars").mkdir()
    for name in ("leaf-40", "city-car"):
        (tmp_path / "cars" / f"{name}.toml").write_text(run(capsys, "parts", name)[1], encoding="utf-8")
    (tmp_path / "cars" / "cell.toml").write_text('schema = "cell/1"\n')
    asked = ("--cycle", "sort-1", "--cycle", "sort-2", "--csv", "all.csv", "--json")
    code, out, _ = run(capsys, "drive", "cars", *asked)
    assert code == exit_codes.COMPLETED
    drives = json.loads(out)
    pairs = [("city-car", "sort-1"), ("city-car", "sort-2"), ("leaf-40", "sort-1"), ("leaf-40", "sort-2")]
    assert [(one["car"]["id"], one["mission"]["name"]) for one in drives] == pairs
    header, *rows = (tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("range_km")
    assert [float(row.split(",")[at]) for row in rows] == [one["result"]["range_km"] for one in drives]
    alone = json.loads(run(capsys, "drive", "cars/leaf-40.toml", "--cycle", "sort-2", "--json")[1])
    assert alone["result"] == drives[-1]["result"]


def test_every_problem_of_several_drives_is_told_once_and_nothing_is_driven(capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, errors = run(
        capsys, "drive", "leaf-40", "leaf40", "--cycle", "udds", "--cycle", "uds", "--ambient", "400 degC"
    )
    assert code == exit_codes.INPUT_WRONG
    assert errors.count("400 degC lies outside") == errors.count("'leaf40'") == errors.count("'uds'") == 1
    code, _, errors = run(capsys, "drive", "empty", "--plot", "p.html")
    assert (code, "holds no file of a car" in errors) == (exit_codes.INPUT_WRONG, True)
    code, _, errors = run(capsys, "drive", "leaf-40", "city-car", "--plot", "p.html", "--csv", "out.png")
    assert (code, "not one file" in errors, "out.csv" in errors) == (exit_codes.INPUT_WRONG, True, True)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
