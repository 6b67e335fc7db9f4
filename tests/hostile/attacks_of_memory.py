"""Attacks on what is remembered of a programme: a file that nobody signs makes a reader remember nothing."""

from __future__ import annotations

from covolt.programme.anchor import trust_in, trust_of
from covolt.programme.reading import read_leniently
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_documents import OPEN
from tests.hostile.joint import World

FILE = "parties/agency.toml"


def remembers_everything(programme) -> None:
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


REMEMBERED = [
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
        (("covolt.cli.trusting:_left", lambda *_: iter(())),),
    ),
]
