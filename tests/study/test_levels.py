"""Levels in a programme: asked by requirements and interests, watched by guards, compared and divided among parties."""

import json
import re

import pytest
from typer.testing import CliRunner

from covolt.cli import main
from covolt.cli.application import app
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.programme.renaming import renaming, write_renaming
from covolt.study.cases.compare import compare
from covolt.study.cases.parties import parties
from covolt.study.cases.publish import begin_programme, lock, offer
from covolt.study.cases.report import report_of
from covolt.study.gate.check import check_programme
from covolt.study.gate.guards import unguarded
from covolt.study.gate.negatives import negative_rows
from covolt.study.verdicts.verification import verify

MEASURE = """
[[measures]]
name = "{name}"
value = {value}
u = {u}
unit = "{unit}"
year = 2027
source = "plan"
declared = true
"""
ASKED = """schema = "{kind}/1"
id = "{name}"
party = "{party}"
title = "{name}"
procedure = "{procedure}"
measure = "{measure}"
{bounds}
"""
SHARED = 'visibility = "programme"'


def level(folder, party, said, *measures):
    path = folder / "parties" / f"{party}.toml"
    rows = "".join(MEASURE.format(name=name, value=value, u=u, unit=unit) for name, value, u, unit in measures)
    path.write_text(path.read_text().replace("\n[title]", f"{said}\n[title]", 1) + rows)


def ask(folder, kind, party, name, procedure, measure, *bounds):
    path = folder / party / f"{kind}s" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        ASKED.format(kind=kind, name=name, party=party, procedure=procedure, measure=measure, bounds="\n".join(bounds))
    )
    return path


def wish(folder, party, name, measure, worst, best, *more, procedure="levels", conditions="year = 2027"):
    bounds = (f'worst_acceptable = "{worst}"', f'aspiration = "{best}"', *more)
    return ask(folder, "interest", party, name, procedure, measure, *bounds, f"[conditions]\n{conditions}")


@pytest.fixture
def folder(tmp_path):
    """A ministry, its concern and a supplier below both, with cells, vehicles and results."""
    made = begin_programme(tmp_path / "car")[0]
    level(made, "agency", 'level = "ministry"\n', ("cells_used", 99, 0, "GWh/yr"))
    level(
        made,
        "integrator",
        'level = "concern"\nbelongs_to = ["agency"]\n',
        ("vehicles_a_year", 20000, 500, "vehicles/yr"),
    )
    below = 'level = "enterprise"\nbelongs_to = ["integrator", "agency"]\n'
    measures = (("cells_used", 1.5, 0.1, "GWh/yr"), ("results_introduced", 3, 0, "results"))
    level(made, "supplier", below, *measures)
    return made


def verdict(folder, name):
    read = read_programme(folder)
    return next(one for one in verify(read, only=[name]).verdicts)


def test_a_requirement_asks_for_a_sum_and_says_how_surely(folder):
    bound = ('kind = "need"', 'at_least = "1.4 GWh"', '[conditions]\nyear = 2027\nparty = "agency"')
    ask(folder, "requirement", "agency", "CELLS", "levels", "cells_used", *bound)
    found = verdict(folder, "CELLS")
    assert (found.value, found.unit) == (pytest.approx(1.5, rel=1e-12), "GWh")
    assert found.expanded == pytest.approx(0.2, rel=1e-12)
    assert found.verdict == "within uncertainty"
    assert [(one.party, one.effect) for one in found.contributions] == [("supplier", pytest.approx(0.1))]
    path = folder / "agency" / "requirements" / "CELLS.toml"
    path.write_text(path.read_text().replace("2027", "2028"))
    found = verdict(folder, "CELLS")
    assert found.verdict == "not verified"
    assert "nobody there states cells_used of 2028" in str(found.why)
    write_renaming(renaming(read_programme(folder), "agency", "inspectorate"))
    assert read_programme(folder).requirements["CELLS"].conditions.party == "inspectorate"


