"""A small programme of which every requirement is declared, so that a study of it takes no drive, and studies of its parties."""

import shutil
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from covolt.study.cases.study import run
from covolt.study.designs.chunks import Chunk, stating
from covolt.study.designs.plan import digest_of_plan, read_plan
from tests.signed import copy_unsigned

CITY_CAR, CITY_BUS = (Path(__file__).parents[3] / "examples" / name for name in ("city-car", "city-bus"))
REQUIREMENTS = {"I-MASS", "I-PARTS"}
DESIGNS = 63
SUPPLY = '{ market = "RU", date = "2027-07-01", yearly_volume = 5000 }'
INTERESTS = (
    ("battery-works", "ENERGY", "declaration", "battery.energy_usable", "27 kWh", "45 kWh", "party", "{}"),
    ("drive-works", "TORQUE", "declaration", "drive_unit.torque_peak", "190 Nm", "270 Nm", "party", "{}"),
    ("concern", "PARTS", "supply", "price", "1500 kRUB", "1200 kRUB", "programme", SUPPLY),
    ("integrator", "MASS", "declaration", "vehicle.kerb_mass", "1200 kg", "1100 kg", "programme", "{}"),
)


SPACES = (
    ("battery-works", "PACK-SIZE", "battery", "energy_usable", '"25 kWh"', '"45 kWh"\nstep = "0.5 kWh"'),
    ("drive-works", "GEAR-RATIO", "gearbox", "ratio", "7.5", "10.0"),
    ("drive-works", "MOTOR-TORQUE", "drive_unit", "torque_peak", '"180 Nm"', '"280 Nm"'),
    ("integrator", "DRAG", "body", "drag_coefficient", "0.26", "0.34"),
)
COUPLED = {
    "PACK-SIZE": (("energy_nominal", "1.082 kWh/kWh"), ("mass", "7.0 kg/kWh"), ("price", "11000 RUB/kWh")),
    "MOTOR-TORQUE": (("mass", "0.12 kg/Nm"), ("price", "6 BYN/Nm")),
    "DRAG": (("mass", "-150 kg"), ("price", "-700000 RUB")),
}


def write_space(folder, party, name, slot, number, lowest, highest):
    """What a party lets move, whatever the shipped programme lets move beside."""
    coupled = "".join(f'[[coupled]]\nnumber = "{one}"\nper = "{per}"\n' for one, per in COUPLED.get(name, ()))
    path = folder / party / "designs" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"""schema = "design-space/1"
id = "{name}"
party = "{party}"
slot = "{slot}"
title = "{name}"
number = "{number}"
lowest = {lowest}
highest = {highest}
{coupled}""",
        encoding="utf-8",
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


def leave(folder, requirements):
    """Of a programme these requirements alone, nobody's interests, and nothing that moves."""
    for kind in ("requirements", "interests", "negatives", "designs"):
        for path in folder.glob(f"*/{kind}/*.toml"):
            if path.stem not in requirements:
                path.unlink()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The programme beside its studies: one that everybody may read, and those of the two parties with private interests."""
    home = tmp_path_factory.mktemp("negotiated")
    car = copy_unsigned(CITY_CAR, home / "car")
    leave(car, REQUIREMENTS)
    mass = car / "integrator" / "requirements" / "I-MASS.toml"
    mass.write_text(mass.read_text(encoding="utf-8").replace('"negotiable"', '"fixed"'), encoding="utf-8")
    for path in car.glob("gates/*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace("margin('I-PRICE') >= -140", "laws.count >= 0"))
    for one in INTERESTS:
        write_interest(car, *one)
    for one in SPACES:
        write_space(car, *one)
    run(car, home / "shared", designs=DESIGNS)
    for party, name in (("battery-works", "ENERGY"), ("drive-works", "TORQUE")):
        run(car, home / party, designs=DESIGNS, party=party, only=(name,))
    return home


@pytest.fixture
def home(made, tmp_path):
    """The same for a test to change."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def edited(folder, design, what="value", **values):
    """One row of a study with other values, in columns by the beginning of their names, put there on purpose."""
    plan = digest_of_plan(read_plan(folder))
    for path in folder.glob("designs-*.parquet"):
        table = pyarrow.parquet.read_table(path)
        numbers = table.column("design").to_pylist()
        if design not in numbers:
            continue
        for begin, value in values.items():
            [name] = [
                one for one in table.column_names if f" {what}" in one and one.startswith(begin.replace("__", "/"))
            ]
            column = table.column(name).to_pylist()
            column[numbers.index(design)] = value
            at = table.column_names.index(name)
            table = table.set_column(at, name, pyarrow.array(column, type=table.schema.field(name).type))
        pyarrow.parquet.write_table(stating(table, Chunk(numbers[0], numbers[-1] + 1), plan), path)


def studies(home):
    return [home / name for name in ("shared", "battery-works", "drive-works")]


PACK = """schema = "design-space/1"
id = "PACK"
party = "battery-works"
slot = "battery"
title = "Installed energy"
number = "energy_nominal"
lowest = "200 kWh"
highest = "240 kWh"
step = "1 kWh"
coupled = [{ number = "energy_usable", per = "0.92 kWh/kWh" }, { number = "mass", per = "9 kg/kWh" }]
"""


def write_bus(home, *laws):
    """The city bus with its two bounds of the battery's mass, laws, and what owners accept, beside a study of all packs."""
    folder = copy_unsigned(CITY_BUS, home / "bus")
    leave(folder, {"B-MASS", "W-BATTERY", *laws})
    mass = ("declaration", "battery.mass")
    write_interest(folder, "battery-works", "CERTIFIED", *mass, "2120 kg", "2250 kg", "party", "{}")
    write_interest(folder, "bus-works", "LIGHT", *mass, "2240 kg", "2100 kg", "party", "{}")
    designs = folder / "battery-works" / "designs"
    designs.mkdir(exist_ok=True)
    (designs / "PACK.toml").write_text(PACK, encoding="utf-8")
    run(folder, home / "packs", method="full")
    return folder


@pytest.fixture
def bus(tmp_path):
    """The city bus with its two bounds of the battery's mass, and what their owners accept, beside a study of all packs."""
    return write_bus(tmp_path)
