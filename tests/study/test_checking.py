"""Who has held which text against what stands here."""

import pytest

from covolt.errors import InputError
from covolt.programme.checked import CheckedText, same_act
from covolt.programme.folder import read_programme
from covolt.study.approval import matrix
from covolt.study.checking import bounds_checked, line_checked, own_checks, scope_checked, texts_checked
from covolt.study.protocol import Line
from covolt.study.registry import procedures
from covolt.study.verification import requirement_problems
from covolt.words import Words

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
    assert "no agency" in raised.value.problems[0].what
    path.write_text(whole.replace('"un-r68"', '"un-r86"'))
    [problem] = requirement_problems(read_programme(city_car))
    assert "un-r86" in problem.what
    assert problem.where.startswith("agency/checked.toml:")
