"""Secrets of subscribers as the database keeps them: sealed with a key that lies in the workspace's own folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import final

from cryptography.fernet import Fernet, InvalidToken

from covolt.errors import Conflict, Forbidden, Problem
from covolt.files import write_new
from covolt.own_files import own_content
from covolt.words import text

__all__ = ["NAME", "Seal"]

NAME = "outgoing.key"


@final
class Seal:
    """Seals and opens; its key is made when it is first needed, and a copy of the database alone opens nothing."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._known: Fernet | None = None

    def sealed(self, secret: str) -> str:
        """A secret as it may be kept."""
        return self._fernet().encrypt(secret.encode()).decode() if secret else ""

    def opened(self, kept: str) -> str | None:
        """The secret again; None where it was sealed with another key."""
        try:
            return self._fernet().decrypt(kept.encode()).decode() if kept else ""
        except InvalidToken:
            return None

    def _fernet(self) -> Fernet:
        if self._known is None:
            if not os.path.lexists(self._path):
                with suppress(Conflict):  # another process was first
                    write_new(self._path, Fernet.generate_key(), mode=0o600)
            content = own_content(self._path, foreign_modes=0o077)
            if content is None:
                hint = text("let nobody else read it: chmod 600")
                raise Forbidden(Problem(text("this is no secret of yours alone"), str(self._path), hint))
            self._known = Fernet(content)
        return self._known
