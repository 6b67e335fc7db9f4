"""A hostile partner, and a stranger with write access to the hub: each attack is refused or told, its honest twin passes."""

import pytest

from tests.hostile.attack import held
from tests.hostile.attacks import ATTACKS
from tests.hostile.attacks_of_signatures import FORGER, OPEN
from tests.hostile.joint import AGENCY, ROOT, build, copied
from tests.signed import put_key

NAMES = [one.name for one in ATTACKS]


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_it_is_refused_or_told_and_its_honest_twin_passes(world, tmp_path, attack):
    wrong = held(attack, world, tmp_path)
    assert not wrong, "\n".join(wrong)


def test_what_a_stranger_revokes_is_not_kept_in_mind(world, tmp_path):
    with copied(world, tmp_path) as copy:
        key = put_key(copy.hub, FORGER)
        revocations = [copy.put(f"keys/agency/{one.seed}.toml", FORGER.revokes(one)) for one in (ROOT, AGENCY)]
        assert "two first keys" in copy.gates()
        for path in (key, *revocations):
            path.unlink()
        assert OPEN.split(".*")[-1] in copy.gates()
