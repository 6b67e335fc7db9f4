import hashlib
import json
import math
import shutil
from dataclasses import replace

import jax
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covolt import as_loaded
from covolt.contract.document import dumps
from covolt.errors import CovoltError, InputError
from covolt.library.generic import GENERIC, UNCERTAIN, correlation, moved
from covolt.programme.gate import SignOff
from covolt.programme.locking import resolve, write_lock
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from covolt.simulation import kept
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import find_measure, procedures
from covolt.study.result import plain
from covolt.study.verdicts import records
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.variation import variations
from covolt.study.verdicts.verification import given_of, requirement_problems, verdict_of, verify
from covolt.words import Words
from tests.house.source import ROOT
from tests.signed import copy_unsigned

pytestmark = pytest.mark.whole

QUICK = ("I-MASS", "I-ACCELERATION", "A-R85", "A-R13H", "I-RANGE-WLTP", "A-R100")


def verdicts(folder, store, only=QUICK):
    return {one.requirement: plain(one) for one in verify(read_programme(folder), store, only=only).verdicts}


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
            # What an act or a market leaves open has two ends and no value; what was driven has one.
            assert one.value is not None or one.procedure in {"origin", "charging-interface"}, one.requirement
            assert one.evidence.startswith("sha256:")


def test_a_verdict_is_as_well_validated_as_the_weakest_model_that_it_uses(verification):
    found = {one.requirement: one for one in verification.verdicts}
    driven = [one for one in found.values() if one.procedure != "document"]
    assert all(one.validation_level <= min(one.model_levels.values()) for one in driven)
    assert "cabin" in found["N-COLD-20"].model_levels
    assert {"cabin", "charger"}.isdisjoint(found["I-ACCELERATION"].model_levels)


def test_a_measure_that_may_be_lost_within_its_uncertainty_is_not_met(programme, verification):
    requirement = programme.requirements["I-RANGE-CITY"]
    measure = find_measure(requirement.procedure, requirement.measure, "")[1]
    record = verification.records[requirement.id]
    lost = replace(record, measures={}, missing={measure.id: Words("the battery gives no more", "")})
    [first, *_] = variations(locked_sheets(programme))
    assert verdict_of(requirement, measure, record, [(first, record, record)], {}).verdict == "met"
    for sides in ((record, lost), (lost, record)):
        found = verdict_of(requirement, measure, record, [(first, *sides)], {})
        assert (found.verdict, found.uncertainty) == ("within uncertainty", None)
        assert f"{first.slot} {first.number}" in found.why.said("en")
        assert found.why.said("ru")
    # The same number is told at a bound that is missed, and at one that is met by far.
    for bound_km, verdict in ((1000, "not met"), (1, "within uncertainty")):
        asked = requirement.model_copy(update={"at_least": f"{bound_km} km"})
        found = verdict_of(asked, measure, record, [(first, record, lost)], {})
        assert (found.verdict, f"{first.slot} {first.number}" in found.why.said("en")) == (verdict, True)


