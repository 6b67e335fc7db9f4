"""Who begins a request and does not end it holds up nobody, and not for long; who is slow and goes on is let through."""

import contextlib
import random
import socket
import threading
import time

import httpx2
import pytest

from covolt.workspace import connections
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from tests.workspace.conftest import PERSON, Clock
from tests.workspace.git_client import git
from tests.workspace.test_client import served
from tests.workspace.unlocked import unlocked

pytestmark = pytest.mark.whole
NAME, PARTY = "small-car", "battery-works"
BEGUN = b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
LONG = BEGUN + b"Content-Length: 1000\r\n"


@pytest.fixture
def quick(monkeypatch):
    """Times so short that a test can wait for them."""
    for name, value in (("HEAD_s", 1.0), ("BODY_s", 0.6), ("LEAST_bytes", 40), ("REST_s", 0.5), ("UNREAD_s", 1.0)):
        monkeypatch.setattr(connections, name, value)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, small_programme):
    made = unlocked(Workspace(tmp_path_factory.mktemp("home"), Clock()))
    made.begin(small_programme, Reader(PERSON))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(workspace):
    with served(workspace) as found:
        yield found


def line(address, sent=b""):
    host, port = address.removeprefix("http://").split(":")
    made = socket.create_connection((host, int(port)), timeout=20)
    made.sendall(sent)
    return made


def closed_after_s(one, within_s=20.0):
    """How long until the server closes a connection; what it says before is thrown away."""
    began_s = time.monotonic()
    one.settimeout(within_s)
    with contextlib.suppress(ConnectionResetError):
        while one.recv(65536):
            pass
    return time.monotonic() - began_s


def answered(address):
    return httpx2.get(f"{address}/health/live", timeout=5).status_code == 200


def test_two_hundred_heads_that_never_end_keep_nobody_and_are_closed(quick, address):
    lines = [line(address, BEGUN) for _ in range(200)]
    began_s = time.monotonic()
    assert answered(address)
    assert time.monotonic() - began_s < 5.0
    for one in lines:
        closed_after_s(one)  # or a timeout
        one.close()
    assert answered(address)


@pytest.mark.parametrize(
    "sent",
    [b"", BEGUN, LONG + b"\r\n{", LONG + b"Expect: 100-continue\r\n\r\n"],
    ids=["nothing", "head", "body", "expect"],
)
def test_what_does_not_go_on_is_closed_wherever_it_stands(quick, address, sent):
    with line(address, sent) as one:
        assert closed_after_s(one) > 0.3


def test_a_head_is_bounded_as_a_whole_however_it_drips(quick, address):
    with line(address, BEGUN) as one, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        began_s = time.monotonic()
        while time.monotonic() - began_s < 15.0:
            one.sendall(b"X-A: b\r\n")
            time.sleep(0.1)
        pytest.fail("it is taken on and on")


def test_a_body_below_the_least_is_cut_and_one_above_is_taken(quick, address):
    head = LONG + b"\r\n"
    with line(address, head) as one, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(100):
            one.sendall(b" ")
            time.sleep(0.05)
        pytest.fail("it is taken on and on")
    with line(address, head) as one:
        for _ in range(50):  # for longer than a window, 20 bytes at a time
            one.sendall(b" " * 20)
            time.sleep(0.04)
        assert one.recv(100).startswith(b"HTTP/1.1 422")


def test_a_connection_is_kept_after_an_answer_and_between_requests(quick, address):
    asked = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    with line(address) as one:
        for wait_s in (0.0, 1.5, 0.0):  # for longer than a head may take
            time.sleep(wait_s)
            one.sendall(asked)
            said = b""
            while not said.endswith(b"}"):
                said += one.recv(4096)
            assert said.startswith(b"HTTP/1.1 200")
            assert b"uvicorn" not in said
        one.sendall(asked[:20])
        assert closed_after_s(one) > 0.5


def test_of_what_is_too_large_the_rest_is_not_read(address):
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000000000\r\n\r\n"
    with line(address, head) as one:
        one.settimeout(5)
        assert one.recv(12) == b"HTTP/1.1 413"
        sent_bytes, piece = 0, b"x" * 65536
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent_bytes < 500_000_000:
                sent_bytes += one.send(piece)
        assert sent_bytes < 20_000_000, "what the system keeps of a connection that nobody reads, and no more"


def test_a_newcomer_has_the_place_of_who_asks_nothing(address, monkeypatch):
    monkeypatch.setattr(connections, "most_open", lambda: 20)
    with line(address, LONG + b"\r\n") as coming:
        time.sleep(0.2)
        lines = [line(address, BEGUN) for _ in range(60)]
        assert answered(address), "the oldest head that is not whole went for it"
        coming.setblocking(False)
        with pytest.raises(BlockingIOError):
            coming.recv(1)  # open still
        open_count = 0
        for one in lines:
            one.settimeout(0.05)
            try:
                open_count += one.recv(1) != b""
            except TimeoutError:
                open_count += 1
            except ConnectionResetError:
                pass
            one.close()
        assert open_count <= 20


def test_an_answer_that_nobody_takes_is_given_up(quick, address):
    asked = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    with line(address, asked * 200) as one:  # answers of more than the system keeps for a reader
        began_s = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - began_s < 40.0:
                one.sendall(b"\r\n")
                time.sleep(0.1)


class Slow:
    """Passes on what is sent, so many bytes at a time."""

    def __init__(self, port):
        self._to, self._from = port, socket.create_server(("127.0.0.1", 0))
        self.port = self._from.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._from.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                for ways in ((here, there, 400, 0.02), (there, here, 65536, 0.0)):
                    threading.Thread(target=self._pass, args=ways, daemon=True).start()

    @staticmethod
    def _pass(source, target, size_bytes, wait_s):
        with contextlib.suppress(OSError):
            while piece := source.recv(size_bytes):
                target.sendall(piece)
                time.sleep(wait_s)
            target.shutdown(socket.SHUT_WR)

    def close(self):
        self._from.close()


def test_a_slow_push_passes(quick, workspace, address, tmp_path):
    relay = Slow(int(address.rpartition(":")[2]))
    git(tmp_path, "clone", f"{address}/git/{NAME}/{PARTY}.git", party=PARTY)
    own = tmp_path / PARTY
    (own / "measured.bin").write_bytes(random.Random(1).randbytes(50_000))
    git(own, "add", "--all")
    git(own, "commit", "--quiet", "-m", "Measured")
    began_s = time.monotonic()
    git(own, "push", f"http://127.0.0.1:{relay.port}/git/{NAME}/{PARTY}.git", "HEAD:main", party=PARTY)
    assert time.monotonic() - began_s > 1.5, "longer than two windows"
    assert dict(workspace.programmes.heads(NAME).parties)[PARTY] == git(own, "rev-parse", "HEAD").strip()
    relay.close()
