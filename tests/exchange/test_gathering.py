"""Drives side by side: what all of them ask is asked at once, and each hears what it would have heard alone."""

import threading

import numpy as np
import pytest

from covolt.errors import ComponentEnded, ComponentFailed, Problem
from covolt.exchange.gathering import Gathering, asked_together, gathering
from covolt.exchange.missions import AskedMission


class Summing:
    """Answers sums of its inputs; one that holds a number above ten it cannot answer, above a hundred nobody any more."""

    def __init__(self):
        self.asked = []

    def missions(self, asked):
        self.asked.append(len(asked))
        largest = max(float(one.inputs.max()) for one in asked)
        if largest > 100.0:
            raise ComponentEnded(Problem("gone"))
        if largest > 10.0:
            raise ComponentFailed(Problem(f"{largest} is too much"))
        return [np.concatenate([[[0.0]], np.cumsum(one.inputs, axis=0)]) for one in asked]


def mission(value, steps):
    return AskedMission({}, np.zeros(1), 0.0, np.ones(steps), np.full((steps, 1), value))


def ask(part, value, steps):
    return float(asked_together(part, mission(value, steps), threading.Lock())[-1, 0])


def test_what_all_drives_ask_goes_in_one_message():
    part = Summing()

    def drive(count):
        # Each asks another number of times, over missions of another length.
        return [ask(part, float(count), count + at) for at in range(count)]

    found = Gathering(2).each(drive, [1, 2, 3, 4])
    assert found == [[count * (count + at) for at in range(count)] for count in (1, 2, 3, 4)]
    assert part.asked == [4, 3, 2, 1]


def test_who_waits_for_drives_of_its_own_holds_up_nobody():
    part = Summing()

    def recipe(count):
        one = ask(part, 1.0, 1)
        many = gathering().each(lambda value: ask(part, value, 2), [1.0] * count)
        return one + sum(many) + ask(part, 1.0, 3)

    assert Gathering(2).each(recipe, [1, 5]) == [6.0, 14.0]
    assert part.asked == [2, 6, 2]


def test_few_work_at_a_time():
    part, busy, most = Summing(), [0], [0]
    guard = threading.Lock()

    def drive(_):
        for _ in range(3):
            with guard:
                busy[0] += 1
                most[0] = max(most[0], busy[0])
            threading.Event().wait(0.002)
            with guard:
                busy[0] -= 1
            ask(part, 1.0, 1)

    Gathering(2).each(drive, range(8))
    assert most[0] <= 2
    assert part.asked == [8, 8, 8]


def test_more_drives_than_threads_are_all_done():
    part = Summing()
    assert Gathering(2).each(lambda value: ask(part, 1.0, value), range(1, 151)) == list(range(1, 151))
    assert sum(part.asked) == 150


def test_one_that_cannot_be_answered_harms_no_other():
    part = Summing()

    def drive(value):
        try:
            return ask(part, value, 2)
        except ComponentFailed as error:
            return str(error.problems[0].what)

    assert Gathering(2).each(drive, [1.0, 50.0, 2.0]) == [2.0, "50.0 is too much", 4.0]
    assert part.asked == [3, 1, 1, 1]


def test_a_part_that_is_gone_is_not_asked_again_for_each():
    part = Summing()
    with pytest.raises(ComponentEnded, match="gone"):
        Gathering(2).each(lambda value: ask(part, value, 2), [1.0, 500.0, 2.0])
    assert part.asked == [3]


def test_alone_it_is_asked_at_once():
    part = Summing()
    assert gathering() is None
    assert ask(part, 2.0, 3) == 6.0
    assert part.asked == [1]
    assert Gathering(1).each(str, []) == []