def test_uncertainty_is_a_central_difference_of_datasheets_and_generic_numbers(programme, records, verification):
    """A verdict by hand: numbers of the sheets and of the generic set moved, the vehicle joined and driven anew."""
    requirement = programme.requirements["N-COLD-40"]
    procedure = procedures()[requirement.procedure]
    sheets, under = locked_sheets(programme), given_of(requirement, programme)
    found = next(one for one in verification.verdicts if one.requirement == requirement.id)

    def range_km(moved, set_of=GENERIC):
        subject = subject_of({**sheets, **moved}, programme.charter.vehicle, "car", set_of)
        return procedure.do(subject, under).measures[requirement.measure] / 1e3

    battery = sheets["battery"]
    ends = []
    for kilowatt_hours in (30.5 + 0.4, 30.5 - 0.4):
        energy = battery.declared["energy_usable"].model_copy(update={"value": f"{kilowatt_hours!r} kWh"})
        declared = {**battery.declared, "energy_usable": energy}
        ends.append(range_km({"battery": battery.model_copy(update={"declared": declared})}))
    parts = {(one.slot, one.number): one for one in found.contributions}
    assert battery.declared["energy_usable"].u == "0.4 kWh"
    assert parts["battery", "energy_usable"].effect == pytest.approx((ends[0] - ends[1]) / 2.0)
    assert (parts["battery", "energy_usable"].uncertainty, parts["battery", "energy_usable"].unit) == (
        pytest.approx(0.4),
        "kWh",
    )
    number = next(one for one in UNCERTAIN if one.name == "pack_resistance_ratio")
    sides = [range_km({}, moved(GENERIC, number.name, sign * number.standard_uncertainty)) for sign in (1.0, -1.0)]
    assert parts["battery", number.name].effect == pytest.approx((sides[0] - sides[1]) / 2.0)
    assert parts["battery", number.name].origin == "model"
    inputs = sum(one.effect**2 for one in found.contributions if one.origin == "input")
    models = [one for one in found.contributions if one.origin == "model"]
    bound = sum(a.effect * correlation(a.number, b.number) * b.effect for a in models for b in models)
    assert found.uncertainty == pytest.approx((inputs + bound) ** 0.5)
    assert (found.inputs, found.models) == (pytest.approx(inputs**0.5), pytest.approx(bound**0.5))
    sure = next(one for one in verification.verdicts if one.requirement == "I-MASS")
    share = 0.5 * math.erfc(-sure.margin / sure.uncertainty / 2.0**0.5)
    assert sure.probability == pytest.approx(share)


def test_what_falls_short_with_a_number_moved_is_not_sure(programme, verification):
    """At -40 degC the cabin stays too cold with a number of it moved by its u, however far the car then drives."""
    found = next(one for one in verification.verdicts if one.requirement == "N-COLD-40")
    assert (found.verdict, found.probability) == ("within uncertainty", None)
    assert found.margin > 2.0 * found.uncertainty > 0.0
    assert "falls short" in found.why.said("en") and "cabin heat_transfer" in found.why.said("en")


def test_uncertainty_follows_from_the_datasheets(programme, city_car):
    """u of the kerb mass is the root of the sum of the squares of the parts' own."""
    [mass] = verify(programme, KeptRecords(None), only=["I-MASS"]).verdicts
    declared = [sheet.declared.get("mass") for sheet in locked_sheets(programme).values()]
    expected = sum(one.uncertainty_si**2 for one in declared if one) ** 0.5
    assert mass.uncertainty == pytest.approx(expected)


def test_an_unchanged_repeat_makes_nothing_again(city_car):
    folder = city_car / ".covolt"
    first = verify(read_programme(city_car), KeptRecords(folder), only=QUICK)
    again = verify(read_programme(city_car), KeptRecords(folder), only=QUICK)
    assert first.computed > 0
    assert again.computed == 0
    assert first.verdicts == again.verdicts


def test_a_changed_bound_drives_nothing_again(city_car):
    store = city_car / ".covolt"
    verdicts(city_car, KeptRecords(store))
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    path.write_text(path.read_text().replace("1160 kg", "1100 kg"))
    found = verify(read_programme(city_car), KeptRecords(store), only=QUICK)
    assert found.computed == 0
    assert next(one for one in found.verdicts if one.requirement == "I-MASS").verdict == "not met"


def test_a_changed_part_moves_what_depends_on_it(city_car):
    store = city_car / ".covolt"
    before = verdicts(city_car, KeptRecords(store))
    replace_part(city_car, "battery-works/parts/pack-33", "235 kg", "255 kg")
    after = verdicts(city_car, KeptRecords(store))
    assert after["I-MASS"]["value"] == pytest.approx(before["I-MASS"]["value"] + 20.0)
    assert after["I-ACCELERATION"]["value"] > before["I-ACCELERATION"]["value"]
    assert after["I-RANGE-WLTP"]["evidence"] != before["I-RANGE-WLTP"]["evidence"]


