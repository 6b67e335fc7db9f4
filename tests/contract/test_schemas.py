"""JSON Schemas of all documents."""

import json

import pytest
from tests.contract.test_document import PACK

from covolt.contract import SCHEMAS, json_schema, read_document
from covolt.contract.datasheet import Datasheet
from covolt.errors import InputError


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_document_has_a_schema(name):
    schema = json_schema(name)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["schema"]["const"] == name
    assert json.loads(json.dumps(schema)) == schema


def test_an_unknown_schema_is_named_with_the_closest():
    with pytest.raises(InputError, match="did you mean 'part/1'"):
        json_schema("prt/1")


def test_a_file_is_read_by_the_schema_it_names(tmp_path):
    path = tmp_path / "part.toml"
    path.write_text(PACK)
    assert isinstance(read_document(path), Datasheet)
    path.write_text(PACK.replace('"part/1"', "1"))
    with pytest.raises(InputError, match="unknown schema 1"):
        read_document(path)
