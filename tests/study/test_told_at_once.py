"""What is told of terms: open ones with the reason, shares without points, offers for scripts, and mistakes all at once."""

import json

import pytest
from typer.testing import CliRunner

from covolt.cli.application import app
from covolt.cli.diff import _print_verdicts
from covolt.errors import InputError
from covolt.library.terms import terms_of
from covolt.programme.origin_points import done_in, points_of
from covolt.programme.reading import read_programme
from covolt.study.cases.origin import origin
from covolt.study.cases.publish import offer
from covolt.study.gate.check import check_programme
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.verdict import Verdict
from covolt.words import text
from tests.study.conftest import CITY_CAR

CITY_BUS = CITY_CAR.with_name("city-bus")


def told(call, *given):
    with pytest.raises(InputError) as caught:
        call(*given)
    return [(str(one.where), str(one.what)) for one in caught.value.problems]


def test_what_is_open_is_told_with_its_reason_in_a_comparison(capsys):
    was = Verdict("P", "met", "agency", "need", value=3.0, unit="points", bound=1.0)
    now = Verdict("P", "not verified", "agency", "need", unit="points", why=text("open: {why}", why="nobody counted"))
    _print_verdicts(["P"], {"P": was}, {"P": now})
    assert "not verified, open: nobody counted" in " ".join(capsys.readouterr().out.split())


def test_operations_of_a_scheme_of_shares_have_no_points_and_say_so_once():
    found = origin(CITY_CAR, market="RU", date="2027-07-01", scheme="eaeu-decision-72")
    (one,) = found.schemes
    assert one.rows
    assert all(row.low is row.high is None and not str(row.why) for row in one.rows)
    asked = ["origin", str(CITY_CAR), "--market", "RU", "--scheme", "eaeu-decision-72", "--date", "2027-07-01"]
    shown = " ".join(CliRunner().invoke(app, asked).stdout.split())
    assert "points are not known" not in shown
    assert shown.count("its operations have no points") == 1


def test_each_row_of_an_act_that_is_open_is_told_once():
    read = read_programme(CITY_BUS)
    scheme = terms_of(read).tables["ru-pp-719"]
    tally = points_of(scheme, done_in(locked_sheets(read)), "2026-12-15", category="M3")
    said = "; ".join(map(str, tally.open))
    titles = [str(one.row.title.words) for one in tally.counted if one.high > one.low and one.row.title is not None]
    assert titles
    assert all(said.count(title) == 1 for title in titles), said


def test_scripts_read_the_terms_of_offers():
    document = json.loads(CliRunner().invoke(app, ["offers", str(CITY_CAR), "--slot", "battery", "--json"]).stdout)
    (first, *_) = document["slots"]["battery"]
    supply = first["supply"]
    stated = read_programme(CITY_CAR).offers[first["offer"]].datasheet.supply
    assert supply["currency"] == stated.currency
    assert [(one["yearly_volume"], one["price"], one["u"]) for one in supply["price"]] == [
        (one.yearly_volume, one.price, one.u) for one in stated.price
    ]
    assert (supply["valid_from"], supply["valid_until"]) == (stated.valid_from, stated.valid_until)
    assert (supply["capacity_per_year"], supply["lead_time"]) == (stated.capacity_per_year, stated.lead_time)


UNKNOWN = "no scheme of origin knows the operation 'welding of bodies'"


@pytest.fixture
def part(city_car):
    """A part with an operation that no scheme knows."""
    path = city_car / "battery-works" / "parts" / "pack-33" / "part.toml"
    content = path.read_text()
    assert "traction battery" in content
    path.write_text(content.replace("traction battery", "welding of bodies", 1))
    return path


def test_an_unknown_operation_is_told_beside_mistakes_by_which_the_part_cannot_be_read(city_car, part):
    written = part.read_text().replace("share =", "shares =", 1)
    part.write_text(written)
    for found in (told(offer, part), told(check_programme, city_car)):
        whats = [what for _, what in found]
        assert UNKNOWN in whats
        assert len(found) >= 2
        where = next(where for where, what in found if what == UNKNOWN)
        line = written.splitlines().index("operations = [") + 1
        assert f"part.toml:{line} (origin.operations.0.id)" in where


def test_an_unknown_operation_is_told_beside_what_the_interface_misses(part):
    lines = part.read_text().splitlines(keepends=True)
    part.write_text("".join(one for one in lines if not one.startswith("mass =")))
    whats = [what for _, what in told(offer, part)]
    assert UNKNOWN in whats
    assert len(whats) == 2


def test_of_a_broken_table_only_its_own_fault_is_told(city_car):
    path = city_car / "tables" / "assumed-points.toml"
    path.write_text(path.read_text().replace('measure = "points"', 'measure = "pints"'))
    found = told(check_programme, city_car)
    assert {where.partition(":")[0] for where, _ in found} == {"tables/assumed-points.toml"}
    rates = city_car / "tables" / "assumed-rate.toml"
    rates.write_text(rates.read_text().replace("value = ", "valeu = "))
    found = told(check_programme, city_car)
    assert {where.partition(":")[0] for where, _ in found} == {
        "tables/assumed-points.toml",
        "tables/assumed-rate.toml",
    }


def test_a_rate_that_ended_is_not_called_one_that_has_not_begun(city_car):
    path = city_car / "tables" / "assumed-rate.toml"
    path.write_text(path.read_text().replace('valid_until = "2027-12-31"', 'valid_until = "2027-01-31"'))
    whats = [what for _, what in told(check_programme, city_car)]
    assert any("and the last ended on 2027-01-31" in one for one in whats)
    assert not any("the first holds from" in one for one in whats)
