"""Where a trace stops being one slow discharge: each bound at both its sides."""

from __future__ import annotations

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.vehicle.slow_discharge import CellTrace, SlowDischarge, slow_discharge


def trace_of(*parts: tuple[int, float]) -> CellTrace:
    """Rows of a second each, so many at one current; the voltage falls with the charge."""
    current_A = np.concatenate([np.full(count, current) for count, current in parts])
    drawn = np.cumsum(-np.minimum(current_A, 0.0))
    return CellTrace(np.arange(current_A.size) * 1.0, current_A, 4.0 - drawn / drawn[-1], None)


def paused(before: int, pause: int, after: int) -> CellTrace:
    """A rest within, in which the cell recovers by a hundredth of a volt."""
    trace = trace_of((before, -1.0), (pause, 0.0), (after, -1.0))
    trace.voltage_V[before : before + pause] += 0.01
    return trace


def refused(trace: CellTrace) -> str:
    try:
        slow_discharge(trace)
    except InputError as error:
        return " ".join(one.what for one in error.problems)
    return ""


@pytest.mark.parametrize(("pause", "words"), [(48, ""), (53, "no current flows for")])
def test_rests_of_a_twentieth_of_its_time_are_too_long(pause: int, words: str) -> None:
    """From the last row before to the first after, of the whole: 49 and 54 of about 1000 s."""
    found = refused(paused(500, pause, 1000 - 500 - pause))
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(("percent", "drawn"), [(2.1, True), (1.9, False)])
def test_less_than_two_hundredths_of_the_highest_current_is_none(percent: float, drawn: bool) -> None:
    found = slow_discharge(trace_of((5, -0.01 * percent), (100, -1.0)))
    assert (found.charge_C.size == 105) == drawn


@pytest.mark.parametrize(("rows", "words"), [(10, ""), (9, "fewer than 10 rows")])
def test_fewer_than_ten_rows_are_no_discharge(rows: int, words: str) -> None:
    assert words in refused(trace_of((rows, -1.0)))
    assert bool(words) == bool(refused(trace_of((rows, -1.0))))


@pytest.mark.parametrize(("count", "words"), [(10, ""), (11, "1 shorter discharges")])
def test_another_discharge_of_more_than_ten_rows_is_told(count: int, words: str) -> None:
    remarks = " ".join(slow_discharge(trace_of((200, -1.0), (5, 1.0), (count, -1.0))).remarks)
    assert words in remarks
    assert bool(words) == ("shorter discharges" in remarks)


def parted(before: int, after: int) -> SlowDischarge:
    """A rest of 200 s parts the beginning from the end."""
    return slow_discharge(paused(before, 200, after))


def test_half_a_hundredth_of_the_charge_before_or_after_a_long_rest_is_left_out() -> None:
    # The first row of a trace lasts no time.
    assert parted(1 + 4, 996).charge_C.size == 996
    assert parted(1 + 996, 3).charge_C.size == 1 + 996
    for before, after in ((1 + 7, 993), (1 + 993, 7)):
        assert "no current flows for" in refused(paused(before, 200, after))


@pytest.mark.parametrize(("risen_mV", "words"), [(49.0, ""), (51.0, "rises by 51 mV")])
def test_a_voltage_that_rises_by_fifty_millivolts_is_of_no_discharge(risen_mV: float, words: str) -> None:
    trace = trace_of((101, -1.0))
    trace.voltage_V[60] = trace.voltage_V[59] + 1e-3 * risen_mV
    assert words in refused(trace)
    assert bool(words) == bool(refused(trace))


def test_charge_and_current_are_those_of_the_rows() -> None:
    found = slow_discharge(trace_of((11, -2.0)))
    assert found.charge_C == pytest.approx(2.0 * np.arange(11))
    assert found.current_A == -2.0
