"""The process that sets up a worker's namespaces, starts it, waits for it, and ends it when whoever asked for it is gone."""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import NoReturn

from covolt.exchange.confinement import bounds, call_filter, file_tree, identity, inspection, kernel
from covolt.exchange.confinement.order import Order

__all__ = ["main"]

_APART = (
    kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)  # fmt: skip


def main(line: str) -> NoReturn:
    """Do what the order of one line says; the exit code is the worker's, or 128 and the signal that ended it."""
    order = Order.of(line)
    try:
        _join(order)
        if order.apart:
            _leave(order)
        kernel.control(
            kernel.PR_SET_DUMPABLE, 0
        )  # the worker may be the same user, and sees this process under bubblewrap
        told, tell = os.pipe()
        first = os.fork()
    except OSError as error:
        _report(order, {"failed": str(error)})
        os._exit(70)
    if first == 0:
        os.close(tell)
        _first(order, told)
    os.close(told)
    os.close(order.socket)
    os.close(order.report)
    os.write(tell, b"1")
    _wait(order, first)


def _join(order: Order) -> None:
    for file in order.groups:
        Path(file).write_text(str(os.getpid()), encoding="ascii")


def _leave(order: Order) -> None:
    """Leave the namespaces of whoever started this; one who is no root needs one of users first."""
    user, group = os.getuid(), os.getgid()
    if order.user:
        kernel.unshare(_APART)
        return
    kernel.unshare(kernel.CLONE_NEWUSER)
    identity.map_user(user, group)
    kernel.unshare(_APART)


def _wait(order: Order, first: int) -> NoReturn:
    ended = os.pidfd_open(first)
    ready, _, _ = select.select([ended, order.life], [], [])
    if ended not in ready:
        os.kill(first, signal.SIGKILL)
    # The first process of a namespace is gone only when every other one in it is.
    os._exit(_code(os.waitpid(first, 0)[1]))


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _first(order: Order, told: int) -> NoReturn:
    """The first process of the namespace: it makes the root, starts the worker, takes up what that leaves, and no more."""
    try:
        kernel.control(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.read(told, 1) != b"1":
            os._exit(70)
        os.close(told)
        os.close(order.life)
        spaces = inspection.namespaces()
        if order.apart:
            file_tree.change_root(order)
        os.umask(0o077)
        worker = os.fork()
    except OSError as error:
        _report(order, {"failed": str(error)})
        os._exit(70)
    if worker == 0:
        _work(order, spaces)
    os.close(order.socket)
    os.close(order.report)
    _confine(order)
    while True:
        ended, status = os.wait()
        if ended == worker:
            os._exit(_code(status))


def _confine(order: Order) -> None:
    try:
        identity.become(order.user)
        kernel.control(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user forgets it
        kernel.control(kernel.PR_SET_DUMPABLE, 0)
        bounds.apply(order.bounds)
        call_filter.install(children=order.bounds.children > 0)
    except OSError:
        if order.demanding:
            raise


def _work(order: Order, spaces: dict[str, int]) -> NoReturn:
    """Give up every right, say what protects this process, and only then serve; the component is named in the first call."""
    code = 70
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(order.environment)
        sys.path[:] = order.path
        _confine(order)
        _report(order, inspection.facts(order, spaces))
        os.close(order.report)
        module, _, name = order.serves.partition(":")
        getattr(importlib.import_module(module), name)(order.socket)
        code = 0
    except OSError as error:
        _report(order, {"failed": str(error)})
    except ImportError as error:
        sys.stderr.write(f"{error}; the Python environment cannot be read by the worker\n")
    finally:
        os._exit(code)


def _report(order: Order, content: dict[str, object]) -> None:
    try:
        os.write(order.report, json.dumps(content).encode() + b"\n")
    except OSError:
        sys.stderr.write(json.dumps(content) + "\n")
