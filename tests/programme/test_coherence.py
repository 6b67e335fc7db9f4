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
