"""Attacks on what is remembered of a programme: a file that nobody signs makes a reader remember nothing."""

from __future__ import annotations

import re

from covolt.clock import today
from covolt.errors import Problem
from covolt.programme.anchor import trust_in, trust_of
from covolt.programme.reading import read_leniently
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_documents import OPEN, ORDER
from tests.hostile.attacks_of_signatures import COHERENT, TRIAL, successor
from tests.hostile.joint import AGENCY, OFFICER, ROOT, World
from tests.signed import Holder, put_key


def heard_of_all(chain, name):
    """How a successor's link once stood by itself, whatever was said of the key that it follows."""
    others = [(one, chain._path(one.by, name)) for one in chain.revocations[name] if one.by != name]
    return [(one, {*one.stands, chain._digest(chain.keys[path[-1]])}) for one, path in others if path]


FILE = "parties/agency.toml"


def remembers_everything(programme, *, whole=True) -> None:
    """How covolt once kept in mind whatever a file said."""
    from covolt.programme.anchor import remember

    left = {name: one.left for name, one in programme.parties.items() if one.left}
    trust = trust_of(programme.charter.id)
    trust_in(programme.charter.id, {}, trust.signatures_from, trust.order, trust.people, left=left)
    remember(programme.charter.id, programme.root, programme.standings.taken_out)


READ = ("covolt.programme.reading:_remember", remembers_everything)


def said_to_have_left(world: World, day: str) -> None:
    text = world.at(FILE).read_text(encoding="utf-8")
    world.at(FILE).write_text(text.replace("roles =", f'left = "{day}"\nroles =', 1), encoding="utf-8")


def left_for_one_commit(world: World) -> str:
    """Somebody writes that the agency has left, everybody reads it, and the file is put back."""
    text = world.at(FILE).read_text(encoding="utf-8")
    said_to_have_left(world, "2020-01-01")
    world.gates()
    world.at(FILE).write_text(text, encoding="utf-8")
    return f"{world.gates()}\nremembered of the agency: {trust_of('joint').left.get('agency', 'nothing')}"


def left_and_taken_back(world: World) -> str:
    """A party leaves, which its reader agrees to; then it takes that back by an edit, and signs on."""
    text = world.at(FILE).read_text(encoding="utf-8")
    said_to_have_left(world, "2020-01-01")
    root = read_leniently(world.hub).trust.first["agency"]
    world.run("key", "trust", world.hub, "--fingerprint", root)
    world.at(FILE).write_text(text, encoding="utf-8")
    return world.gates()


def taken_back_with_a_yes(world: World) -> str:
    """The same, and its reader agrees to that too."""
    left_and_taken_back(world)
    root = read_leniently(world.hub).trust.first["agency"]
    world.run("key", "trust", world.hub, "--fingerprint", root, "--replace")
    return world.gates()


def unchanged(world: World) -> str:
    return world.gates()


def dated_ahead(world: World) -> str:
    """A sign-off of a day far ahead that no key has made; then the agency takes a key out."""
    text = world.at(TRIAL).read_text(encoding="utf-8").replace(AGENCY.fingerprint, "a" * 64)
    text = re.sub(r"(?m)^date = .*", 'date = "2999-01-01"', text.replace(f'"{OFFICER}"', '"clerk"'))
    world.at("signoffs/trial/clerk.toml").write_text(text, encoding="utf-8")
    return world.read() + revoked(world, "lost", by=ROOT)


def revoked(world: World, reason: str, *, by: Holder) -> str:
    """The officer's key taken out by one of its party."""
    return world.run("key", "revoke", AGENCY.fingerprint, world.hub, "--by", world.key(by), "--reason", reason)


def clock_of_all(programme) -> list[Problem]:
    """How covolt once set its clock by every file."""
    late = [one.on for one in programme.signoffs.values() if one.on > today()]
    return [Problem(f"something is signed on {late[0]} already")] if late else []


def followed(world: World, by: Holder) -> str:
    """The officer's key is said to be stolen, and one that follows `by` signs what it had signed."""
    heir = successor(by)
    if by is AGENCY:
        put_key(world.hub, heir)
    said = revoked(world, "compromised", by=heir if by is AGENCY else by)
    put_key(world.hub, heir)
    world.at("agency/checked.signed.toml").unlink()
    world.sign_texts(heir)
    world.sign("trial", by=heir)
    return said + world.gates()


REMEMBERED = [
    Attack(
        "a day to come that no key has signed, which sets everybody's clock",
        "order",
        "stranger",
        dated_ahead,
        "it is dated 2999-01-01, a day to come.*revoked: ",
        lambda world: world.read() + revoked(world, "lost", by=ROOT),
        f"{ORDER}.*revoked: ",
        (COHERENT, ("covolt.programme.pledging:clock_problems", clock_of_all)),
        attains="something is signed on 2999-01-01 already",
    ),
    Attack(
        "a key that a stolen one brought in, and that takes the stolen one out",
        "keys",
        "party",
        lambda world: followed(world, AGENCY),
        "signature does not count: key not known here|agency, .*: key not known here",
        lambda world: followed(world, ROOT),
        OPEN,
        (("covolt.programme.standing:_Chain._heard", heard_of_all),),
    ),
    Attack(
        "a party that is said to have left for one commit, and is shut out for good",
        "keys",
        "stranger",
        left_for_one_commit,
        "remembered of the agency: nothing",
        unchanged,
        OPEN,
        (READ,),
        attains="remembered of the agency: 2020-01-01",
    ),
    Attack(
        "a party takes back by an edit that it had left",
        "keys",
        "party",
        left_and_taken_back,
        "agency left on 2020-01-01",
        taken_back_with_a_yes,
        OPEN,
        (("covolt.study.cases.trusting:_left", lambda *_: iter(())),),
    ),
]
