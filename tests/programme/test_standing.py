"""Which keys and statements count: every rule as a table of documents, with its honest twin."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covolt.programme.keys import statement_digest
from covolt.programme.standing import MOST_KEYS, Trust, standings_of
from tests.signed import DIGEST, Holder

TODAY = "2026-11-28"
OFFICER = "type-approval-officer"
FIRST = Holder("first", roles=(OFFICER, "recovery"))
SECOND = Holder("second", by=FIRST, on="2026-04-01")
THIRD = Holder("third", by=SECOND, on="2026-05-01")
RECOVERY = Holder("recovery", roles=("recovery",), by=FIRST)
THIEF = Holder("thief", by=SECOND, on="2026-04-02")


def judged(*keys, revoked=(), trust=None, today=TODAY, left=None):
    known = Trust(first={"agency": FIRST.fingerprint}) if trust is None else trust
    documents = [one.document if isinstance(one, Holder) else one for one in keys]
    return standings_of("city-car", documents, revoked, known, today, left)


def state(standings, holder):
    return standings.keys[holder.fingerprint].standing.state


def said(standings, holder, **how):
    return standings.of(
        holder.signs("agency/checked", DIGEST, role=OFFICER, on=how.pop("on", "2026-06-01"), **how)
    ).state


def test_a_trusted_chain_counts():
    standings = judged(FIRST, SECOND, THIRD)
    assert {state(standings, one) for one in (FIRST, SECOND, THIRD)} == {"stands"}
    assert said(standings, THIRD) == "stands"


def test_what_is_not_trusted_is_not_known():
    for trust in (Trust(first={}), Trust(first={"agency": THIEF.fingerprint})):
        standings = judged(FIRST, SECOND, trust=trust)
        assert state(standings, FIRST) == state(standings, SECOND) == "key not known here"
        assert said(standings, SECOND) == "key not known here"


def test_documents_alone_take_every_first_key_on_its_word():
    assert said(judged(FIRST, SECOND, trust=Trust()), SECOND) == "stands"


def test_a_key_without_its_link_is_not_known():
    assert state(judged(FIRST, THIRD), THIRD) == "key not known here"
    forged = SECOND.document.model_copy(update={"signature": "0" * 128})
    assert state(judged(FIRST, forged), SECOND) == "key not known here"
    not_held = SECOND.document.model_copy(update={"possession": "0" * 128})
    assert SECOND.fingerprint not in judged(FIRST, not_held).keys


def test_a_key_of_another_programme_is_absent():
    assert not judged(Holder("first", programme="city-bus")).keys
    foreign = Holder("first", programme="city-bus")
    assert judged(FIRST).of(foreign.signs("agency/checked", DIGEST)).state == "invalid"


def test_keys_in_a_circle_count_for_nothing():
    one = Holder("one")
    other = Holder("other", by=one)
    circle = Holder("one", by=other)
    standings = judged(circle, other, trust=Trust())
    assert {one.standing.state for one in standings.keys.values()} == {"key not known here"}


@pytest.mark.parametrize(("roles", "state_then"), [(("offers",), "key not known here"), ((OFFICER,), "stands")])
def test_a_key_brings_in_no_role_that_it_has_not(roles, state_then):
    junior = Holder("junior", roles=roles, by=SECOND, on="2026-05-01")
    assert state(judged(FIRST, SECOND, junior), junior) == state_then
    by_first = Holder("junior", roles=roles, by=FIRST, on="2026-05-01")
    assert state(judged(FIRST, SECOND, by_first), by_first) == "stands"


def test_roles_bind_what_is_signed():
    offers = Holder("offers", roles=("offers",), by=FIRST)
    standings = judged(FIRST, SECOND, RECOVERY, offers)
    assert standings.of(offers.signs("agency/x@1.0.0", DIGEST, "offer")).state == "stands"
    for wrong in (
        offers.signs("agency/checked", DIGEST),
        SECOND.signs("agency/x@1.0.0", DIGEST, "offer", on="2026-06-01"),
        RECOVERY.signs("agency/checked", DIGEST),
        SECOND.signs("agency/checked", DIGEST, role="clerk", on="2026-06-01"),
    ):
        assert standings.of(wrong).state == "invalid"


@pytest.mark.parametrize(
    ("on", "left", "counts"),
    [
        ("2026-04-01", None, True),
        ("2026-03-31", None, False),  # before the key
        (TODAY, None, True),
        ("2026-11-29", None, False),  # to come
        ("2026-06-01", {"agency": "2026-06-01"}, True),
        ("2026-06-02", {"agency": "2026-06-01"}, False),
    ],
)
def test_a_statement_is_of_a_day_on_which_it_could_be_made(on, left, counts):
    assert (said(judged(FIRST, SECOND, left=left), SECOND, on=on) == "stands") is counts


def test_nothing_signed_can_be_changed():
    standings, signature = judged(FIRST, SECOND), SECOND.signs("agency/checked", DIGEST, role=OFFICER, on="2026-06-01")
    assert standings.of(signature).counts
    for change in (
        {"digest": "sha256:" + "b" * 64},
        {"name": "agency/other"},
        {"on": "2026-06-02"},
        {"subject": "offer"},
    ):
        assert standings.of(signature.model_copy(update=change)).state == "invalid"


def test_a_revoked_key_counts_no_longer_but_for_what_stands():
    kept = SECOND.signs("agency/checked", DIGEST, role=OFFICER, on="2026-06-01")
    other = SECOND.signs("agency/other", DIGEST, role=OFFICER, on="2026-06-01")
    standings = judged(FIRST, SECOND, revoked=[FIRST.revokes(SECOND, (statement_digest(kept),), on="2026-07-01")])
    assert state(standings, SECOND) == "revoked"
    assert standings.of(kept).counts
    assert standings.of(other).state == "revoked"


def test_a_key_that_revokes_itself_leaves_nothing():
    standings = judged(FIRST, SECOND, THIRD, revoked=[SECOND.revokes(SECOND, on="2026-07-01")])
    assert state(standings, SECOND) == "revoked"
    assert said(standings, SECOND) == "revoked"
    assert state(standings, THIRD) == "key not known here"


def test_a_successor_stands_by_its_own_link():
    standings = judged(FIRST, SECOND, THIRD, THIEF, revoked=[THIRD.revokes(SECOND, on="2026-07-01", reason="replaced")])
    assert (state(standings, SECOND), state(standings, THIRD)) == ("revoked", "stands")
    assert state(standings, THIEF) == "key not known here"
    assert said(standings, THIRD, on="2026-08-01") == "stands"


def test_successors_that_contradict_each_other_leave_nothing():
    rival = [
        THIRD.revokes(SECOND, on="2026-07-01", reason="replaced"),
        THIEF.revokes(SECOND, on="2026-07-01", reason="replaced"),
    ]
    for revoked in itertools.permutations(rival):
        standings = judged(FIRST, SECOND, THIRD, THIEF, revoked=revoked)
        assert standings.disputed == {"agency"}
        assert not any(one.standing.counts for one in standings.keys.values())


def test_a_key_that_only_a_stolen_one_brought_in_falls_with_it():
    """A thief's child cannot say that its parent was stolen and stay: nobody can tell it from an heir."""
    for by in (THIEF, THIRD, SECOND, RECOVERY):
        standings = judged(FIRST, SECOND, THIRD, THIEF, RECOVERY, revoked=[by.revokes(SECOND, on="2026-07-01")])
        assert state(standings, SECOND) == "revoked"
        assert {state(standings, one) for one in (THIRD, THIEF)} == {"key not known here"}
        assert not standings.disputed
    heir = RECOVERY.revokes(SECOND, (statement_digest(THIRD.document),), on="2026-07-01")
    standings = judged(FIRST, SECOND, THIRD, THIEF, RECOVERY, revoked=[heir, THIEF.revokes(SECOND)])
    assert (state(standings, THIRD), state(standings, THIEF)) == ("stands", "key not known here")


