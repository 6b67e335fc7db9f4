"""The fields of the electronic vehicle passport, and the law by date at the command line."""

import csv
import json
import shutil
from dataclasses import replace
from math import hypot

import pytest

from covolt.cli import main
from covolt.programme.charter import Charter
from covolt.programme.requirement import Evidence, Requirement
from covolt.study.cases.passport import passport_text
from covolt.study.gate.dated import law_by_date
from covolt.study.gate.passport import passport_fields
from covolt.study.report.content import content
from covolt.study.report.example import example_drive
from covolt.study.report.page import page
from covolt.study.verdicts.joined import locked_sheets
from tests.house.source import ROOT

CAR = ROOT / "examples" / "city-car"
pytestmark = pytest.mark.whole


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    told = capsys.readouterr()
    return ended.value.code, told.out, told.err


def test_each_field_is_known_or_said_to_be_not(programme):
    found = passport_fields(programme, {})
    known = {one.field: one for one in found.fields}
    assert (known["working_voltage"].value, known["working_voltage"].unit) == (360.0, "V")
    assert known["working_voltage"].how == "declared" and known["working_voltage"].party == "battery-works"
    assert (known["power_30_minutes"].value, known["power_30_minutes"].uncertainty) == (
        pytest.approx(42.0),
        pytest.approx(2.0),
    )
    assert (known["capacity"].value, known["capacity"].how, known["length"].how) == (None, "not known", "not known")
    assert {one.field for one in found.fields if one.form} == {
        *("working_voltage", "power_30_minutes", "energy_storage", "energy_installed"),
        *("energy_usable", "capacity", "battery_mass"),
    }
    assert all((one.value is None) == (one.how == "not known") for one in found.fields)
    assert known["maximum_mass"].value - known["kerb_mass"].value == pytest.approx(300.0)
    assert known["running_order_mass"].value - known["kerb_mass"].value == pytest.approx(75.0)
    assert "driver" in known["kerb_mass"].title.said("en") and "75 kg" in known["running_order_mass"].title.said("en")


def test_masses_have_the_uncertainty_of_their_parts(programme, verification):
    verdict = next(one for one in verification.verdicts if one.measure == "vehicle.kerb_mass")
    masses = [one for one in passport_fields(programme, {}).fields if one.field.endswith("_mass") and one.slot == ""]
    assert [one.field for one in masses] == ["kerb_mass", "running_order_mass", "maximum_mass"]
    assert [one.uncertainty for one in masses] == [pytest.approx(verdict.uncertainty)] * 3
    assert verdict.uncertainty > 0.0


def test_the_mass_of_one_offer_in_two_slots_is_unsure_twice(programme):
    slot, pin = next((name, one) for name, one in programme.lock.slots.items() if "pm-80" in one.offer)
    pins = {name: pin if name == "gearbox" else one for name, one in programme.lock.slots.items()}
    lock = programme.lock.model_copy(update={"slots": pins})
    masses = {
        name: [each.declared["mass"].uncertainty_si for each in locked_sheets(one).values()]
        for name, one in (("own", programme), ("twice", replace(programme, lock=lock)))
    }
    assert slot != "gearbox" and masses["own"] != masses["twice"]
    kerb = next(one for one in passport_fields(replace(programme, lock=lock), {}).fields if one.field == "kerb_mass")
    unit = programme.offers[pin.offer].datasheet.declared["mass"].uncertainty_si
    others = sorted(masses["twice"])
    others.remove(unit)
    others.remove(unit)
    assert kerb.uncertainty == pytest.approx(hypot(2.0 * unit, *others))


def test_a_measured_number_is_tested_and_a_computed_one_covolts(programme, verification):
    offer = next(pin.offer for pin in programme.lock.slots.values() if "pm-80" in pin.offer)
    sheet = programme.offers[offer].datasheet
    held = sheet.declared["power_continuous"].model_copy(update={"basis": "measured"})
    moved = sheet.model_copy(update={"declared": {**sheet.declared, "power_continuous": held}})
    offers = {**programme.offers, offer: programme.offers[offer].model_copy(update={"datasheet": moved})}
    records = {"A-R85": verification.records["A-R85"]}
    found = passport_fields(replace(programme, offers=offers), records)
    assert [one.how for one in found.fields if one.field == "power_30_minutes"] == ["tested"]
    (computed,) = (one for one in found.fields if one.field == "power_30_minutes_computed")
    assert (computed.how, computed.form) == ("computed", False)
    assert len({(one.field, one.slot) for one in found.fields}) == len(found.fields)


