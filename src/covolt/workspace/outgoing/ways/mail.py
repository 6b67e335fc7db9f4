"""Mail: what happened and where, as plain text in the subscriber's language, over the operator's own server."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import final

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.outgoing.message import Message
from covolt.workspace.outgoing.messengers import AbstractMessenger, Answer, Sending
from covolt.workspace.outgoing.settings import OutgoingSettings

__all__ = ["MESSENGERS", "Mail", "letter"]

PATIENCE_s = 10.0
ADDRESS = re.compile(
    r"(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def letter(message: Message, target: str, sender: str) -> EmailMessage:
    """A message as mail; what stands in its heading is one line, whatever a title holds."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(display_name="covolt", addr_spec=sender)
    made["To"] = Address(addr_spec=target)
    made["Subject"] = message.subject
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.lines() + "\n")
    return made


@final
class Mail(AbstractMessenger):
    """Hands mail to the server that the operator names."""

    kind = "mail"
    title = text("Mail")
    target_title = text("Address of mail")
    why_not = text("this workspace sends no mail: whoever runs it has named no mail server (COVOLT_MAIL_SERVER)")

    def offered(self, settings: OutgoingSettings) -> bool:
        return bool(settings.mail_server)

    def problems(self, target: str, secret: str, settings: OutgoingSettings) -> list[Problem]:
        if ADDRESS.fullmatch(target):
            return []
        return [Problem(text("this is no address of mail"), "target", text("such as engineer@example.org"))]

    def send(self, message: Message, to: Sending) -> Answer:
        settings = to.settings
        try:
            with _connected(settings) as server:
                if settings.mail_user:
                    server.login(settings.mail_user, settings.mail_password)
                server.send_message(letter(message, to.target, settings.mail_from))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            outcome = "refused" if all(500 <= one < 600 for one in codes) else "later"
            return Answer(outcome, text("answered {status}", status=codes[0] if codes else 0))
        except smtplib.SMTPResponseException as error:
            return Answer("later", text("answered {status}", status=error.smtp_code))
        except (smtplib.SMTPException, OSError):
            return Answer("later", text("the server of mail does not answer"))
        return Answer("taken", text("handed to the server of mail"))


def _connected(settings: OutgoingSettings) -> smtplib.SMTP:
    host, _, port = settings.mail_server.rpartition(":")
    if settings.mail_security == "tls":
        return smtplib.SMTP_SSL(host, int(port), timeout=PATIENCE_s, context=ssl.create_default_context())
    server = smtplib.SMTP(host, int(port), timeout=PATIENCE_s)
    if settings.mail_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


MESSENGERS = (Mail(),)