def test_of_two_words_of_one_key_stands_what_both_let_stand():
    kept, other = (SECOND.signs(name, DIGEST, role=OFFICER, on="2026-06-01") for name in ("agency/a", "agency/b"))
    lost = RECOVERY.revokes(SECOND, tuple(map(statement_digest, (kept, other))), reason="lost")
    stolen = RECOVERY.revokes(SECOND, (statement_digest(kept),))
    for revoked in itertools.permutations([lost, stolen]):
        standings = judged(FIRST, SECOND, RECOVERY, revoked=revoked)
        assert not standings.disputed
        assert standings.of(kept).counts
        assert standings.of(other).state == "revoked"
    assert judged(FIRST, SECOND, RECOVERY, revoked=[lost]).of(other).counts


def test_keys_that_strangers_make_for_themselves_say_nothing_of_genuine_ones():
    crowd = [Holder(f"stranger {number}") for number in range(MOST_KEYS + 1)]
    standings = judged(FIRST, SECOND, *crowd, revoked=[crowd[0].revokes(SECOND)])
    assert state(standings, FIRST) == state(standings, SECOND) == "stands"
    assert {state(standings, one) for one in crowd} == {"key not known here"}


def test_a_recovery_key_is_heard_before_successors():
    link = statement_digest(THIRD.document)
    rival = [RECOVERY.revokes(SECOND, (link,), on="2026-07-01"), THIEF.revokes(SECOND), SECOND.revokes(SECOND)]
    for revoked in itertools.permutations(rival):
        standings = judged(FIRST, SECOND, THIRD, THIEF, RECOVERY, revoked=revoked)
        assert state(standings, THIRD) == "stands"
        assert state(standings, THIEF) == "key not known here"
        assert not standings.disputed


