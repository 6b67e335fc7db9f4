"""What a baseline holds beside the lock: what was agreed, so that it is told what of it changed, and by whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from covolt.cli.application import app
from covolt.errors import InputError
from covolt.programme.baselines import freeze, read_lock
from covolt.programme.locking import write_lock
from covolt.programme.reading import read_programme
from covolt.study.verdicts.attribution import changes_between
from covolt.study.verdicts.baseline import earlier_state

NEW = """schema = "requirement/1"
id = "A-R12"
party = "agency"
title = "Lighter than a lorry"
kind = "need"
procedure = "declaration"
measure = "vehicle.kerb_mass"
at_most = "3000 kg"
verify = {method = "declaration"}
"""


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def changes(folder: Path, party: str | None = None) -> dict[str, tuple[str, str, str]]:
    """What `covolt diff kept` tells a party, by what changed: who, from what, to what."""
    head = read_programme(folder)
    with earlier_state(head, "kept") as was:
        both = was.state.seen_by(party, beside=head), head.seen_by(party, beside=was.state)
        return {one.what: (one.party, one.before, one.after) for one in changes_between(*both)}


@pytest.fixture
def kept(city_car: Path) -> Path:
    """A programme of which a baseline was kept; the battery's maker keeps one requirement to itself."""
    own = city_car / "battery-works" / "requirements" / "B-MASS.toml"
    own.write_text(own.read_text(encoding="utf-8") + 'visibility = "party"\n', encoding="utf-8")
    freeze(read_programme(city_car), "kept")
    return city_car


def test_nothing_changed_since(kept):
    assert changes(kept) == {}


def test_what_was_added_and_what_was_asked_otherwise_is_told_with_who_did_it(kept):
    (kept / "agency" / "requirements" / "new.toml").write_text(NEW, encoding="utf-8")
    speed = read_programme(kept).file_of("requirement", "I-SPEED")
    bound = read_programme(kept).requirements["I-SPEED"].at_least
    replaced(speed, f'at_least = "{bound}"', 'at_least = "111 km/h"')
    (gone := read_programme(kept).file_of("requirement", "I-MASS")).unlink()
    replaced(kept / "gates" / "concept.toml", "people = false", "people = true")
    told = changes(kept)
    assert told.pop("A-R12") == ("agency", "absent", "at most 3000 kg")
    assert told.pop("I-SPEED") == ("integrator", f"at least {bound}", "at least 111 km/h")
    assert told.pop("I-MASS")[::2] == ("integrator", "absent")
    assert told.pop("gate concept")[1:] == ("people false", "people true")
    assert not told
    assert not gone.exists()


def test_a_contract_as_it_was_is_what_is_compared(kept):
    contract = next((kept / "contracts").glob("*.toml"))
    name = next(
        name for name in read_programme(kept).contracts if read_programme(kept).file_of("contract", name) == contract
    )
    contract.write_text(
        contract.read_text(encoding="utf-8").replace("title = ", 'title = "Other" # ', 1), encoding="utf-8"
    )
    assert f"contract {name}" in changes(kept)


def test_what_a_party_keeps_to_itself_is_in_no_baseline(kept):
    text = (kept / "baselines" / "kept.lock").read_text(encoding="utf-8")
    assert "I-MASS" in text
    assert "B-MASS" not in text
    own = read_programme(kept).file_of("requirement", "B-MASS")
    replaced(own, "at_least = ", 'at_least = "1 t" # ')
    assert changes(kept) == changes(kept, "agency") == {}


def test_what_is_kept_to_itself_since_is_hidden_on_both_sides(kept):
    speed = read_programme(kept).file_of("requirement", "I-SPEED")
    speed.write_text('visibility = "party"\n' + speed.read_text(encoding="utf-8"), encoding="utf-8")
    assert changes(kept, "agency")["I-SPEED"] == ("integrator", "hidden", "hidden")
    assert changes(kept, "integrator")["I-SPEED"][1:] == ("visibility programme", "visibility party")


def test_of_a_baseline_that_holds_the_lock_alone_that_is_said(kept):
    write_lock(kept, read_programme(kept).lock, "baselines/old.lock")
    head = read_programme(kept)
    with earlier_state(head, "old") as was:
        assert was.lock_alone
        assert "of which the lock alone is known" in str(was.said)
    with earlier_state(head, "kept") as was:
        assert not was.lock_alone


def test_what_is_wrong_with_a_document_that_a_baseline_holds_is_told_with_both_places(kept):
    path = kept / "baselines" / "kept.lock"
    lock = read_lock(path)
    spoilt = {
        place: text.replace("kind =", "kynd =", 1) if "I-SPEED" in text else text
        for place, text in lock.documents.items()
    }
    path.unlink()
    write_lock(kept, lock.model_copy(update={"documents": spoilt}), "baselines/kept.lock")
    with (
        pytest.raises(InputError, match="unknown field 'kynd'") as refused,
        earlier_state(read_programme(kept), "kept"),
    ):
        pass
    assert "kept.lock (integrator/requirements" in refused.value.problems[0].where


def test_a_baseline_that_equals_the_lock_has_nothing_to_compare(city_car):
    (city_car / "same.lock").write_bytes((city_car / "programme.lock").read_bytes())
    done = CliRunner().invoke(app, ["diff", str(city_car / "same.lock"), str(city_car)])
    assert "the baseline equals the lock: nothing to compare" in " ".join(done.stdout.split())
    assert "gains or loses" not in done.stdout
