"""Every reader of covolt with the valid files that its damaged ones grow from."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mutants import ROOT

CYCLE = "time_s,speed_km_per_h,slope_fraction\n" + "".join(f"{t},{min(t, 50)},0.01\n" for t in range(0, 120))
ROUTE = "distance_m,speed_km_per_h,stop_s,slope_fraction\n0,30,0,0\n500,50,10,0.02\n1500,0,30,0\n"


def _rest_V(z: float) -> float:
    """A cell made up for damage: its rest voltage rises with its charge, and ever more so."""
    return 3.0 + 0.9 * z - 0.5 * z * z + 0.7 * z**3


PULSES = "ambient_C,soc_pct,pulse_A,rest_voltage_V,R_1s_mohm,R_10s_mohm,pulse_s\n" + "".join(
    f"{cold},{z},3,{_rest_V(z / 100):.4f},{32 + 25 - cold},{36 + 2 * (25 - cold)},10\n"
    for cold in (25, 5)
    for z in range(95, 4, -10)
)
TRACE = "time_s,current_A,voltage_V\n" + "".join(
    f"{t},0.15,{_rest_V(1 - t / 60000) - 0.005:.4f}\n" for t in range(0, 60001, 600)
)
INTEREST = (
    'schema = "interest/1"\nid = "LIGHT"\nparty = "integrator"\ntitle = "Light"\nprocedure = "declaration"\n'
    'measure = "kerb_mass"\nworst_acceptable = "1200 kg"\naspiration = "1000 kg"\nweight = 2.0\n'
)
REVOCATION = (
    'schema = "revocation/1"\nprogramme = "city-car"\nparty = "agency"\n'
    f'key = "{"a" * 64}"\non = "2026-02-01"\nreason = "lost"\nby = "{"b" * 64}"\n'
    f'stands = ["sha256:{"c" * 64}"]\nsignature = "{"d" * 128}"\n'
)
SCHEMA = re.compile(r'^schema = "([a-z-]+/\d)"', re.MULTILINE)
HOLDS = (
    "examples/city-car",
    "examples/city-bus",
    "tests/data",
    "src/covolt/library/tables",
    "src/covolt/library/negatives",
)


@dataclass(frozen=True)
class Reader:
    """How the files end, valid ones, and what reads one of them."""

    ending: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]


def _documents() -> dict[str, list[bytes]]:
    """Valid documents of every kind, by the schema that they state."""
    from covolt.contract.document import dumps
    from covolt.contract.schemas import SCHEMAS
    from covolt.contract.standard import standard_interfaces
    from covolt.programme.schemas import PROGRAMME_SCHEMAS

    found: dict[str, list[bytes]] = {kind: [] for kind in (*PROGRAMME_SCHEMAS, *SCHEMAS)}
    found["interest/1"].append(INTEREST.encode())
    found["revocation/1"].append(REVOCATION.encode())
    found["interface/1"] += [dumps(one).encode() for one in standard_interfaces().values()]
    for folder in HOLDS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".toml", ".lock"} and (stated := SCHEMA.search(path.read_text(encoding="utf-8"))):
                found[stated[1]].append(path.read_bytes())
    return found


class _Programme:
    """A programme of its own, in which one file at a time is another."""

    def __init__(self, home: Path) -> None:
        self.root = home / "programme"
        shutil.copytree(ROOT / "examples/city-car", self.root)
        paths = sorted(one for one in self.root.rglob("*") if one.suffix in {".toml", ".lock"})
        self.seeds = tuple(one.read_bytes() for one in paths)
        self.paths = dict(zip(self.seeds, paths, strict=True))
        self.at = 0

    def read(self, raw: bytes) -> object:
        """The whole programme with this in place of one of its files, and what counts in it."""
        from covolt.programme.reading import read_programme

        stated = SCHEMA.search(raw.decode("utf-8", "replace"))
        same = [seed for seed in self.seeds if stated and stated[0].encode() in seed] or list(self.seeds)
        self.at += 1
        genuine = same[self.at % len(same)]
        path = self.paths[genuine]
        path.write_bytes(raw)
        try:
            return read_programme(self.root).standings
        finally:
            path.write_bytes(genuine)


def _journal(home: Path) -> Reader:
    """A journal of this user's own, damaged inside its seal and outside it in turn."""
    from covolt.journal import JOURNAL, SECRET, reading
    from covolt.own_files import own_secret

    root = home / "interrupted"
    (root / ".covolt").mkdir(parents=True)
    moves = [{"part": f".{n}.toml.1-1.part", "path": f"slots/{n}.toml", "before": None, "after": "ab"} for n in "ab"]
    genuine = json.dumps({"folder": root.stat().st_ino, "moves": moves})
    turn = [0]

    def read(raw: bytes) -> None:
        turn[0] += 1
        text = raw.partition(b"\n")[2] if turn[0] % 2 else raw
        seal = hmac.new(own_secret(SECRET), text, hashlib.sha256).hexdigest().encode()
        (root / ".covolt" / JOURNAL).write_bytes(seal + b"\n" + text if turn[0] % 2 else raw)
        with reading(root):
            pass

    return Reader(".json", (b"0" * 64 + b"\n" + genuine.encode(),), read)


