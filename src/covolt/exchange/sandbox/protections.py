"""Which protections of a worker are active, judged by what was tried from inside before any foreign code was loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from covolt.errors import Problem
from covolt.exchange.confinement.file_tree import COMPONENT
from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.ways import Way
from covolt.words import Phrase, joined, text

__all__ = ["Protection", "Protections", "judged"]

_REFUSALS = {"EPERM", "ENOSYS", "EACCES"}


@final
@dataclass(frozen=True)
class Protection:
    """One protection: what it keeps foreign code from, whether it is active, and how."""

    key: str
    """A word for machines."""
    guards: Phrase
    active: bool
    how: Phrase


@final
@dataclass(frozen=True)
class Protections:
    """All of them, in the order in which they are shown."""

    each: tuple[Protection, ...]
    way: Way = "none"
    folder: str = COMPONENT
    """Where the component's folder is as the worker sees it."""

    @property
    def complete(self) -> bool:
        """Whether every one is active."""
        return all(one.active for one in self.each)

    @property
    def active(self) -> tuple[str, ...]:
        """Keys of those that are."""
        return tuple(one.key for one in self.each if one.active)

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of those that are not."""
        return tuple(one.key for one in self.each if not one.active)

    def problems(self) -> list[Problem]:
        """Every one that is not active, as it is told to whoever wants to run foreign code."""
        return [
            Problem(
                text("foreign code is not run here: {what} is not held ({how})", what=one.guards, how=one.how),
                hint=text("see `covolt sandbox check`; or run it unprotected, which stands in the record"),
            )
            for one in self.each
            if not one.active
        ]


def judged(facts: Mapping[str, Any], bounds: Bounds, groups: tuple[str, ...]) -> tuple[Protection, ...]:
    """What facts from inside, beside those of this process, say of each protection."""
    own = _namespaces()
    theirs: Mapping[str, int] = facts["namespaces"]
    apart = {name for name, number in theirs.items() if name in own and own[name] != number}
    calls: Mapping[str, str] = facts["calls"]
    refused = {name for name, error in calls.items() if error in _REFUSALS}
    known: Mapping[str, int] = facts["bounds"]
    return (
        Protection(
            "network",
            text("the network"),
            "net" in apart and "socket" in refused,
            _how(("net" in apart, text("a network namespace without interfaces")), ("socket" in refused, text("no sockets"))),
        ),
        Protection(
            "files",
            text("files outside"),
            "mnt" in apart and not facts["canary_seen"] and not facts["home_seen"] and facts["root_written"] == "EROFS",
            _how(("mnt" in apart, text("a root of its own, unwritable, without home and other parts"))),
        ),
        Protection(
            "processes",
            text("other processes"),
            {"pid", "ipc"} <= apart and not facts["others_seen"] and {"ptrace", "process_vm_readv"} <= refused
            and (bounds.children > 0 or facts["signalled"] in _REFUSALS),
            _how(("pid" in apart, text("a process namespace")), ("ptrace" in refused, text("no looking into others"))),
        ),
        Protection(
            "kernel",
            text("the kernel's less trodden calls"),
            bool(facts["filter"]) and set(calls) - {"execve"} <= refused,
            _how((bool(facts["filter"]), text("a filter of calls, without io_uring, bpf, keys, mounts and namespaces"))),
        ),
        Protection(
            "rights",
            text("rights of root"),
            bool(facts["no_new_privileges"]) and not facts["own_capabilities"],
            _how((not facts["own_capabilities"], text("none left")), (bool(facts["no_new_privileges"]), text("none to come"))),
        ),
        Protection("user", text("what this user may do"), *_user(facts, apart)),
        Protection(
            "children",
            text("processes without number"),
            0 < known["threads"] <= bounds.threads + bounds.children and (bounds.children > 0 or facts["fork"] in _REFUSALS),
            _children(facts, known, groups),
        ),
        _bounded(
            "memory", text("memory"),
            known["memory_bytes"], bounds.memory_bytes, _memory(bounds, groups), groups,
        ),
        _bounded(
            "processor", text("processor time"), known["processor_time_s"], round(bounds.processor_time_s),
            text("{amount} s, and a deadline for every call", amount=bounds.processor_time_s), (),
        ),
        _bounded(
            "disk", text("room for files"), facts["scratch_bytes"], bounds.scratch_bytes,
            text("{amount} MiB in memory, gone with the worker", amount=bounds.scratch_bytes >> 20), (),
        ),
    )  # fmt: skip


def _how(*found: tuple[bool, Phrase]) -> Phrase:
    held = [phrase for there, phrase in found if there]
    return joined(held, ", ") if held else text("nothing holds it")


def _user(facts: Mapping[str, Any], apart: set[str]) -> tuple[bool, Phrase]:
    user = int(facts["user"])
    if "user" in apart:
        return user != 0, text("a user namespace of its own, without rights outside")
    if sys.platform == "linux" and user not in {0, os.getuid()}:
        return not facts["groups"] or facts["groups"] == [user], text(
            "user {number}, whom nobody else is", number=str(user)
        )
    return False, text("it is the same user as covolt")


def _children(facts: Mapping[str, Any], known: Mapping[str, int], groups: tuple[str, ...]) -> Phrase:
    threads = text("at most {count} threads", count=known["threads"])
    alone = text("no other processes") if facts["fork"] in _REFUSALS else text("processes and threads counted together")
    counted = text("counted by a control group") if "pids" in groups else ""
    return joined([alone, threads, counted], ", ")


def _memory(bounds: Bounds, groups: tuple[str, ...]) -> Phrase:
    amount = bounds.memory_bytes >> 20
    if bounds.children == 0 or "memory" in groups:
        return text("{amount} MiB", amount=amount)
    count = bounds.threads + bounds.children
    return text("{amount} MiB in each of at most {count} processes", amount=amount, count=count)


def _bounded(key: str, guards: Phrase, found: int, bound: int, how: Phrase, groups: tuple[str, ...]) -> Protection:
    held = 0 < found <= bound + 4096
    if not held:
        return Protection(key, guards, False, text("nothing holds it"))
    return Protection(key, guards, True, joined([how, text("held by a control group")], ", ") if key in groups else how)


def _namespaces() -> Mapping[str, int]:
    names = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
    return {one: Path(f"/proc/self/ns/{one}").stat().st_ino for one in names}
