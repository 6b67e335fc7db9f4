"""Webhooks: events as JSON to an address, signed as the specification Standard Webhooks has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import final

import httpcore2

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.outgoing.message import Message
from covolt.workspace.outgoing.messengers import AbstractMessenger, Answer, Sending
from covolt.workspace.outgoing.reach import InnerAddress, address_problems
from covolt.workspace.outgoing.settings import OutgoingSettings

__all__ = ["MESSENGERS", "Webhook", "signature"]

PREFIX = "whsec_"
SECRET_bytes = 32
LONGEST_PAUSE_s = 86_400.0


def signature(secret: str, key: str, seconds: int, content: bytes) -> str:
    """Signature of a message: HMAC-SHA256 over its key, the time of its sending (s since 1970, UTC) and its content.

    Source: Standard Webhooks 1.0.0, symmetric signatures.
    """
    known = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(known, f"{key}.{seconds}.".encode() + content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


@final
class Webhook(AbstractMessenger):
    """Posts to an address of the subscriber."""

    kind = "webhook"
    title = text("Webhook")
    target_title = text("Address that is posted to")

    def new_secret(self) -> str:
        return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_bytes)).decode()

    def problems(self, target: str, secret: str, settings: OutgoingSettings) -> list[Problem]:
        return address_problems(target, settings, "target")

    def send(self, message: Message, to: Sending) -> Answer:
        content = json.dumps(message.plain(), ensure_ascii=False, separators=(",", ":")).encode()
        seconds = int(message.at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(to.secret, message.key, seconds, content),
        }
        try:
            answered = to.reach.post(to.target, headers, content)
        except InnerAddress:
            return Answer(
                "refused", text("the address leads into an inner network, or is not allowed: nothing was sent")
            )
        except httpcore2.TimeoutException:
            return Answer("later", text("no answer in time"))
        except (ssl.SSLError, ssl.CertificateError):
            return Answer("later", text("its certificate does not count"))
        except (OSError, UnicodeError, httpcore2.NetworkError, httpcore2.ProtocolError):
            return Answer("later", text("nobody answers there"))
        return _judged(answered.status, answered.headers.get("retry-after", ""), message.at)


def _judged(status: int, retry_after: str, now: datetime) -> Answer:
    said = text("answered {status}", status=status)
    if 200 <= status < 300:
        return Answer("taken", said)
    if status == 410:
        return Answer("gone", said)
    return Answer("later", said, _pause_s(retry_after, now))


def _pause_s(retry_after: str, now: datetime) -> float | None:
    """How long to wait, as HTTP says it: seconds, or a time."""
    if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 10:
        return min(float(retry_after), LONGEST_PAUSE_s)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_PAUSE_s)


MESSENGERS = (Webhook(),)
