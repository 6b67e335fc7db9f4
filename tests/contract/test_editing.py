"""Editing changes only what changed: comments, order, layout and line ends of people's own files stay."""

import difflib
import tomllib

import pytest

from covolt.contract.document import validate
from covolt.contract.editing import edited
from covolt.programme.requirement import Requirement

WRITTEN = """\
# agreed on 3 May with Volta
schema = "requirement/1"   # form
id = "MASS"
party = "integrator"

# what it says
title = "Kerb mass"  # short
kind = "constraint"
procedure = "declaration"
measure = "kerb_mass"
at_most = "1200 kg"   # 3 May: 1180
parents = [
    "A", # why
    "B",
]
verify.method = "simulation"

[conditions]
# cold
ambient = "-20 degC"  # winter
payload = "75 kg"
"""
CHANGES = {
    "a bound": (
        {"at_most": "1150 kg"},
        ['-at_most = "1200 kg"   # 3 May: 1180', '+at_most = "1150 kg"   # 3 May: 1180'],
    ),
    "the side of a bound": (
        {"at_most": None, "at_least": "900 kg"},
        ['-at_most = "1200 kg"   # 3 May: 1180', '+at_least = "900 kg" # 3 May: 1180'],
    ),
    "a title that is text": ({"title": "Mass"}, ['-title = "Kerb mass"  # short', '+title = "Mass"  # short']),
    "a title in a second language": (
        {"title": {"en": "Kerb mass", "ru": "Масса"}},
        ['-title = "Kerb mass"  # short', '+title = {en = "Kerb mass", ru = "Масса"}  # short'],
    ),
    "a condition": (
        {"conditions": {"ambient": "-10 degC", "payload": "75 kg"}},
        ['-ambient = "-20 degC"  # winter', '+ambient = "-10 degC"  # winter'],
    ),
    "a condition that goes": ({"conditions": {"payload": "75 kg"}}, ['-ambient = "-20 degC"  # winter']),
    "a parent that comes": ({"parents": ["A", "B", "C"]}, ['+    "C",']),
    "a parent that goes": ({"parents": ["B"]}, ['-    "A", # why']),
    "a key of a dotted table": ({"verify": {"method": "simulation", "gate": "trial"}}, ['+verify.gate = "trial"']),
    "a key that comes": ({"safety": True}, ["+safety = true"]),
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("change", "lines"), CHANGES.values(), ids=CHANGES.keys())
def test_only_the_lines_of_what_changed_differ(change, lines, line_end):
    text = WRITTEN.replace("\n", line_end)
    before = validate(tomllib.loads(text), Requirement, "x")
    stated = before.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"schema": "requirement/1"} | change
    after = validate({key: value for key, value in stated.items() if value is not None}, Requirement, "x")
    made = edited(text, before, after)
    assert validate(tomllib.loads(made), Requirement, "x") == after
    assert made.count("\n") == made.count(line_end)
    differing = difflib.unified_diff(text.split(line_end), made.split(line_end), n=0)
    assert sorted(one for one in differing if not one.startswith(("---", "+++", "@@")) and one.strip("+-")) == sorted(
        lines
    )


def test_parents_in_another_order_are_written_anew():
    before = validate(tomllib.loads(WRITTEN), Requirement, "x")
    after = before.model_copy(update={"parents": ("B", "A")})
    assert validate(tomllib.loads(edited(WRITTEN, before, after)), Requirement, "x") == after
