"""Numbers moved by their uncertainty are driven in lots: every record is the same to the bit as alone."""

from __future__ import annotations

import pytest

from covolt.errors import Cancelled
from covolt.programme.reading import read_programme
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.bench import Bench, Setting, Task
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.moved import MOST_SHARING, MOST_TOGETHER, Moved, lots_of
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.variation import World, variations
from tests.house.source import ROOT

FEW = 9


def tasks() -> tuple[Setting, list[Task]]:
    read = read_programme(ROOT / "examples" / "city-car").whole
    sheets = locked_sheets(read)
    sides = [side for one in variations(sheets)[:FEW] for side in (one.up, one.down)]
    own = [Task(procedures()["gradeability"], Given(), world, whole=False) for world in sides]
    return Setting.of(read), [Task(procedures()["declaration"], Given(), World(sheets)), *own]


def test_a_record_is_the_same_in_a_lot_and_alone() -> None:
    setting, several = tasks()
    told: list[tuple[int, int]] = []
    together, alone = Bench(setting, MemoryRecords()), Bench(setting, MemoryRecords())
    together.do_all(several, 2, lambda done, of: told.append((done, of)))
    for one in several[1:]:
        found, expected = (bench.measures(one.procedure, one.given, one.world) for bench in (together, alone))
        assert repr(found) == repr(expected)
        assert found.measures
    # A number that physics does not let move further is the same vehicle again.
    assert told[-1][0] == told[-1][1] > FEW


def test_lots_hold_every_task_once_and_of_procedures_that_share_drives_the_same_vehicles() -> None:
    sheets = locked_sheets(read_programme(ROOT / "examples" / "city-car").whole)
    worlds = [side for one in variations(sheets) for side in (one.up, one.down)]
    wished = [(procedures()[name], Given()) for name in ("cold", "gradeability", "hot-soak", "gtr-22")]
    due = [Moved(*one, world) for one in wished for world in worlds]
    lots = lots_of(due)
    assert sorted(map(id, due)) == sorted(id(one) for lot in lots for one in lot)
    assert len(worlds) > MOST_TOGETHER > MOST_SHARING
    for lot in lots:
        [shared] = {one.procedure.shares_drives for one in lot}
        by_name = {
            name: [one.world for one in lot if one.procedure.id == name] for name in {one.procedure.id for one in lot}
        }
        first, *others = by_name.values()
        assert len(first) <= (MOST_SHARING if shared else MOST_TOGETHER)
        assert all(list(map(id, one)) == list(map(id, first)) for one in others)
        assert len(by_name) == (2 if shared == "climate chamber" else 1)


def test_a_lot_is_cancelled_between_two_rounds() -> None:
    setting, several = tasks()
    store, asked = MemoryRecords(), list[int]()

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        Bench(setting, store).do_all(several[1:], 1, cancelled=cancelled)
    assert len(asked) == 3
