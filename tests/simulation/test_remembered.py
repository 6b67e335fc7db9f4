"""A remembered car drives exactly as the vehicle that it was packed from."""

import numpy as np
from tests.sample import compact, mission

from covolt.simulation import compiled
from covolt.simulation.core import pack
from covolt.simulation.mission import Conditions
from covolt.simulation.origin import name_of
from covolt.simulation.remembered import RememberedCar, drive_remembered, recall, remember
from covolt.simulation.run import TracedRunner


def test_a_remembered_car_drives_as_the_vehicle(monkeypatch, tmp_path):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path))
    compiled._functions.clear()
    vector, tables, structure = pack(compact())
    remember("a text", RememberedCar(name_of(structure), vector, tables, {"id": "mine"}))
    assert recall("another text") is None
    car = recall("a text")
    assert car is not None
    assert car.about == {"id": "mine"}
    cold = mission(Conditions(ambient_temperature_K=258.0, payload_kg=100.0))
    xla = TracedRunner(executor="xla")
    whole = xla.run(compact(), cold)
    found = drive_remembered(car, cold, name="mine")
    assert found is not None
    again, moved = found
    assert moved == []
    assert again.names == whole.names
    assert np.array_equal(again.values, whole.values)
    assert again.ledger == whole.ledger
    assert again.outcome == whole.outcome
    assert again.result.plug_energy_J == whole.result.plug_energy_J
