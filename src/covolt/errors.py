"""Every error that covolt raises on purpose.

    CovoltError                 carries all problems found, each with what, where and a hint
    ├── InputError              a file, an option or a value is wrong: raised at the door, before any computation
    │   ├── UnitError           a unit is missing, unknown or of another dimension
    │   ├── CycleError          a speed trace cannot be driven as given
    │   ├── NotFound            nothing is known by the name that was given
    │   ├── Conflict            something stands in the way: a name is taken, or what was read has changed meanwhile
    │   ├── Forbidden           whoever asks may not: the key, the role or the place is another's
    │   └── Unavailable         what is needed is not to be had now: no git, a full disk, another process holds it
    ├── ContractError           a part does not keep what its interface demands
    ├── ComponentFailed         a foreign model, wherever it runs, gave no answer or none that counts
    │   └── ComponentEnded      its process, or the way to it, ended, or its deadline passed
    ├── AssemblyError           the parts do not make a vehicle
    ├── DriveFailed             a drive could not be completed and the caller asked to be told so
    └── Cancelled               whoever asked no longer wants it: what was whole before stays, and nothing is half written

NotFound, Conflict, Forbidden and Unavailable are kinds of InputError, for whoever caught that before there were any. Problems of
several kinds that are told together are an InputError; `ENDINGS` says how each kind ends a command and answers a request.

A drive that cannot be completed is otherwise a value (`trace.outcome`); a bug of ours is Python's own exception,
undressed.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from covolt.catalogues import ENGLISH, Language
from covolt.words import Phrase, said, spoken, text


@dataclass(frozen=True, init=False)
class Problem:
    """One thing that is wrong: what, where a person finds it, and one imperative line that mends it.

    Each is read in English; `said` has them in another language, wherever they are messages of covolt's own.
    """

    what: str
    where: str = ""
    hint: str = ""

    def __init__(self, what: str | Phrase, where: str | Phrase = "", hint: str | Phrase = "") -> None:
        for name, given in (("what", what), ("where", where), ("hint", hint)):
            object.__setattr__(self, name, spoken(given))

    def said(self, language: Language) -> Problem:
        """What is wrong, where, and the hint, in a language."""
        return Problem(*(said(one, language) if one else "" for one in (self.what, self.where, self.hint)))

    def told(self, language: Language) -> str:
        """As a person is told it: the place, what is wrong, and below it the hint."""
        one = self.said(language)
        place = f"{one.where}: " if one.where else ""
        return f"{place}{one.what}" + (f"\n  {text('hint: {hint}', hint=one.hint).said(language)}" if one.hint else "")

    def __str__(self) -> str:
        return self.told(ENGLISH)


def system_said(error: OSError) -> str | Phrase:
    """What the system says of a file that it does not let be read or written."""
    return _SYSTEM.get(error.errno or 0) or error.strerror or str(error)


_SYSTEM: Mapping[int, Phrase] = MappingProxyType(
    {
        errno.EACCES: text("Permission denied"),
        errno.EDQUOT: text("Disk quota exceeded"),
        errno.EEXIST: text("File exists"),
        errno.EFBIG: text("File too large"),
        errno.EISDIR: text("Is a directory"),
        errno.ELOOP: text("Too many levels of symbolic links"),
        errno.ENAMETOOLONG: text("File name too long"),
        errno.ENOENT: text("No such file or directory"),
        errno.ENOSPC: text("No space left on device"),
        errno.ENOTDIR: text("Not a directory"),
        errno.ENOTEMPTY: text("Directory not empty"),
        errno.EPERM: text("Operation not permitted"),
        errno.EROFS: text("Read-only file system"),
    }
)


class CovoltError(Exception):
    """An error with all its problems, never only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(CovoltError):
    """A file, an option or a value is wrong."""


class UnitError(InputError):
    """A unit is missing, unknown, or of another dimension than the field."""


class CycleError(InputError):
    """A speed trace cannot be driven as given."""


class NotFound(InputError):
    """Nothing is known by the name that was given: a party, part, gate, requirement, baseline, cycle, folder."""


class Conflict(InputError):
    """Something stands in the way: a name is taken, or what was read has been changed meanwhile."""


class Forbidden(InputError):
    """Whoever asks may not: the key does not sign in this role, others could have written it, the place is another's."""


class Unavailable(InputError):
    """What is needed is not to be had now: git is missing, the disk is full, another process holds it."""


class ContractError(CovoltError):
    """A part does not keep what its interface demands."""


class ComponentFailed(CovoltError):
    """A foreign model, wherever it runs, gave no answer or none that counts; names it, the call and the time."""


class ComponentEnded(ComponentFailed):
    """Its process, or the way to it, ended, or its deadline passed: asked again, it would cost as much again."""


class AssemblyError(CovoltError):
    """The parts do not make a vehicle."""


class DriveFailed(CovoltError):
    """A drive could not be completed and the caller asked to be told so."""


class Cancelled(CovoltError):
    """Whoever asked no longer wants it; what was whole before stays, and nothing is half written."""

    def __init__(self, problems: Problem | Iterable[Problem] = ()) -> None:
        super().__init__(problems or Problem(text("cancelled by who asked for it")))


@dataclass(frozen=True)
class Ending:
    """How an error ends: the exit code of a command, the status of an answer over HTTP, and what both are called.

    Statuses are those of RFC 9110; 499, which it has not, is what servers write down where whoever asked went away.
    """

    exit_code: int
    http_status: int
    title: str


ENDINGS: Mapping[type[CovoltError], Ending] = MappingProxyType(
    {
        InputError: Ending(2, 422, spoken(text("input is wrong"))),
        UnitError: Ending(2, 422, spoken(text("a unit is wrong"))),
        CycleError: Ending(2, 422, spoken(text("a cycle is wrong"))),
        NotFound: Ending(2, 404, spoken(text("not found"))),
        Conflict: Ending(2, 409, spoken(text("something stands in the way"))),
        Forbidden: Ending(2, 403, spoken(text("not allowed"))),
        Unavailable: Ending(2, 503, spoken(text("not available now"))),
        DriveFailed: Ending(3, 422, spoken(text("the drive could not be completed"))),
        ContractError: Ending(4, 422, spoken(text("a part does not keep its interface"))),
        ComponentFailed: Ending(4, 502, spoken(text("a foreign model gave no answer that counts"))),
        ComponentEnded: Ending(4, 504, spoken(text("a foreign model, or the way to it, ended"))),
        AssemblyError: Ending(4, 422, spoken(text("the parts do not make a vehicle"))),
        Cancelled: Ending(130, 499, spoken(text("cancelled by who asked for it"))),
        CovoltError: Ending(5, 500, spoken(text("an energy account does not close"))),
    }
)
"""The only table of how errors end. Whatever is wrong with the input ends a command by 2, as in covolt 0.1.0."""


def ending_of(error: CovoltError) -> Ending:
    """How an error ends, by the nearest of its kinds that the table has."""
    return next(ENDINGS[kind] for kind in type(error).__mro__ if kind in ENDINGS)


def kind_of(kinds: Iterable[type[CovoltError]]) -> type[CovoltError]:
    """The one kind of problems that are told together; of several kinds, an input that is wrong."""
    found = set(kinds)
    return found.pop() if len(found) == 1 else InputError


def refuse(found: Mapping[type[CovoltError], Iterable[Problem]]) -> None:
    """Raise problems together that were found by their kinds; nothing where there are none."""
    told = [(kind, one) for kind, problems in found.items() for one in problems]
    if told:
        raise kind_of(kind for kind, _ in told)([one for _, one in told])
