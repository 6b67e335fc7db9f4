"""Bad input of schemes and origins: all at once, with file, line and hint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from covolt.contract.document import loads
from covolt.errors import InputError
from covolt.programme.origin_scheme import OriginScheme
from tests.signed import copy_unsigned
from tests.study.origin.joined import CITY_CAR

SCHEME = """
schema = "origin-scheme/1"
id = "mine"
title = "Mine"
source = "the act"
markets = ["RU"]
measure = "points"
countries = ["RU"]
maximum = 7000
group = [{ id = "body", at_most = 1500 }]

[[operation]]
id = "welding of body"
points = 400
valid_until = "2026-12-31"
group = "body"

[[operation]]
id = "welding of body"
points = 450
valid_from = "2027-01-01"

[[threshold]]
use = "taxi"
title = "Taxi"
value = 3200
valid_from = "2026-03-01"
valid_until = "2032-12-31"

[[threshold]]
use = "taxi"
title = "Taxi"
value = 3700
valid_from = "2033-01-01"
status = "planned"
"""


def told(text: str) -> str:
    with pytest.raises(InputError) as raised:
        loads(text, OriginScheme, "tables/mine.toml")
    return "\n".join(map(str, raised.value.problems))


def test_it_is_read_as_it_stands() -> None:
    read = loads(SCHEME, OriginScheme, "tables/mine.toml")
    assert [read.operations_on(day)[0].points for day in ("2026-12-31", "2027-01-01")] == [400, 450]


@pytest.mark.parametrize(
    ("wrong", "by", "expected"),
    [
        (
            'valid_from = "2027-01-01"',
            'valid_from = "2026-12-31"',
            "(operation.1.valid_from): two rows of 'welding of body' hold on 2026-12-31",
        ),
        ('valid_from = "2027-01-01"\n', "", "two rows of 'welding of body' hold on every day"),
        (
            'valid_from = "2033-01-01"\nstatus = "planned"',
            'valid_from = "2032-12-31"',
            "mine.toml:34 (threshold.1.valid_from): two rows of 'taxi (law)' hold on 2032-12-31",
        ),
        ('valid_until = "2032-12-31"', 'valid_until = "2025-12-31"', "ends on 2025-12-31, before it begins"),
        ("points = 450", "", "'welding of body' has no points"),
        ("points = 450", 'points = 450\nstatus = "not found"', "has points, and is not found"),
        ("points = 450", "points = 450\nup_to = 100", "up_to of 'welding of body' is below its points"),
        ('group = "body"', 'group = "boddy"', "no group 'boddy'"),
        ("at_most = 1500", "at_most = 1500, together = 2000", "needs one of at_most and together"),
        ("value = 3700", "value = 7700", "7700 points are demanded, and the scale ends at 7000"),
        ("value = 3700", "", "a threshold of 'taxi' without a value is 'planned'"),
        ("value = 3200", 'value = 3200\noperations = ["sanding"]', "the scheme lists no operation 'sanding'"),
        ('measure = "points"', 'measure = "value-share"', "points in a scheme that counts value"),
        ('measure = "points"', 'measure = "value-share"', "a share of 3200"),
        ("maximum = 7000", 'maximum = 7000\ncountries_on_terms = ["RU"]', "RU both counts and counts on terms"),
        ("maximum = 7000", 'maximum = 7000\ncountries_on_terms = ["BY"]', "on terms that nobody states"),
    ],
)
def test_a_scheme_is_held_together(wrong: str, by: str, expected: str) -> None:
    assert wrong in SCHEME
    said = told(SCHEME.replace(wrong, by))
    assert expected in said
    assert "→" in said or "hint" in said


def test_everything_wrong_is_told_at_once_by_the_command(tmp_path: Path) -> None:
    folder = copy_unsigned(CITY_CAR, tmp_path / "city-car")
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "mine.toml").write_text(SCHEME.replace('"2027-01-01"', '"2026-06-01"'))
    part = folder / "battery-works" / "parts" / "pack-33" / "part.toml"
    part.write_text(
        part.read_text().partition("\n[supply]")[0]
        + '\n[origin]\noperations = [{ id = "weldng of body", country = "RU" }]\n'
    )
    other = next(one for one in (folder / "drive-works" / "parts").glob("*/part.toml"))
    other.write_text(
        other.read_text().partition("\n[supply]")[0]
        + '\n[origin]\nvalue = [{ country = "RU", share = 0.7 }, { country = "CN", share = 0.7 }]\n'
    )
    asked = folder / "integrator" / "requirements" / "taxi.toml"
    for name, conditions in {
        "taxi": 'market = "RU", date = "2027-01-01", scheme = "ru-pp-791/taxi-register"',
        "none": 'market = "RU", date = "2027-01-01"',
        "dateless": 'market = "RU", scheme = "ru-pp-719/taxi-register"',
        "useless": 'market = "RU", date = "2027-01-01", scheme = "ru-pp-719/taxi"',
    }.items():
        asked.with_name(f"{name}.toml").write_text(
            f'schema = "requirement/1"\nid = "I-{name.upper()}"\nparty = "integrator"\ntitle = "Taxi"\nkind = "need"\n'
            f'procedure = "origin"\nmeasure = "points_margin"\nat_least = "0 points"\nconditions = {{ {conditions} }}\n'
        )
    done = subprocess.run(
        [sys.executable, "-m", "covolt", "check", str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    lines = len(part.read_text().splitlines())
    for expected in (
        "tables/mine.toml:21 (operation.1.valid_from): two rows of 'welding of body' hold on 2026-06-01",
        f"pack-33/part.toml:{lines}: no scheme of origin knows the operation 'weldng of body'",
        "did you mean 'welding of body'?",
        "the shares of value add up to 1.4",
        "taxi.toml:9: no scheme of origin 'ru-pp-791' in the market RU",
        "did you mean 'ru-pp-719'?",
        "none.toml:9: no scheme of origin is named, and the market RU has 5",
        "needs date of category M1",
        "useless.toml:9: the scheme 'ru-pp-719' has no use 'taxi'",
        "did you mean 'taxi-register'?",
    ):
        assert expected in said, expected