def test_a_thief_does_not_come_back_after_the_key_revoked_itself():
    standings = judged(FIRST, SECOND, THIEF, revoked=[SECOND.revokes(SECOND), THIEF.revokes(SECOND)])
    assert state(standings, THIEF) == "key not known here"


def test_a_revocation_by_a_revoked_key_counts_and_what_it_lets_stand_does_not():
    kept = SECOND.signs("agency/checked", DIGEST, role=OFFICER, on="2026-06-01")
    revoked = [RECOVERY.revokes(SECOND, (statement_digest(kept),)), FIRST.revokes(RECOVERY)]
    standings = judged(FIRST, SECOND, RECOVERY, revoked=revoked)
    assert state(standings, SECOND) == state(standings, RECOVERY) == "revoked"
    assert standings.of(kept).state == "revoked"
    named = [RECOVERY.revokes(SECOND, (statement_digest(kept),))]
    named.append(FIRST.revokes(RECOVERY, (statement_digest(named[0]),)))
    assert judged(FIRST, SECOND, RECOVERY, revoked=named).of(kept).counts


def test_keys_that_revoke_each_other_leave_nothing_of_what_they_name():
    one, other = Holder("one", roles=("recovery",), by=FIRST), Holder("other", roles=("recovery",), by=FIRST)
    standings = judged(FIRST, one, other, revoked=[one.revokes(other), other.revokes(one)])
    assert state(standings, one) == state(standings, other) == "revoked"
    assert state(standings, FIRST) == "stands"


def test_who_may_not_revoke_is_not_heard():
    offers = Holder("offers", roles=("offers",), by=FIRST)
    assert state(judged(FIRST, SECOND, offers, revoked=[offers.revokes(SECOND)]), SECOND) == "stands"
    other = Holder("other", party="integrator")
    assert state(judged(FIRST, SECOND, other, revoked=[other.revokes(SECOND)]), SECOND) == "stands"
    forged = FIRST.revokes(SECOND).model_copy(update={"signature": "0" * 128})
    assert state(judged(FIRST, SECOND, revoked=[forged]), SECOND) == "stands"