WATCHED = ("I-MASS", "A-R13H", "A-R100")


@pytest.fixture(scope="session")
def complete(programme, tmp_path_factory):
    """A programme with every kind of file: evidence that stands, an offer with an attached report, an interest, a sign-off."""
    folder = tmp_path_factory.mktemp("complete") / "city-car"
    copy_unsigned(programme.root, folder)
    requirement = folder / "agency" / "requirements" / "A-R100.toml"
    (requirement.parent / "evidence").mkdir()
    (requirement.parent / "evidence" / "r100.pdf").write_bytes(bytes(range(256)))
    digest = hashlib.sha256(bytes(range(256))).hexdigest()
    cited = f'[[evidence]]\npath = "evidence/r100.pdf"\ndigest = "sha256:{digest}"\n'
    requirement.write_text(requirement.read_text() + cited)
    part = folder / "battery-works" / "parts" / "pack-33"
    (part / "mass.csv").write_bytes(b"cell,mass_kg\n1,0.9\n")
    (part / "part.toml").write_text((part / "part.toml").read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    publish_part(part, [part / "mass.csv"])
    write_lock(folder, resolve(read_programme(folder), upgrade=True).lock)
    (folder / "battery-works" / "interests").mkdir(exist_ok=True)
    (folder / "battery-works" / "interests" / "B-LIGHT.toml").write_text(
        'schema = "interest/1"\nid = "B-LIGHT"\nparty = "battery-works"\ntitle = "light"\nprocedure = "declaration"\n'
        'measure = "battery_mass"\nworst_acceptable = "250 kg"\naspiration = "220 kg"\n'
    )
    signed = SignOff(
        gate="concept",
        party="integrator",
        role="chief-engineer",
        date="2026-03-01",
        digest="sha256:" + "a" * 64,
        signature="0" * 128,
    )
    (folder / "signoffs" / "concept").mkdir(parents=True, exist_ok=True)
    (folder / "signoffs" / "concept" / "old.toml").write_text(dumps(signed))
    return folder


def changed(content, data):
    """Another content: one byte is another one, the end is cut off, or nothing is left."""
    place = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["byte", "byte", "byte", "cut", "empty"]))
    if how == "byte":
        byte = data.draw(st.integers(0, 255).filter(lambda one: one != content[place]))
        return content[:place] + bytes([byte]) + content[place + 1 :]
    return content[:place] if how == "cut" else b""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_byte_leaves_a_stale_verdict_green(tmp_path_factory, data, complete):
    """Any byte of any file: the programme is refused, or its verdicts are those of a verification that remembers nothing."""
    store = tmp_path_factory.getbasetemp() / "records-of-the-property"
    folder = tmp_path_factory.mktemp("changed") / "city-car"
    shutil.copytree(complete, folder)
    before = verify(read_programme(folder), KeptRecords(store), only=WATCHED).verdicts
    # Each kind of file is as likely as another, however many there are of it.
    written = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".covolt"]
    kind = data.draw(st.sampled_from(sorted({(path.parent.name, path.suffix) for path in written})))
    files = sorted(path for path in written if (path.parent.name, path.suffix) == kind)
    path = data.draw(st.sampled_from(files))
    path.write_bytes(changed(path.read_bytes(), data))
    try:
        programme = read_programme(folder)
        only = set(WATCHED) & set(programme.requirements)
        found = verify(programme, KeptRecords(store), only=only)
    except CovoltError:
        return
    assert found.verdicts == verify(programme, KeptRecords(None), only=only).verdicts
    if path.suffix == ".pdf":
        assert found.verdicts != before


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        ("agency/requirements/evidence/r100.pdf", "stale"),
        ("offers/battery-works/evidence/pack-33@1.1.0/mass.csv", None),
    ],
)
def test_a_flipped_bit_of_an_attached_file_is_noticed(complete, tmp_path, file, verdict):
    folder = tmp_path / "city-car"
    shutil.copytree(complete, folder)
    content = (folder / file).read_bytes()
    assert verdicts(folder, KeptRecords(None), ["A-R100"])["A-R100"]["verdict"] == "met"
    (folder / file).write_bytes(bytes([content[0] ^ 1]) + content[1:])
    if verdict is None:
        with pytest.raises(InputError, match=r"mass\.csv was changed after it was published"):
            read_programme(folder)
    else:
        assert verdicts(folder, KeptRecords(None), ["A-R100"])["A-R100"]["verdict"] == verdict


