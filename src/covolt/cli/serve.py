"""`covolt serve`: the workspace on this machine, for one person who acts for any party, in the browser and over HTTP."""

from __future__ import annotations

import getpass
import html
import os
import sys
import webbrowser
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from signal import SIGTERM, signal
from threading import Thread, Timer
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.options import DatabaseOption
from covolt.cli.printing import console, print_notices
from covolt.errors import CovoltError, Problem, Unavailable
from covolt.files import write_whole
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from socket import socket
    from types import FrameType

    from covolt.workspace.alone import Opened
    from covolt.workspace.asking import Workspace
    from covolt.workspace.together import Settings

HELP = """Open the workspace: programmes, verdicts while you type, proposals, gates and the feed, in the browser.

Everything lies in one folder of this machine: what parties write in Git repositories, what people do in a database. You act
for any party, and nobody else is let in, also no other user of this machine: each start has a key of its own, which the page
that is opened bears; scripts find it in the file open.json of that folder, as covolt.connect() does. The page has a host
name of its own, so that no other server of this machine is sent its cookie. Where the workspace is open already, its page
is opened again. With --take the programme of FOLDER is taken in and nothing served, also while another process serves
the workspace. A file workspace.toml in the folder makes it one of several people, who log in. With FOLDER the programme
in it is taken in first; in an empty workspace of one person a copy of the shipped city car is. With --database what people
do is kept in PostgreSQL.

Example:

  covolt serve
  covolt serve my-programme --home ~/workspace --port 8600
  covolt serve my-programme --home /srv/covolt --take
"""
DEFAULT_PORT = 8600
EXAMPLE, EXAMPLE_ID = "city-car", "joint-city-car"
LOOPBACK = "127.0.0.1"
BACKLOG = 2048
LETTER = "enter.html"
"""A page of the home that leads a browser in: what is in an address of a command, every user of a machine can see."""


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="A programme to take into the workspace.", show_default=False),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="FOLDER",
            help="Where the workspace lies.",
            show_default="COVOLT_HOME, or your data folder",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="NUMBER", help="Where it listens; 0 takes a free one.", show_default="8600"),
    ] = None,
    database: DatabaseOption = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Bring the tables of the database to today's form, and serve nothing.")
    ] = False,
    take: Annotated[
        bool,
        typer.Option("--take", help="Take the programme of FOLDER in, also while it is served, and serve nothing."),
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Serve the workspace of this machine until it is interrupted."""
    from covolt.workspace.alone import opened_at, own_home
    from covolt.workspace.asking import Workspace, served_by_one
    from covolt.workspace.together import database_of, opened_by, settings_of

    findings = Findings()
    place = home or own_home()
    settings = settings_of(place)
    address = database_of(place, database)
    chosen = port if port is not None else DEFAULT_PORT if settings is None else settings.port
    if not 0 <= chosen <= 65535:
        findings.add(Problem(text("no port {port}", port=chosen), "--port", text("name one from 1024 to 65535, or 0")))
    if upgrade and not address:
        what = text("a database in a file is upgraded when it is served")
        findings.add(Problem(what, "--upgrade", text("name it: --database ADDRESS")))
    if take and folder is None:
        findings.add(
            Problem(text("no programme is named"), "--take", text("name its folder: covolt serve FOLDER --take"))
        )
    findings.demand_none()
    if upgrade:
        return _upgrade(address)
    opened = partial(Workspace, place, lambda: datetime.now(UTC), address, together=settings is not None)
    if folder is not None and take:
        return _take(opened(), folder)
    known = opened_at(place)
    if known is not None and folder is None and _opened_again(known, place, browser=browser):
        return None
    with _listening(chosen) as listening, served_by_one(place):
        workspace = opened()
        try:
            _find_unservable(workspace, settings)
            _begin(workspace, folder, empty=settings is not None)
            if settings is not None:
                _serve_together(workspace, opened_by(settings, settings.port, listening.getsockname()[1]), listening)
            else:
                _serve_alone(workspace, place, listening, browser=browser)
        finally:
            workspace.close()


def _upgrade(address: str) -> None:
    """Bring a database to today's form, as the owner of its tables."""
    from covolt.workspace.database import Database

    database = Database(address)
    try:
        database.upgrade()
    finally:
        database.close()
    console().print(text("The tables are of today's form").said("en"))


def _take(workspace: Workspace, folder: Path) -> None:
    """Take a programme in beside whoever serves the workspace."""
    from covolt.workspace.access import Reader

    try:
        name = workspace.begin(folder, Reader(_person()))
    finally:
        workspace.close()
    console().print(text("took {name} into the workspace", name=name).said("en"), soft_wrap=True)


def _find_unservable(workspace: Workspace, settings: Settings | None) -> None:
    """Raise all that is missing without which some of the workspace could not be served."""
    from covolt.workspace.openid import secret_problems

    found = workspace.programmes.missing()
    if settings is not None:
        found += secret_problems(workspace.programmes.home, settings.issuers)
    if found:
        raise Unavailable(found)


def _begin(workspace: Workspace, folder: Path | None, *, empty: bool) -> None:
    """Take a programme in: the one that is named, or, where there is none, and nobody else begins some, the shipped one."""
    from covolt.workspace.access import Reader

    me = Reader(_person())
    if folder is not None:
        workspace.begin(folder, me)
    elif not empty and not workspace.programmes.names():
        workspace.begin_example(EXAMPLE, EXAMPLE_ID, me)


def _serve_alone(workspace: Workspace, home: Path, listening: socket, *, browser: bool) -> None:
    """For one person: whoever bears the key of this start."""
    from covolt.workspace.alone import Alone, Opened, own_host

    port, host = listening.getsockname()[1], own_host(home)
    entrance = Alone(workspace.people.clock, _person(), workspace.programmes.names, host)
    workspace.entrance = entrance
    workspace.answers_at(f"{host}:{port}", f"{LOOPBACK}:{port}", f"localhost:{port}")
    opened = Opened(f"http://{LOOPBACK}:{port}", os.getpid(), entrance.token)
    try:
        opened.write(home)
        _told(home, opened.address, entrance.ticket())
        if browser:
            Timer(1.0, _show, [home, opened.address, entrance.ticket()]).start()
        _run(workspace, listening, behind_proxy=False)
    finally:
        opened.remove(home)
        (home / LETTER).unlink(missing_ok=True)


def _serve_together(workspace: Workspace, settings: Settings, listening: socket) -> None:
    """For several: whoever logs in, behind what speaks TLS with browsers."""
    from covolt.workspace.together import Together, doubts_of

    if doubts := doubts_of(workspace.programmes.home, settings):
        print_notices(doubts, columns=0)
    workspace.entrance = Together(workspace.people, settings, workspace.people.clock)
    workspace.subscriptions.found_at(settings.address)
    workspace.answers_at(settings.address.partition("://")[2])
    told = text("The workspace is open at {address}", address=settings.address)
    console().print(told.said("en"), soft_wrap=True)
    port = listening.getsockname()[1]
    if not settings.address.endswith(f":{port}"):
        behind = text("It listens at {place}, behind what answers at this address", place=f"{LOOPBACK}:{port}")
        console().print(behind.said("en"), soft_wrap=True)
    _run(workspace, listening, behind_proxy=True)


def _run(workspace: Workspace, listening: socket, *, behind_proxy: bool) -> None:
    import uvicorn

    from covolt.workspace.application import application
    from covolt.workspace.connections import serving
    from covolt.workspace.logs import logs_of
    from covolt.workspace.telemetry import telemetry_of

    signal(SIGTERM, _end)
    workspace.work()
    Thread(target=_warm_up, args=(workspace,), daemon=True).start()
    config = serving(
        application(workspace, telemetry_of(os.environ)),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=LOOPBACK,  # whatever the environment says: of what a proxy appends to, the last counts
        **logs_of(os.environ),
    )

    class Server(uvicorn.Server):
        """Lets go of whoever waits for an answer, who would be cut off after some seconds."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            workspace.let_go()
            super().handle_exit(sig, frame)

    Server(config).run(sockets=[listening])


def _end(number: int, frame: FrameType | None) -> None:
    """Leave as after Ctrl-C: what lets in goes with the process that it lets into."""
    raise SystemExit


def _warm_up(workspace: Workspace) -> None:
    """Compute the first programme before anybody asks; who asks meets what is wrong with it."""
    with suppress(CovoltError, RuntimeError):  # RuntimeError: it was closed meanwhile
        for one in workspace.programmes.names()[:1]:
            workspace.programmes.warm_up(one)


def _listening(port: int) -> socket:
    """A socket on loopback."""
    import socket

    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen(BACKLOG)  # who reads the address may ask at once, and waits
    except OSError as error:
        what = text("port {port} is taken: {why}", port=port, why=error.strerror or str(error))
        hint = text(
            "name another, or 0 for a free one; if this workspace is open there, "
            "covolt serve FOLDER --take takes a programme in beside it"
        )
        raise Unavailable(Problem(what, "--port", hint)) from error
    return listening


def _opened_again(known: Opened, home: Path, *, browser: bool) -> bool:
    """Whether the workspace is open already: then its page is opened once more."""
    from covolt.workspace.client import RemoteWorkspace

    try:
        ticket = RemoteWorkspace(known.address, known.token).ticket()
    except CovoltError:  # it is open no longer
        return False
    _told(home, known.address, ticket)
    if browser:
        _show(home, known.address, ticket)
    return True


def _pages(home: Path, address: str, ticket: str) -> tuple[str, str]:
    """Where a browser comes in by a ticket: by the workspace's own name, and by the number of this machine."""
    from covolt.workspace.alone import own_host

    return f"http://{own_host(home)}:{address.rpartition(':')[2]}/#enter={ticket}", f"{address}/#enter={ticket}"


def _told(home: Path, address: str, ticket: str) -> None:
    own, bare = _pages(home, address, ticket)
    console().print(text("The workspace is open at {address}", address=own).said("en"), soft_wrap=True)
    console().print(text("This address lets one browser in, once.").said("en"))
    other = text("Where a browser does not find it, as Safari: {address}", address=bare)
    console().print(other.said("en"), soft_wrap=True)


def _show(home: Path, address: str, ticket: str) -> None:
    """Open the page in a browser, let in; the ticket stands in a file that only this user reads, not in a command.

    Safari, the browser of macOS, asks the system for the workspace's own name, which does not know it: there one chooses.
    """
    own, bare = (html.escape(one) for one in _pages(home, address, ticket))
    at_once = "" if sys.platform == "darwin" else f'<meta http-equiv="refresh" content="0;url={own}">'
    ways = f'<p><a href="{own}">Chrome, Firefox, Edge</a><p><a href="{bare}">Safari</a>'
    page = f'<!doctype html><meta charset="utf-8">{at_once}<title>covolt</title>{ways}'
    write_whole(home / LETTER, page, mode=0o600)
    webbrowser.open((home / LETTER).resolve().as_uri())


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "engineer"
