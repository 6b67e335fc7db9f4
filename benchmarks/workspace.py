"""Load: engineers of several parties on the programmes of one workspace, served by `covolt serve`; how long they wait.

    python benchmarks/workspace.py --database postgresql --engineers 200 --programmes 20 --offers 10000 --minutes 10

Every engineer acts for one party of one programme, and pauses for some seconds between two requests (exponential, --pause).
Nine of ten requests read. Reads are the programme, verdicts, proposals, one of them, the feed, gates; writes are proposals,
answers, withdrawals and, seldom, merges. A refusal that the engineer had to expect (what was looked at has changed since,
another was sooner) is an answer; any other, and none, is an error. Before they begin, the verdicts of each programme are asked
for once, in the name of no party; what each party sees of it is first made while it is measured, and counts.
Server, PostgreSQL and engineers share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.workspace.cluster import Cluster  # noqa: E402
from tests.workspace.conftest import small  # noqa: E402

from covolt.contract.document import dumps  # noqa: E402
from covolt.contract.offer import publish  # noqa: E402
from covolt.contract.standard import standard_interface  # noqa: E402
from covolt.programme.reading import read_programme  # noqa: E402
from covolt.programme.restarting import restart  # noqa: E402
from covolt.workspace.access import Reader  # noqa: E402
from covolt.workspace.alone import Opened, opened_at  # noqa: E402
from covolt.workspace.asking import Workspace  # noqa: E402

GOALS_ms = {"reads": 150.0, "writes": 400.0}
PARTIES = ("battery-works", "integrator", "drive-works", "institute")
NUMBERS = (("battery", "mass", 230, 240), ("body", "mass", 550, 570))
ACTS = {
    "programme": 20, "verdicts": 15, "proposals": 15, "proposal": 10, "feed": 15, "gates": 10, "programmes": 5,
    "propose": 6, "answer": 3, "withdraw": 0.8, "merge": 0.2,
}  # fmt: skip
WRITES = frozenset({"propose", "answer", "withdraw", "merge"})
EXPECTED = {"answer": {403, 409}, "withdraw": {403, 409}, "merge": {409}}
PATIENCE_s = 60.0


@dataclass
class Told:
    """What the engineers saw."""

    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Line:
    """One connection that is kept open."""

    def __init__(self, opened: Opened) -> None:
        self._port, self._token, self._streams = int(opened.address.rpartition(":")[2]), opened.token, None

    async def ask(self, method: str, path: str, party: str, given: Any = None) -> tuple[int, bytes]:
        body = b"" if given is None else json.dumps(given).encode()
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCovolt-Party: {party}\r\n"
        head += f"Authorization: Bearer {self._token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            if self._streams is None or self._streams[0].at_eof():
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(head.encode() + body)
            status = int((await reader.readline()).split()[1])
            length, kept = 0, True
            while (line := await reader.readline()) not in {b"\r\n", b""}:
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
                kept = kept and not (name.lower() == "connection" and "close" in value)
            answer = await reader.readexactly(length)
        except BaseException:
            self.close()
            raise
        if not kept:
            self.close()
        return status, answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


class Engineer:
    """Somebody of a party at work in a programme."""

    def __init__(self, at: int, programme: str, opened: Opened, told: Told, pause_s: float, seed: int) -> None:
        self.chance = random.Random(f"{seed} {at}")
        self.programme, self.party, self.told, self.pause_s = programme, PARTIES[at // 20 % len(PARTIES)], told, pause_s
        self.line = Line(opened)
        self.known: list[dict[str, Any]] = []

    async def work(self, until_s: float) -> None:
        while (left_s := until_s - time.monotonic()) > 0:
            await asyncio.sleep(min(left_s, self.chance.expovariate(1.0 / self.pause_s)))
            if time.monotonic() < until_s:
                await self.act(self.chance.choices(list(ACTS), list(ACTS.values()))[0])
        self.line.close()

    async def act(self, act: str) -> None:
        await getattr(self, f"_{act}")()

    async def ask(self, act: str, method: str, path: str, given: Any = None) -> Any:
        begun_s = time.perf_counter()
        try:
            status, answer = await asyncio.wait_for(self.line.ask(method, path, self.party, given), PATIENCE_s)
        except (OSError, EOFError, IndexError, ValueError, TimeoutError) as error:
            self.told.errors[f"{act}: {type(error).__name__}"] += 1
            return None
        self.told.took_ms[act].append(1000.0 * (time.perf_counter() - begun_s))
        if status < 300:
            return json.loads(answer) if act in {"proposals", "proposal", "look", "propose"} else True
        if status in EXPECTED.get(act, ()):
            self.told.refused[act] += 1
        else:
            self.told.errors[f"{act}: {status} {answer[:200]!r}"] += 1
        return None

    async def _programme(self) -> None:
        await self.ask("programme", "GET", f"/programmes/{self.programme}")

    async def _programmes(self) -> None:
        await self.ask("programmes", "GET", "/programmes")

    async def _verdicts(self) -> None:
        await self.ask("verdicts", "GET", f"/programmes/{self.programme}/verdicts")

    async def _feed(self) -> None:
        await self.ask("feed", "GET", f"/programmes/{self.programme}/feed")

    async def _gates(self) -> None:
        await self.ask("gates", "GET", f"/programmes/{self.programme}/gates")

    async def _proposals(self) -> None:
        found = await self.ask("proposals", "GET", f"/programmes/{self.programme}/proposals")
        self.known = [one for one in found["proposals"] if one["state"] == "open"] if found else self.known

    async def _look(self, act: str) -> Any:
        if not self.known:
            await self._proposals()
        if not self.known:
            return None
        number = self.chance.choice(self.known)["number"]
        return await self.ask(act, "GET", f"/programmes/{self.programme}/proposals/{number}")

    async def _proposal(self) -> None:
        await self._look("proposal")

    async def _propose(self) -> None:
        slot, number, least, most = self.chance.choice(NUMBERS)
        value = f"{self.chance.uniform(least, most):.2f} kg"
        given = {"changes": [{"slot": slot, "number": number, "value": value}], "title": f"{slot} to {value}"}
        await self.ask("propose", "POST", f"/programmes/{self.programme}/proposals", given)

    async def _answer(self) -> None:
        if (one := await self._look("look")) is not None:
            path = f"/programmes/{self.programme}/proposals/{one['proposal']['number']}/answers"
            await self.ask("answer", "POST", path, {"answer": "accept", "content": one["content"], "reason": ""})

    async def _withdraw(self) -> None:
        own = [one for one in self.known if one["party"] == self.party]
        if own:
            path = f"/programmes/{self.programme}/proposals/{self.chance.choice(own)['number']}/withdraw"
            await self.ask("withdraw", "POST", path)

    async def _merge(self) -> None:
        if (one := await self._look("look")) is not None and not one["stands_against"]:
            await self.ask("merge", "POST", f"/programmes/{self.programme}/proposals/{one['proposal']['number']}/merge")


def programmes(folder: Path, home: Path, database: str, count: int, offers: int) -> list[str]:
    """A workspace with as many programmes, which hold as many offers together."""
    first = small(folder / "first")
    known = read_programme(first).offers.values()
    [pack] = [one for one in known if one.datasheet.reference.endswith("pack-33@1.0.0")]
    before, interface = dumps(pack), standard_interface(pack.datasheet.fills)
    workspace = Workspace(home, lambda: datetime.now(UTC), database)
    try:
        names = [f"car-{at}" for at in range(count)]
        for name in names:
            restart(first, folder / name, name)
            for at in range(offers // count - len(known)):  # earlier versions of the pack, of which no two are alike
                given = {"version": f"0.1.{at}", "title": f"NMC pack {name} {at}"}
                made = publish(pack.datasheet.model_copy(update=given), interface)
                written = before.replace(pack.digest, made.digest).replace('"1.0.0"', f'"{given["version"]}"', 1)
                written = written.replace(pack.datasheet.title, given["title"], 1)
                place = folder / name / "offers" / made.datasheet.party / f"pack-33@{given['version']}.toml"
                place.write_text(written, encoding="utf-8")
            workspace.begin(folder / name, Reader("engineer"))
    finally:
        workspace.close()
    return names


def served(home: Path, database: str) -> tuple[subprocess.Popen[str], Opened]:
    """The server, and how it is reached once it listens."""
    words = [sys.executable, "-m", "covolt", "serve", "--home", str(home), "--port", "0", "--no-browser"]
    words += ["--database", database] if database else []
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    said = process.stdout.readline() if process.stdout else ""
    opened = opened_at(home)
    if opened is None:
        process.kill()
        sys.exit(f"the server did not begin: {said}")
    return process, opened


async def load(opened: Opened, names: list[str], chosen: argparse.Namespace, seconds: float) -> Told:
    """Engineers at work for so long."""
    told = Told()
    until_s = time.monotonic() + seconds
    crowd = [
        Engineer(at, names[at % len(names)], opened, told, chosen.pause, chosen.seed).work(until_s)
        for at in range(chosen.engineers)
    ]
    await asyncio.gather(*crowd)
    return told


def rows(told: Told, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """What they saw, beside what is to be reached."""
    found: list[dict[str, Any]] = []
    kinds: dict[str, Callable[[str], bool]] = {
        "reads": lambda act: act not in WRITES,
        "writes": lambda act: act in WRITES,
    }
    for kind, within in kinds.items():
        took_ms = [one for act, each in told.took_ms.items() if within(act) for one in each]
        found.append(
            {
                "name": f"workspace, {chosen.database}, {chosen.engineers} engineers: p95 of {kind}",
                "measured": float(np.percentile(took_ms, 95)) if took_ms else None,
                "goal": GOALS_ms[kind],
                "unit": "ms",
                "better": "lower",
                "cases": len(took_ms),
            }
        )
    found.append(
        {
            "name": f"workspace, {chosen.database}, {chosen.engineers} engineers: errors",
            "measured": float(sum(told.errors.values())), "goal": 0.0, "unit": "requests", "better": "lower",
            "cases": sum(map(len, told.took_ms.values())),
        }
    )  # fmt: skip
    return found


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--engineers", type=int, default=200)
    parser.add_argument("--programmes", type=int, default=20)
    parser.add_argument("--offers", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two requests of an engineer")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def said(told: Told, found: list[dict[str, Any]]) -> None:
    for act, took_ms in sorted(told.took_ms.items()):
        p50, p95, most = np.percentile(took_ms, [50, 95, 100])
        refused = told.refused[act]
        print(f"{act:12} {len(took_ms):6}  p50 {p50:7.1f}  p95 {p95:7.1f}  most {most:7.1f} ms  refused {refused}")
    for error, count in told.errors.most_common(10):
        print(f"{count} x {error}")
    for row in found:
        print(f"{row['name']}: {row['measured']} {row['unit']} (goal {row['goal']:g})")


def main() -> None:
    chosen = asked()
    folder = Path(tempfile.mkdtemp(prefix="covolt-load-"))
    os.environ |= {"COVOLT_CACHE_DIR": str(folder / "cache"), "XDG_CONFIG_HOME": str(folder / "config")}
    cluster = Cluster() if chosen.database == "postgresql" else None
    try:
        if cluster is not None:
            cluster.database("load")
        address = cluster.address("load") if cluster else ""
        begun_s = time.perf_counter()
        names = programmes(folder, folder / "home", address, chosen.programmes, chosen.offers)
        print(f"{len(names)} programmes begun in {time.perf_counter() - begun_s:.0f} s", flush=True)
        process, opened = served(folder / "home", address)
        try:
            asyncio.run(warm(opened, names))
            gc.collect()
            gc.freeze()  # what the programmes were made of is no burden of the engineers
            told = asyncio.run(load(opened, names, chosen, 60.0 * chosen.minutes))
            status = Path(f"/proc/{process.pid}/status").read_text() if sys.platform == "linux" else ""
            print(*[line for line in status.splitlines() if "VmHWM" in line])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20.0)
        found = rows(told, chosen)
        said(told, found)
        place = ROOT / "build" / "workspace.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    finally:
        if cluster is not None:
            cluster.end()
        shutil.rmtree(folder, ignore_errors=True)


async def warm(opened: Opened, names: list[str]) -> None:
    """Each programme is opened once, as in the morning: what everybody then finds is computed."""
    line = Line(opened)
    for name in names:
        await line.ask("GET", f"/programmes/{name}/verdicts?wait_s=20", "")
    line.close()


if __name__ == "__main__":
    main()