def other_number(path):
    content = path.read_bytes()
    begin = len(kept.HEADER) + kept.DIGEST_BYTES
    said = json.loads(content[begin:])
    said["measures"] = {name: value + 1.0 for name, value in said["measures"].items()}
    path.write_bytes(content[:begin] + json.dumps(said, sort_keys=True).encode())


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def folder_instead(path):
    path.unlink()
    path.mkdir()


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "flipped bit": flipped,
    "other number": other_number,
    "not a record": lambda path: path.write_text("[]"),
    "folder": folder_instead,
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe" + path.read_bytes()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_whatever_is_done_to_a_record_it_is_made_again(city_car, damage):
    store = city_car / ".covolt"
    before = verdicts(city_car, KeptRecords(store), ["I-MASS"])
    paths = sorted(store.iterdir())
    for path in paths:
        damage(path)
    again = KeptRecords(store)
    assert verdicts(city_car, again, ["I-MASS"]) == before
    assert again.computed == len(paths)


def test_a_record_under_the_name_of_another_is_none(city_car):
    """A heavier car's record, copied to where the lighter one's lies, does not count."""
    store = city_car / ".covolt"
    verdicts(city_car, KeptRecords(store), ["I-MASS"])
    light = set(store.iterdir())
    replace_part(city_car, "battery-works/parts/pack-33", "235 kg", "265 kg")
    heavy = verdicts(city_car, KeptRecords(store), ["I-MASS"])
    for path in set(store.iterdir()) - light:
        shutil.copy(sorted(light)[0], path)
    assert verdicts(city_car, KeptRecords(store), ["I-MASS"]) == heavy


def test_records_are_of_this_code_these_libraries_and_this_machine(programme, monkeypatch, tmp_path):
    def computed():
        store = KeptRecords(tmp_path)
        verify(programme, store, only=["I-MASS"])
        return store.computed

    assert computed() > 0
    assert computed() == 0
    for name, other in (("source_digest", "other source"), ("version", "0.0"), ("processor", "other processor")):
        with monkeypatch.context() as changed_here:
            changed_here.setattr(records, name, lambda *_, other=other: other)
            records.machine.cache_clear()
            assert computed() > 0, name
        records.machine.cache_clear()


def test_a_record_that_anybody_may_write_or_that_is_a_link_is_none(programme, tmp_path):
    def computed():
        store = KeptRecords(tmp_path / "records")
        verify(programme, store, only=["I-MASS"])
        return store.computed

    first = computed()
    assert first > 0
    files = list((tmp_path / "records").iterdir())
    for path in files:
        path.chmod(0o646)
    assert computed() == first
    for path in files:
        path.chmod(0o644)
    assert computed() == 0
    for path in files:
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    assert computed() == first


