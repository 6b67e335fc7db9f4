"""What an attack is, and how a guard is taken out to see whether it was the one that held."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from tests.hostile.joint import World, copied

Kind = Literal[
    "offers",
    "slots",
    "contracts",
    "gates",
    "keys",
    "sign-offs",
    "records",
    "baselines",
    "locks",
    "links",
    "attributes",
    "names",
    "replay",
    "order",
    "inputs",
]
Role = Literal["party", "stranger"]
"""Another party, which writes in its own folders and signs with its own key; a stranger, who writes anywhere and has no key."""
Act = Callable[[World], str]


@dataclass(frozen=True)
class Attack:
    """What somebody does, what covolt says then, and the same done by who may, with what covolt says of that.

    `guards` are functions of covolt as MODULE:NAME, each with what answers in its place that nothing is wrong. Without them the
    attack `attains` what the honest act does, or the words named.
    """

    name: str
    kind: Kind
    role: Role
    do: Act
    told: str
    twin: Act
    honest: str
    guards: tuple[tuple[str, Any], ...]
    attains: str = ""
    found: int = 0
    """Number of the finding in attack.md that it repeats."""


@dataclass(frozen=True)
class Outcome:
    """What covolt said of an act."""

    said: str

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.said, re.DOTALL) is not None


def tried(act: Act, world: World, folder: Path) -> Outcome:
    """An act in a copy of a world."""
    folder.mkdir(parents=True)
    with copied(world, folder) as copy:
        return Outcome(act(copy))


def held(attack: Attack, world: World, folder: Path) -> list[str]:
    """What is wrong with an attack and its twin; nothing where the attack is told and the twin passes."""
    wrong: list[str] = []
    found = tried(attack.do, world, folder / "attack")
    if not found.says(attack.told):
        wrong.append(f"{attack.name}: not told: {attack.told}\n{found.said}")
    if found.says(attack.attains or attack.honest):
        wrong.append(f"{attack.name}: got through: {attack.attains or attack.honest}\n{found.said}")
    fair = tried(attack.twin, world, folder / "twin")
    if fair.says(attack.told) or not fair.says(attack.honest):
        wrong.append(f"{attack.name}: the honest twin does not pass: {attack.honest}\n{fair.said}")
    return wrong


def unguarded(attack: Attack, world: World, folder: Path) -> list[str]:
    """What is wrong where the guards are out; nothing where the attack then gets through untold."""
    try:
        with taken_out(attack.guards):
            found = tried(attack.do, world, folder / "unguarded")
    except (AttributeError, ImportError, KeyError, TypeError) as error:
        return [f"{attack.name}: its guard is another one by now: {error}"]
    wanted = attack.attains or attack.honest
    if found.says(attack.told):
        return [f"{attack.name}: told all the same: {attack.told}\n{found.said}"]
    return [] if found.says(wanted) else [f"{attack.name}: held all the same, and not by what is named\n{found.said}"]


@contextmanager
def taken_out(guards: tuple[tuple[str, Any], ...]) -> Generator[None]:
    """Functions replaced wherever covolt has taken them over."""
    patches: list[Any] = []
    try:
        for place, instead in guards:
            name, _, way = place.partition(":")
            owner: Any = importlib.import_module(name)
            *outer, last = way.split(".")
            for step in outer:
                owner = getattr(owner, step)
            genuine = owner.__dict__[last]
            owners = [owner] if outer else [owner, *(one for one in _holders(last, genuine) if one is not owner)]
            for one in owners:
                patches.append(patch.object(one, last, instead))
                patches[-1].start()
        yield
    finally:
        for one in reversed(patches):
            one.stop()


def _holders(name: str, genuine: Any) -> list[Any]:
    """Modules that have a function by its name."""
    loaded = [module for path, module in list(sys.modules.items()) if path.partition(".")[0] in {"covolt", "pathlib"}]
    return [module for module in loaded if getattr(module, name, None) is genuine]