def _imports(home: Path, programme: _Programme) -> dict[str, Reader]:
    from covolt.programme.reading import read_programme
    from covolt.programme.requirement_files import (
        Rows,
        read_excel,
        read_reqif,
        rows_of,
        take_in,
        write_excel,
        write_reqif,
    )

    whole = read_programme(programme.root)
    rows = list(rows_of(whole.requirements.values()))[:12]
    book, exchanged = home / "seed.xlsx", home / "seed.reqif"
    write_excel(book, rows)
    write_reqif(exchanged, rows, "seed")
    own = exchanged.read_bytes()

    def through(read: Callable[[Path], Rows], path: Path) -> Callable[[bytes], object]:
        def taken(raw: bytes) -> object:
            path.write_bytes(raw)
            return take_in(whole, read(path), write=False)

        return taken

    foreign = own.replace(b"covolt.id", b"ReqIF.ForeignID").replace(b"covolt.", b"other.")
    reqif = through(lambda path: read_reqif(path, party="integrator"), home / "in.reqif")
    return {
        "xlsx import": Reader(".xlsx", (book.read_bytes(),), through(read_excel, home / "in.xlsx")),
        "ReqIF import": Reader(".reqif", (own, foreign), reqif),
    }


def _columns(home: Path) -> dict[str, Reader]:
    from covolt.library.cell_file import read_cell, write_cell
    from covolt.library.figures import read_car
    from covolt.simulation.cycle_file import read_csv
    from covolt.simulation.route import drive_route, read_route
    from covolt.vehicle.identification import identify
    from covolt.vehicle.pulse_data import read_pulses, read_trace, slow_discharge

    slow, cell = home / "slow.csv", home / "cell.toml"
    slow.write_text(TRACE, encoding="utf-8")
    (home / "pulses.csv").write_text(PULSES, encoding="utf-8")
    discharge = slow_discharge(read_trace(slow))
    write_cell(identify(read_pulses(home / "pulses.csv"), discharge)[0], cell, source="made for damage")
    cars = tuple(one.read_bytes() for one in sorted((ROOT / "src/covolt/library/cars").glob("*.toml")))

    def of(ending: str, seeds: tuple[bytes, ...], read: Callable[[Path], object]) -> Reader:
        path = home / f"damaged{ending}"

        def from_bytes(raw: bytes) -> object:
            path.write_bytes(raw)
            return read(path)

        return Reader(ending, seeds, from_bytes)

    return {
        "car": of(".toml", cars, read_car),
        "cell": of(".toml", (cell.read_bytes(),), read_cell),
        "cycle": of(".csv", (CYCLE.encode(),), read_csv),
        "route": of(".csv", (ROUTE.encode(),), lambda path: drive_route("damaged", read_route(path))),
        "pulses": of(".csv", (PULSES.encode(),), lambda path: identify(read_pulses(path), discharge)),
        "slow discharge": of(".csv", (TRACE.encode(),), lambda path: slow_discharge(read_trace(path))),
    }


def _structures(home: Path) -> dict[str, Reader]:
    """An SSP that lies open, with each of its documents damaged in turn."""
    from covolt.study.cases.ssp import check_ssp

    sys.path.insert(0, str(ROOT))
    from tests.exchange.ssp.test_hostile import FILES

    folder = home / "ssp"
    folder.mkdir()

    def reading(name: str) -> Callable[[bytes], object]:
        def read(raw: bytes) -> object:
            for file, content in FILES.items():
                (folder / file).write_bytes(raw if file == name else content.encode())
            return check_ssp(folder)

        return read

    return {f"ssp {name}": Reader(".reqif", (content.encode(),), reading(name)) for name, content in FILES.items()}


def readers(home: Path) -> dict[str, Reader]:
    """All of them; `home` is a folder that is theirs, and holds what they trust."""
    os.environ["COVOLT_CONFIG_DIR"] = str(home / "config")
    from covolt.contract.schemas import read_document
    from covolt.programme.anchor import trust_of
    from covolt.programme.schemas import PROGRAMME_SCHEMAS

    (home / "config").mkdir(mode=0o700)
    programme, document, anchor = _Programme(home), home / "document.toml", home / "config/trusted.toml"

    def read(raw: bytes) -> object:
        document.write_bytes(raw)
        return read_document(document, PROGRAMME_SCHEMAS)

    def trusted(raw: bytes) -> object:
        anchor.touch(mode=0o600)
        anchor.write_bytes(raw)
        try:
            return trust_of("city-car")
        finally:
            anchor.unlink()

    shipped = (ROOT / "src/covolt/library/trusted.toml").read_bytes()
    known = f'[programme.city-car.revoked]\n{"a" * 64} = ["sha256:{"b" * 64}"]\n'.encode()
    found = _columns(home) | _imports(home, programme)
    found |= {kind: Reader(".toml", tuple(seeds), read) for kind, seeds in _documents().items()}
    found["trust file"] = Reader(".toml", (shipped, shipped + known), trusted)
    found["journal"] = _journal(home)
    found |= _structures(home)
    found["programme"] = Reader(".toml", programme.seeds, programme.read)
    return found