def test_a_revocation_that_is_gone_brings_no_key_back():
    seen = frozenset({statement_digest(THIRD.revokes(SECOND, reason="replaced"))})
    trust = Trust(first={"agency": FIRST.fingerprint}, revoked={SECOND.fingerprint: seen})
    standings = judged(FIRST, SECOND, THIRD, trust=trust)
    assert "its revocation is gone" in str(standings.keys[SECOND.fingerprint].standing.why)
    assert said(standings, SECOND) == "revoked"
    assert state(standings, THIRD) == "key not known here"
    whole = judged(FIRST, SECOND, THIRD, trust=trust, revoked=[THIRD.revokes(SECOND, reason="replaced")])
    assert state(whole, THIRD) == "stands"
    replaced = judged(FIRST, SECOND, THIRD, THIEF, trust=trust, revoked=[THIEF.revokes(SECOND, reason="replaced")])
    assert state(replaced, SECOND) == "revoked"
    assert state(replaced, THIEF) == "key not known here", "another revocation does not stand for the one that was seen"


def test_another_party_says_nothing_of_what_still_stands():
    kept = SECOND.signs("agency/checked", DIGEST, role=OFFICER, on="2026-06-01")
    works = Holder("works", "works", ("offers",))
    spare = Holder("spare", "works", ("offers",), by=works)
    trust = Trust(first={"agency": FIRST.fingerprint, "works": works.fingerprint})
    everybody = (FIRST, SECOND, works, spare)
    by_works = works.revokes(spare, (statement_digest(kept),))
    standings = judged(*everybody, trust=trust, revoked=[FIRST.revokes(SECOND), by_works])
    assert standings.of(kept).state == "revoked"
    by_agency = FIRST.revokes(SECOND, (statement_digest(kept),))
    assert judged(*everybody, trust=trust, revoked=[by_agency, by_works]).of(kept).counts


def test_a_thief_takes_no_key_out_for_good():
    heir = Holder("heir", by=FIRST, on="2026-05-01")
    by_owner = FIRST.revokes(SECOND)
    standings = judged(FIRST, SECOND, heir, revoked=[by_owner, SECOND.revokes(heir)])
    assert state(standings, heir) == "revoked", "while the revocation is there"
    assert standings.taken_out == {SECOND.fingerprint: {statement_digest(by_owner)}}
    gone = Trust(first={"agency": FIRST.fingerprint}, revoked=standings.taken_out)
    assert not judged(FIRST, SECOND, heir, trust=gone, revoked=[SECOND.revokes(heir)]).taken_out
    honest = judged(FIRST, SECOND, heir, revoked=[FIRST.revokes(heir), SECOND.revokes(SECOND)]).taken_out
    assert honest.keys() == {heir.fingerprint, SECOND.fingerprint}


def test_more_keys_than_anybody_looks_through_leave_nothing():
    many = [Holder(f"number {number}", by=FIRST) for number in range(MOST_KEYS)]
    assert state(judged(FIRST, *many[1:]), FIRST) == "stands"
    crowd = judged(FIRST, *many)
    assert crowd.disputed == {"agency"}
    assert "more than 64 keys" in str(crowd.keys[FIRST.fingerprint].standing.why)


def test_two_first_keys_leave_nothing():
    rival = Holder("rival")
    assert judged(FIRST, rival, trust=Trust()).disputed == {"agency"}
    assert state(judged(FIRST, rival), FIRST) == "stands", "the anchor knows which of them it trusts"
    assert state(judged(FIRST, rival), rival) == "key not known here"


POOL = (FIRST, SECOND, THIRD, THIEF, RECOVERY)
PAIRS = [(by, key) for by in POOL for key in POOL]


