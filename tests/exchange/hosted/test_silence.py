"""Streams on which nothing is said: one party cannot hold the hub with them against another, and is named."""

import threading
import time

import grpc
import pytest

from covolt.errors import ComponentFailed
from covolt.exchange.hosted import hub as hub_module
from covolt.exchange.hosted.messages import SERVE, FromParty
from tests.exchange.hosted.world import world


def dialled(hub, identity):
    shown = grpc.ssl_channel_credentials(identity.authorities, identity.key, identity.certificate)
    return grpc.secure_channel(f"127.0.0.1:{hub.port}", shown, options=(("grpc.use_local_subchannel_pool", 1),))


def stream(channel, first=b""):
    """A stream that says its first message, if any, and then nothing, until it is ended."""
    ended = threading.Event()

    def said():
        if first:
            yield first
        ended.wait(30.0)

    call = channel.stream_stream(SERVE)(said())
    call.add_callback(ended.set)
    return call


def hello(size=0):
    message = FromParty(sequence=0)
    message.hello.protocol = 1
    message.hello.description.name, message.hello.description.form = "pack", "x" * size
    return message.SerializeToString()


def code_of(call, patience_s=10.0):
    end_s = time.monotonic() + patience_s
    while call.is_active() and time.monotonic() < end_s:
        time.sleep(0.02)
    return None if call.is_active() else call.code()


def test_silent_streams_of_one_party_shut_out_no_other_and_end(tmp_path, monkeypatch):
    monkeypatch.setattr(hub_module, "HELLO_s", 1.0)
    with world(tmp_path) as made, made.hub() as hub:
        silent = dialled(hub, made.identity("motor-works"))
        calls = [stream(silent) for _ in range(90)]
        honest = dialled(hub, made.identity("battery-works"))
        call = stream(honest, hello())
        assert hub.wait_for("battery-works", "pack", 8.0).party == "battery-works"
        assert None not in {code_of(one) for one in calls}
        with pytest.raises(ComponentFailed, match=r"motor-works opened 90 streams and said nothing on them"):
            hub.wait_for("motor-works", "motor", 0.1)
        assert call.is_active()
        silent.close()
        honest.close()


def test_a_hello_that_is_too_large_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(hub_module, "MOST_HELLO_BYTES", 1000)
    with world(tmp_path) as made, made.hub() as hub, dialled(hub, made.identity("battery-works")) as channel:
        assert code_of(stream(channel, hello(2000))) is grpc.StatusCode.INVALID_ARGUMENT