def test_the_source_covers_every_file_that_can_change_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "_STARTED_s", math.inf)
    monkeypatch.setattr(kept, "_digest_of_files", kept._digest_of_files.__wrapped__)
    monkeypatch.setattr(as_loaded, "changes", lambda *_: ())  # this test itself changes covolt in place
    digests = []
    for name in ("a.py", "library/b.toml", "library/cycles/c.csv"):
        for content in ("1", "2"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            digests.append(records.source_digest())
    assert len(set(digests)) == len(digests)
    shipped = {
        path.suffix for path in (ROOT / "src" / "covolt").rglob("*") if path.is_file() and "pages" not in path.parts
    }
    assert shipped - {".pyc"} == {
        *records.SOURCE_KINDS,
        ".c",
        ".h",
        ".proto",
        ".desc",
        ".css",
        ".js",
        ".j2",
        ".md",
        ".po",
        ".pyi",
        ".typed",
    }


def test_records_lie_with_the_user_and_a_programme_brings_none(programme, city_car, monkeypatch, tmp_path):
    """A partner's folder of records, sealed as 0.1.0 did, is not looked into; what this user made is, if not asked anew."""
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "own"))
    first = verify(read_programme(city_car), only=["I-MASS"])
    assert first.computed > 0
    files = list((tmp_path / "own").glob("record-*.bin"))
    assert len(files) == first.computed
    assert not list(city_car.rglob(".covolt/records"))
    (city_car / ".covolt" / "records").mkdir(parents=True)
    for path in files:
        body = path.read_bytes().partition(b"{")[2].replace(b"1", b"9")
        for place in (city_car / ".covolt" / path.name, city_car / ".covolt" / "records" / path.name):
            place.write_bytes(path.read_bytes()[:46] + b"{" + body)
    again = verify(read_programme(city_car), only=["I-MASS"])
    assert (again.computed, again.recalled) == (0, first.computed)
    assert again.verdicts == first.verdicts
    anew = verify(read_programme(city_car), KeptRecords.own(anew=True), only=["I-MASS"])
    assert (anew.computed, anew.recalled) == (first.computed, 0)
    assert anew.verdicts == first.verdicts


def test_a_record_that_somebody_changed_and_sealed_as_he_could_is_none(programme, tmp_path):
    store = KeptRecords(tmp_path / "records")
    honest = verify(programme, store, only=["I-MASS"]).verdicts
    for path in (tmp_path / "records").iterdir():
        header, body = path.read_bytes()[:14], path.read_bytes()[46:].replace(b"1", b"9")
        digest = path.stem.removeprefix("record-")
        path.write_bytes(header + hashlib.sha256(digest.encode() + body).digest() + body)
    again = KeptRecords(tmp_path / "records")
    assert verify(programme, again, only=["I-MASS"]).verdicts == honest
    assert again.recalled == 0


def test_a_folder_in_which_nobody_may_write_costs_no_verdict(city_car):
    (city_car / ".covolt").write_text("in the way")
    store = KeptRecords(city_car / ".covolt" / "records")
    assert verdicts(city_car, store, ["I-MASS"])["I-MASS"]["value"] > 0.0


