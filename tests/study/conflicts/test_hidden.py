"""A conflict of declared numbers with a study, and what a reader is told of it who may not see one of its requirements."""

import pytest

from covolt.cli.application import main
from covolt.study.cases.conflicts import conflicts
from covolt.study.cases.study import run
from covolt.study.result import text_of
from tests.signed import copy_unsigned
from tests.study.negotiation.conftest import CITY_CAR, leave, write_space

BOUND = 243.217
"""Of the battery's mass, kg: 235 at 30.5 kWh and 7 for each further one, so 31.674 kWh."""


def write_requirement(folder, party, name, measure, bound, visibility="programme"):
    side, _, value = bound.partition(" ")
    path = folder / party / "requirements" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"""schema = "requirement/1"
id = "{name}"
party = "{party}"
title = "{name}"
kind = "constraint"
firmness = "negotiable"
procedure = "declaration"
measure = "{measure}"
{side} = "{value}"
visibility = "{visibility}"
verify = {{ method = "declaration", gate = "concept" }}
""",
        encoding="utf-8",
    )


@pytest.fixture
def car(tmp_path):
    folder = copy_unsigned(CITY_CAR, tmp_path / "car")
    leave(folder, set())
    for path in folder.glob("gates/*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace("margin('I-PRICE') >= -140", "laws.count >= 0"))
    write_space(folder, "battery-works", "PACK-SIZE", "battery", "energy_usable", '"25 kWh"', '"45 kWh"')
    write_requirement(folder, "integrator", "ENERGY", "battery.energy_usable", "at_least 35 kWh")
    return folder


def studied(car, study, bound, **options):
    write_requirement(car, "battery-works", "LIGHT", "battery.mass", f"at_most {bound} kg", **options)
    run(car, study, designs=6, party="battery-works" if options else "")
    return study


def test_what_declared_numbers_find_stands_beside_the_designs_of_a_study(car, tmp_path):
    study = studied(car, tmp_path / "study", BOUND)
    [found] = conflicts(car, study=study).conflicts
    [alone] = conflicts(car).conflicts
    assert (found.sure, alone.sure) == ("proven", "proven")
    for told in (found, alone):
        moves = {one.moves[0].requirement: one for one in told.eased}
        assert moves["ENERGY"].moves[0].by == pytest.approx(35.0 - (30.5 + (BOUND - 235.0) / 7.0), rel=1e-7)
        assert moves["LIGHT"].moves[0].by == pytest.approx(235.0 + 7.0 * 4.5 - BOUND, rel=1e-7)
        assert all(one.least for one in told.eased)


@pytest.mark.parametrize("search", [0, 12])
def test_nothing_that_is_told_changes_with_a_bound_that_the_reader_may_not_see(car, tmp_path, search, capsys):
    told = []
    for bound in (BOUND, 247.9):
        study = studied(car, tmp_path / "study", bound, visibility="party")
        told.append(text_of(conflicts(car, study=study, search=search, party="integrator")))
        if bound == BOUND:
            own = conflicts(car, study=study, search=search, party="battery-works")
            with pytest.raises(SystemExit):
                main(["conflicts", str(car), "--study", str(study), "--party", "integrator"])
            printed = capsys.readouterr().out
        for path in sorted(study.rglob("*"), reverse=True):
            path.unlink()
        study.rmdir()
    assert told[0] == told[1]
    assert "ENERGY" in told[0] and "battery-works" in told[0]
    assert "LIGHT" not in told[0] and "31.67" not in told[0] and "243" not in told[0]
    assert {one.requirement for one in own.conflicts[0].demands} == {"ENERGY", "LIGHT"} and own.conflicts[0].eased
    assert "What resolves it is not told" in printed and "31.67" not in printed


def test_of_a_study_of_hidden_requirements_alone_only_their_owner_is_told(car, tmp_path):
    write_requirement(car, "battery-works", "LIGHT", "battery.mass", "at_most 180 kg", visibility="party")
    run(car, tmp_path / "study", designs=2, party="battery-works", only=("LIGHT",))
    found = conflicts(car, study=tmp_path / "study", party="integrator")
    [[only]] = [one.demands for one in found.conflicts]
    assert (only.requirement, only.party, found.everything, found.designs.meet) == ("", "battery-works", (), 0)
