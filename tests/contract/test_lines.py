"""Lines of keys in a TOML text."""

import pytest

from covolt.contract import lines
from covolt.contract.lines import LinesOfKeys, lines_of_keys
from covolt.contract.schemas import document_of
from covolt.errors import InputError
from covolt.programme.schemas import PROGRAMME_SCHEMAS

TEXT = '''\
schema = "part/1"
# id = "no"
"quoted.key" = 1
a.b = { c = 1 }
text = """
id = "inside a text"
[not.a.table]
"""

[declared]
mass = [
  1, # ]
  2,
]
after = "]["

[[ports]]
name = "x"
[ports.range]
low = 1
[[ports]]
name = 'y'
'''


def test_tables_keys_and_arrays_of_tables():
    found = lines_of_keys(TEXT)
    assert found[("schema",)] == 1
    assert found[("quoted.key",)] == 3
    assert found[("a", "b")] == 4
    assert found[("text",)] == 5
    assert found[("declared",)] == 10
    assert found[("declared", "mass")] == 11
    assert found[("declared", "after")] == 15
    assert found[("ports", 0)] == 17
    assert found[("ports", 0, "name")] == 18
    assert found[("ports", 0, "range")] == 19
    assert found[("ports", 0, "range", "low")] == 20
    assert found[("ports", 1, "name")] == 22
    assert ("id",) not in found
    assert ("not", "a", "table") not in found


def test_any_text_is_survived():
    assert lines_of_keys("") == {}
    assert lines_of_keys('"""\n[a]\n') == {}
    assert lines_of_keys("]]]\na = 1") == {("a",): 2}


def test_lines_are_sought_where_one_is_told_and_are_then_the_same(monkeypatch):
    assert LinesOfKeys(TEXT) == lines_of_keys(TEXT)
    sought = []
    monkeypatch.setattr(lines, "lines_of_keys", lambda text: sought.append(text) or lines_of_keys(text))
    written = 'schema = "party/1"\nid = "one"\ntitle = { en = "One" }\ncountry = "DE"\nroles = ["supplier"]\n'
    _, found = document_of(written, "one.toml", PROGRAMME_SCHEMAS)
    assert not sought, "a document in order names no line"
    assert found[("country",)] == 4
    assert sought == [written]
    with pytest.raises(InputError) as refused:
        document_of(written.replace('"DE"', "1"), "one.toml", PROGRAMME_SCHEMAS)
    assert [one.where for one in refused.value.problems] == ["one.toml:4 (country)"]