def test_a_guard_watches_that_results_are_introduced(folder):
    path = folder / "integrator" / "negatives" / "idle.toml"
    path.parent.mkdir()
    path.write_text(
        'schema = "negative/1"\nid = "idle"\nparty = "integrator"\ntitle = "Idle"\nwhen = "2013"\n'
        'promise = { words = "results" }\nhappened = "Nobody used them."\nwhose = "supplier"\n'
        'causes = ["no introduction"]\nsource = "test"\nconfidence = "high"\n'
        '[[guards]]\nprocedure = "levels"\nmeasure = "results_introduced"\nparty = "agency"\n'
    )
    assert set(unguarded(read_programme(folder))) == {"idle"}
    bound = ('kind = "constraint"', "at_least = 3.0", "[conditions]\nyear = 2027")
    asked = ask(folder, "requirement", "agency", "RESULTS", "levels", "results_introduced", *bound)
    states = []
    for most in ("3.0", "4.0"):
        asked.write_text(re.sub(r"at_least = .*", f"at_least = {most}", asked.read_text()))
        read = read_programme(folder)
        states += [one.state for one in negative_rows(read, verify(read, only=["RESULTS"]))]
    assert states == ["met", "not met"]


def test_a_change_is_told_by_level_with_who_gains_and_whose_change_it_was(folder, monkeypatch, capsys):
    wish(folder, "agency", "MADE-HERE", "cells_used", "1 GWh", "3 GWh", "weight = 2.0", SHARED)
    wish(folder, "supplier", "RANGE", "range", "200 km", "300 km", SHARED, procedure="wltp", conditions="")
    wish(folder, "integrator", "OWN", "results_introduced", "1", "9")
    bound = ('kind = "need"', 'at_least = "1.4 GWh"', "[conditions]\nyear = 2027")
    ask(folder, "requirement", "agency", "CELLS", "levels", "cells_used", *bound)
    lock(folder, freeze="begun")
    party = folder / "parties" / "supplier.toml"
    party.write_text(party.read_text().replace("value = 1.5", "value = 2.5"))
    part = next(one for one in folder.glob("*/parts/*/part.toml") if 'fills = "battery"' in one.read_text())
    text = part.read_text().replace('version = "1.0.0"', 'version = "1.1.0"')
    part.write_text(re.sub(r'energy_usable = \{value = "[^"]*"', 'energy_usable = {value = "32 kWh"', text))
    offer(part)
    lock(folder, upgrade=True)
    found = compare(folder, "begun")
    (cells,) = (one for one in found.differences if one.requirement == "CELLS")
    assert cells.contributions == {"supplier": pytest.approx(1.0, rel=1e-9)}
    (spread,) = (one for one in found.differences if one.requirement == "RANGE")
    assert set(spread.contributions) == {"supplier"}
    sums = {(one.party or one.level, one.name): one for one in found.levels.sums}
    for who in ("ministry", "concern", "enterprise", "agency", "integrator", "supplier"):
        row = sums[who, "cells_used"]
        assert (row.before, row.after, row.before_expanded, row.by) == (1.5, 2.5, 0.2, {"supplier": 1.0})
    assert ("agency", "vehicles_a_year") not in sums
    gains = {one.interest: one for one in found.levels.gains}
    assert gains.keys() == {"MADE-HERE", "RANGE"}
    made = gains["MADE-HERE"]
    assert (made.reached_before, made.reached_after) == (pytest.approx(0.25), pytest.approx(0.75))
    assert (made.gain, made.by) == (pytest.approx(1.0), {"supplier": pytest.approx(1.0)})
    lost = gains["RANGE"].gain
    assert -0.2 < lost < -0.01
    assert gains["RANGE"].after_expanded > 0.0
    assert found.levels.by_level == {"ministry": pytest.approx(1.0 + lost), "concern": lost, "enterprise": lost}
    assert {one.interest for one in compare(folder, "begun", party="integrator").levels.gains} >= {"OWN"}
    assert json.loads(_json(found))["levels"]["by_party"]["agency"] == pytest.approx(1.0 + lost)
    _told_everywhere(folder, monkeypatch, capsys)


