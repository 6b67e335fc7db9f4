import re

import pytest

from covolt.errors import CovoltError
from covolt.programme.coherence import MOST_GATES
from covolt.programme.locking import resolve
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from covolt.study.gate.check import check_programme
from covolt.study.verdicts.joined import locked_sheets
from tests.all_wheel import add_party, add_slot, all_wheel, write

REQUIREMENT = """schema = "requirement/1"
id = "{id}"
party = "{party}"
title = "{id}"
kind = "need"
procedure = "declaration"
measure = "vehicle.kerb_mass"
at_most = "1200 kg"
parents = [{parents}]
"""


def require(folder, name, *, party="integrator", parents=""):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(REQUIREMENT.format(id=name, party=party, parents=parents))


def test_a_contract_names_a_party_that_is_not_there(city_car, problems):
    path = city_car / "contracts" / "battery.toml"
    path.write_text(path.read_text().replace('"battery-works", "integrator"', '"battery-works", "integrater"'))
    [problem] = problems()
    assert problem.where == "contracts/battery.toml:6"
    assert "did you mean 'integrator'" in problem.hint


def test_parents_in_a_circle(city_car, problems):
    folder = city_car / "integrator" / "requirements"
    require(folder, "X-1", parents='"X-2"')
    require(folder, "X-2", parents='"X-3"')
    require(folder, "X-3", parents='"X-1"')
    found = [one for one in problems() if "circle" in one.what]
    assert len(found) == 1
    assert "X-1 → X-2 → X-3 → X-1" in found[0].what


def test_a_party_and_a_parent_that_do_not_exist(city_car, problems):
    require(city_car / "integrator" / "requirements", "X-1", party="nobody", parents='"X-9"')
    found = [one.what for one in problems()]
    assert "no party 'nobody' in this programme" in found
    assert "no requirement 'X-9' in this programme" in found


def test_a_lock_that_pins_a_missing_offer(city_car, problems):
    (city_car / "offers" / "battery-works" / "pack-33@1.0.0.toml").unlink()
    assert any("no such offer" in one.what and one.where.startswith("programme.lock:") for one in problems())


def test_a_contract_that_a_locked_offer_leaves(city_car, problems):
    path = city_car / "contracts" / "battery.toml"
    path.write_text(path.read_text().replace('"270 kg"', '"230 kg"'))
    [problem] = problems()
    assert "cannot fill 'battery'" in problem.what
    assert "235 kg" in problem.what


def test_the_owner_of_a_slot_must_be_party_to_its_contract(city_car, problems):
    path = city_car / "contracts" / "tyre.toml"
    path.write_text(path.read_text().replace('"integrator", "institute"', '"agency", "institute"'))
    assert any("is not a party to tyre@1" in one.what for one in problems())


def test_two_slots_for_one_place_of_the_vehicle(city_car, problems):
    """The second would fill the vehicle in the first one's stead."""
    text = (city_car / "slots" / "battery.toml").read_text()
    (city_car / "slots" / "spare.toml").write_text(text.replace('id = "battery"', 'id = "spare_battery"'))
    assert any("'spare_battery' and 'battery' are both a battery" in one.what for one in problems())


def test_a_pin_with_another_digest(city_car, problems):
    path = city_car / "programme.lock"
    text = path.read_text()
    at = text.index("sha256:") + len("sha256:")
    path.write_text(text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :])
    [problem] = problems()
    assert "is not what the lock pinned" in problem.what
    assert problem.where == "programme.lock:5"


@pytest.mark.parametrize(
    ("kind", "there", "lacking"),
    [
        ("drive-unit", "second_drive_unit", "second_gearbox"),
        ("gearbox", "second_gearbox", "second_drive_unit"),
    ],
)
def test_half_of_a_second_axle(city_car, problems, kind, there, lacking):
    add_party(city_car, "axle-works")
    add_slot(city_car, kind, "axle-works")
    [found] = [one for one in problems() if "second axle" in one.what]
    assert f"'{there}' is there, and '{lacking}' is not" in found.what
    assert found.where == f"slots/second-{kind}.toml"
    assert f"add the slot '{lacking}'" in found.hint


def test_a_half_in_a_file_that_cannot_be_read_is_not_missed(city_car, problems):
    add_party(city_car, "axle-works")
    add_slot(city_car, "drive-unit", "axle-works")
    path = add_slot(city_car, "gearbox", "axle-works")
    path.write_text(path.read_text() + "owner = 1\n")
    found = problems()
    assert any(one.where.startswith("slots/second-gearbox.toml") for one in found)
    assert not any("second axle" in one.what for one in found)


