"""States that were left before signatures were demanded, or before a key was stolen, are still compared with."""

import pytest

from covolt.programme.offering import publish_part
from tests.hostile.attacks_of_files import committed, compared
from tests.hostile.attacks_of_states import loosened
from tests.hostile.joint import copied

pytestmark = pytest.mark.whole
SIGNED = "offers/supplier/pack@1.0.0.signed.toml"


def test_what_was_left_unsigned_is_compared_with_and_told(world, tmp_path):
    with copied(world, tmp_path) as copy:
        genuine = copy.at(SIGNED).read_bytes()
        copy.at(SIGNED).unlink()
        assert "signatures are demanded" in copy.read()
        committed(copy)
        copy.at(SIGNED).write_bytes(genuine)
        loosened(copy)
        said = compared(copy)
        assert "exit code 0" in said and "at most 2000 kg" in said
        assert "does not stand in it" in said and "supplier/pack@1.0.0 cannot fill" in said
        assert "Compared with the commit HEAD (" in said


def test_what_stands_is_compared_with_and_nothing_told_beside(world, tmp_path):
    with copied(world, tmp_path) as copy:
        committed(copy)
        said = compared(copy)
        assert "nothing changed" in said and "does not stand" not in said
        assert "Compared with the baseline first, kept on 20" in compared(copy, "first")


def test_a_whole_earlier_state_brought_back_is_told_where_something_newer_is_offered(world, tmp_path):
    """Everything in it is signed; what gives it away is the newer offer, which its party has signed."""
    with copied(world, tmp_path) as copy:
        newer = "'battery' is locked to supplier/pack@1.0.0, and supplier/pack@1.1.0 is offered for it"
        said = copy.run("check", copy.hub)
        assert "is offered for it" not in said
        publish_part(copy.part("supplier", "pack", "1.1.0"))
        assert newer not in copy.run("check", copy.hub), "what nobody has signed is not offered"
        copy.sign_offer("supplier/pack@1.1.0")
        assert newer in " ".join(copy.run("check", copy.hub).split())
        gates = copy.run("gate", copy.hub)
        assert gates.count(newer) == 2 and "Trial: open" in gates, "each signed gate says so"
        copy.run("lock", copy.hub, "--upgrade")
        copy.agree()
        assert "is offered for it" not in copy.run("check", copy.hub) + copy.run("gate", copy.hub)