@settings(max_examples=60, deadline=None)
@given(
    chosen=st.lists(st.sampled_from(PAIRS), max_size=5, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_order_says_nothing_and_a_revoked_key_never_counts(chosen, order):
    revoked = [by.revokes(key) for by, key in chosen]
    first = judged(*POOL, revoked=revoked)
    keys = list(POOL)
    order.shuffle(keys)
    order.shuffle(revoked)
    again = judged(*keys, revoked=revoked)
    assert {name: one.standing for name, one in first.keys.items()} == {
        name: one.standing for name, one in again.keys.items()
    }
    heard = {name for name, one in first.keys.items() if one.revocations}
    assert heard >= {one.key for one in revoked if one.key == one.by}
    assert not any(first.keys[name].standing.counts for name in heard)


STOLEN = Holder("stolen", roles=(OFFICER,), by=FIRST, on="2026-04-01")
HEIR = Holder("heir", roles=(OFFICER,), by=STOLEN, on="2026-04-10")
KEPT = STOLEN.signs("agency/checked", DIGEST, role=OFFICER, on="2026-04-20")
SEEDS = ("thief a", "thief b", "thief c")


@st.composite
def thefts(draw):
    """What somebody who has stolen one key can make: keys that follow it or each other, and revocations by any of them."""
    made = [STOLEN]
    for seed in SEEDS[: draw(st.integers(0, 3))]:
        made.append(Holder(seed, roles=(OFFICER,), by=draw(st.sampled_from(made)), on="2026-04-02"))
    targets = [*made, HEIR, FIRST, RECOVERY]
    digests = [statement_digest(one.document) for one in (*made[1:], HEIR)] + [statement_digest(KEPT)]
    revoked = []
    for by, key in draw(st.lists(st.tuples(st.sampled_from(made), st.sampled_from(targets)), max_size=5)):
        stands = tuple(draw(st.lists(st.sampled_from(digests), max_size=2))) if by is not key else ()
        revoked.append(by.revokes(key, stands))
    return made[1:], revoked


@settings(max_examples=80, deadline=None)
@given(theft=thefts())
def test_a_thief_of_one_key_never_outlasts_the_recovery_key(theft):
    """Whatever he makes beside it: the key is out, only what the recovery key names stands, and the party goes on."""
    keys, revoked = theft
    stands = (statement_digest(KEPT), statement_digest(HEIR.document))
    by_owner = RECOVERY.revokes(STOLEN, stands, on="2026-05-01")
    standings = judged(FIRST, RECOVERY, STOLEN, HEIR, *keys, revoked=[*revoked, by_owner])
    assert state(standings, FIRST) == state(standings, RECOVERY) == "stands"
    assert state(standings, STOLEN) == "revoked"
    taken = any(one.key == HEIR.fingerprint for one in revoked)
    assert state(standings, HEIR) == ("revoked" if taken else "stands"), "a revocation counts whoever made it"
    assert standings.of(KEPT).counts
    assert said(standings, STOLEN) == "revoked"
    for one in keys:
        assert state(standings, one) != "stands"
        assert said(standings, one) != "stands"
    assert not standings.disputed


@settings(max_examples=80, deadline=None)
@given(theft=thefts())
def test_a_thief_of_one_key_signs_in_no_role_that_it_had_not(theft):
    keys, revoked = theft
    greedy = [Holder(f"greedy {one.seed}", roles=("offers",), by=one, on="2026-04-03") for one in (STOLEN, *keys)]
    standings = judged(FIRST, RECOVERY, STOLEN, *keys, *greedy, revoked=revoked)
    assert standings.disputed or state(standings, FIRST) == state(standings, RECOVERY) == "stands"
    for one in greedy:
        assert not standings.of(one.signs("agency/x@1.0.0", DIGEST, "offer", "offers", on="2026-06-01")).counts
