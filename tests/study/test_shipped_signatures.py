"""The shipped examples are signed: whatever is signed in them stands, and nobody can sign in them anew."""

from __future__ import annotations

import importlib
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from covolt.programme.documents import Programme
from covolt.programme.gate import KeyedSignOff
from covolt.programme.key_coherence import unsigned_offer
from covolt.programme.reading import read_programme
from covolt.study.gate.check import trust_notices
from covolt.study.gate.gates import gate_states
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.verification import Verification, verify
from tests.house.source import ROOT
from tests.signed import copy_unsigned, shipped_anchor

EXAMPLES = [ROOT / "examples" / name for name in ("city-car", "city-bus")]
ANEW = "run: make sign-examples"
PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}")
PRIVATE_BYTES = bytes.fromhex("302e020100300506032b657004220420")
"""How an Ed25519 private key begins in DER (RFC 8410, 7)."""


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest) -> Programme:
    with shipped_anchor():
        return read_programme(request.param)


def stale(programme: Programme, verification: Verification) -> list[str]:
    """Sign-offs that do not stand, and how."""
    return [
        f"{state.id}: {row.party}, {row.role}: {row.state}"
        for state in gate_states(programme, verification)
        for row in state.signatures
        if not row.counts
    ]


def test_no_sign_off_of_the_city_car_is_stale(programme: Programme, verification: Verification) -> None:
    assert programme.signoffs, ANEW
    assert not stale(programme, verification), ANEW


@pytest.mark.slow
def test_no_sign_off_of_the_city_bus_is_stale(records: RecordStore) -> None:
    with shipped_anchor():
        programme = read_programme(EXAMPLES[1])
    assert programme.signoffs, ANEW
    found = verify(programme, records)
    assert not stale(programme, found), ANEW
    assert next(one for one in gate_states(programme, found) if one.id == "concept").open, ANEW


def test_a_gate_with_people_is_signed_only_where_its_criteria_hold(
    programme: Programme, verification: Verification
) -> None:
    for state in gate_states(programme, verification):
        blocks = [str(one) for one in state.blocks if "gate before it" not in str(one)]
        assert not (programme.gates[state.id].people and state.signatures and blocks)


def test_every_offer_and_every_checked_text_is_signed_by_a_key_that_covolt_knows(example: Programme) -> None:
    assert example.charter.signatures_from == "concept"
    assert not [name for name in example.offers if unsigned_offer(example, name, trusted=True)], ANEW
    signed = {
        one.name: one.digest
        for one in example.signatures.values()
        if one.subject == "checked" and example.standings.of(one).counts
    }
    assert signed == {name: one.digest for name, one in example.checked.items()}, ANEW
    assert all(one.standing.counts for one in example.standings.keys.values()), ANEW
    assert all(isinstance(one, KeyedSignOff) and example.standings.of(one).counts for one in example.signoffs.values())
    assert all(one.on <= date.today().isoformat() for one in example.keys.values())


def test_the_anchor_speaks_of_the_shipped_programmes_alone(example: Programme) -> None:
    from covolt.programme.anchor import trust_of

    with shipped_anchor():
        assert trust_of("another").first == {}
        first = trust_of(example.charter.id).first
    assert first is not None
    assert dict(first) == {one.party: name for name, one in example.keys.items() if not one.follows}


def test_a_party_that_makes_itself_an_agency_is_told_in_a_shipped_programme_too(example: Programme) -> None:
    agencies = {one.party for one in example.keys.values() if "agency" in example.parties[one.party].roles}
    assert example.trust.agencies == agencies and agencies, ANEW
    assert not trust_notices(example)
    other = next(name for name in example.trust.first or {} if name not in agencies)
    made = example.parties[other].model_copy(update={"roles": ("agency",)})
    [told] = trust_notices(replace(example, parties={**example.parties, other: made}))
    assert f"{other} was no agency when it was trusted here" in told.what


def test_every_party_has_a_recovery_key_that_brought_in_the_one_by_which_it_signs(example: Programme) -> None:
    first = {one.party: one for one in example.keys.values() if not one.follows}
    later = [one for one in example.keys.values() if one.follows]
    assert {one.roles for one in first.values()} == {("recovery",)}, ANEW
    assert {one.party: one.follows for one in later} == {party: one.fingerprint for party, one in first.items()}
    assert not any("recovery" in one.roles for one in later)


def test_the_recipe_signs_whatever_a_party_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    recipe = importlib.import_module("sign_examples")
    folder = copy_unsigned(EXAMPLES[1], tmp_path / "bus")
    keys = recipe.pledge(folder, tmp_path / "own")
    read = read_programme(folder)
    assert not [name for name in read.offers if unsigned_offer(read, name, trusted=False)]
    assert {one.party for one in read.keys.values()} == set(keys) and recipe.statements(folder)
    assert read.charter.id in recipe.anchored([read])


def test_no_private_key_lies_in_the_repository() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    files = [ROOT / name.decode() for name in listed if name and (ROOT / name.decode()).is_file()]
    assert len(files) > 100
    assert not [path for path in files if _holds_a_key(path)]
    assert not [path for path in files if path.suffix in {".pem", ".der", ".p8", ".key"}]


def _holds_a_key(path: Path) -> bool:
    content = path.read_bytes()
    return bool(PRIVATE.search(content)) or PRIVATE_BYTES in content
