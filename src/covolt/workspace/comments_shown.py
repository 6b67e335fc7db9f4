"""What the workspace answers of comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT

__all__ = ["CommentShown", "CommentsShown", "TalkShown"]


@dataclass(frozen=True, config=RESULT)
class CommentShown:
    """A comment: plain text with line breaks. `to` names the parties that may read it, all where it is empty.

    `answers` is the comment to which it answers, empty where there is none that the reader may read; `mine` says whether the
    reader wrote it and may take it back.
    """

    id: str
    address: str
    at: str
    party: str
    person: str
    text: str
    to: tuple[str, ...]
    answers: str
    mine: bool


@dataclass(frozen=True, config=RESULT)
class CommentsShown:
    """Comments about one thing in the order in which they were written, or those that wait for an answer of the reader's."""

    comments: tuple[CommentShown, ...]
    schema: Literal["workspace-comments/1"] = "workspace-comments/1"


@dataclass(frozen=True, config=RESULT)
class TalkShown:
    """How many comments the reader may read, by the address of what they are about."""

    comments: Mapping[str, int]
    schema: Literal["workspace-talk/1"] = "workspace-talk/1"
