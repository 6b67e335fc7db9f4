"""Races: two processes that write at once, held at a barrier just before they take their turn.

Each is the command itself. Where both write one name with different content, one wins and the other is told, with exit code 2;
where they write different names, both win, and neither is lost. What each command makes when it is alone is the measure: after a
race there stands what the winners make, to the bit and to the file.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small import ROLES, documents, programme, run, state

from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from covolt.programme.requirement_files import rows_of, write_excel

TOLD = 2
"""Exit code of who is told that somebody was first."""
Arguments = list[str]


@dataclass(frozen=True)
class Case:
    """Two commands, where they begin, and what each of them changes when it is alone."""

    name: str
    same: bool
    start: Path
    commands: tuple[Arguments, Arguments]
    changed: tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Race:
    """One race and what was wrong with its end."""

    name: str
    overlapped: bool
    wrong: tuple[str, ...]


def _parts(folder: Path, versions: Sequence[str], masses: Sequence[str]) -> list[str]:
    """Parts of one battery, each with a report, where no document of the programme is looked for."""
    car = folder / "car"
    sheet = next(path for path in car.glob("*/parts/*/part.toml") if 'fills = "battery"' in path.read_text())
    made: list[str] = []
    for number, (version, mass) in enumerate(zip(versions, masses, strict=True)):
        part = sheet.parents[2] / "data" / str(number)
        part.mkdir(parents=True)
        text = re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', sheet.read_text())
        text = re.sub(r'(?m)^(mass = .*?value = )"[^"]*"', rf'\g<1>"{mass}"', text)
        (part / "part.toml").write_text(text, encoding="utf-8")
        (part / "report.pdf").write_text(f"weighed: {mass}", encoding="utf-8")
        made.append(part.relative_to(folder).as_posix())
    return made


def _offer(folder: Path, *, same: bool, attached: bool = False) -> tuple[Arguments, Arguments]:
    versions = ("2.0.0", "2.0.0") if same else ("2.0.0", "2.0.1")
    first, second = (
        ["offer", part, *(("--attach", f"{part}/report.pdf") if attached else ())]
        for part in _parts(folder, versions, ("221 kg", "222 kg"))
    )
    return first, second


def _with_files(folder: Path, *, same: bool) -> tuple[Arguments, Arguments]:
    return _offer(folder, same=same, attached=True)


def _freeze(_: Path, *, same: bool) -> tuple[Arguments, Arguments]:
    return ["lock", "car", "--freeze", "a"], ["lock", "car", "--freeze", "a" if same else "b"]


def _lock(folder: Path, *, same: bool) -> tuple[Arguments, Arguments]:
    parts = _parts(folder, ("3.0.0", "3.0.1"), ("221 kg", "222 kg"))
    first, second = (["lock", "car", "--pin", f"battery={publish_part(folder / part)[1].reference}"] for part in parts)
    return first, second if same else _rows(folder, 1, range(6))


def _import(folder: Path, *, same: bool) -> tuple[Arguments, Arguments]:
    return _rows(folder, 0, range(4)), _rows(folder, 1, range(3 if same else 4, 6))


def _rows(folder: Path, number: int, chosen: range) -> Arguments:
    read = read_programme(folder / "car")
    rows = [read.requirements[f"MASS-{one}"].model_copy(update={"at_most": f"{1300 + number} kg"}) for one in chosen]
    write_excel(folder / f"{number}.xlsx", rows_of(rows))
    party = read.requirements[f"MASS-{chosen[0]}"].party
    return ["requirements", "import", f"{number}.xlsx", "car", f"--party={party}"]


def _sign(folder: Path, *, same: bool) -> tuple[Arguments, Arguments]:
    roles = [f"--role={role}" for role in ROLES]
    [made] = run([["key", "new", "agency.pem", "car", "--party=agency", *roles]], folder)
    if made.code:
        raise RuntimeError(made.told)
    first, second = (
        ["sign", "concept", "car", "--party=agency", role, "--key=agency.pem", f"--remarks=read by {number}"]
        for number, role in enumerate((roles[0], roles[0 if same else 1]))
    )
    return first, second


PREPARED: Mapping[str, Callable[..., tuple[Arguments, Arguments]]] = {
    "offer": _offer,
    "offer with files": _with_files,
    "freeze": _freeze,
    "lock": _lock,
    "import": _import,
    "sign": _sign,
}


def prepared(name: str, same: bool, base: Path, place: Path) -> Case:
    """A case, with what each of its commands changes alone."""
    home = place / f"{name} {'same' if same else 'other'}"
    start = home / "start"
    shutil.copytree(base, start)
    commands = PREPARED[name](start, same=same)
    before, changed = state(start), list[Mapping[str, str]]()
    for number, one in enumerate(commands):
        alone = home / str(number)
        shutil.copytree(start, alone)
        [ended] = run([one], alone)
        if ended.code:
            raise RuntimeError(f"{name} alone ends with {ended.code}: {ended.told}")
        after = documents(state(alone))
        changed.append({file: digest for file, digest in after.items() if before.get(file) != digest})
    return Case(name, same, start, commands, (changed[0], changed[1]))


def race(case: Case, folder: Path, *, turned: bool) -> Race:
    """One race; `turned`, the second command is begun first."""
    shutil.copytree(case.start, folder)
    order = (1, 0) if turned else (0, 1)
    ended = dict(zip(order, run([case.commands[one] for one in order], folder), strict=True))
    winners = [one for one in (0, 1) if ended[one].code == 0]
    wrong = [f"ends with {one.code}: {one.told}" for one in ended.values() if one.code not in {0, TOLD}]
    if len(winners) != (1 if case.same else 2):
        wrong.append(f"{len(winners)} winners: {' | '.join(one.said + one.told for one in ended.values())}")
    wanted = documents(state(case.start))
    for one in winners:
        wanted |= case.changed[one]
    found = documents(state(folder))
    wrong += [
        f"{name} is not what the winners make" for name in {*found, *wanted} if found.get(name) != wanted.get(name)
    ]
    overlapped = ended[0].begin_s < ended[1].end_s and ended[1].begin_s < ended[0].end_s
    shutil.rmtree(folder)
    return Race(f"{case.name}, {'same' if case.same else 'other'} name", overlapped, tuple(wrong))


def races(count: int, seed: int, names: Sequence[str] = tuple(PREPARED)) -> list[Race]:
    """Races of all kinds in turn, half of them for one name."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="covolt-races-") as made:
        place = Path(made)
        base = place / "base"
        programme(base)
        kinds = [(name, same) for name in names for same in (True, False)]
        cases = [prepared(name, same, base, place) for name, same in kinds[:count]]
        return [
            race(cases[number % len(cases)], place / "race", turned=chance.random() < 0.5) for number in range(count)
        ]


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """Races that ended otherwise than they should, and the part of them in which both truly wrote at once."""
    every = races(count, seed)
    wrong = [one for one in every if one.wrong]
    about = {
        "unit": "races",
        "cases": len(every),
        "peer": f"two processes held at a barrier before the write, seed {seed}",
    }
    details = [{"case": one.name, "wrong": list(one.wrong)} for one in wrong]
    together = float(sum(one.overlapped for one in every))
    return [
        {"name": "races", "measured": float(len(wrong)), "goal": 0.0, "better": "lower", "details": details, **about},
        {
            "name": "races, at once",
            "measured": together,
            "goal": len(every) / 2,
            "better": "higher",
            "details": [],
            **about,
        },
    ]
