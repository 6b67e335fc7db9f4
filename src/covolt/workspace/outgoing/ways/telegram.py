"""Telegram: what happened and where, by the bot of the subscriber, over the bot interface (method `sendMessage`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, final

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.outgoing.asked import Silent, asked
from covolt.workspace.outgoing.message import Message
from covolt.workspace.outgoing.messengers import AbstractMessenger, Answer, Sending
from covolt.workspace.outgoing.settings import OutgoingSettings

__all__ = ["MESSENGERS", "Telegram"]

TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}")
MOST_SIGNS = 4000
"""The interface takes 4096."""


@final
class Telegram(AbstractMessenger):
    """Sends to a chat."""

    kind = "telegram"
    title = text("Telegram")
    target_title = text("Number or @name of the chat")
    secret_title = text("Token of your bot")

    def problems(self, target: str, secret: str, settings: OutgoingSettings) -> list[Problem]:
        problems: list[Problem] = []
        if not CHAT.fullmatch(target):
            problems.append(Problem(text("this is no chat"), "target", text("its number, or @name of a channel")))
        if not TOKEN.fullmatch(secret):
            problems.append(Problem(text("this is no token of a bot"), "secret", text("as @BotFather gives it")))
        return problems

    def send(self, message: Message, to: Sending) -> Answer:
        content = {
            "chat_id": to.target if to.target.startswith("@") else int(to.target),
            "text": message.lines(MOST_SIGNS),
            "link_preview_options": {"is_disabled": True},
        }
        try:
            status, told = asked(f"{to.settings.telegram}/bot{to.secret}/sendMessage", json=content)
        except Silent:
            return Answer("later", text("nobody answers there"))
        return _judged(status, told)


def _judged(status: int, told: Mapping[str, Any]) -> Answer:
    code = told.get("error_code", status)
    said = text("answered {status}", status=code if isinstance(code, int) else status)
    if told.get("ok") is True:
        return Answer("taken", said)
    if code in {401, 403, 404}:  # the token counts no more, or the bot was shut out
        return Answer("gone", said)
    if code == 400:
        return Answer("refused", said)
    given: Any = told.get("parameters")
    after_s: Any = given.get("retry_after") if isinstance(given, Mapping) else None  # pyright: ignore[reportUnknownMemberType]
    return Answer("later", said, min(float(after_s), 86_400.0) if isinstance(after_s, int) else None)


MESSENGERS = (Telegram(),)
