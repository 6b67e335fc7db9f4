"""`covolt serve`: the workspace on this machine, for one person who acts for any party, in the browser and over HTTP."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer

from covolt.cli.printing import console
from covolt.errors import Problem, Unavailable
from covolt.study.cases.options import Findings
from covolt.words import text

HELP = """Open the workspace: programmes, verdicts while you type, proposals, gates and the feed, in the browser.

Everything lies in one folder of this machine: what parties write in Git repositories, what people do in a database. Nobody
logs in: whoever is at this machine acts for any party, and nobody else is let in. With FOLDER the programme in it is taken in
first; in an empty workspace a copy of the shipped city car is.

Example:

  covolt serve
  covolt serve my-programme --home ~/workspace --port 8600
"""
DEFAULT_PORT = 8600
EXAMPLE, EXAMPLE_ID = "city-car", "joint-city-car"
LOOPBACK = "127.0.0.1"


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="A programme to take into the workspace.", show_default=False),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="FOLDER", help="Where the workspace lies.", show_default="your data folder"),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="NUMBER", help="Where it listens; 0 takes a free one.")
    ] = DEFAULT_PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Serve the workspace of this machine until it is interrupted."""
    import socket

    import uvicorn

    from covolt.workspace.access import Reader
    from covolt.workspace.application import application
    from covolt.workspace.asking import Workspace

    findings = Findings()
    if not 0 <= port <= 65535:
        findings.add(Problem(text("no port {port}", port=port), "--port", text("name one from 1024 to 65535, or 0")))
    findings.demand_none()
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
    except OSError as error:
        what = text("port {port} is taken: {why}", port=port, why=error.strerror or str(error))
        raise Unavailable(Problem(what, "--port", text("name another, or 0 for a free one"))) from error
    port = listening.getsockname()[1]
    hosts = (f"{LOOPBACK}:{port}", f"localhost:{port}")
    workspace = Workspace(home or _own_home(), lambda: datetime.now(UTC), _person())
    workspace.answers_at(*hosts)
    try:
        me = Reader(_person())
        if folder is not None:
            workspace.begin(folder, me)
        elif not workspace.programmes_shown(me).programmes:
            workspace.begin_example(EXAMPLE, EXAMPLE_ID, me)
        address = f"http://{hosts[0]}/"
        console().print(text("The workspace is open at {address}", address=address).said("en"), soft_wrap=True)
        if browser:
            Timer(1.0, webbrowser.open, [address]).start()
        workspace.work()
        config = uvicorn.Config(
            application(workspace), log_level="warning", access_log=False, timeout_graceful_shutdown=2
        )
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        workspace.close()


def _own_home() -> Path:
    """A folder of this user's own data, as the system has it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "covolt" / "workspace"


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "engineer"
