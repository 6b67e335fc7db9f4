"""Results keep the schemas that covolt prints: held by another library, over every command's JSON and over reports."""

import json

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from typer.testing import CliRunner

from covolt.cli.application import app
from covolt.programme.reading import read_programme
from covolt.study.cases.schemas import RESULTS, kinds, schema_of, unused_notes
from covolt.study.report.content import content
from covolt.study.result import adapter, kept, plain, read, recalled
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify
from covolt.words import Words, text

DRIVE = ("drive", "leaf-40", "--cycle", "sort-1", "--json")
PRIVATE_NUMBERS = (
    *("value", "margin", "margin_text", "uncertainty", "expanded", "inputs", "models", "probability", "laws"),
    *("contributions", "unchecked", "conditions", "checked", "bound", "evidence", "stands_on"),
)

CURVE = {
    "title": Words("a"),
    "x_title": Words("b"),
    "x_unit": "s",
    "x": [0.1, float("nan")],
    "y": {},
    "y_unit": "m",
}


def faults(document, name=""):
    schema = schema_of(name or document["schema"])
    return [
        f"{list(one.absolute_path)}: {one.message:.120}" for one in Draft202012Validator(schema).iter_errors(document)
    ]


def said(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_every_field_of_a_result_is_described(name):
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:covolt:schema:{name.replace('/', ':')}"
    for part in (schema, *schema.get("$defs", {}).values()):
        assert part["description"], part["title"]
        for field, found in part["properties"].items():
            assert found["description"].endswith("."), (part["title"], field)
        if part.get("additionalProperties") is not False:
            raise AssertionError(f"{part['title']} takes fields that nobody knows")


def test_no_description_is_left_of_a_field_that_is_gone():
    assert not list(unused_notes())


def test_the_kinds_are_listed():
    listed = CliRunner().invoke(app, ["schema"]).stdout
    assert all(name in listed for name in kinds())
    assert said("schema", "verdict/1") == schema_of("verdict/1")


def test_a_drive_keeps_its_schema_alone_and_in_a_row():
    alone = said(*DRIVE)
    assert faults(alone) == []
    assert plain(read(RESULTS["drive/1"], alone)) == alone
    rows = said("drive", "leaf-40", "city-car", "--cycle", "sort-1", "--json")
    assert [faults(one) for one in rows] == [[], []]
    broken = {**alone, "result": {**alone["result"], "range_m": 1.0}}
    assert any("range_m" in one for one in faults(broken))


def test_a_charge_and_the_cycles_keep_theirs():
    assert faults(said("charge", "leaf-40", "--post", "50 kW", "--json")) == []
    for one in said("cycles", "--json"):
        assert faults(one) == []


@pytest.mark.slow
def test_the_commands_of_a_programme_keep_theirs(verified_car):
    for command, name in (
        (("verify", verified_car), "verification/1"),
        (("check", verified_car), "notices/1"),
        (("offers", verified_car), "offers/1"),
        (("gate", verified_car), "gates/1"),
        (("approval", verified_car), "approval/1"),
        (("key", "list", verified_car), "keys/1"),
        (("diff", verified_car / "programme.lock", verified_car), "comparison/1"),
    ):
        document = said(*command, "--json")
        assert document["schema"] == name
        assert faults(document) == [], name
        assert plain(read(RESULTS[name], document)) == document
        for one in document.get("verdicts", ()):
            assert faults(one, "verdict/1") == []
        for one in document.get("gates", ()):
            assert faults(one, "gate-state/1") == []


@pytest.mark.whole
def test_the_twin_of_a_report_keeps_the_printed_schema(programme, verification):
    document = plain(content(programme, verification))
    assert document["accepted"] is False
    assert faults(document) == []
    for record in verification.records.values():
        assert faults(plain(record), "record/1") == []


def test_the_twin_keeps_it_where_numbers_are_hidden(city_car):
    path = city_car / "battery-works" / "requirements" / "B-MASS.toml"
    path.write_text(path.read_text() + 'visibility = "party"\n')
    programme = read_programme(city_car)
    verification = verify(programme, KeptRecords(None), only=["B-MASS", "I-MASS"])
    document = plain(content(programme.seen_by("integrator"), verification))
    assert faults(document) == []
    rows = {one["requirement"]: one for party in document["parties"] for one in party["requirements"]}
    assert {name: rows["B-MASS"][name] for name in PRIVATE_NUMBERS} == dict.fromkeys(PRIVATE_NUMBERS)
    assert all(rows["I-MASS"][name] is not None for name in ("value", "margin", "bound", "conditions"))
    assert "B-MASS" not in {one["requirement"] for one in document["next"]}
    assert not [one for one in (*document["curves"], *document["protocols"]) if "B-MASS" in one["requirements"]]


def test_what_is_read_back_must_be_as_it_was_written():
    alone = said(*DRIVE)
    for wrong in (
        {**alone, "colour": "red"},
        {name: value for name, value in alone.items() if name != "result"},
        {**alone, "ledger": "none"},
    ):
        with pytest.raises(ValueError, match=r"DriveDocument"):
            read(RESULTS["drive/1"], wrong)


def test_a_record_keeps_its_texts_in_every_language_and_its_numbers():
    record = adapter(RESULTS["record/1"]).validate_python(
        {
            "procedure": "x",
            "measures": {"far": float("inf"), "near": 0.1 + 0.2},
            "remarks": (text("at {speed}", speed=3.5), Words("slow", "медленно")),
            "curves": [
                {
                    "title": Words("a"),
                    "x_title": Words("b"),
                    "x_unit": "s",
                    "x": [0.1, float("nan")],
                    "y": {},
                    "y_unit": "m",
                }
            ],
        }
    )
    again = recalled(RESULTS["record/1"], json.loads(json.dumps(kept(record))))
    assert (again.measures, again.remarks, again.curves[0].x[0]) == (record.measures, record.remarks, 0.1)
    assert plain(record)["measures"]["far"] is None
    assert plain(record)["curves"][0]["x"] == [0.1, None]
    assert plain(record)["remarks"][1]["ru"] == "медленно"
    assert faults(plain(record), "record/1") == []
    for damage in ({"measures": {"near": "far"}}, {"remarks": [{"message": "at"}]}, {"lines": [{"number": "1.1"}]}):
        with pytest.raises(ValidationError):
            recalled(RESULTS["record/1"], {**kept(record), **damage})
