"""A number that moved by more than a thousandth moves the results of every user: say so in CHANGELOG.md, then renew it."""

from __future__ import annotations

import pytest

from tests.golden.numbers import FILE, computed, recorded


@pytest.fixture(scope="module")
def now() -> dict[str, float]:
    return computed()


@pytest.mark.parametrize("name", sorted(recorded()))
def test_the_number_has_not_moved(now: dict[str, float], name: str) -> None:
    assert now[name] == pytest.approx(recorded()[name], rel=1e-3), (
        f"{name} moved; where that is meant, add a line to CHANGELOG.md and run `python -m tests.golden.numbers` "
        f"(writes {FILE.name})"
    )


def test_no_number_is_missing(now: dict[str, float]) -> None:
    assert set(now) == set(recorded())
