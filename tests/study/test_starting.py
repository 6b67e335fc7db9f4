import pytest

from covolt import journal
from covolt.contract.datasheet import Declared
from covolt.errors import InputError
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.programme.agreement import contract_differences
from covolt.programme.reading import read_programme
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify


@pytest.mark.whole
@pytest.mark.parametrize(
    "like",
    # The city car's is verified by its command in `test_commands`; two axles are joined and verified in `test_all_wheel`.
    ["city-bus", *(pytest.param(name, marks=pytest.mark.slow) for name in ("city-car", "leaf-40", "model-3-lr-awd"))],
)
def test_a_new_programme_verifies_at_once(tmp_path, like):
    folder = begin(tmp_path / "my-car", figures(like))
    found = verify(read_programme(folder), KeptRecords(None))
    assert found.acceptable
    # In the cold the saloon of a bus stays too cold once a number of it is moved by its uncertainty.
    unsure = {one.requirement for one in found.verdicts if one.verdict not in {"met", "met, text not checked"}}
    assert unsure <= ({"WINTER"} if like == "city-bus" else set())


def test_the_chemistry_of_the_car_is_that_of_the_pack(tmp_path):
    folder = begin(tmp_path / "my-car", figures("city-car").model_copy(update={"chemistry": "LFP"}))
    sheets = {one.datasheet.fills: one.datasheet for one in read_programme(folder).offers.values()}
    assert {fills: one.chemistry for fills, one in sheets.items() if one.chemistry} == {"battery": "LFP"}


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(InputError, match="something here already"):
        begin(tmp_path, figures("city-car"))
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_car_with_two_driven_axles_has_slots_for_both(tmp_path):
    figures_of_car = figures("model-3-lr-awd")
    sheets = locked_sheets(read_programme(begin(tmp_path / "new", figures_of_car)))
    powers_W = [sheets[slot].declared["power_peak"].value_si for slot in ("drive_unit", "second_drive_unit")]
    assert powers_W == [figures_of_car.motor_power, figures_of_car.second_motor_power]
    assert sheets["gearbox"].id != sheets["second_gearbox"].id


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", ["before the journal", "after it"])
@pytest.mark.parametrize("there", [False, True])
def test_a_programme_is_begun_whole_or_not_at_all(tmp_path, monkeypatch, moment, there):
    folder = tmp_path / "new"
    if there:
        folder.mkdir()

    def killed(root, *_):
        if root == folder:
            raise Killed

    name = "_write_journal" if moment == "before the journal" else "_carry_out"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        real = getattr(journal, name)
        patch.setattr(journal, name, lambda root, *rest: killed(root) or real(root, *rest))
        begin(folder, figures("city-car"))
    assert not (folder / "programme.toml").exists()
    if moment == "before the journal":
        begin(folder, figures("city-car"))
    else:
        with pytest.raises(InputError, match="something here already"):
            begin(folder, figures("city-car"))
    assert read_programme(folder).lock is not None
    assert not list(folder.rglob("*.part"))


def test_the_gates_and_contracts_of_a_new_programme_can_say_no(tmp_path):
    read = read_programme(begin(tmp_path / "my-car", figures("leaf-40")))
    assert all(one.criteria for one in read.gates.values())
    assert all(one.limits for one in read.contracts.values() if "mass" in sheet_of(read, one).declared)
    pack = sheet_of(read, read.contracts["battery@1"])
    heavy = pack.model_copy(update={"declared": {**pack.declared, "mass": Declared(value="2700 kg", basis="supplier")}})
    assert not list(contract_differences(pack, read.contracts["battery@1"]))
    (found,) = contract_differences(heavy, read.contracts["battery@1"])
    assert "2700 kg" in str(found)


def sheet_of(read, contract):
    slot = next(one for one in read.slots.values() if one.contract == contract.reference)
    return locked_sheets(read)[slot.id]


def test_the_readme_names_the_parties_as_they_are_called_and_no_name_is_empty(tmp_path):
    folder = begin(tmp_path / "p", figures("city-car"), called={"supplier": "Вольта", "agency": "agency"})
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "covolt key new ~/keys/volta.pem . --party volta --role offers" in text.replace("Volta", "volta")
    assert "--party supplier" not in text
    assert "--party agency" in text
    with pytest.raises(InputError, match="--supplier: the name is empty"):
        begin(tmp_path / "q", figures("city-car"), called={"supplier": " "})
    assert not (tmp_path / "q").exists()
