"""Mail, Telegram and VK against a stand-in of each that speaks as the real one does: titles and links, no token told."""

import email
import json
import logging
import re
import socketserver
import threading
from datetime import UTC, datetime
from email.policy import default
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

from covolt.errors import InputError
from covolt.library import from_packages
from covolt.words import Words
from covolt.workspace.outgoing.message import Entry, Message
from covolt.workspace.outgoing.messengers import AbstractMessenger, Answer, Sending, messengers
from covolt.workspace.outgoing.reach import Reach
from covolt.workspace.outgoing.settings import OutgoingSettings
from tests.workspace.receiver import Receiver

TOKEN = "123456789:AAF-canary_canary_canary_canary_0000"
COMMUNITY = "vk1.a.canary-canary-canary-canary"


def message(count=1, language="en", title="Cells of another maker"):
    entries = tuple(
        Entry(
            at, f"2026-11-30T12:00:{at % 60:02d}.000Z", "battery-works", "merged", f"proposal/{at}",
            Words(f"merged proposal {at}, “{title}”", f"приняла предложение {at}, «{title}»"),
            Words("Battery works", "Завод батарей"),
        )
        for at in range(1, count + 1)
    )  # fmt: skip
    return Message(
        "covolt_0123456789abcdef", datetime(2026, 11, 30, 12, tzinfo=UTC), "https://covolt.example.org", "small-car",
        "battery-works", Words("Small car", "Малый автомобиль"), language, entries,
    )  # fmt: skip


def sent(kind, target, secret, settings, told=None):
    return messengers()[kind].send(told or message(), Sending(target, secret, settings, Reach(settings)))


@pytest.fixture
def interface():
    made = Receiver()
    yield made
    made.close()


def as_json(status, content, **headers):
    return status, {"Content-Type": "application/json", **headers}, json.dumps(content).encode()


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks SMTP as far as one letter takes it; `refuses` are the answers to a command in place of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        self.letters, self.refuses = [], {}
        super().__init__(("127.0.0.1", 0), _Session)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 stand-in\r\n")
        sender, receivers = "", []
        while line := self.rfile.readline():
            said = line.decode().strip()
            verb = said.split(" ")[0].split(":")[0].upper()
            if verb in self.server.refuses:
                self.wfile.write(self.server.refuses[verb] + b"\r\n")
                continue
            if verb == "MAIL":
                sender = said
            elif verb == "RCPT":
                receivers.append(said)
            elif verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                content = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    content += part[1:] if part.startswith(b"..") else part
                self.server.letters.append((sender, receivers, content))
            self.wfile.write({"EHLO": b"250 stand-in", "QUIT": b"221 bye"}.get(verb, b"250 fine") + b"\r\n")
            if verb == "QUIT":
                return


