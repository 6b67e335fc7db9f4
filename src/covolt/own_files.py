"""Files of one's own: what only this user can have written, and the folder in which a person's keys and trust lie."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from covolt import locks
from covolt.errors import Forbidden, InputError, Problem, Unavailable, system_said
from covolt.files import opened, sweep, write_new
from covolt.locks import waited
from covolt.words import text

__all__ = ["config_folder", "own_content", "own_secret", "own_turn", "written_by_others"]

SECRET_BYTES = 32


def config_folder() -> Path:
    """Folder of what a person has settled for covolt on this machine: COVOLT_CONFIG_DIR, else the user's own.

    That is XDG_CONFIG_HOME or ~/.config, on Windows APPDATA.
    """
    chosen = os.environ.get("COVOLT_CONFIG_DIR")
    if chosen:
        return Path(chosen)
    try:
        usual = os.environ.get("APPDATA") if locks.WINDOWS else None
        return Path(usual or os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "covolt"
    except RuntimeError as error:
        hint = text("set COVOLT_CONFIG_DIR to a folder of your own")
        raise Unavailable(Problem(text("there is no folder for what you trust"), "~/.config/covolt", hint)) from error


def own_content(path: Path, foreign_modes: int = 0o022) -> bytes | None:
    """Content of a file that only this user can have written; None where it is another's, or no plain file.

    Owner and kind are asked of the open file, so that nothing can be put in its place between the question and the reading.
    Windows has no such permissions in a file's mode: there a file is the user's own where it lies, through no link, below the
    user's profile, which Windows gives to the user alone.

    Args:
        path: the file; where it is a link, it is not followed.
        foreign_modes: permissions with which somebody else could have written to it.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                return None
            if not _is_own(path, about, foreign_modes):
                return None
            content = file.read()
            with suppress(OSError):
                os.utime(file.fileno() if os.utime in os.supports_fd else path)
            return content
    except OSError:
        return None


def written_by_others(path: Path) -> bool:
    """Whether somebody else of this machine, but for who administers it, may write a file; on Windows its mode tells nothing."""
    if not locks.WINDOWS and hasattr(os, "getuid"):
        about = path.stat()
        return about.st_uid not in {0, os.getuid()} or bool(about.st_mode & 0o022)
    return False


def _is_own(path: Path, about: os.stat_result, foreign_modes: int) -> bool:
    if not locks.WINDOWS and hasattr(os, "getuid"):
        return about.st_uid == os.getuid() and not about.st_mode & foreign_modes
    with suppress(RuntimeError):  # there may be no profile
        return not path.is_symlink() and path.resolve().is_relative_to(Path.home().resolve())
    return False


@contextmanager
def own_turn() -> Generator[Path]:
    """The folder of what a person has settled, while no other process of the person's changes anything there."""
    path = config_folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with opened(path) as folder:
            handle = folder.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if not waited(handle):
                    hint = text("wait until it has ended, then run this again")
                    raise Unavailable(
                        Problem(text("another process has been writing here for too long"), str(path), hint)
                    )
                yield path
            finally:
                os.close(handle)
    except OSError as error:
        hint = text("set COVOLT_CONFIG_DIR to a folder of your own")
        raise Unavailable(Problem(system_said(error), str(path), hint)) from error


def own_secret(name: str) -> bytes:
    """Random bytes that only this user knows, made when first asked for: what is sealed with them nobody else has made."""
    path = config_folder() / name
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError), opened(path.parent) as folder:
        sweep(folder, name)
    if not os.path.lexists(path):
        try:
            write_new(path, secrets.token_bytes(SECRET_BYTES), mode=0o600)
        except InputError as error:
            hint = text("set COVOLT_CONFIG_DIR to a folder of your own")
            raise type(error)([Problem(one.what, one.where, hint) for one in error.problems]) from error
    content = own_content(path, foreign_modes=0o077)
    if content is None or len(content) != SECRET_BYTES:
        hint = text("remove it, and covolt makes another; what it sealed is then no longer taken")
        raise Forbidden(Problem(text("this is no secret of yours alone"), str(path), hint))
    return content
