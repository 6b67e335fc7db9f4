"""VK: what happened and where, by the community of the subscriber, over its interface (method `messages.send`)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, final

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.outgoing.asked import Silent, asked
from covolt.workspace.outgoing.message import Message
from covolt.workspace.outgoing.messengers import AbstractMessenger, Answer, Sending
from covolt.workspace.outgoing.settings import OutgoingSettings

__all__ = ["MESSENGERS", "VK"]

VERSION = "5.199"
TOKEN = re.compile(r"[A-Za-z0-9._-]{20,400}")
PEER = re.compile(r"-?[1-9][0-9]{0,14}")
MOST_SIGNS = 4000
"""The interface takes 9000, and cuts some of these earlier."""
PASSING = frozenset({1, 6, 9, 10, 29})
"""Codes after which it is tried again: unknown, too many requests a second, flood, a fault of theirs, a bound reached."""
GONE = frozenset({5, 7, 15, 27, 900, 901, 902})
"""Codes after which nothing is taken there: the token does not count, or the person does not want to be written to."""


@final
class VK(AbstractMessenger):
    """Sends to a person or a chat."""

    kind = "vk"
    title = text("VK")
    target_title = text("Number of the person or chat (peer_id)")
    secret_title = text("Access token of your community")

    def problems(self, target: str, secret: str, settings: OutgoingSettings) -> list[Problem]:
        problems: list[Problem] = []
        if not PEER.fullmatch(target):
            problems.append(
                Problem(text("this is no peer_id"), "target", text("a number, such as 12345 or 2000000001"))
            )
        if not TOKEN.fullmatch(secret):
            problems.append(
                Problem(text("this is no access token"), "secret", text("as the community's settings show it"))
            )
        return problems

    def send(self, message: Message, to: Sending) -> Answer:
        content = {
            "access_token": to.secret,
            "v": VERSION,
            "peer_id": to.target,
            # The same whenever it is sent again: VK then sends it once.
            "random_id": str(zlib.crc32(message.key.encode()) & 0x7FFF_FFFF or 1),
            "message": message.lines(MOST_SIGNS),
            "dont_parse_links": "1",
        }
        try:
            status, told = asked(f"{to.settings.vk}/method/messages.send", data=content)
        except Silent:
            return Answer("later", text("nobody answers there"))
        return _judged(status, told)


def _judged(status: int, told: Mapping[str, Any]) -> Answer:
    if "response" in told:
        return Answer("taken", text("answered {status}", status=status))
    given: Any = told.get("error")
    code: Any = given.get("error_code") if isinstance(given, Mapping) else None  # pyright: ignore[reportUnknownMemberType]
    if not isinstance(code, int):
        return Answer("later", text("answered {status}", status=status))
    said = text("answered with code {code}", code=code)
    if code in GONE:
        return Answer("gone", said)
    return Answer("later" if code in PASSING else "refused", said)


MESSENGERS = (VK(),)