@pytest.fixture
def mail():
    server = MailServer()
    yield SimpleNamespace(
        server=server,
        settings=OutgoingSettings(
            mail_server=f"127.0.0.1:{server.server_address[1]}", mail_security="none", mail_from="covolt@example.org"
        ),
    )
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_mail_tells_what_happened_and_where_in_plain_words(mail, language):
    assert sent("mail", "engineer@example.org", "", mail.settings, message(2, language)).outcome == "taken"
    ((sender, receivers, content),) = mail.server.letters
    assert sender.startswith("mail FROM:<covolt@example.org>")
    assert receivers == ["rcpt TO:<engineer@example.org>"]
    read = email.message_from_bytes(content, policy=default)
    assert read["Message-ID"] == "<covolt_0123456789abcdef@example.org>"
    assert read.get_content_type() == "text/plain"
    assert read["Subject"] == {"en": "Small car: 2 events", "ru": "Малый автомобиль: событий — 2"}[language]
    told = read.get_content()
    assert {"en": "Battery works merged proposal 1", "ru": "Завод батарей приняла предложение 1"}[language] in told
    assert f"https://covolt.example.org/{language}/small-car/proposals/2?party=battery-works" in told


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
def test_nothing_in_a_title_reaches_the_heading_of_a_letter(mail, break_):
    title = f"Cells{break_}Bcc: everybody@example.org{break_}{break_}<b>text</b>\n.\n"
    assert sent("mail", "engineer@example.org", "", mail.settings, message(title=title)).outcome == "taken"
    ((_, receivers, content),) = mail.server.letters
    read = email.message_from_bytes(content, policy=default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    assert len(receivers) == 1
    assert "Bcc: everybody" in read["Subject"]


@pytest.mark.parametrize(
    "target",
    ["", "a", "a@b", "a@b.c", "a b@example.org", "a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org",
     "<a@example.org>", "a@[127.0.0.1]", "a@example.org\n", "инженер@example.org", "a" * 65 + "@example.org"],
)  # fmt: skip
def test_only_an_address_of_mail_is_taken(mail, target):
    assert messengers()["mail"].problems(target, "", mail.settings)
    assert not messengers()["mail"].problems("first.last+covolt@mail.example.org", "", mail.settings)


@pytest.mark.parametrize(
    ("verb", "said", "outcome"),
    [("RCPT", b"550 nobody of this name", "refused"), ("RCPT", b"451 later", "later"), ("DATA", b"452 full", "later"),
     ("MAIL", b"421 closing", "later")],
)  # fmt: skip
def test_what_a_server_of_mail_refuses_is_told_by_its_number_alone(mail, verb, said, outcome):
    mail.server.refuses[verb] = said
    answer = sent("mail", "engineer@example.org", "", mail.settings)
    assert (answer.outcome, str(answer.said)) == (outcome, f"answered {said[:3].decode()}")


def test_mail_goes_to_no_server_without_tls_where_it_is_asked_for(mail):
    settings = OutgoingSettings(mail_server=mail.settings.mail_server, mail_from="covolt@example.org")
    assert sent("mail", "engineer@example.org", "", settings).outcome == "later"
    assert mail.server.letters == []
    assert not messengers()["mail"].offered(OutgoingSettings())


def test_telegram_is_asked_as_its_interface_has_it(interface):
    interface.otherwise = as_json(200, {"ok": True, "result": {"message_id": 5}})
    settings = OutgoingSettings(telegram=f"http://127.0.0.1:{interface.port}")
    assert sent("telegram", "-1001234567890", TOKEN, settings, message(100)).outcome == "taken"
    ((path, _, _),) = interface.requests
    (told,) = interface.bodies
    assert path == f"/bot{TOKEN}/sendMessage"
    assert (told["chat_id"], told["link_preview_options"]) == (-1001234567890, {"is_disabled": True})
    assert len(told["text"]) <= 4096
    assert told["text"].startswith("Small car\n\nBattery works merged proposal 1, “Cells of another maker”\nhttps://")
    assert re.search(r"and \d+ more\nhttps://covolt.example.org/en/small-car/feed", told["text"])


@pytest.mark.parametrize(
    ("answer", "outcome", "after_s"),
    [
        (
            as_json(429, {"ok": False, "error_code": 429, "description": TOKEN, "parameters": {"retry_after": 35}}),
            "later",
            35,
        ),
        (as_json(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 10**9}}), "later", 86400),
        (as_json(401, {"ok": False, "error_code": 401, "description": "Unauthorized"}), "gone", None),
        (as_json(403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked"}), "gone", None),
        (as_json(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}), "refused", None),
        (as_json(502, {"ok": False, "error_code": 502}), "later", None),
        (as_json(200, ["ok"]), "later", None),
        ((200, {}, b"<html>"), "later", None),
        ((200, {}, b"[" * 100_000), "later", None),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "later", None),
    ],
)
def test_what_telegram_answers_is_heard(interface, answer, outcome, after_s, caplog):
    caplog.set_level(logging.DEBUG)
    interface.otherwise = answer
    settings = OutgoingSettings(telegram=f"http://127.0.0.1:{interface.port}")
    found = sent("telegram", "@covolt_channel", TOKEN, settings)
    assert (found.outcome, found.after_s) == (outcome, after_s)
    assert TOKEN not in str(found.said)
    assert TOKEN not in caplog.text
    assert len(interface.requests) == 1


