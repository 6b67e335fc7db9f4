"""A study as a job: its designs stand to requirements as the study on disk has them, and no party reads another's own in it."""

import json

import pytest

from covolt.errors import NotFound
from covolt.study.result import plain
from tests.workspace import test_settlements
from tests.workspace.conftest import of
from tests.workspace.test_settlements import CANARY, NAME, moving, settled

__all__ = ["moving", "workspace"]

workspace = test_settlements.workspace


def test_a_study_is_shown_as_the_party_that_asked_reads_it(workspace):
    number = settled(workspace, (), 8, "integrator", "study")
    shown = workspace.jobs.shown(NAME, number, of("integrator")).study
    assert len(shown.designs) == 9
    assert {one.id for one in shown.variables} == {"DRAG", "PACK-SIZE"}
    by_name = {one.requirement: at for at, one in enumerate(shown.measures)}
    assert CANARY not in json.dumps(plain(shown))
    assert "D-SECRET" not in by_name
    mass = shown.measures[by_name["I-MASS"]]
    assert (mass.bound, mass.unit, mass.at_least, mass.party) == (1160.0, "kg", False, "integrator")
    assert mass.readers.said("en") == "every party of the programme"
    for one in shown.designs:
        value = one.found[by_name["I-MASS"]]
        assert one.verdicts[by_name["I-MASS"]] == ("met" if value <= 1160.0 else "not met"), "nominal, without any ±"
        assert one.meets == one.verdicts.count("met")
    meeting = [one for one in shown.designs if one.meets == len(shown.measures) and not one.leaves]
    assert shown.meeting == len(meeting)
    assert {one.met for one in shown.measures} == {
        sum(one.verdicts[at] == "met" for one in shown.designs) for at in range(len(shown.measures))
    }
    with pytest.raises(NotFound):
        workspace.jobs.shown(NAME, number, of("battery-works"))
