"""What crosses the wire is port values and the handshake: looked for byte by byte, before TLS and in it."""

import socket
import struct
import threading
from contextlib import suppress

import numpy as np

from covolt.exchange.hosted import Deadlines, HostedComponent, Served
from covolt.exchange.hosted.messages import FromHub, FromParty, doubles, value_message
from tests.exchange.hosted.parts import SECRET, Lag
from tests.exchange.hosted.world import world

NUMBER = 77.31773177317731
"""Of the planted recipe, beside its text."""
TRACES = (
    SECRET.encode(),
    SECRET.encode("utf-16-le"),
    struct.pack("<d", NUMBER),
    struct.pack(">d", NUMBER),
    struct.pack("<f", NUMBER),
    repr(NUMBER).encode(),
    b"recipe",
    b"Traceback",
    b"parts.py",
)


def asked(fill, number):
    message = FromHub(sequence=number)
    fill(message)
    return message.SerializeToString()


def set_gain(message, gain):
    message.start.inputs = doubles(np.zeros(1))
    message.start.parameters["gain"].CopyFrom(value_message(gain))


def set_step(message):
    message.step.time_s, message.step.step_s, message.step.inputs = 0.0, 1.0, doubles(np.ones(1))


def wire(message, *outputs):
    message.wire.inputs.append("input")
    message.wire.outputs.extend(outputs)


GUESS = "hidden"
"""A name that the hub makes up; it is told back as wrong, as it is where it exists inside."""

QUESTIONS = (
    lambda m: wire(m, GUESS),
    lambda m: wire(m, "output", "slope"),
    lambda m: set_gain(m, 1e9),
    lambda m: set_gain(m, 2.0),
    set_step,
    lambda m: setattr(m.window, "inputs", b"\0" * 8),
    lambda m: m.get_values.names.append(GUESS),
    lambda m: m.get_values.names.append("gain"),
    lambda m: m.set_values.values[GUESS].CopyFrom(value_message(1.0)),
    lambda m: m.save.SetInParent(),
    lambda m: setattr(m, "keep", 1),
    lambda m: setattr(m, "recall", GUESS),
    lambda m: setattr(m, "restore", 7),
    lambda m: m.close.SetInParent(),
)


def test_every_byte_of_the_stream_is_a_port_or_the_handshake(tmp_path):
    """Of a healthy part and of one that fails, whatever is asked."""
    for fault in ("", "raises"):
        mark = tmp_path / f"of{fault}"
        mark.mkdir()
        served = Served(Lag(fault=fault, fault_at_s=0.0, folder=mark), folder=mark)
        answers = [served.hello(), *(served.answer(asked(fill, at)) for at, fill in enumerate(QUESTIONS, 1))]
        sent = b"".join(answers)
        assert not [one for one in TRACES if one in sent]
        kinds = [FromParty.FromString(one) for one in answers]
        assert {one.WhichOneof("answer") for one in kinds} == {
            "hello", "failure", "done", "outputs", "values", "state", "kept",
        }  # fmt: skip
        told = kinds[0].hello.description
        assert [one.name for one in told.variables] == ["gain", "input", "output", "slope"]
        assert all(len(one) < 100 for one in answers[1:])
        kept = b"".join(one.read_bytes() for one in mark.glob("*.state"))
        assert SECRET.encode() in kept, "the state itself holds it, and stays here"
        assert {name for one in kinds for name in one.failure.names} <= {GUESS, "gain", "output", "slope", "input"}


class Relay:
    """Hands bytes on between a party and a hub, and keeps a copy."""

    def __init__(self, port):
        self.seen = bytearray()
        self._to, self._from = port, socket.create_server(("127.0.0.1", 0))
        self.port = self._from.getsockname()[1]
        self.open, self.threads = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here, _ = self._from.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self._to))
            self.open += [here, there]
            for one, other in ((here, there), (there, here)):
                self.threads.append(threading.Thread(target=self._pass, args=(one, other), daemon=True))
                self.threads[-1].start()

    def _pass(self, one, other):
        with suppress(OSError):
            while content := one.recv(65536):
                self.seen += content
                other.sendall(content)
            other.shutdown(socket.SHUT_WR)

    def close(self):
        for one in (self._from, *self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for one in self.threads:
            one.join(5.0)


def test_whoever_listens_on_the_way_sees_neither_values_nor_names(tmp_path):
    with world(tmp_path) as here, here.hub() as hub:
        relay = Relay(hub.port)
        here.party(hub, address=f"127.0.0.1:{relay.port}")
        one = HostedComponent(hub, "battery-works", "lag", Deadlines(step_s=5.0))
        one.wire(("input",), ("output",))
        one.start({"gain": 2.0}, np.zeros(1))
        inputs = np.full((50, 1), 1.2345678901234567)
        outputs = np.vstack([one.step(float(at), 1.0, inputs[at]) for at in range(50)])
        one.close()
        relay.close()
    seen = bytes(relay.seen)
    assert len(seen) > 5000
    clear = [struct.pack("<d", value) for value in (inputs[0, 0], *outputs[:, 0])]
    assert not [one for one in (*TRACES, *clear, b"output", b"slope") if one in seen]
