"""At every width from 40 columns no digit, unit or sign that a command prints is cut."""

import re
import shutil
import sysconfig
from collections import Counter

import pytest
import typer

from covolt import units
from covolt.cli import main
from covolt.cli.application import app
from covolt.study.cases import targets
from covolt.study.cases.optimise import optimise
from covolt.study.cases.study import run as run_study
from covolt.study.verdicts.printed_units import printed_unit
from tests.house.source import ROOT
from tests.test_docs import commands

pytestmark = pytest.mark.whole

WIDE = 3000
NARROW = (40, 80)
"""Widths at which a command is tried each time, in Russian where it speaks it; at all, in both, in `make test-all`."""
WIDTHS = (40, 60, 80, 120)
LONGEST = 30
"""Signs; longer tokens, paths and digests, are broken where the terminal ends."""
CRANE = f"{sysconfig.get_path('purelib')}/examples/MobileCrane.fmu"
"""An FMU of the package crane-fmu."""
COMMANDS = [
    ["cycles"],
    ["parts"],
    ["schema"],
    ["procedures"],
    ["procedures", "wltp"],
    ["drive", "leaf-40", "--cycle", "udds"],
    ["charge", "leaf-40", "--socket", "6.6 kW"],
    ["check", "{car}"],
    ["offers", "{car}"],
    ["offers", "{car}", "--slot", "battery"],
    ["offer", "{car}/battery-works/parts/pack-33", "--dry-run"],
    ["lock", "{car}"],
    ["verify", "{car}", "-v", "--next", "--protocol"],
    ["diff", "{base}", "{car}"],
    ["gate", "{car}"],
    ["gate", "{signed}", "--language", "ru"],
    ["approval", "{car}", "--all"],
    ["approval", "{car}", "--all", "--language", "ru"],
    ["approval", "{car}", "--at", "2026-11-28", "--until", "2028-12-31", "--all"],
    ["approval", "{car}", "--at", "2026-11-28", "--until", "2028-12-31", "--market", "EU,CN", "--language", "ru"],
    ["origin", "{car}", "--market", "RU", "--date", "2027-01-01"],
    ["conflicts", str(ROOT / "examples/city-bus")],
    ["study", "show", "{out}/study"],
    ["study", "sensitivity", "{car}", "--only", "I-MASS", "--only", "PARTS-PRICE"],
    ["study", "sensitivity", "{car}", "--only", "I-MASS", "--method", "gradient", "--language", "ru"],
    ["study", "sensitivity", "{car}", "--only", "I-MASS", "--method", "sobol", "--designs", "384", "--pairs"],
    ["study", "sureness", "{car}", "--only", "I-MASS", "--only", "I-PARTS", "--draws", "32"],
    ["study", "front", "{out}/searched"],
    ["targets", "show", "{out}/sizing"],
    ["negatives", "--library"],
    ["sign", "concept", "{car}", "--party", "integrator", "--role", "chief-engineer", "--dry-run"],
    ["key", "list", "{signed}"],
    ["fmu", "inspect", CRANE],
    ["export", "fmu", "{car}", "--part", "battery", "-o", "{out}/pack.fmu"],
    ["map", "{out}/losses.csv"],
    ["ssp", "check", "{out}/car.ssp"],
    ["demo", "-o", "{out}/demo.html"],
    ["report", "{car}", "-o", "{out}/report.html"],
    ["requirements", "export", "{out}/list.xlsx", "{car}"],
    ["requirements", "import", "{out}/list.xlsx", "{car}", "--party", "agency", "--dry-run"],
]
LOSSES = "speed [rpm],torque [N*m],loss [W]\n" + "".join(
    f"{speed},{torque},{120 + speed / 9 + torque**2 / 11}\n" for speed in (0, 3000, 9000) for torque in (0, 80, 160)
)
RUSSIAN_UNITS = {
    word for unit in units.UNITS for word in printed_unit(unit).said("ru").split() if re.search("[а-яА-Я°%]", word)
}
WRITERS = {
    "authority",
    "host",
    "serve",
    "people",
    "sandbox",
    "new",
    "identify",
    "rename",
    "upgrade",
    "dossier",
    "parties",
} | {
    "negotiate",
    "proposal",
    *("audit", "backup", "merge", "propose", "pull", "push", "restore", "review", "runner"),
}
"""These write once and tell sentences, or what is another thing each time (`sandbox`), or a table of `pairs` as `drive` does;
parties of the examples state no number; cards of a negotiation are held to the terminal in
tests/study/negotiation."""


def coordinated(folder):
    """Two parties who share a mass and have answered once."""
    folder.mkdir()
    shared = 'name = "pack-mass"\nunit = "kg"\nstart = 240.0\nweight = 0.1\ntolerance = 0.01\n'
    written = (
        f'schema = "coordination/1"\nid = "pack-size"\nparties = ["battery-works", "integrator"]\n[[shared]]\n{shared}'
    )
    (folder / "coordination.toml").write_text(written, encoding="utf-8")
    for path, mass_kg in zip(targets.new(folder).values(), (251.25, 238.5), strict=True):
        targets.answer(path, lambda asked, mass_kg=mass_kg: dict.fromkeys(asked["shared"], mass_kg))


