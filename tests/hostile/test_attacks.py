"""A hostile partner, and a stranger with write access to the hub: each attack is refused or told, its honest twin passes."""

import sys
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from tests.hostile.attack import Kind, Role, held, taken_out, unguarded
from tests.hostile.attacks import ATTACKS
from tests.hostile.attacks_of_documents import COVERED, PLACE
from tests.hostile.attacks_of_signatures import FORGER, OPEN
from tests.hostile.joint import AGENCY, ROOT, copied
from tests.signed import put_key

pytestmark = pytest.mark.whole

TOOLS = Path(__file__).resolve().parents[2] / "tools"
NAMES = [one.name for one in ATTACKS]
EACH_TIME = [one.name for at, one in enumerate(ATTACKS) if one.found or at % 3 == 0]
"""Those that repeat a finding, and a third of the others; all where there is time (`make test-all`)."""
KINDS = [kind for kind in get_args(Kind) if kind != "inputs"]
FINDINGS = {
    1: "documents that do not stand where their party speaks",
    2: "gates before a signed one emptied or reordered",
    3: "public keys replaced or added",
    4: "keys of small order",
    5: "records edited and sealed anew",
    6: "an import that ends half way",
    7: "two offers of one version",
    8: "attributes of the other side's repository",
    9: "gates and evidence that a comparison does not tell",
    10: "routes without end",
    11: "signs that reach the terminal",
    12: "links",
    13: "kept files that others could have written",
    14: "inputs that take time out of proportion",
    15: "letters that nobody sees, or takes for others",
}
"""What attack.md found, by number."""
TRIED = {
    number: [one.name for one in ATTACKS if one.found == number]
    for number in sorted({one.found for one in ATTACKS} - {0})
}
"""The attacks that repeat each finding, by which their tests are called."""


@pytest.mark.parametrize(
    "attack",
    [pytest.param(one, marks=() if one.name in EACH_TIME else pytest.mark.slow) for one in ATTACKS],
    ids=NAMES,
)
def test_it_is_refused_or_told_and_its_honest_twin_passes(world, tmp_path, attack):
    wrong = held(attack, world, tmp_path)
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_of_every_kind_by_both_roles_and_every_finding():
    assert len(set(NAMES)) == len(NAMES) >= 60
    kinds = Counter((one.kind, one.role) for one in ATTACKS)
    assert all(kinds[kind, role] >= 3 for kind in KINDS for role in get_args(Role)), kinds
    assert TRIED.keys() == FINDINGS.keys()
    assert all(one.guards for one in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS[::16], ids=NAMES[::16])
def test_without_its_guard_it_gets_through(world, tmp_path, attack):
    wrong = unguarded(attack, world, tmp_path)
    assert not wrong, "\n".join(wrong)


def test_guards_are_functions_that_are_there():
    for attack in ATTACKS:
        with taken_out(attack.guards):
            pass


def test_what_a_stranger_revokes_is_not_kept_in_mind(world, tmp_path):
    with copied(world, tmp_path) as copy:
        key = put_key(copy.hub, FORGER)
        revocations = [copy.put(f"keys/agency/{one.seed}.toml", FORGER.revokes(one)) for one in (ROOT, AGENCY)]
        assert "two first keys" in copy.gates()
        for path in (key, *revocations):
            path.unlink()
        assert OPEN.split(".*")[-1] in copy.gates()


@pytest.fixture(scope="module")
def mutations():
    sys.path.insert(0, str(TOOLS))
    import mutations

    yield mutations
    sys.path.remove(str(TOOLS))


def test_edits_move_what_they_should_and_nothing_else(mutations, world):
    found = mutations.mutations(20, 7, world)
    assert not [(one.name, one.wrong) for one in found if one.wrong]
    assert {"means nothing", "refused"} <= {one.outcome for one in found}
    assert {one.inside for one in found} == {one.resealed for one in found} == {False, True}


def test_edits_that_are_not_noticed_are_told(mutations, world):
    """The trial itself: where covolt does not look what a signature covers, and where documents stand, it says so."""
    with taken_out((COVERED, PLACE)):
        found = mutations.mutations(16, 7, world)
    assert any("stands" in said or "open all the same" in said for one in found for said in one.wrong)
