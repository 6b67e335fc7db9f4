"""What the workspace answers of its log: the entries of a programme, and whether their chain is whole."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said
from covolt.workspace.shown import EventShown

__all__ = ["ChainShown", "CheckpointHanded", "KindRow", "LogShown"]


@dataclass(frozen=True, config=RESULT)
class KindRow:
    """A kind of entries: the verb that they have, or `gates` where a gate opened or shut by them, and it in words."""

    kind: str
    title: Said


@dataclass(frozen=True, config=RESULT)
class CheckpointHanded:
    """A checkpoint that is handed out to be counter-signed, and how its file is called."""

    number: int
    file: str


@dataclass(frozen=True, config=RESULT)
class LogShown:
    """Entries of a programme, the newest first, in words of which verb they can be, and the newest checkpoint, if any."""

    events: tuple[EventShown, ...]
    kinds: tuple[KindRow, ...]
    checkpoint: CheckpointHanded | None
    schema: Literal["workspace-log/1"] = "workspace-log/1"


@dataclass(frozen=True, config=RESULT)
class ChainShown:
    """Whether the chain of hashes is whole, over the log of all programmes: each entry is bound to the one before it.

    `broken` names entries of this programme that are not what was written; the chain can be broken elsewhere, too. `last` is the
    hash of this programme's newest entry: who keeps it can tell later whether entries were cut off at the end.
    """

    whole: bool
    entry_count: int
    broken: tuple[int, ...]
    last: str
    schema: Literal["workspace-chain/1"] = "workspace-chain/1"
