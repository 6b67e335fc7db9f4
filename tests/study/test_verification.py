import hashlib
import shutil
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covolt.errors import CovoltError, InputError
from covolt.programme.folder import read_programme
from covolt.programme.locking import resolve, write_lock
from covolt.programme.offering import publish_part
from covolt.study.joined import locked_sheets
from covolt.study.records import RecordStore
from covolt.study.verification import verify

QUICK = ("I-MASS", "I-ACCELERATION", "A-R85", "A-R13H", "I-RANGE-WLTP", "A-R100")


def verdicts(folder, store, only=QUICK):
    return {one.requirement: asdict(one) for one in verify(read_programme(folder), store, only=only).verdicts}


def replace_part(folder, part, before, after):
    path = folder / part / "part.toml"
    path.write_text(path.read_text().replace('version = "1.0.0"', 'version = "1.1.0"').replace(before, after))
    publish_part(path)
    write_lock(folder, resolve(read_programme(folder), upgrade=True).lock)


def test_every_requirement_has_a_verdict_and_evidence(programme, verification):
    found = verification
    assert len(found.verdicts) >= 40
    assert len({one.procedure for one in found.verdicts}) >= 15
    assert {one.requirement for one in found.verdicts} == set(programme.requirements)
    assert not found.acceptable
    for one in found.verdicts:
        if one.procedure != "document":
            assert one.value is not None, one.requirement
            assert one.evidence.startswith("sha256:")


def test_a_verdict_is_as_well_validated_as_the_weakest_model_that_it_uses(verification):
    found = {one.requirement: one for one in verification.verdicts}
    driven = [one for one in found.values() if one.procedure != "document"]
    assert all(one.validation_level <= min(one.model_levels.values()) for one in driven)
    assert "cabin" in found["N-COLD-20"].model_levels
    assert {"cabin", "charger"}.isdisjoint(found["I-ACCELERATION"].model_levels)


def test_uncertainty_follows_from_the_datasheets(programme, city_car):
    """u of the kerb mass is the root of the sum of the squares of the parts' own."""
    [mass] = verify(programme, RecordStore(None), only=["I-MASS"]).verdicts
    declared = [sheet.declared.get("mass") for sheet in locked_sheets(programme).values()]
    expected = sum(one.uncertainty_si**2 for one in declared if one) ** 0.5
    assert mass.uncertainty == pytest.approx(expected)


def test_an_unchanged_repeat_makes_nothing_again(city_car):
    folder = city_car / ".covolt"
    first = verify(read_programme(city_car), RecordStore(folder), only=QUICK)
    again = verify(read_programme(city_car), RecordStore(folder), only=QUICK)
    assert first.computed > 0
    assert again.computed == 0
    assert first.verdicts == again.verdicts


def test_a_changed_bound_drives_nothing_again(city_car):
    store = city_car / ".covolt"
    verdicts(city_car, RecordStore(store))
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    path.write_text(path.read_text().replace("1160 kg", "1100 kg"))
    found = verify(read_programme(city_car), RecordStore(store), only=QUICK)
    assert found.computed == 0
    assert next(one for one in found.verdicts if one.requirement == "I-MASS").verdict == "not met"


def test_a_changed_part_moves_what_depends_on_it(city_car):
    store = city_car / ".covolt"
    before = verdicts(city_car, RecordStore(store))
    replace_part(city_car, "battery-works/parts/pack-33", "235 kg", "255 kg")
    after = verdicts(city_car, RecordStore(store))
    assert after["I-MASS"]["value"] == pytest.approx(before["I-MASS"]["value"] + 20.0)
    assert after["I-ACCELERATION"]["value"] > before["I-ACCELERATION"]["value"]
    assert after["I-RANGE-WLTP"]["evidence"] != before["I-RANGE-WLTP"]["evidence"]


def test_a_damaged_record_is_made_again(city_car):
    store = city_car / ".covolt"
    before = verdicts(city_car, RecordStore(store))
    for path in store.iterdir():
        text = path.read_text()
        path.write_text(text.replace("1", "2", 3) if path.suffix == ".json" else text)
    assert verdicts(city_car, RecordStore(store)) == before


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_byte_leaves_a_stale_verdict_green(tmp_path_factory, data, programme):
    """Any byte of any file: the programme is refused, or its verdicts are those of a verification that remembers nothing."""
    store = tmp_path_factory.getbasetemp() / "records-of-the-property"
    folder = tmp_path_factory.mktemp("changed") / "city-car"
    shutil.copytree(programme.root, folder, ignore=shutil.ignore_patterns(".covolt", "build"))
    verify(read_programme(folder), RecordStore(store), only=("I-MASS", "A-R13H", "A-R100"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(32, 126).filter(lambda byte: byte != content[place]))
    path.write_bytes(bytes(content))
    try:
        changed = read_programme(folder)
        only = {"I-MASS", "A-R13H", "A-R100"} & set(changed.requirements)
        found = verify(changed, RecordStore(store), only=only)
    except CovoltError:
        return
    assert found.verdicts == verify(changed, RecordStore(None), only=only).verdicts


def test_evidence_by_document(city_car):
    folder = city_car / "agency" / "requirements"
    (folder / "evidence").mkdir()
    report = folder / "evidence" / "r100.pdf"
    report.write_bytes(b"tested")
    digest = "sha256:" + hashlib.sha256(b"tested").hexdigest()
    path = folder / "A-R100.toml"
    text = path.read_text()
    path.write_text(text + f'[[evidence]]\npath = "evidence/r100.pdf"\ndigest = "{digest}"\n')
    assert verdicts(city_car, RecordStore(None), ["A-R100"])["A-R100"]["verdict"] == "met"
    report.write_bytes(b"tampered")
    found = verdicts(city_car, RecordStore(None), ["A-R100"])["A-R100"]
    assert (found["verdict"], found["why"]["en"]) == ("stale", "evidence/r100.pdf is not the file that was cited")
    path.write_text(
        text + f'[[evidence]]\npath = "evidence/r100.pdf"\ndigest = "{digest}"\nvalid_until = "2020-01-01"\n'
    )
    report.write_bytes(b"tested")
    assert verdicts(city_car, RecordStore(None), ["A-R100"])["A-R100"]["verdict"] == "stale"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("1160 kg", "1160 km", "vehicle.kerb_mass is in kg"),
        ("vehicle.kerb_mass", "vehicle.kerbmass", "did you mean 'vehicle.kerb_mass'"),
        ('"declaration"\nmeasure', '"declarations"\nmeasure', "no procedure 'declarations'"),
        ('kind = "constraint"', 'kind = "constraint"\nconditions = { ambient = "-20 degC" }', "does not heed ambient"),
    ],
)
def test_a_requirement_that_asks_for_what_is_not_there(city_car, before, after, words):
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(InputError) as raised:
        verify(read_programme(city_car), RecordStore(None))
    assert words in str(raised.value)
    assert "integrator/requirements/I-MASS.toml:" in raised.value.problems[0].where


def test_records_survive_as_files(programme, tmp_path):
    store = RecordStore(tmp_path)
    first = verify(programme, store, only=["I-CHARGE-FAST"]).records["I-CHARGE-FAST"]
    again = verify(programme, RecordStore(tmp_path), only=["I-CHARGE-FAST"]).records["I-CHARGE-FAST"]
    assert dict(first.measures) == dict(again.measures)
    assert first.lines == again.lines
    assert [curve.title for curve in first.curves] == [curve.title for curve in again.curves]
