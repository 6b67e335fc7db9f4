"""Flattened parts: read once where nothing of them can change, and every time where something can."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
import pytest
from tests.sample import compact

from covolt import as_loaded
from covolt.simulation.compiled import jitted
from covolt.simulation.flattened import flattened
from covolt.vehicle.part import AbstractPart


class Listed(AbstractPart):
    """A part whose numbers stand in a list."""

    numbers_W: list[float]


def test_it_is_the_tree_of_the_part_and_is_remembered() -> None:
    battery = compact().battery
    found = flattened(battery)
    leaves, tree = jax.tree.flatten(battery)
    assert found.tree == tree
    assert all(one is other for one, other in zip(found.leaves, leaves, strict=True))
    assert flattened(battery) is found
    assert flattened(2.0).leaves == [2.0]


def test_what_can_be_written_to_is_read_every_time() -> None:
    listed = Listed([1.0])
    doubled = jitted(lambda part: 2.0 * part.numbers_W[0])
    assert float(doubled(listed)) == 2.0
    listed.numbers_W[0] = 3.0
    assert flattened(listed).leaves == [3.0]
    assert float(doubled(listed)) == 6.0
    mass_kg = np.array(1500.0)
    vehicle = eqx.tree_at(lambda v: v.body.mass_kg, compact(), mass_kg)
    assert flattened(vehicle).can_change
    mass_kg[...] = 1600.0
    assert 1600.0 in [float(np.asarray(one)) for one in flattened(vehicle).leaves if np.ndim(one) == 0]


def test_code_is_looked_at_once_while_many_small_pieces_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    room = "covolt.vehicle.cabin"
    assert as_loaded.changes(room) == ()
    with as_loaded.looked_at_once():
        assert as_loaded.changes(room) == ()
        monkeypatch.setattr("covolt.vehicle.cabin.loss_W_per_K", lambda *_: 0.0)
        assert as_loaded.changes(room) == (), "seen before it was changed"
    assert [name for name, _ in as_loaded.changes(room)] == ["covolt.vehicle.cabin:loss_W_per_K"]


def test_parts_that_differ_in_numbers_alone_are_of_one_kind_and_are_joined_again() -> None:
    one = flattened(compact().battery)
    kind = one.kind
    assert kind is not None and flattened(compact().battery).kind is kind
    leaves = jax.tree.leaves(kind.joined(one.numbers))
    assert all(np.array_equal(a, b) for a, b in zip(leaves, one.leaves, strict=True))
    assert flattened({"count": 3}).kind is None, "a whole number is none in 64 bits"
