from dataclasses import replace

import pytest

from covolt.errors import InputError
from covolt.programme.locking import _cannot_be_pinned, resolve, write_lock
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from covolt.programme.standing import Trust
from tests.all_wheel import DRIVE_UNIT, GEARBOX, add_slot, write
from tests.signed import Holder


def offer_pack(folder, *, version, mass="235 kg", part="pack-33"):
    path = folder / "battery-works" / "parts" / "pack-33" / "part.toml"
    text = path.read_text().replace('version = "1.0.0"', f'version = "{version}"').replace("235 kg", mass)
    path.write_text(text.replace('id = "pack-33"', f'id = "{part}"'))
    return publish_part(path.parent)[1]


def test_a_pin_that_holds_stays(city_car):
    offer_pack(city_car, version="1.1.0")
    found = resolve(read_programme(city_car))
    assert not found.moved
    assert found.lock.slots["battery"].offer.endswith("@1.0.0")


def test_upgrade_takes_the_newest_that_fits(city_car):
    offer_pack(city_car, version="1.1.0", mass="230 kg")
    path = city_car / "battery-works" / "parts" / "pack-33" / "part.toml"
    path.write_text(path.read_text().replace("1.1.0", "1.10.0").replace("230 kg", "280 kg"))
    publish_part(path)
    found = resolve(read_programme(city_car), upgrade=True)
    assert found.moved == {"battery": ("battery-works/pack-33@1.0.0", "battery-works/pack-33@1.1.0")}
    [why] = found.passed_over
    assert "battery-works/pack-33@1.10.0 cannot fill 'battery'" in why.what
    assert "280 kg" in why.what
    write_lock(city_car, found.lock)
    assert read_programme(city_car).lock == found.lock


def test_why_an_offer_cannot_fill_a_slot(city_car):
    offer_pack(city_car, version="2.0.0", mass="300 kg")
    with pytest.raises(InputError, match="270 kg") as raised:
        resolve(read_programme(city_car), wanted={"battery": "battery-works/pack-33@2.0.0", "engine": "x/y@1.0.0"})
    assert any("no slot 'engine'" in one.what for one in raised.value.problems)


def test_several_parts_of_one_owner_ask_for_a_choice(city_car):
    offer_pack(city_car, version="1.0.0", part="pack-35")
    (city_car / "programme.lock").unlink()
    with pytest.raises(InputError, match="several parts could fill 'battery'"):
        resolve(read_programme(city_car))


def test_publishing_again_changes_nothing_and_other_content_is_refused(city_car):
    part = city_car / "battery-works" / "parts" / "pack-33"
    path, published = publish_part(part)
    before = path.read_bytes()
    assert publish_part(part)[1] == published
    assert path.read_bytes() == before
    (part / "part.toml").write_text((part / "part.toml").read_text().replace("235 kg", "234 kg"))
    with pytest.raises(InputError, match="published already"):
        publish_part(part)
    assert path.read_bytes() == before


def test_attached_files_lie_beside_the_offer_and_any_changed_byte_is_noticed(city_car):
    part = city_car / "battery-works" / "parts" / "pack-33"
    (part / "part.toml").write_text((part / "part.toml").read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    report = part / "reports" / "масса.toml"
    report.parent.mkdir()
    report.write_bytes(b"234.8 kg")
    path, published = publish_part(part, [report])
    kept = path.parent / "evidence" / "pack-33@1.1.0" / "reports" / "масса.toml"
    assert kept.read_bytes() == b"234.8 kg"
    report.unlink()
    assert read_programme(city_car).offers[published.reference] == published
    for content, words in ((b"234.9 kg", "was changed after it was published"), (None, "is not there")):
        kept.write_bytes(content) if content else kept.unlink()
        with pytest.raises(InputError) as raised:
            read_programme(city_car)
        [problem] = raised.value.problems
        assert words in problem.what
        assert problem.where == "offers/battery-works/pack-33@1.1.0.toml"


def test_a_stranger_publishes_nothing(city_car):
    part = city_car / "battery-works" / "parts" / "pack-33" / "part.toml"
    part.write_text(part.read_text().replace('party = "battery-works"', 'party = "nobody"'))
    with pytest.raises(InputError, match="no party 'nobody'"):
        publish_part(part)
    assert not (city_car / "offers" / "nobody").exists()


def test_an_old_lock_is_what_it_was(city_car):
    read = read_programme(city_car)
    assert not resolve(read).moved
    before = (city_car / "programme.lock").read_bytes()
    assert write_lock(city_car, resolve(read).lock).read_bytes() == before


def test_one_party_may_offer_both_drive_units_and_says_which_is_where(city_car):
    own = {"drive-works": "drive-works"}
    for kind, changes in (("drive-unit", DRIVE_UNIT), ("gearbox", GEARBOX)):
        add_slot(city_car, kind, "drive-works")
        source, name = {"drive-unit": ("pm-80", "im-40"), "gearbox": ("reducer-93", "reducer-90")}[kind]
        part = f"drive-works/parts/{name}/part.toml"
        publish_part(write(city_car, part, f"drive-works/parts/{source}/part.toml", changes | own))
    with pytest.raises(InputError, match="several parts could fill 'second_drive_unit': im-40, pm-80") as raised:
        resolve(read_programme(city_car, locked=False))
    assert all("write part = " in one.hint for one in raised.value.problems)
    for kind, part in (("drive-unit", "im-40"), ("gearbox", "reducer-90")):
        path = city_car / "slots" / f"second-{kind}.toml"
        path.write_text(path.read_text() + f'part = "{part}"\n')
    found = resolve(read_programme(city_car, locked=False))
    assert found.moved == {
        "second_drive_unit": ("", "drive-works/im-40@1.0.0"),
        "second_gearbox": ("", "drive-works/reducer-90@1.0.0"),
    }


def test_an_offer_under_another_first_key_than_the_trusted_one_is_not_pinned(city_car):
    read = read_programme(city_car)
    slot, pin = next(iter(read.lock.slots.items()))
    offer = read.offers[pin.offer]
    works = Holder("works", offer.datasheet.party, ("offers",))
    signed = works.signs(pin.offer, offer.digest, "offer")

    def reasons(first):
        trust = Trust(first={works.party: first}, signatures_from="concept", order=1)
        changed = {"keys": {works.fingerprint: works.document}, "signatures": {signed.reference: signed}}
        return [one.what for one in _cannot_be_pinned(replace(read, trust=trust, **changed), slot, pin.offer)]

    assert reasons(works.fingerprint) == []
    [told] = reasons("f" * 64)
    assert "another first key of its party is trusted here" in told
