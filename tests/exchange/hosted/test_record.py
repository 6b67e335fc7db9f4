"""What left the house stands in the log; a record of it stands in for the party; questions are counted."""

import json

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.hosted.budget import BLOCK, Budget
from covolt.exchange.hosted.diary import Diary, parts_of
from covolt.exchange.hosted.messages import FromHub, FromParty, doubles, value_message
from covolt.exchange.hosted.mission_messages import fill_missions
from covolt.exchange.hosted.party import Served
from covolt.exchange.hosted.replay import ReplayedComponent, Unrecorded
from covolt.exchange.missions import AskedMission
from tests.exchange.hosted.parts import SECRET, Lag

INPUTS = np.sin(np.arange(12) * 0.7).reshape(-1, 1)


class Asker:
    """What a hub would ask, without the way between."""

    def __init__(self, component, log=None, folder=None, **options):
        served = Served(component, folder=folder)
        diary = Diary(log, served.hello()) if log is not None else None
        tell = diary.told if diary is not None else (lambda asked, answer: None)
        self.served = Served(component, folder=folder, tell=tell, **options)
        self.diary, self.number = diary, 0

    def __call__(self, fill):
        message = FromHub()
        self.number += 1
        message.sequence = self.number
        fill(message)
        answer = FromParty.FromString(self.served.answer(message.SerializeToString()))
        assert answer.sequence == self.number
        return answer

    def wire(self):
        def fill(message):
            message.wire.inputs.append("input")
            message.wire.outputs.extend(["output", "slope"])

        return self(fill)

    def start(self, gain, begun=INPUTS[0]):
        def fill(message):
            message.start.inputs = doubles(begun)
            message.start.parameters["gain"].CopyFrom(value_message(gain))

        return self(fill)

    def step(self, at, inputs=INPUTS):
        def fill(message):
            message.step.time_s, message.step.step_s, message.step.inputs = float(at), 1.0, doubles(inputs[at])

        return self(fill)

    def window(self, start, count, inputs=INPUTS):
        def fill(message):
            message.window.start_s, message.window.steps_s = float(start), doubles(np.ones(count))
            message.window.inputs = doubles(inputs[start : start + count])

        return self(fill)


def recorded(tmp_path):
    ask = Asker(Lag(), tmp_path / "log", tmp_path)
    ask.wire()
    ask.start(2.0)
    for at in range(4):
        ask.step(at)
    state = ask(lambda message: message.save.SetInParent()).state
    kept = ask(lambda message: setattr(message, "keep", state)).kept
    ask.window(4, 8)
    again = ask(lambda message: setattr(message, "recall", kept)).state
    ask(lambda message: setattr(message, "restore", again))
    ask.window(4, 4, -INPUTS)
    ask.diary.close()
    return tmp_path / "log"


def test_a_record_answers_what_was_asked_to_the_bit(tmp_path):
    one, own = ReplayedComponent(recorded(tmp_path)), Lag()
    for part in (one, own):
        part.wire(("input",), ("slope", "output"))
    assert one.start({"gain": 2.0}, INPUTS[0]).tobytes() == own.start({"gain": 2.0}, INPUTS[0]).tobytes()
    assert one.window(0.0, np.ones(4), INPUTS[:4]).tobytes() == own.window(0.0, np.ones(4), INPUTS[:4]).tobytes()
    here, there = one.save(), own.save()
    assert one.window(4.0, np.ones(8), INPUTS[4:]).tobytes() == own.window(4.0, np.ones(8), INPUTS[4:]).tobytes()
    one.restore(here)
    own.restore(there)
    for at in range(4, 8):
        assert one.step(float(at), 1.0, -INPUTS[at]).tobytes() == own.step(float(at), 1.0, -INPUTS[at]).tobytes()
    assert one.description.form == "record of: lag"


def test_a_record_answers_nothing_else(tmp_path):
    one = ReplayedComponent(recorded(tmp_path))
    one.wire(("input",), ("output",))
    with pytest.raises(Unrecorded):
        one.start({"gain": 2.1}, INPUTS[0])
    one.start({"gain": 2.0}, INPUTS[0])
    with pytest.raises(Unrecorded, match="at 0 s"):
        one.step(0.0, 1.0, INPUTS[0] + 1e-15)
    one.start({"gain": 2.0}, INPUTS[0])
    with pytest.raises(Unrecorded):
        one.step(0.0, 0.5, INPUTS[0])
    with pytest.raises(InputError, match="no port nothing"):
        one.wire(("nothing",), ("output",))
    ask = Asker(one, replayed=True)
    ask.wire()
    assert ask.start(3.0).failure.code == "unrecorded"
    assert FromParty.FromString(ask.served.hello()).hello.replayed