def test_a_file_of_either_kind(programme):
    found = passport_fields(programme, {})
    rows = list(csv.DictReader(passport_text(found, "ru", as_csv=True).splitlines()))
    assert [(one["value"], one["how"]) for one in rows if one["field"] == "capacity"] == [("", "not known")]
    assert next(one["title"] for one in rows if one["field"] == "working_voltage") == "рабочее напряжение"
    said = {one["field"]: one for one in rows}
    assert said["name"]["value"] == "Совместный городской электромобиль"
    assert said["driven_axle"]["value"] == "задняя ось"
    assert said["kerb_mass"]["source"] == "сумма заявленных масс"
    english = list(csv.DictReader(passport_text(found, "en", as_csv=True).splitlines()))
    assert next(one["value"] for one in english if one["field"] == "name") == "Joint city car"
    plain = json.loads(passport_text(found, "en", as_csv=False))
    assert plain["schema"] == "passport/1" and len(plain["fields"]) == len(rows)
    name = next(one["value"] for one in plain["fields"] if one["field"] == "name")
    assert name == {"en": "Joint city car", "ru": "Совместный городской электромобиль"}


def test_a_formula_in_a_title_stays_text(programme):
    charter = Charter.model_validate(programme.charter.model_dump(by_alias=True) | {"title": {"en": "=1+1"}})
    found = passport_fields(replace(programme, charter=charter), {})
    assert "'=1+1" in passport_text(found, "en", as_csv=True)


def test_the_law_is_told_without_a_verdict(capsys):
    code, out, _ = run(capsys, "approval", CAR, "--at", "2025-09-15", "--until", "2027-09-30", "--market", "BY, RU")
    assert code == 0
    plain = " ".join(out.split())
    assert "Law on 2025-09-15 in BY, RU" in plain
    assert "What turns red until 2027-09-30" in plain and "step by step" in plain
    assert "UN R107" not in plain, "it is for buses"
    assert "PP 855" in plain and "GB 38031" not in plain


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_law_is_told_beside_the_passport(capsys, tmp_path, language):
    file = tmp_path / "passport.csv"
    asked = ("approval", CAR, "--at", "2025-09-15", "--until", "2027-09-30", "--market", "RU", "--language", language)
    code, out, _ = run(capsys, *asked, "--passport", file)
    _, alone, _ = run(capsys, *asked)
    assert code == 0 and file.is_file()
    assert out.startswith(alone) and "passport.csv" in out.removeprefix(alone).replace("\n", "")
    code, out, _ = run(capsys, *asked, "--passport", file, "--json")
    assert code == 0 and json.loads(out)["law"]["until"] == "2027-09-30"


def test_no_passport_is_written_beside_a_day_that_is_none(capsys, tmp_path):
    file = tmp_path / "passport.txt"
    code, _, err = run(capsys, "approval", CAR, "--at", "2025-02-29", "--passport", file)
    assert code == 2 and not file.exists()
    assert "is no day" in err and "passport.txt" in err.replace("\n", "")


def test_every_problem_of_the_options_at_once(capsys):
    code, _, err = run(
        capsys, "approval", CAR, "--at", "2025-02-29", "--until", "soon", "--market", "RU,XX", "--party", "nobody"
    )
    told = " ".join(err.split())
    assert code == 2
    for one in ("--at: '2025-02-29' is no day", "--until: 'soon' is no day", "no market 'XX'", "no party 'nobody'"):
        assert one in told
    code, _, err = run(capsys, "approval", CAR, "--at", "2026-01-02", "--until", "2026-01-01")
    assert code == 2 and "2026-01-01 lies before 2026-01-02" in " ".join(err.split())


