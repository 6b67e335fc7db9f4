"""What a contract lets be tested is tested: a part that breaks a promise is named."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.contract.architecture import NEEDED
from covolt.errors import CovoltError, Problem
from covolt.simulation.run import simulate
from covolt.study.procedures import conformance
from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.protocol import Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.conformance import conformances
from tests.study.procedures.sample import recorded

PROCEDURE = procedures()["conformance"]


class Bent:
    """A trace with one signal replaced."""

    def __init__(self, trace, name, values):
        self._trace, self._name, self._values = trace, name, values
        self.ledger, self.names, self.result = trace.ledger, trace.names, trace.result

    def __getitem__(self, name):
        return self._values if name == self._name else self._trace[name]


def broken(programme, subject, bent):
    found = conformances(programme, recorded(PROCEDURE, subject, drive=bent))
    return {(one.slot, one.promise) for one in found if not one.kept}


def test_the_shipped_parts_keep_their_promises(programme, verification):
    found = verification.conformances
    tests = {(slot.id, name) for slot in programme.slots.values() for name in programme.contracts[slot.contract].tests}
    assert {(one.slot, one.promise) for one in found} == tests
    assert all(one.kept for one in found)
    assert max(one.found_ratio for one in found if one.promise == "energy_closes") > 0.0


def test_a_part_that_is_not_a_number_is_named(programme, subject):
    def bent(vehicle, mission):
        trace = simulate(vehicle, mission)
        values = np.array(trace["tyre_temperature_K"])
        values[-1] = np.nan
        return Bent(trace, "tyre_temperature_K", values)

    assert broken(programme, subject, bent) == {("tyre", "finite")}


def test_a_part_that_does_not_repeat_itself_is_named(programme, subject):
    calls = []

    def bent(vehicle, mission):
        calls.append(mission)
        trace = simulate(vehicle, mission)
        return Bent(trace, "battery_voltage_V", trace["battery_voltage_V"] * (1.0 + 1e-15 * len(calls)))

    assert broken(programme, subject, bent) == {("battery", "deterministic")}


def test_a_drive_that_does_not_close_keeps_nothing(programme, subject):
    def bent(vehicle, mission):
        raise CovoltError(Problem("the energy balance of 'drive' is off by 5 J", "ledger.drive", ""))

    found = conformances(programme, recorded(PROCEDURE, subject, drive=bent))
    assert not any(one.kept for one in found)
    assert all("off by 5 J" in one.why.said("en") for one in found)


@pytest.mark.parametrize("slot", NEEDED)
def test_every_slot_has_signals_of_its_own(subject, slot):
    [*runs, charging] = carry_out(conformance._runs(subject))
    words = conformance._words(slot, subject)
    assert any(conformance._own(words, run) for run in ([charging] if slot == "charger" else runs))


def test_a_slot_with_a_name_of_its_own_is_tested_all_the_same(programme):
    wheels = programme.slots["tyre"].model_copy(update={"id": "wheels"})
    lock = programme.lock.model_copy(update={"slots": {"wheels": programme.lock.slots["tyre"]}})
    tests = programme.contracts[wheels.contract].tests
    record = Record("conformance", {f"tyre_{promise}": 0.0 for promise in tests})
    found = conformances(replace(programme, slots={"wheels": wheels}, lock=lock), record)
    assert {(one.slot, one.promise) for one in found if one.kept} == {("wheels", promise) for promise in tests}
