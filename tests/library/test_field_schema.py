"""Schemas for editors: they take every file that ships, refuse what covolt refuses, and say something of each field."""

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from covolt.library.cars import car_names, shipped_text
from covolt.library.field_schema import DOCUMENTS, printed_schema, unused_notes

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.toml")) + sorted((ROOT / "examples").rglob("*.lock"))
CHECKED = {}


def validator(name):
    if name not in CHECKED:
        schema = printed_schema(name)
        Draft202012Validator.check_schema(schema)
        CHECKED[name] = Draft202012Validator(schema)
    return CHECKED[name]


@pytest.mark.parametrize("name", car_names())
def test_the_schema_of_a_car_takes_every_car_that_ships(name):
    validator("car/1").validate({"schema": "car/1", **tomllib.loads(shipped_text(name))})


def test_the_schemas_take_every_document_of_the_examples():
    read = [(path, tomllib.loads(path.read_text(encoding="utf-8"))) for path in EXAMPLES]
    documents = [(path, one) for path, one in read if one.get("schema") in DOCUMENTS]
    assert len(documents) > 150
    for path, one in documents:
        errors = [error.message for error in validator(one["schema"]).iter_errors(one)]
        assert not errors, (path, errors)


@pytest.mark.parametrize(
    ("field", "value"),
    [("test_mass", 1602.0), ("gear_ratio", True), ("layout", "FWD"), ("tset_mass", "1602 kg"), ("heat_pump", "yes")],
)
def test_the_schema_of_a_car_refuses_what_covolt_refuses(field, value):
    with pytest.raises(ValidationError):
        validator("car/1").validate({**tomllib.loads(shipped_text("leaf-40")), field: value})


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_field_has_a_description_and_an_example_that_is_right(name):
    schema = printed_schema(name)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["$id"] == f"urn:covolt:schema:{name.replace('/', ':')}"
    for title, part in {name: schema, **schema.get("$defs", {})}.items():
        for field, found in part.get("properties", {}).items():
            assert found["description"].endswith("."), (title, field)
            (example,) = found["examples"]
            within = {"$schema": schema["$schema"], **found, "$defs": schema.get("$defs", {})}
            errors = [error.message for error in Draft202012Validator(within).iter_errors(example)]
            assert not errors, (title, field, errors)


def test_examples_of_one_kind_differ():
    shared = {
        field: [] for field in ("test_mass", "battery_mass", "gear_ratio", "cabin_size", "motor_power", "ac_power")
    }
    for field in shared:
        shared[field] = printed_schema("car/1")["properties"][field]["examples"][0]
    assert len(set(map(str, shared.values()))) == len(shared)


def test_no_note_is_left_of_a_field_that_is_gone():
    assert not list(unused_notes())