def test_evidence_by_document(city_car):
    folder = city_car / "agency" / "requirements"
    (folder / "evidence").mkdir()
    report = folder / "evidence" / "r100.pdf"
    report.write_bytes(b"tested")
    digest = "sha256:" + hashlib.sha256(b"tested").hexdigest()
    path = folder / "A-R100.toml"
    text = path.read_text()
    path.write_text(text + f'[[evidence]]\npath = "evidence/r100.pdf"\ndigest = "{digest}"\n')
    assert verdicts(city_car, KeptRecords(None), ["A-R100"])["A-R100"]["verdict"] == "met"
    report.write_bytes(b"tampered")
    found = verdicts(city_car, KeptRecords(None), ["A-R100"])["A-R100"]
    assert (found["verdict"], found["why"]["en"]) == ("stale", "evidence/r100.pdf is not the file that was cited")
    path.write_text(
        text + f'[[evidence]]\npath = "evidence/r100.pdf"\ndigest = "{digest}"\nvalid_until = "2020-01-01"\n'
    )
    report.write_bytes(b"tested")
    assert verdicts(city_car, KeptRecords(None), ["A-R100"])["A-R100"]["verdict"] == "stale"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("1160 kg", "1160 km", "vehicle.kerb_mass is in kg"),
        ("vehicle.kerb_mass", "vehicle.kerbmass", "did you mean 'vehicle.kerb_mass'"),
        ('"declaration"\nmeasure', '"declarations"\nmeasure', "no procedure 'declarations'"),
        ('kind = "constraint"', 'kind = "constraint"\nconditions = { ambient = "-20 degC" }', "does not heed ambient"),
        ('kind = "constraint"', 'kind = "constraint"\nconditions = { climate = "mosow" }', "no climate of 'mosow'"),
        (
            'kind = "constraint"',
            'kind = "constraint"\nconditions = { ambient = "-300 degC" }',
            "name one of -60 to 60 degC",
        ),
        (
            'kind = "constraint"',
            'kind = "constraint"\nconditions = { cycle = "../x.csv" }',
            "no cycle named '../x.csv'",
        ),
        ('kind = "constraint"', 'kind = "constraint"\nconditions = { payload = "-5 t" }', "-5000 kg lies outside"),
    ],
)
def test_a_requirement_that_asks_for_what_is_not_there(city_car, before, after, words):
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(InputError) as raised:
        verify(read_programme(city_car), KeptRecords(None))
    assert words in str(raised.value)
    assert "integrator/requirements/I-MASS.toml:" in raised.value.problems[0].where


def test_records_survive_as_files(programme, tmp_path):
    store = KeptRecords(tmp_path)
    first = verify(programme, store, only=["I-CHARGE-FAST"]).records["I-CHARGE-FAST"]
    again = verify(programme, KeptRecords(tmp_path), only=["I-CHARGE-FAST"]).records["I-CHARGE-FAST"]
    assert dict(first.measures) == dict(again.measures)
    assert first.lines == again.lines
    assert first.remarks == again.remarks
    assert [curve.title for curve in first.curves] == [curve.title for curve in again.curves]


def test_a_heavier_body_leaves_the_drive_unit_its_own_losses(programme):
    sheets = locked_sheets(programme)
    body = sheets["body"]
    mass = body.declared["mass"].model_copy(update={"value": "1400 kg"})
    heavier = {**sheets, "body": body.model_copy(update={"declared": {**body.declared, "mass": mass}})}
    before, after = (
        subject_of(one, programme.charter.vehicle, "car").vehicle.axles[0].drive_unit for one in (sheets, heavier)
    )
    assert jax.tree.leaves(after) == jax.tree.leaves(before)


def test_levels_of_validation_heed_conditions_and_measures():
    cold, charging, wltp = (procedures()[name] for name in ("cold", "charging-dc", "wltp"))
    assert cold.level_of("range", Given(ambient_temperature_K=253.15)) == 1
    assert cold.level_of("range", Given(ambient_temperature_K=233.15)) == 0
    assert cold.level_of("time_0_50", Given(ambient_temperature_K=253.15)) == 0
    assert (charging.level_of("time_50", Given()), wltp.level_of("range", Given())) == (1, 1)
    assert charging.level_of("time_50", Given(ambient_temperature_K=253.15)) == 0
    assert wltp.level_of("range", Given(state_of_health_fraction=0.8)) == 0


def test_a_bound_met_but_for_rounding_is_met(programme, verification):
    speed = next(one for one in verification.verdicts if one.requirement == "I-SPEED")
    assert (speed.verdict, speed.margin) == ("met", 0.0)


def test_a_wrong_condition_of_a_scenario_is_told_once_and_where_it_stands(city_car):
    path = city_car / "scenarios" / "winter.toml"
    path.write_text(path.read_text().replace('ambient = "-20 degC"', 'ambient = "-90 degC"'))
    (problem,) = requirement_problems(read_programme(city_car))
    assert problem.what == "no drive is computed at this ambient"
    assert problem.where == "scenarios/winter.toml:4"
