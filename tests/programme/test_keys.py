"""Keys, revocations and signatures in a programme: every wrong one is told with file and line, its honest twin is not."""

import re
from dataclasses import replace

import pytest

from covolt.errors import CovoltError
from covolt.programme.gate import KeyedSignOff
from covolt.programme.key_coherence import key_problems
from covolt.programme.keys import UNSIGNED, in_groups, in_words, sealed, statement_bytes, statement_digest
from covolt.programme.reading import read_leniently, read_programme
from covolt.programme.standing import BROKEN, Trust
from tests.signed import DIGEST, Holder, private_key, put, put_key

OFFICER = "type-approval-officer"
FIRST = Holder("first")
SECOND = Holder("second", by=FIRST, on="2026-04-01")
TO_COME = "2126-01-01"


@pytest.fixture
def keyed(city_car):
    put_key(city_car, FIRST)
    put_key(city_car, SECOND)
    return city_car


def told(folder):
    try:
        read_programme(folder)
    except CovoltError as error:
        return [(one.where, one.what) for one in error.problems]
    return []


def place(holder):
    return f"keys/{holder.party}/{holder.fingerprint[:16]}.toml"


def line(folder, source, key):
    text = (folder / source).read_text().splitlines()
    return f"{source}:{next(number for number, row in enumerate(text, 1) if row.startswith(key + ' ='))}"


def signoff(holder, on="2026-06-01", **changed):
    made = KeyedSignOff(
        programme=holder.programme, gate="trial", party=holder.party, role=OFFICER, date=on, digest=DIGEST,
        key=holder.fingerprint, signature=UNSIGNED,
    )  # fmt: skip
    return sealed(made, private_key(holder.seed)).model_copy(update=changed)


def test_honest_keys_and_statements_are_in_order(keyed):
    put(keyed, FIRST.revokes(SECOND, on="2026-07-01"), "keys/agency/revoked.toml")
    put(keyed, signoff(SECOND), "signoffs/trial/agency.toml")
    put(keyed, FIRST.signs("agency/checked", DIGEST), "agency/checked.signed.toml")
    assert told(keyed) == []


def test_two_keys_that_both_claim_to_be_first(keyed):
    rival = Holder("rival")
    put_key(keyed, rival)
    [(where, what)] = told(keyed)
    assert where in {place(FIRST), place(rival)}
    assert "agency has two first keys" in what


def test_keys_that_nobody_brings_in(keyed):
    (keyed / place(FIRST)).unlink()
    assert told(keyed) == [(line(keyed, place(SECOND), "follows"), f"agency has no key {FIRST.fingerprint[:16]}…")]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"signature": "0" * 128}, "not signed by the key that it follows"),
        ({"possession": "0" * 128}, "does not sign for itself"),
        ({"roles": (OFFICER, "clerk")}, "does not sign for itself"),
        ({"on": "2026-02-01"}, "the key that signs it is of 2026-03-01"),
        ({"on": TO_COME}, "a day to come"),
        ({"programme": "city-bus"}, "it speaks of the programme 'city-bus'"),
    ],
)
def test_a_key_that_was_changed(keyed, changed, words):
    put(keyed, SECOND.document.model_copy(update=changed), place(SECOND))
    found = told(keyed)
    assert any(words in what for _, what in found), found
    assert all(re.match(rf"{place(SECOND)}:\d+$", where) for where, _ in found)


def test_a_key_with_more_roles_than_the_one_that_it_follows(keyed):
    put_key(keyed, Holder("third", roles=("offers",), by=SECOND, on="2026-05-01"))
    [(_, what)] = told(keyed)
    assert "cannot bring in more" in what
    put_key(keyed, Holder("third", roles=("offers",), by=FIRST, on="2026-05-01"))
    assert told(keyed) == []


