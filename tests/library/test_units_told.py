"""Units of parts of others: ports that state none are told as taken for SI, and so is a unit that is not what its name says."""

from pathlib import Path

import pytest
from tests.exchange.fmu.written import packed, three
from tests.house.source import ROOT

from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.schemas import read_document
from covolt.errors import InputError
from covolt.exchange.fmu import form_of, read_fmu
from covolt.exchange.fmu.inspection import inspect
from covolt.library.models import model_kind
from covolt.library.offered_part import described_problems, unit_notices
from covolt.study.cases.stand_ins import _by_file

UNIT = ROOT / "examples/city-car/drive-works/parts/pm-80/part.toml"
BASES = {
    "Nm": 'kg="1" m="2" s="-2"',
    "rad/s": 's="-1" rad="1"',
    **dict.fromkeys(("W", "kW"), 'kg="1" m="2" s="-3"'),
    "K": 'K="1"',
}


def fmu(path: Path, parameter: str = "", **units: str) -> Path:
    """A drive unit that runs nowhere, with the units that are named, of which a kW has no factor."""
    definitions = "".join(
        f'<Unit name="{one}"><BaseUnit {BASES[one]}/></Unit>' for one in dict.fromkeys(units.values()) if one
    )

    def port(number: int, name: str, causality: str) -> str:
        unit = f' unit="{units[name]}"' if units.get(name) else ""
        start = ' start="0"' if causality != "output" else ""
        return f'<Float64 name="{name}" valueReference="{number}" causality="{causality}"{start}{unit}/>'

    ports = [("torque_request", "input"), ("speed", "input"), ("power", "output")]
    ports += [(parameter, "parameter")] if parameter else []
    written = three("".join(port(number, *one) for number, one in enumerate(ports, 1)))
    before, _, rest = written.partition("<UnitDefinitions>")
    inside = f"<UnitDefinitions>{definitions}</UnitDefinitions>" if definitions else ""
    return packed(path, before + inside + rest.partition("</UnitDefinitions>")[2])


def sheet() -> Datasheet:
    found = read_document(UNIT)
    assert isinstance(found, Datasheet)
    return found.model_copy(update={"model": found.model.model_copy(update={"kind": "fmu", "entry": "unit.fmu"})})


def told(path: Path) -> list[str]:
    model = read_fmu(path)
    described = model.described(form_of(model, "", path.name))
    assert not described_problems(described, sheet(), model_kind(sheet()))
    return [str(one.what) for one in unit_notices(described, sheet(), model_kind(sheet()))]


def test_ports_without_a_unit_are_taken_as_si_and_told(tmp_path):
    path = fmu(tmp_path / "bare.fmu", speed="rad/s")
    assert told(path) == ["2 ports state no unit and are taken as SI: torque_request [Nm], power [W]"]
    doubts = [str(one.what) for one in inspect(path).doubts]
    assert "2 ports state no unit: torque_request, power" in doubts


def test_a_kilowatt_of_a_watt_is_told_and_obeyed(tmp_path):
    path = fmu(tmp_path / "odd.fmu", torque_request="Nm", speed="rad/s", power="kW")
    (said,) = told(path)
    assert "1 'kW' is declared as 1 kg m2 s-3, and its name says 1000 kg m2 s-3: the declaration counts" in said
    assert said in [str(one.what) for one in inspect(path).doubts]


def test_units_that_are_what_they_are_called_are_not_told(tmp_path):
    assert told(fmu(tmp_path / "good.fmu", torque_request="Nm", speed="rad/s", power="W")) == []


def test_a_parameter_that_the_drive_sets_itself_is_refused_in_an_offer(tmp_path):
    path = fmu(tmp_path / "warm.fmu", "T0", torque_request="Nm", speed="rad/s", power="W", T0="K")
    stated = sheet().model.model_copy(
        update={"parameters": {"T0": Declared(value="350 K", basis="supplier")}, "ports": {"temperature_start": "T0"}}
    )
    model = read_fmu(path)
    described = model.described(form_of(model, "", path.name))
    (told,) = described_problems(described, sheet().model_copy(update={"model": stated}), model_kind(sheet()))
    assert "the drive sets 'T0' itself" in told.what
    assert told.where.endswith("(model.parameters.T0)")
    other = stated.model_copy(update={"ports": None})
    assert not described_problems(described, sheet().model_copy(update={"model": other}), model_kind(sheet()))


def test_a_file_beside_it_that_names_no_fmu_is_told_by_its_place(tmp_path):
    file = tmp_path / "unit.toml"
    file.write_text('kind = "six-term-losses"\n')
    with pytest.raises(InputError, match="it names no FMU") as refused:
        _by_file("drive_unit", file, sheet(), None)  # pyright: ignore[reportArgumentType]  # refused before it is asked
    assert str(file) in refused.value.problems[0].where