def test_all_that_is_wrong_with_a_second_axle_is_told_at_once(tmp_path):
    root = all_wheel(tmp_path / "all-wheel")
    write(
        root,
        "slots/second-drive-unit.toml",
        "slots/second-drive-unit.toml",
        {'"second-drive-unit@1"': '"second-gearbox@1"'},
    )
    (root / "slots" / "second-gearbox.toml").unlink()
    write(root, "slots/again.toml", "slots/battery.toml", {})
    write(root, "slots/rear.toml", "slots/drive_unit.toml", {'id = "drive_unit"': 'id = "rear_motor"'})
    part = "axle-works/parts/im-40/part.toml"
    write(root, part, part, {'fills = "drive_unit"': 'fills = "second_drive_unit"'})
    with pytest.raises(CovoltError) as raised:
        check_programme(root)
    found = {(one.where.partition(":")[0], one.what): one.hint for one in raised.value.problems}
    for where, what, hint in (
        (
            "slots/second-drive-unit.toml",
            "takes a drive_unit, and second-gearbox@1 agrees on a gearbox",
            "another name",
        ),
        ("slots/second-drive-unit.toml", "'second_gearbox' is not", "add the slot 'second_gearbox'"),
        ("slots/battery.toml", "already given by slots/again.toml", "another name"),
        (
            "slots/rear.toml",
            "'rear_motor' and 'drive_unit' are both a drive_unit",
            "call that of a second axle second_drive_unit",
        ),
        ("programme.lock", "no slot 'second_gearbox'", "gearbox"),
        (part, "no interface 'second_drive_unit'", "write drive_unit"),
    ):
        assert [one for (place, said), one in found.items() if place == where and what in said and hint in one], what


def test_a_part_that_names_a_slot_in_place_of_its_interface_is_not_offered(city_car):
    name = "drive-works/parts/pm-80/part.toml"
    path = write(city_car, name, name, {'fills = "drive_unit"': 'fills = "second_drive_unit"'})
    with pytest.raises(CovoltError) as raised:
        publish_part(path)
    [problem] = raised.value.problems
    assert problem.where == f"{path}:4 (fills)"
    assert "write drive_unit" in problem.hint


def test_an_offer_for_a_slot_that_is_not_there_or_of_another_interface(tmp_path):
    programme = read_programme(all_wheel(tmp_path / "all-wheel"))
    wanted = {"third_drive_unit": "axle-works/im-40@1.0.0", "second_drive_unit": "axle-works/reducer-90@1.0.0"}
    with pytest.raises(CovoltError) as raised:
        resolve(programme, wanted=wanted)
    slot, interface = raised.value.problems
    assert (slot.what, slot.where) == ("no slot 'third_drive_unit'", "--pin")
    assert interface.what == "it is a gearbox, and the slot takes a drive_unit"
    assert interface.where == "axle-works/reducer-90@1.0.0"


def test_a_slot_by_a_name_of_its_own_is_the_one_of_its_interface(city_car):
    before = locked_sheets(read_programme(city_car))
    write(city_car, "slots/drive_unit.toml", "slots/drive_unit.toml", {'id = "drive_unit"': 'id = "rear_motor"'})
    write(city_car, "programme.lock", "programme.lock", {"drive_unit = {": "rear_motor = {"})
    for path in city_car.glob("*/requirements/*.toml"):
        path.write_text(path.read_text().replace('"drive_unit"', '"rear_motor"'))
    assert locked_sheets(read_programme(city_car)) == before


def test_a_party_without_a_file_may_be_a_new_one(city_car, problems):
    path = city_car / "slots" / "battery.toml"
    path.write_text(path.read_text().replace('owner = "battery-works"', 'owner = "cell-works"'))
    [problem] = [one for one in problems() if "no party 'cell-works'" in one.what]
    assert "did you mean 'drive-works'?" in problem.hint
    assert "parties/cell-works.toml" in problem.hint


def test_a_contract_of_a_party_with_itself_is_refused(city_car, problems):
    path = city_car / "contracts" / "battery.toml"
    path.write_text(path.read_text().replace('"battery-works", "integrator"', '"battery-works", "battery-works"'))
    assert any(
        "'battery-works' stands twice" in one.what and one.where.startswith("contracts/battery.toml:6")
        for one in problems()
    )


def test_more_gates_than_anybody_signs_are_refused(city_car):
    whole = (city_car / "gates" / "concept.toml").read_text()
    for number in range(MOST_GATES - 3):
        made = re.sub(r'id = "concept"', f'id = "more-{number}"', whole, count=1).replace("order = 1", "order = 9")
        (city_car / "gates" / f"more-{number}.toml").write_text(made)
    with pytest.raises(CovoltError) as raised:
        read_programme(city_car)
    assert [one.what for one in raised.value.problems] == [
        f"the programme has {MOST_GATES + 1} gates, more than {MOST_GATES}"
    ]
    (city_car / "gates" / "more-0.toml").unlink()
    assert len(read_programme(city_car).gates) == MOST_GATES