def tokens(text):
    """Words with a digit, and units, as often as they stand there."""
    words = re.sub("[─━│┃╇═+|-]{3,}", " ", text).split()
    return Counter(
        bare
        for word in words
        if (bare := word.rstrip(':;,.)"»').lstrip('("«')) and len(bare) <= LONGEST
        if re.search(r"\d", bare) or bare in units.UNITS or bare in RUSSIAN_UNITS
    )


def with_other_bounds(car, folder):
    """A copy in which two parties demand otherwise, so that something differs and nothing is driven anew."""
    shutil.copytree(car, folder)
    for name, now, before in (
        ("battery-works/requirements/B-MASS", "230 kg", "225 kg"),
        ("integrator/requirements/I-CONSUMPTION", "145 Wh/km", "151.5 Wh/km"),
    ):
        path = folder / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        assert now in text
        path.write_text(text.replace(now, before), encoding="utf-8")
    return folder


def printed(capsys, monkeypatch, width, arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit):
        main(arguments)
    return capsys.readouterr().out


HELPS = sorted(
    {" ".join(words.split()[:count]) for words, _ in commands(typer.main.get_command(app)) for count in (0, 1, 2)}
)


@pytest.mark.parametrize("words", HELPS)
def test_no_name_in_a_help_is_cut(words, capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    wide = printed(capsys, monkeypatch, WIDE, [*words.split(), "-h"])
    options = re.findall(r"(?m)^[│ *]*(--[a-z][a-z-]+)", wide)
    assert "--help" in options
    for width in WIDTHS:
        text = printed(capsys, monkeypatch, width, [*words.split(), "-h"])
        assert "…" not in text
        assert set(options) <= set(re.findall(r"--[a-z][a-z-]+", text)), (width, text)
        assert max(map(len, text.splitlines())) <= width, (width, text)


def test_every_command_is_held_to_it():
    assert set(typer.main.get_command(app).commands) == {one[0] for one in COMMANDS} | WRITERS


SILENT = {"demo", "sign", "report"}
"""These have a language of their own, or say one line."""
IN_RUSSIAN = [[*one, "--language", "ru"] for one in COMMANDS if not {*SILENT, "--language"} & set(one)]


SELDOM = {"sobol", "gradient", "report"}
"""What takes ten seconds and more for another row of a table that is held to it, or for one line, is held to it there alone."""
EACH_TIME = [
    one
    for one in (*IN_RUSSIAN, *(one for one in COMMANDS if [*one, "--language", "ru"] not in IN_RUSSIAN))
    if not SELDOM & set(one)
]


@pytest.mark.parametrize(
    ("command", "widths"),
    [
        *(pytest.param(one, NARROW, id=" ".join(one)) for one in EACH_TIME),
        *(
            pytest.param(one, WIDTHS, id=f"{' '.join(one)} at all widths", marks=pytest.mark.slow)
            for one in [*COMMANDS, *IN_RUSSIAN]
        ),
    ],
)
def test_no_number_or_unit_is_cut(command, widths, capsys, monkeypatch, tmp_path, verified_car, programme):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    places = {"car": verified_car, "signed": ROOT / "examples/city-car"}
    if "{base}" in command:
        places["base"] = with_other_bounds(verified_car, tmp_path / "base")
    arguments = [one.format(**places, out=tmp_path) for one in command]
    if command[0] == "map":
        (tmp_path / "losses.csv").write_text(LOSSES, encoding="utf-8")
    if "{out}/sizing" in command:
        coordinated(tmp_path / "sizing")
    if "{out}/study" in command:
        run_study(verified_car, tmp_path / "study", designs=7, only=["I-MASS", "B-MASS"])
    if "{out}/searched" in command:
        aims = ["I-PARTS", "declaration.drive_unit.torque_peak:max"]
        optimise(verified_car, tmp_path / "searched", objectives=aims, meet=["I-MASS"], population=8, generations=2)
    if command[:2] == ["ssp", "check"]:
        printed(capsys, monkeypatch, 80, ["ssp", "export", str(verified_car), "-o", f"{tmp_path}/car.ssp"])
    if command[:2] == ["requirements", "import"]:
        printed(capsys, monkeypatch, 80, ["requirements", "export", f"{tmp_path}/list.xlsx", str(verified_car)])
    language = "ru" if command[-1] == "ru" else "en"
    told_once = command[0] in SILENT | {"export"}
    if not told_once:
        printed(capsys, monkeypatch, WIDE, arguments)  # what is kept afterwards is told as recalled
    wide = tokens(printed(capsys, monkeypatch, WIDE, arguments))
    assert wide, "this command prints no number, and has no place in this test"
    # Titles of requirements stand where there is room, and nowhere else: "12 %" and "100,000 km" in them are not lost.
    titles = tokens("\n".join(one.title.words.said(language) for one in programme.requirements.values()))
    optional = titles if command[0] == "verify" else {}
    for width in (40,) if told_once else widths:
        text = printed(capsys, monkeypatch, width, arguments)
        found = tokens(text)
        lost = {one: (count, found[one]) for one, count in wide.items() if found[one] < count - optional.get(one, 0)}
        assert not lost, (width, lost, text)
        assert not [one for one in text.splitlines() if len(one) > width and str(tmp_path) not in one], (width, text)
