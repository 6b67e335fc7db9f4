"""A small programme of which every requirement is declared, so that a study of it takes no drive, and studies of its parties."""

import shutil
from pathlib import Path

import pytest

from covolt.study.cases.study import run
from tests.signed import copy_unsigned

CITY_CAR = Path(__file__).parents[3] / "examples" / "city-car"
REQUIREMENTS = {"I-MASS", "I-PARTS"}
DESIGNS = 63
SUPPLY = '{ market = "RU", date = "2027-07-01", yearly_volume = 5000 }'
INTERESTS = (
    ("battery-works", "ENERGY", "declaration", "battery.energy_usable", "27 kWh", "45 kWh", "party", "{}"),
    ("drive-works", "TORQUE", "declaration", "drive_unit.torque_peak", "190 Nm", "270 Nm", "party", "{}"),
    ("concern", "PARTS", "supply", "price", "1500 kRUB", "1200 kRUB", "programme", SUPPLY),
    ("integrator", "MASS", "declaration", "vehicle.kerb_mass", "1200 kg", "1100 kg", "programme", "{}"),
)


def write_interest(folder, party, name, procedure, measure, worst, aspiration, visibility, conditions):
    path = folder / party / "interests" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"""schema = "interest/1"
id = "{name}"
party = "{party}"
title = {{ en = "{name.title()}", ru = "{name.title()}" }}
procedure = "{procedure}"
measure = "{measure}"
conditions = {conditions}
worst_acceptable = "{worst}"
aspiration = "{aspiration}"
visibility = "{visibility}"
""",
        encoding="utf-8",
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The programme beside its studies: one that everybody may read, and those of the two parties with private interests."""
    home = tmp_path_factory.mktemp("negotiated")
    car = copy_unsigned(CITY_CAR, home / "car")
    for path in [*car.glob("*/requirements/*.toml"), *car.glob("*/interests/*.toml"), *car.glob("*/negatives/*.toml")]:
        if path.stem not in REQUIREMENTS:
            path.unlink()
    mass = car / "integrator" / "requirements" / "I-MASS.toml"
    mass.write_text(mass.read_text(encoding="utf-8").replace('"negotiable"', '"fixed"'), encoding="utf-8")
    for path in car.glob("gates/*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace("margin('I-PRICE') >= -140", "laws.count >= 0"))
    for one in INTERESTS:
        write_interest(car, *one)
    run(car, home / "shared", designs=DESIGNS)
    for party, name in (("battery-works", "ENERGY"), ("drive-works", "TORQUE")):
        run(car, home / party, designs=DESIGNS, party=party, only=(name,))
    return home


@pytest.fixture
def home(made, tmp_path):
    """The same for a test to change."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def studies(home):
    return [home / name for name in ("shared", "battery-works", "drive-works")]