@pytest.mark.parametrize("first", [12, 7])
def test_missions_are_recorded_vehicle_by_vehicle(tmp_path, first):
    """Also where they drive a different number of steps."""
    ask = Asker(Lag(), tmp_path / "log")
    ask.wire()

    def fill(message):
        asked = [(1.0, INPUTS[:first]), (3.0, INPUTS * 2.0)]
        fill_missions(
            message.missions,
            [AskedMission({"gain": gain}, INPUTS[0], 0.0, np.ones(len(rows)), rows) for gain, rows in asked],
        )

    ask(fill)
    ask.diary.close()
    one, own = ReplayedComponent(tmp_path / "log"), Lag()
    for part in (one, own):
        part.wire(("input",), ("output", "slope"))
    for gain, rows in ((3.0, INPUTS * 2.0), (1.0, INPUTS[:first])):
        for part in (one, own):
            part.start({"gain": gain}, INPUTS[0])
        expected = own.window(0.0, np.ones(len(rows)), rows)
        assert one.window(0.0, np.ones(len(rows)), rows).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "content", ["", "{}", '{"call":"hello","hello":"!"}\n', "[1]\n", '{"call":"hello","hello":""}\n']
)
def test_what_is_no_log_is_refused(tmp_path, content):
    (tmp_path / "log").write_text(content)
    with pytest.raises(InputError, match="no log of a host"):
        ReplayedComponent(tmp_path / "log")


def test_the_log_holds_ports_alone_and_is_bounded(tmp_path):
    log = recorded(tmp_path)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [one["call"] for one in lines][:3] == ["hello", "wire", "start"]
    assert SECRET not in log.read_text()
    assert "77.31773177317731" not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    served = Served(Lag())
    said = []
    small = Diary(tmp_path / "small", served.hello(), 4000, 3, lambda one: said.append(str(one)))
    ask = Asker(Lag())
    ask.served = Served(Lag(), tell=small.told)
    ask.wire()
    ask.start(1.0)
    for _ in range(200):
        ask.step(3)
    small.close()
    assert [one.name for one in parts_of(tmp_path / "small")] == ["small.3", "small.2", "small.1", "small"]
    assert all(one.stat().st_size <= 8000 for one in tmp_path.glob("small*"))
    assert len(list(tmp_path.glob("small*"))) == 4
    assert f"what it held is now {tmp_path / 'small.1'}" in said[0]
    # Each is told once, though the log was full many times.
    assert sum("the log is full" in one for one in said) == 1
    assert sum("the oldest part of the log is deleted, since 3 are kept" in one for one in said) == 1


def test_questions_are_counted_across_restarts_and_refused_beyond(tmp_path):
    budget = Budget(tmp_path / "b.json", 10, "2026-03-31")
    ask = Asker(Lag(), budget=budget.take, left=budget.left)
    assert budget.spent("lag") is None
    ask.wire()
    assert FromParty.FromString(ask.served.hello()).hello.budget == 10
    ask.start(1.0)
    assert ask.window(0, 7).WhichOneof("answer") == "outputs"
    assert ask.window(0, 3).failure.code == "budget"
    assert budget.left() == 2
    budget.close()
    again = Budget(tmp_path / "b.json", 10, "2026-04-01")
    assert again.left() == 2
    assert "8 of 10 steps of lag are spent, since 2026-03-31" in str(again.said("lag"))
    assert "8 of 10 steps since 2026-03-31, and 3 more are asked" in str(again.spent("lag", 3))
    assert Budget(tmp_path / "b.json", None).left() is None


def test_a_killed_host_forgets_no_question(tmp_path):
    budget = Budget(tmp_path / "b.json", None)
    for _ in range(3):
        budget.take(1)
    assert 3 <= Budget(tmp_path / "b.json", 10_000).answered <= 3 + BLOCK


@pytest.mark.parametrize("content", ["", "{}", '{"answered": -1}', '{"answered": "x"}'])
def test_a_budget_that_says_nothing_is_refused(tmp_path, content):
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(InputError, match="how many steps were answered"):
        Budget(tmp_path / "b.json", 10)


def test_a_host_answers_wrong_questions_by_their_kind(tmp_path):
    ask = Asker(Lag(), folder=tmp_path)
    ask.wire()
    assert ask(lambda message: setattr(message.start, "inputs", b"\0" * 24)).failure.code == "values"
    ask.start(1.0)
    assert ask(lambda message: setattr(message.step, "inputs", b"\0")).failure.code == "values"
    assert ask(lambda message: message.get_values.names.append(SECRET)).failure.code == "names"
    assert ask(lambda message: setattr(message, "restore", 99)).failure.code == "state"
    assert ask(lambda message: setattr(message, "recall", "../../etc/passwd")).failure.code == "state"
    assert ask(lambda message: setattr(message, "recall", "0" * 32)).failure.code == "state"
    assert Asker(Lag())(lambda message: setattr(message, "keep", 1)).failure.code == "unable"
    assert ask.served.answer(FromHub().SerializeToString()) is None


def test_a_record_is_read_from_all_parts_of_its_log(tmp_path):
    served = Served(Lag())
    diary = Diary(tmp_path / "log", served.hello(), largest_B=700, parts=99)
    ask = Asker(Lag())
    ask.served = Served(Lag(), tell=diary.told)
    ask.wire()
    ask.start(2.0)
    for at in range(12):
        ask.step(at)
    diary.failed("Traceback: " + SECRET)
    diary.close()
    assert len(parts_of(tmp_path / "log")) > 2
    one, own = ReplayedComponent(tmp_path / "log"), Lag()
    for part in (one, own):
        part.wire(("input",), ("output", "slope"))
        part.start({"gain": 2.0}, INPUTS[0])
    assert one.window(0.0, np.ones(12), INPUTS).tobytes() == own.window(0.0, np.ones(12), INPUTS).tobytes()


def test_a_log_that_cannot_be_written_is_told_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    for log in (tmp_path / "file" / "log", tmp_path):
        with pytest.raises(InputError):
            Diary(log, Served(Lag()).hello())