def test_markets_in_any_case_and_never_none_or_unknown(capsys):
    code, out, _ = run(capsys, "approval", CAR, "--at", "2027-07-01", "--market", "cn, un 1998")
    assert code == 0 and "Law on 2027-07-01 in CN, UN 1998" in out and "GB 38031" in out
    code, out, _ = run(capsys, "approval", CAR, "--market", "CN")
    assert code == 0 and "No act of the table holds for this vehicle in CN" in " ".join(out.split())
    for named, told in (("", "no market is named"), (" ,", "no market is named"), ("ZZ", "no market 'ZZ'")):
        code, _, err = run(capsys, "approval", CAR, "--at", "2027-07-01", "--market", named)
        said = " ".join(err.split())
        assert code == 2 and f"--market: {told}" in said and "known: AM, AT," in said, named


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--at", "2027-06-30"), "Series begin on 2027-07-01, after that day"),
        (("--at", "2027-07-01"), "Series begin on that day"),
        (("--at", "2027-07-02"), "Series begin on 2027-07-01, before that day"),
        (("--at", "2026-11-28", "--until", "2027-06-30"), "Series begin on 2027-07-01, after both days"),
        (("--at", "2026-11-28", "--until", "2027-07-01"), "Series begin on 2027-07-01, after that day"),
    ],
)
def test_a_day_that_is_not_the_start_of_series_is_told(capsys, arguments, told):
    code, out, _ = run(capsys, "approval", CAR, *arguments)
    assert code == 0 and told in " ".join(out.split())


def test_markets_whose_acts_come_from_memory_say_so(capsys, verified_car):
    for arguments in ((CAR, "--at", "2026-11-28"), (verified_car,)):
        _, out, _ = run(capsys, "approval", *arguments)
        assert "Which acts hold in EAEU, UN, UN 1998 is from memory." in " ".join(out.split())
    _, out, _ = run(capsys, "approval", CAR, "--at", "2026-11-28", "--market", "CN")
    assert "Which acts hold in UN 1998 is from memory." in " ".join(out.split())


def test_what_is_dated_later_is_told_without_until(capsys, verified_car):
    for arguments in ((CAR, "--at", "2026-11-28"), (verified_car,)):
        code, out, _ = run(capsys, "approval", *arguments)
        plain = " ".join(out.split())
        assert code == 0
        assert "Dated after 2027-07-01: UN R100, 05: new types must fulfil it from some day of 2027-09" in plain
        assert "covolt approval --until 2028-09-01" in plain
    code, out, _ = run(capsys, "approval", CAR, "--at", "2026-11-28", "--until", "2028-09-01")
    assert "Dated after" not in out