def test_vk_is_asked_as_its_interface_has_it_and_knows_a_second_sending(interface):
    interface.otherwise = as_json(200, {"response": 77})
    settings = OutgoingSettings(vk=f"http://127.0.0.1:{interface.port}")
    for _ in range(2):
        assert sent("vk", "2000000001", COMMUNITY, settings, message(1, "ru")).outcome == "taken"
    first, second = ({name: one[0] for name, one in parse_qs(each[2].decode()).items()} for each in interface.requests)
    assert interface.requests[0][0] == "/method/messages.send"
    assert first == second
    assert 0 < int(first["random_id"]) < 2**31
    assert {**first, "message": "", "random_id": ""} == {
        "access_token": COMMUNITY, "v": "5.199", "peer_id": "2000000001", "dont_parse_links": "1", "message": "", "random_id": "",
    }  # fmt: skip
    assert "приняла предложение 1" in first["message"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(1, "later"), (6, "later"), (9, "later"), (10, "later"), (5, "gone"), (901, "gone"), (100, "refused")],
)
def test_what_vk_answers_is_heard(interface, code, outcome, caplog):
    caplog.set_level(logging.DEBUG)
    interface.otherwise = as_json(200, {"error": {"error_code": code, "error_msg": COMMUNITY}})
    settings = OutgoingSettings(vk=f"http://127.0.0.1:{interface.port}")
    found = sent("vk", "12345", COMMUNITY, settings)
    assert (found.outcome, str(found.said)) == (outcome, f"answered with code {code}")
    assert COMMUNITY not in caplog.text


@pytest.mark.parametrize(
    ("kind", "target", "secret"),
    [
        ("telegram", "../../x", TOKEN), ("telegram", "12", "1:2"), ("telegram", "12", TOKEN + "/../getMe"),
        ("telegram", "12\n", TOKEN), ("vk", "x", COMMUNITY), ("vk", "0", COMMUNITY), ("vk", "1", "short"),
        ("vk", "1", COMMUNITY + "&"),
    ],
)  # fmt: skip
def test_what_is_no_chat_and_no_token_is_refused(kind, target, secret):
    assert messengers()[kind].problems(target, secret, OutgoingSettings())


def test_nobody_there_is_tried_later(interface):
    interface.close()
    at = f"http://127.0.0.1:{interface.port}"
    settings = OutgoingSettings(
        telegram=at, vk=at, mail_server=f"127.0.0.1:{interface.port}", mail_from="covolt@example.org"
    )
    for kind, target, secret in (("telegram", "1", TOKEN), ("vk", "1", COMMUNITY), ("mail", "a@example.org", "")):
        assert sent(kind, target, secret, settings).outcome == "later"


class Pigeon(AbstractMessenger):
    kind = "pigeon"
    title = target_title = Words("pigeon")

    def problems(self, target, secret, settings):
        return []

    def send(self, message, to):
        return Answer("taken", Words("flown"))


class Point:
    name = value = "pigeons"
    dist = None

    def __init__(self, offered):
        self.load = lambda: offered


@pytest.fixture
def offering(monkeypatch):
    def offer(*offered):
        monkeypatch.setattr(from_packages, "entry_points", lambda group: [Point(one) for one in offered])
        messengers.cache_clear()
        return messengers

    yield offer
    messengers.cache_clear()


def test_another_package_adds_a_way(offering):
    assert set(offering(Pigeon())()) == {"webhook", "mail", "telegram", "vk", "pigeon"}


@pytest.mark.parametrize("offered", [5, (Pigeon(), Pigeon()), [messengers()["mail"]]])
def test_what_is_no_way_or_is_there_already_is_refused(offering, offered):
    with pytest.raises(InputError):
        offering(offered)()
