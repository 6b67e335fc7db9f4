"""Reading of option values: every problem of every option and file is found before anything is raised."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from covolt import units
from covolt.errors import AssemblyError, ContractError, CovoltError, InputError, Problem, UnitError
from covolt.words import LANGUAGES, Language

Value = TypeVar("Value")
FRACTIONS = frozenset({"state_of_charge", "from_displayed_fraction", "to_displayed_fraction"})
"""Fields that people write in percent."""


class Findings:
    """Problems found so far; `demand_none` raises them together."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._kinds: list[type[CovoltError]] = []

    def add(self, problem: Problem) -> None:
        """One more problem of the input."""
        self._problems.append(problem)
        self._kinds.append(InputError)

    def take(self, read: Callable[[], Value], renamed: Callable[[Problem], Problem] | None = None) -> Value | None:
        """What `read` gives, or None where it raised; `renamed` may put a problem in the words of the options."""
        try:
            return read()
        except CovoltError as error:
            self._problems += [renamed(problem) if renamed else problem for problem in error.problems]
            self._kinds.append(type(error))
            return None

    def quantity(self, option: str, text: str | None, si_unit: str) -> float | None:
        """SI value of an option such as "-20 degC" or "50 %"; None where it was not given or is wrong."""
        return None if text is None else self.take(lambda: _parsed(text, si_unit, option))

    def demand_none(self) -> None:
        """Raise all problems found."""
        if not self._problems:
            return
        only = set(self._kinds)
        kind = next((kind for kind in (ContractError, AssemblyError) if only == {kind}), InputError)
        raise kind(self._problems)


def language_of(findings: Findings, text: str) -> Language:
    """The language that an option names; English where it names none, which is found."""
    for one in LANGUAGES:
        if text == one:
            return one
    findings.add(Problem(f"no language '{text}'", "--language", "write en or ru"))
    return "en"


def _parsed(text: str, si_unit: str, option: str) -> float:
    """As `units.parse`, but no option takes a number without a unit: 0.5 may be meant in percent or as a share."""
    value = units.parse(text, si_unit, option)
    if si_unit == "1" and not re.search(r"[^\d\s.,eE+-]", text.replace("\N{MINUS SIGN}", "-")):
        percent = 100.0 * value if abs(value) <= 1.0 else value
        hint = f'write it in percent: "{percent:g} %"'
        raise UnitError(Problem(f"a bare number has no unit: '{text}'", option, hint))
    return value


def check_outputs(
    findings: Findings,
    outputs: Iterable[tuple[str, Path | None]],
    inputs: Iterable[Path] = (),
    *,
    make_folders: bool = False,
) -> None:
    """Find what would keep the asked-for files from being written, or would write them over an input."""
    read = {_same(path) for path in inputs if path.exists()}
    seen: dict[Path, str] = {}
    for option, path in outputs:
        if path is None:
            continue
        where = f"{option} {path}"
        if path.is_dir():
            findings.add(Problem("a folder of this name is there", where, "give the name of a file"))
        elif (link := _link_of_a_programme(path)) is not None:
            findings.add(Problem(f"{link} is a link out of the programme", where, "put the folder itself there"))
        elif _same(path) in read:
            findings.add(Problem("this file is an input", where, "give the output a name of its own"))
        else:
            _check_folder(findings, path, where, make_folders=make_folders)
        first = seen.setdefault(_same(path), option)
        if first != option:
            findings.add(Problem(f"{first} writes the same file", where, "give each its own file"))


def _link_of_a_programme(path: Path) -> Path | None:
    """A link on the way from the folder of a programme to a file in it."""
    from covolt.programme.folder import CHARTER_FILE

    steps = Path(os.path.abspath(path)).parents  # noqa: PTH100  a link is not to be resolved, it is looked for
    inner = list(takewhile(lambda folder: not (folder / CHARTER_FILE).is_file(), steps))
    return next((one for one in reversed(inner) if one.is_symlink()), None) if len(inner) < len(steps) else None


def _same(path: Path) -> Path:
    """One path for one file, whatever links lead to it."""
    return Path(os.path.realpath(path))


def _check_folder(findings: Findings, path: Path, where: str, *, make_folders: bool) -> None:
    folder = path.absolute().parent
    while make_folders and not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        findings.add(Problem(f"there is no folder {folder}", where, "make the folder first, or name another"))
    elif not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        findings.add(Problem("no permission to write there", where, "name a folder in which you may write"))
    elif path.exists() and not path.is_file():
        findings.add(Problem("this is no ordinary file", where, "give the name of a file"))


def in_words_of_options(names: dict[str, tuple[str, str | None]]) -> Callable[[Problem], Problem]:
    """A function that says which option a problem of a field came from, and what was written there."""

    def renamed(problem: Problem) -> Problem:
        field = problem.where.rpartition(".")[2]
        if field not in names:
            return problem
        option, text = names[field]
        what = _in_celsius(problem.what) if field.endswith("_temperature_K") else problem.what
        hint = problem.hint
        if field in FRACTIONS and text is not None and "outside 0 to 1" in what:
            what = f"{text} lies outside 0 to 100 %"
        return Problem(what, f"{option} {text!r}" if text else option, hint)

    return renamed


def _in_celsius(sentence: str) -> str:
    """A sentence on kelvins in the unit in which people speak of the weather."""
    numbers = re.sub(r"-?\d+(\.\d+)?", lambda match: f"{float(match[0]) - 273.15:g}", sentence)
    return numbers.replace(" K", " degC")
