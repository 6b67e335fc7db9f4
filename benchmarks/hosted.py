"""A hosted step against the bare round trips of gRPC's stream, both over loopback and mutual TLS, interleaved in one run.

bare      a client writes 80 bytes on a stream and reads them back; the server echoes; nothing else on either side
hosted    a step of a hosted part: message made and read, deadline, sequence, guard, statistics, at the party a first-order lag
Writes build/bench-hosted.json. Goal: hosted at least 0.9 of bare.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import grpc
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.exchange.hosted.world import World  # noqa: E402

from covolt.exchange.hosted import Deadlines, HostedComponent, Hub, Identity  # noqa: E402

ROUNDS, TRIPS, GOAL = 41, 200, 0.9
CONTENT = b"x" * 80


def echo(folder: Path) -> None:
    """The bare server, in a process of its own."""
    identity = _identity(folder)
    credentials = grpc.ssl_server_credentials(
        [(identity.key, identity.certificate)], identity.authorities, require_client_auth=True
    )

    def answer(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        yield from requests

    server = grpc.server(ThreadPoolExecutor(2))
    handler = grpc.stream_stream_rpc_method_handler(answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare", {"Echo": handler}),))
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def _identity(folder: Path) -> Identity:
    return Identity(*((folder / name).read_bytes() for name in ("key", "certificate", "authorities")))


def bare_trips(port: int, identity: Identity) -> tuple[Any, SimpleQueue[bytes], grpc.Channel]:
    """An open bare stream."""
    credentials = grpc.ssl_channel_credentials(identity.authorities, identity.key, identity.certificate)
    channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials)
    outgoing: SimpleQueue[bytes] = SimpleQueue()

    def sent() -> Iterator[bytes]:
        while content := outgoing.get():
            yield content

    return channel.stream_stream("/bare/Echo")(sent()), outgoing, channel


def rate_per_s(once: Any, trips: int) -> float:
    """Trips in a second."""
    begun_s = time.perf_counter()
    for at in range(trips):
        once(at)
    return trips / (time.perf_counter() - begun_s)


def measured(world: World, hub: Hub, trips: int, rounds: int) -> dict[str, Any]:
    """Both, in turn."""
    folder = world.folder / "bare"
    folder.mkdir()
    for name in ("key", "certificate", "authorities"):
        (folder / name).write_bytes(getattr(world.hub_identity, name))
    server = subprocess.Popen([sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, text=True)
    world.processes.append(server)
    call, outgoing, channel = bare_trips(int((server.stdout or sys.stdin).readline()), world.identity("bare"))
    world.party(hub)
    one = HostedComponent(hub, "battery-works", "lag", Deadlines(step_s=5.0), checkpoint_every=10**9)
    one.wire(("input",), ("output", "slope"))
    one.start({}, np.zeros(1))
    inputs = np.ones(1)

    def bare(at: int) -> None:
        outgoing.put(CONTENT)
        next(call)

    def hosted(at: int) -> None:
        one.step(float(at), 1.0, inputs)

    for once in (bare, hosted):
        rate_per_s(once, 200)
    rows = [(rate_per_s(bare, trips), rate_per_s(hosted, trips)) for _ in range(rounds)]
    outgoing.put(b"")
    channel.close()
    ratios = sorted(hosted_per_s / bare_per_s for bare_per_s, hosted_per_s in rows)
    return {
        "bare_per_s": statistics.median(one for one, _ in rows),
        "hosted_per_s": statistics.median(one for _, one in rows),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "goal": GOAL,
    }


def main(trips: int = TRIPS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure, print, and write."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            with Hub("127.0.0.1:0", world.hub_identity, world.trust, lambda: datetime.now(UTC)) as hub:
                found = measured(world, hub, trips, rounds)
        finally:
            world.close()
    print(
        f"hosted step {found['hosted_per_s']:.0f}/s, bare gRPC stream {found['bare_per_s']:.0f}/s, "
        f"ratio {found['ratio']:.2f} (goal {GOAL}); of {rounds} rounds {found['ratios'][0]:.2f} to {found['ratios'][-1]:.2f}"
    )
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench-hosted.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    if len(sys.argv) > 1:
        echo(Path(sys.argv[1]))
    else:
        main()