def _told_everywhere(folder, monkeypatch, capsys):
    for language, words in (("en", "Who gains and who loses"), ("ru", "Кто выигрывает")):
        for columns in ("40", "80", "130"):
            monkeypatch.setenv("COLUMNS", columns)
            with pytest.raises(SystemExit) as ended:
                main(["diff", "begun", str(folder), "--language", language])
            told = capsys.readouterr().out
            assert not ended.value.code
            assert words in " ".join(told.split())
            assert max(map(len, told.splitlines())) <= int(columns)
        with pytest.raises(SystemExit):
            main(["verify", str(folder), "--with", "battery=supplier/pack@1.0.0", "--language", language])
        assert words in capsys.readouterr().out
    shown = report_of(read_programme(folder), language="ru").page
    assert "section-levels" in shown
    assert "Внедрённые результаты, 2027" in shown
    assert "Кто выигрывает" in shown


def _json(found):
    from covolt.study.result import text_of

    return text_of(found.document())


def test_what_is_asked_wrongly_is_told_at_once_by_file_and_line(folder):
    wish(folder, "agency", "NOBODY", "jobs", "1", "2")
    wish(folder, "agency", "SAME", "cells_used", "1 GWh", "1 GWh")
    wish(folder, "agency", "WHO", "cells_used", "1 GWh", "2 GWh", conditions='year = 2027\nparty = "volta"')
    wish(folder, "agency", "LEVEL", "cells_used", "1 GWh", "2 GWh", conditions='year = 2027\nlevel = "operator"')
    wish(folder, "agency", "YEAR", "cells_used", "1 GWh", "2 GWh", conditions="")
    bound = ('kind = "need"', 'at_least = "4 h"', "[conditions]\nyear = 2027")
    level(folder, "supplier", "", ("hours", 5, 0, "GWh/yr"))
    ask(folder, "requirement", "agency", "HOURS", "levels", "hours", *bound)
    party = folder / "parties" / "agency.toml"
    party.write_text(party.read_text().replace('level = "ministry"', 'level = "ministry"\nbelongs_to = ["agency"]'))
    with pytest.raises(InputError) as caught:
        check_programme(folder)
    told = {str(one.where).partition(":")[0].rpartition("/")[2]: str(one.what) for one in caught.value.problems}
    assert told == {
        "agency.toml": "agency belongs to itself",
        "NOBODY.toml": "no party there states jobs of 2027",
        "SAME.toml": "worst_acceptable and aspiration are the same, so that nothing is gained between them",
        "WHO.toml": "no party 'volta'",
        "LEVEL.toml": "no party stands at the level operator",
        "YEAR.toml": "the procedure 'levels' needs year of category M1",
        "HOURS.toml": "hours is in h, and parties state it in GWh/yr",
    }
    assert all(":" in str(one.where) and one.hint for one in caught.value.problems)


def test_parties_tell_of_each_number_how_it_is_known_and_from_where(city_car):
    path = city_car / "parties" / "drive-works.toml"
    path.write_text(
        path.read_text().replace("declared = true", "declared = false").replace("made up for", "counted in")
    )
    found = parties(city_car)
    rows = {(one.id, row.name): row for one in found.parties for row in one.measures}

    def told(party):
        row = rows[party, "jobs"]
        return row.standing, str(row.source)

    assert told("battery-works") == ("declared", "made up for this example")
    assert told("drive-works") == ("counted", "counted in this example")
    assert told("concern") == ("computed", "sum of 2, all declared")
    assert told("ministry-by") == ("computed", "sum of 2, 1 of them declared")
    assert {row.standing for one in found.levels for row in one.measures} == {"computed"}
    shown = " ".join(CliRunner().invoke(app, ["parties", str(city_car)]).stdout.split())
    for said in ("made up for this example", "counted in this example", "1 of them declared"):
        assert said.split()[0] in shown
    said = json.loads(CliRunner().invoke(app, ["parties", str(city_car), "--json"]).stdout)
    jobs = next(row for one in said["parties"] if one["id"] == "drive-works" for row in one["measures"])
    assert (jobs["standing"], jobs["unit"], jobs["source"]["en"]) == ("counted", "people", "counted in this example")
