"""Fetching: what a clone or a pull is answered, by Git's own program in a process of its own, bounded in time and size."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from covolt.errors import Problem, Unavailable
from covolt.words import text
from covolt.workspace.repository import MAIN, Repository, environment

__all__ = ["MOST_ASKED_bytes", "PIECE_bytes", "advertised", "fetched", "line"]

MOST_ASKED_bytes = 8 * 1024**2
"""What a clone may ask with; of 100,000 commits that it has already, Git names 256 at a time."""
PATIENCE_s = 600.0
PIECE_bytes = 64 * 1024
PROTOCOL = re.compile(r"version=[012](:version=[012])*")
_SERVED = ("-c", "transfer.hideRefs=refs", "-c", f"transfer.hideRefs=!{MAIN}", "-c", "uploadpack.allowFilter=false")


def line(said: bytes) -> bytes:
    """One line as Git's protocol has it: its length before it."""
    return b"%04x" % (len(said) + 4) + said


async def advertised(repository: Repository, protocol: str) -> bytes:
    """Where main stands, and what this Git can do: the beginning of every fetch."""
    process = await _begun(repository, protocol, "--http-backend-info-refs")
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_s)
    head = b"" if "version=2" in protocol.split(":") else line(b"# service=git-upload-pack\n") + b"0000"
    return head + said


async def fetched(repository: Repository, asked: bytes, protocol: str) -> AsyncGenerator[bytes]:
    """The answer to one request of a fetch, piece by piece; whoever stops listening ends it."""
    process = await _begun(repository, protocol)
    try:
        async with asyncio.timeout(PATIENCE_s):
            if process.stdin is None or process.stdout is None:
                return  # it has both, as it is begun
            process.stdin.write(asked)
            process.stdin.close()
            while piece := await process.stdout.read(PIECE_bytes):
                yield piece
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


async def _begun(repository: Repository, protocol: str, *words: str) -> asyncio.subprocess.Process:
    around = environment()
    if PROTOCOL.fullmatch(protocol):
        around["GIT_PROTOCOL"] = protocol
    command = repository.command("upload-pack", "--stateless-rpc", *words, str(repository.folder))
    command[1:1] = _SERVED
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            env=around,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise Unavailable(Problem(text("git is not installed"), "git", text("install git"))) from error
