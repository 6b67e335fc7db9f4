"""Who has held which text against what stands here."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.programme.checked import CheckedText, same_act
from covolt.programme.reading import read_programme
from covolt.study.procedures.protocol import Line
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.acts import matrix
from covolt.study.verdicts.checking import bounds_checked, line_checked, own_checks, scope_checked, texts_checked
from covolt.study.verdicts.verification import requirement_problems
from covolt.words import Words
from tests.study.conftest import CITY_CAR

STAMP = {"by": "officer", "on": "2026-11-27", "edition": "revision 3"}


def line(clause, symbol=""):
    return Line("1.1", Words("consumption", "расход"), 1.0, "Wh/km", symbol, clause)


def test_covolts_own_entries_name_acts_and_procedures_that_exist():
    acts = [act.id for act in matrix().act]
    for one in own_checks():
        assert set(one.procedures) <= set(procedures())
        assert all(any(same_act(name, act) for act in acts) for name in (*one.scopes, *one.bounds))


def test_an_entry_holds_for_what_it_names_and_for_nothing_else():
    whole = CheckedText(**STAMP, procedures=("wltp",))
    clause = CheckedText(**STAMP, procedures=("wltp",), clauses=("B8, 4.3",))
    symbol = CheckedText(**STAMP, procedures=("wltp",), clauses=("B8, 4.3",), symbols=("EC",))
    act = CheckedText(**STAMP, scopes=("UN R101",))
    assert line_checked("wltp", line("covolt"), ())
    assert not line_checked("wltp", line("B8, 4.3", "EC"), [act])
    for entry, expected in ((whole, (True, True, True)), (clause, (True, True, False)), (symbol, (True, False, False))):
        lines = (line("B8, 4.3", "EC"), line("B8, 4.3", "K"), line("B8, 5", "EC"))
        assert tuple(line_checked("wltp", one, [entry]) for one in lines) == expected
        assert not line_checked("un-r101", line("B8, 4.3", "EC"), [entry])
    assert scope_checked("un r 101", [act])
    assert not bounds_checked("TR CU 018/2011", [act])


@pytest.mark.parametrize(
    "rows",
    [{}, {"clauses": ("B8",), "scopes": ("UN R1",)}, {"procedures": ("wltp",), "symbols": ("K",)}],
)
def test_an_entry_that_names_no_text_is_refused(rows):
    with pytest.raises(ValueError, match=r"names no text|are those of"):
        CheckedText(**STAMP, **rows)


def test_an_agency_checks_in_its_own_folder(programme, city_car):
    assert len(texts_checked(programme)) > len(own_checks())
    assert bounds_checked("TR CU 018/2011", texts_checked(programme))
    assert not bounds_checked("TR CU 018/2011", own_checks())
    path = city_car / "agency" / "checked.toml"
    whole = path.read_text()
    path.write_text(whole.replace('party = "agency"', 'party = "integrator"'))
    with pytest.raises(InputError) as raised:
        read_programme(city_car)
    assert any("integrator is no agency" in one.what for one in raised.value.problems)
    assert any("does not stand in the folder integrator" in one.what for one in raised.value.problems)
    path.write_text(whole.replace('"un-r68"', '"un-r86"').replace('scopes = ["UN R85"]', 'scopes = ["UN R850"]'))
    procedure, act = requirement_problems(read_programme(city_car))
    assert "un-r86" in procedure.what
    assert "UN R850" in act.what and "UN R85" in act.hint
    assert all(one.where.startswith("agency/checked.toml:") for one in (procedure, act))
    assert procedure.where != act.where


def test_an_act_that_a_requirement_cites_may_be_checked(city_car):
    path = city_car / "agency" / "checked.toml"
    path.write_text(path.read_text().replace('scopes = ["UN R85"]', 'scopes = ["GOST 33987"]'))
    cites = city_car / "integrator" / "requirements" / "I-PARK.toml"
    other = (city_car / "agency" / "requirements" / "A-R155.toml").read_text()
    assert len(requirement_problems(read_programme(city_car))) == 1
    cites.write_text(
        other.replace("A-R155", "I-PARK").replace('"agency"', '"integrator"').replace("UN R155", "gost 33987")
    )
    assert requirement_problems(read_programme(city_car)) == []


def test_no_other_party_speaks_for_an_agency(city_car):
    own = city_car / "agency" / "checked.toml"
    line = own.read_text().splitlines().index('party = "agency"') + 1
    places = {"drive-works": "agency", ".": "agency", "parties": "agency/parties"}
    for folder, right in places.items():
        path = city_car / folder / "texts.toml"
        own.rename(path)
        with pytest.raises(InputError) as raised:
            read_programme(city_car)
        [problem] = raised.value.problems
        assert problem.what == "it speaks for agency, and does not stand in the folder agency"
        assert problem.where == f"{path.relative_to(city_car)}:{line}"
        assert f"{right}/texts.toml" in problem.hint
        path.rename(own)


@pytest.mark.parametrize(("day", "why"), [(1, "to come"), (None, "before the Agreement")])
def test_a_text_is_checked_on_a_day_that_was(city_car, day, why):
    on = "1958-03-19" if day is None else str(date.today() + timedelta(days=day))
    path = city_car / "agency" / "checked.toml"
    whole = path.read_text()
    path.write_text(whole.replace('"2026-11-27"', f'"{on}"', 1))
    with pytest.raises(InputError) as raised:
        read_programme(city_car)
    [problem] = raised.value.problems
    assert on in problem.what and why in problem.what
    line = next(number for number, text in enumerate(whole.splitlines(), 1) if text.startswith("on = "))
    assert problem.where == f"agency/checked.toml:{line}"
    for good in ("1958-03-20", str(date.today())):
        path.write_text(whole.replace('"2026-11-27"', f'"{good}"', 1))
        read_programme(city_car)


def test_a_whole_recipe_is_not_the_weather_of_a_place():
    whole = CheckedText(**STAMP, procedures=("gtr-22",))
    named = CheckedText(**STAMP, procedures=("gtr-22",), clauses=("station normals",))
    assert line_checked("gtr-22", line("GTR 22, 3.3"), [whole])
    assert not line_checked("gtr-22", line("station normals"), [whole])
    assert line_checked("gtr-22", line("station normals"), [named])


def test_a_law_is_one_for_the_vehicle(tmp_path):
    city_bus = Path(
        shutil.copytree(
            CITY_CAR.with_name("city-bus"), tmp_path / "city-bus", ignore=shutil.ignore_patterns(".covolt", "build")
        )
    )
    path = city_bus / "agency" / "requirements" / "A-R85.toml"
    whole = path.read_text()
    path.write_text(whole.replace('"UN R85"', '"UN R68"'))
    [problem] = requirement_problems(read_programme(city_bus))
    assert problem.what == "UN R68 is for M1, N1, the vehicle is M3"
    assert problem.where.startswith("agency/requirements/A-R85.toml:") and "need" in problem.hint
    path.write_text(whole.replace('"UN R85"', '"UN R68"').replace('kind = "law"', 'kind = "need"'))
    assert requirement_problems(read_programme(city_bus)) == []