@pytest.mark.parametrize("width", [60, 80, 140])
def test_each_series_has_its_source_and_each_act_without_a_date_stands_with_the_others(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    for further in ((), ("--at", "2029-01-01"), ("--language", "ru")):
        code, out, _ = run(capsys, "approval", CAR, "--at", "2026-11-28", *further)
        assert code == 0 and max(map(len, out.splitlines())) <= width
        table, _, undated = out.partition("Дата не известна" if "ru" in further else "No date is known of these")
        flat = "".join(table.split())
        assert "utac.com" in flat and "WP.29/2020/109" in flat and "EPTS, EEC" not in table
        assert "EPTS" in undated and "UN R17" in " ".join(undated.split()) and "UN R17," not in " ".join(table.split())
        assert ("The dates were last held against their sources on 2026-11-28" in " ".join(out.split())) == (
            further == ("--at", "2029-01-01")
        )


def test_a_wrong_table_of_the_programme_is_refused(capsys, tmp_path):
    shutil.copytree(CAR, tmp_path / "car")
    row = 'source = "letter", confidence = "high", checked_on = "2026-11-28" }'
    (tmp_path / "car" / "tables").mkdir(exist_ok=True)
    (tmp_path / "car" / "tables" / "own.toml").write_text(
        'schema = "series/1"\nid = "own"\ntitle = "Own"\nsource = "letter"\n[[act]]\nid = "UN R100"\ntitle = "Battery"\n'
        'markets = ["XX"]\n[[act.series]]\nid = "05"\nevent = [{ event = "new types", date = "2027", ' + row + ", "
        '{ event = "all types", date = "2026-12", ' + row + "]\n",
        encoding="utf-8",
    )
    code, _, err = run(capsys, "approval", tmp_path / "car", "--at", "2026-11-28")
    told = " ".join(err.split())
    assert code == 2 and "all types 2026-12 comes before new types 2027" in told and "tables/own.toml:11" in told
    text = (tmp_path / "car" / "tables" / "own.toml").read_text(encoding="utf-8")
    (tmp_path / "car" / "tables" / "own.toml").write_text(text.replace('2026-12"', '2028"'), encoding="utf-8")
    code, _, err = run(capsys, "approval", tmp_path / "car", "--at", "2026-13-28")
    told = " ".join(err.split())
    assert code == 2 and "tables/own.toml:8: no market 'XX'" in told and "'2026-13-28' is no day" in told


def _without_start(programme):
    said = programme.charter.model_dump(by_alias=True, exclude={"start_of_series"})
    return replace(programme, charter=Charter.model_validate(said))


def test_start_of_series_and_documents_that_run_out(programme):
    charter = Charter.model_validate(programme.charter.model_dump(by_alias=True) | {"start_of_series": "2031-01-01"})
    own = programme.requirements["A-R10"]
    digest = f"sha256:{'0' * 64}"

    def ends(valid_until, day="2026-11-28"):
        cited = (Evidence(path="a.pdf", digest=digest, valid_until=valid_until),)
        one = Requirement.model_validate(
            own.model_dump(by_alias=True) | {"evidence": [each.model_dump() for each in cited]}
        )
        moved = replace(programme, charter=charter, requirements={**programme.requirements, one.id: one})
        (end,) = [each for each in law_by_date(moved, day).ends if each.requirement == "A-R10"]
        return end.state, end.latest

    assert ends("2030-12-31") == ("runs out", "2030-12-31")
    assert ends("2031-01-01") == ("holds", "2031-01-01")
    assert ends("2026-11-27") == ("has run out", "2026-11-27")
    assert ends("") == ("runs out", "2030-11-28"), "a component's certificate holds 4 years at most"
    assert ends("", "2028-02-29") == ("no end stated", "2032-02-28")
    law = law_by_date(replace(programme, charter=charter), "2026-11-28")
    assert law.until == "2031-01-01"
    assert ("UN R122", True) in {(one.act, one.turns_red) for one in law.changes}
    assert law_by_date(_without_start(programme), "2026-11-28").until == ""


def test_the_report_shows_the_law_of_its_day(programme, verification):
    charter = Charter.model_validate(programme.charter.model_dump(by_alias=True) | {"start_of_series": "2028-12-31"})
    moved = replace(programme, charter=charter)
    said = content(moved, verification, day="2026-11-28")
    assert (said.law.day, said.law.until, said.law.markets) == ("2026-11-28", "2028-12-31", ("BY", "RU"))
    html = page(said, example_drive(moved)[1].ledger)
    section = html[html.index('id="section-approval"') :]
    section = section[: section.index("</section>")]
    assert "new types must fulfil it from some day of 2027-09" in section
    assert "обязательно для новых типов" in section
    plain = content(_without_start(programme), verification, day="2026-11-28")
    assert "The charter states no start of series" in page(plain, example_drive(programme)[1].ledger)


def test_a_private_requirements_document_is_not_told_to_others(programme):
    charter = Charter.model_validate(programme.charter.model_dump(by_alias=True) | {"start_of_series": "2028-12-31"})
    own = programme.requirements["A-R10"].model_dump(by_alias=True)
    cited = {"path": "secret.pdf", "digest": f"sha256:{'0' * 64}", "valid_until": "2027-01-01"}
    private = Requirement.model_validate(own | {"visibility": "party", "evidence": [cited]})
    moved = replace(programme, charter=charter, requirements={**programme.requirements, private.id: private})
    assert "secret.pdf" in {one.path for one in law_by_date(moved.seen_by("agency"), "2026-11-28").ends}
    assert "secret.pdf" not in {one.path for one in law_by_date(moved.seen_by("integrator"), "2026-11-28").ends}
