"""The pack of the shipped city car by its two doors: as an FMU in the sandbox, and from its owner's process over mutual TLS.

Both answer for the nominal vehicle; the values stand beside those of covolt's own pack. Part of `make demo`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from covolt.errors import CovoltError
from covolt.programme.documents import Programme
from covolt.units import unit

ROOT = Path(__file__).parents[1]
CITY_CAR = ROOT / "examples/city-car"
REQUIREMENTS = ("I-RANGE-WLTP", "I-CONSUMPTION", "B-EFFICIENCY")
NAMESPACE, HUB, PARTY = f"covolt-demo-{os.getpid()}", "10.98.14.1", "10.98.14.2"


def nominal(programme: Programme, written: list[str]) -> list[float]:
    """Values on the nominal vehicle in the units of people; a model is written as `covolt verify --model` takes it."""
    from covolt.study.cases.options import Findings
    from covolt.study.cases.stand_ins import opened_stand_ins
    from covolt.study.procedures.registry import find_measure
    from covolt.study.verdicts.bench import Bench, Setting
    from covolt.study.verdicts.joined import locked_sheets
    from covolt.study.verdicts.records import MemoryRecords
    from covolt.study.verdicts.verification import given_of

    findings = Findings()
    with opened_stand_ins(written, programme, findings, "--model", lambda: datetime.now(UTC)) as links:
        findings.demand_none()
        bench, found = Bench(Setting.of(programme), MemoryRecords(), links=links), []
        for name in REQUIREMENTS:
            one = programme.requirements[name]
            procedure, measure = find_measure(one.procedure, one.measure, "")
            record = bench.record(procedure, given_of(one, programme), locked_sheets(programme))
            found.append(unit(measure.unit).from_si(record.measures[measure.id]))
    return found


@contextmanager
def own_network() -> Iterator[tuple[str, list[str]]]:
    """Address of the hub, and what starts a process in a network namespace of its own, where this machine allows one."""
    made = os.geteuid() == 0 and shutil.which("ip") is not None
    commands = (
        f"ip netns add {NAMESPACE}",
        f"ip link add cvd{os.getpid() % 100000}h type veth peer name cvd{os.getpid() % 100000}p netns {NAMESPACE}",
        f"ip addr add {HUB}/30 dev cvd{os.getpid() % 100000}h",
        f"ip link set cvd{os.getpid() % 100000}h up",
        f"ip -n {NAMESPACE} addr add {PARTY}/30 dev cvd{os.getpid() % 100000}p",
        f"ip -n {NAMESPACE} link set cvd{os.getpid() % 100000}p up",
    )
    try:
        made = made and all(
            subprocess.run(one.split(), capture_output=True, check=False).returncode == 0 for one in commands
        )
        yield (HUB, ["ip", "netns", "exec", NAMESPACE]) if made else ("127.0.0.1", [])
    finally:
        if os.geteuid() == 0 and shutil.which("ip"):
            subprocess.run(["ip", "netns", "del", NAMESPACE], capture_output=True, check=False)


@contextmanager
def serving(programme: Path, folder: Path, hub: str, within: list[str]) -> Iterator[None]:
    """The battery works' own process, which dials out to the hub by the certificate of its invitation."""
    from covolt.study.cases.hosting import invite_party, new_authority, request_invitation

    at, request, invitation = datetime.now(UTC), folder / "request.json", folder / "invitation.json"
    new_authority(programme, [hub.partition(":")[0]], at)
    asked = request_invitation(programme, "battery-works", request, at)
    invite_party("battery-works", programme, request, hub, invitation, at, fingerprint=asked.fingerprint)
    command = [sys.executable, "-m", "covolt", "host", "battery", str(programme), "--invitation", str(invitation)]
    with (folder / "host.log").open("w", encoding="utf-8") as log:
        party = subprocess.Popen([*within, *command], stdout=log, stderr=log)
        try:
            yield
        finally:
            party.kill()
            party.wait()


def main() -> None:
    """Print the values by each door."""
    from rich.console import Console
    from rich.table import Table

    from covolt.study.cases.export import ExportOptions, export_fmu
    from covolt.study.gate.check import read_whole
    from covolt.study.procedures.registry import find_measure

    console = Console()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="covolt-demo-")))
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        programme = Path(shutil.copytree(CITY_CAR, folder / "city-car"))
        read = read_whole(programme)
        ways = {"covolt's own pack": nominal(read, [])}
        try:
            export_fmu(programme, ExportOptions(part="battery"), folder / "pack.fmu")
            ways["its FMU, in the sandbox"] = nominal(read, [f"battery={folder / 'pack.fmu'}"])
        except CovoltError as error:
            console.print(f"not as an FMU here: {error}")
        host, within = stack.enter_context(own_network())
        stack.enter_context(serving(programme, folder, f"{host}:7443", within))
        where = "in a network of its own" if within else "on this machine's loopback"
        ways[f"hosted by battery-works, {where}"] = nominal(read, [f"battery=hosted@{host}:7443"])
    table = Table(title="The pack of the city car by its doors, nominal vehicle")
    table.add_column("computed by")
    for name in REQUIREMENTS:
        one = read.requirements[name]
        told = find_measure(one.procedure, one.measure, "")[1].unit
        table.add_column(f"{name}, {told}" if told != "1" else name, justify="right")
    for way, values in ways.items():
        table.add_row(way, *(f"{one:.9g}" for one in values))
    own = next(iter(ways.values()))
    worst = max(abs(a - b) / abs(b) for values in ways.values() for a, b in zip(values, own, strict=True))
    console.print(table)
    console.print(f"largest difference {worst:.0e} of the value")


if __name__ == "__main__":
    main()