@pytest.mark.parametrize("public", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f"])
def test_weak_keys_are_refused_as_they_are_read(keyed, public):
    path = keyed / place(SECOND)
    path.write_text(re.sub(r'public = ".*"', f'public = "{public}"', path.read_text()))
    assert any("small order" in what or "not written canonically" in what for _, what in told(keyed))


def test_a_sign_off_by_a_key_that_came_after_it(keyed):
    put(keyed, signoff(SECOND, on="2026-03-31"), "signoffs/trial/agency.toml")
    assert told(keyed) == [
        (
            line(keyed, "signoffs/trial/agency.toml", "date"),
            "it is dated 2026-03-31, and the key that signs it is of 2026-04-01",
        )
    ]
    put(keyed, signoff(SECOND, on="2026-04-01"), "signoffs/trial/agency.toml")
    assert told(keyed) == []


def test_a_clock_that_runs_ahead(keyed):
    put(keyed, signoff(SECOND, on=TO_COME), "signoffs/trial/agency.toml")
    [(where, what)] = told(keyed)
    assert where == line(keyed, "signoffs/trial/agency.toml", "date")
    assert "a day to come" in what


def test_a_sign_off_whose_day_was_edited_is_told_as_broken(keyed):
    put(keyed, signoff(SECOND, date=TO_COME), "signoffs/trial/agency.toml")
    assert told(keyed) == [(line(keyed, "signoffs/trial/agency.toml", "signature"), str(BROKEN))]


@pytest.mark.parametrize(("on", "wrong"), [("2026-07-01", False), ("2026-07-02", True)])
def test_a_revoked_key_that_signs(keyed, on, wrong):
    put(keyed, FIRST.revokes(SECOND, on="2026-07-01"), "keys/agency/revoked.toml")
    put(keyed, SECOND.signs("agency/checked", DIGEST, on=on), "agency/checked.signed.toml")
    assert (told(keyed) != []) is wrong
    if wrong:
        [(where, what)] = told(keyed)
        assert where == line(keyed, "agency/checked.signed.toml", "on")
        assert "was revoked on 2026-07-01" in what


def test_a_revocation_by_who_may_not(keyed):
    offers = Holder("offers", roles=("offers",), by=FIRST)
    put_key(keyed, offers)
    put(keyed, offers.revokes(SECOND, on="2026-07-01"), "keys/agency/revoked.toml")
    [(where, what)] = told(keyed)
    assert where == line(keyed, "keys/agency/revoked.toml", "by")
    assert "cannot take out" in what
    put(keyed, FIRST.revokes(SECOND).model_copy(update={"signature": "0" * 128}), "keys/agency/revoked.toml")
    assert any("not signed by the key that it names" in what for _, what in told(keyed))


def test_a_key_cannot_say_what_of_itself_stands(keyed):
    made = SECOND.revokes(SECOND, on="2026-07-01")
    path = put(keyed, made, "keys/agency/revoked.toml")
    assert told(keyed) == []
    path.write_text(path.read_text() + f'stands = ["{DIGEST}"]\n')
    [(_, what)] = told(keyed)
    assert "what of itself still stands" in what


def test_a_forged_signature_beside_an_offer(keyed):
    made = FIRST.signs("agency/checked", DIGEST).model_copy(update={"digest": "sha256:" + "b" * 64})
    put(keyed, made, "agency/checked.signed.toml")
    [(where, what)] = told(keyed)
    assert where == line(keyed, "agency/checked.signed.toml", "signature")
    assert "was changed after it was signed" in what


def test_an_offer_whose_party_has_left(keyed):
    path = keyed / "parties" / "agency.toml"
    path.write_text(path.read_text() + 'left = "2026-06-01"\n')
    put(keyed, FIRST.signs("agency/checked", DIGEST, on="2026-06-01"), "agency/checked.signed.toml")
    assert told(keyed) == []
    put(keyed, FIRST.signs("agency/checked", DIGEST, on="2026-06-02"), "agency/checked.signed.toml")
    assert told(keyed) == [
        (
            line(keyed, "agency/checked.signed.toml", "on"),
            "agency left on 2026-06-01, and this is dated 2026-06-02",
        )
    ]


def test_statements_of_a_stranger(keyed):
    put_key(keyed, Holder("stranger", party="nobody"))
    assert any("no party 'nobody'" in what for _, what in told(keyed))


def test_a_gate_from_which_signatures_count_and_that_is_not_there(keyed):
    path = keyed / "programme.toml"
    path.write_text(path.read_text().replace("[vehicle]", 'signatures_from = "start"\n[vehicle]'))
    assert (line(keyed, "programme.toml", "signatures_from"), "no gate 'start' in this programme") in told(keyed)


def test_every_problem_at_once(keyed):
    put_key(keyed, Holder("rival"))
    put(keyed, signoff(SECOND, on=TO_COME), "signoffs/trial/agency.toml")
    put(keyed, FIRST.revokes(SECOND).model_copy(update={"signature": "0" * 128}), "keys/agency/revoked.toml")
    assert len(told(keyed)) >= 3


def test_words_of_a_fingerprint():
    """Proquints as their author gives them: 127.0.0.1 is lusab-babad, 63.84.220.193 gutih-tugad."""
    assert in_words("7f0000013f54dcc1" + "00" * 24).startswith("lusab-babad-gutih-tugad-babab")
    assert len(in_words("ab" * 32).split("-")) == 8
    assert in_groups("0123456789abcdef") == "0123 4567 89ab cdef"


def test_statements_of_different_kinds_are_never_one_another():
    signature = FIRST.signs("agency/checked", DIGEST)
    kinds = {
        statement_bytes(one).partition(b"\n")[0]
        for one in (FIRST.document, FIRST.revokes(SECOND), signature, signoff(FIRST))
    }
    assert kinds == {b"covolt key/1", b"covolt revocation/1", b"covolt signature/1", b"covolt signoff/2"}
    assert statement_digest(signature) != statement_digest(FIRST.signs("agency/checked", DIGEST, on="2026-03-02"))


@pytest.mark.parametrize("trusted", [0, 1])
def test_of_two_first_keys_the_one_that_is_not_trusted_here_is_named(keyed, trusted):
    rival = Holder("rival")
    put_key(keyed, rival)
    holders = (FIRST, rival)
    trust = Trust(first={"agency": holders[trusted].fingerprint})
    read = replace(read_leniently(keyed), trust=trust)
    [one] = [one for one in key_problems(read) if "two first keys" in one.what]
    assert one.where.startswith(place(holders[1 - trusted]))
    assert "this one, which is not trusted here" in one.what
    assert place(holders[trusted]) in one.what
