"""What the operator of a workspace settles about what goes out of it, read from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar, final

from covolt.errors import InputError, Problem
from covolt.words import text

__all__ = ["IPNetwork", "OutgoingSettings", "settings_of"]

IPNetwork = IPv4Network | IPv6Network
Kind = TypeVar("Kind")
TLS_PORTS = frozenset({443, 8443})
SECURITIES = ("starttls", "tls", "none")


@final
@dataclass(frozen=True)
class OutgoingSettings:
    """What the operator settles.

    Args:
        address: where whoever is told something finds the pages, such as that of the proxy before them.
        plain_http: whether a webhook may be reached without TLS.
        ports: where a webhook may listen.
        networks: inner networks in which a webhook may be all the same.
        mail_server: name and port of the server that takes mail; none is sent where it is empty.
        mail_security: `starttls`, `tls` from the first byte on, or `none`.
        mail_from: whose address stands on the mail.
        mail_user: who logs in there; nobody where it is empty.
        mail_password: and with what.
        telegram: where Telegram's bot interface is.
        vk: where the interface of VK is.
        lasting_days: for how long a delivery is tried.
    """

    address: str = ""
    plain_http: bool = False
    ports: frozenset[int] = TLS_PORTS
    networks: tuple[IPNetwork, ...] = ()
    mail_server: str = ""
    mail_security: str = "starttls"
    mail_from: str = ""
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    telegram: str = "https://api.telegram.org"
    vk: str = "https://api.vk.ru"
    lasting_days: int = 3


def settings_of(environment: Mapping[str, str]) -> OutgoingSettings:
    """The settings as variables of the environment have them.

    Raises:
        InputError: every variable that cannot be read.
    """
    plain = OutgoingSettings()
    problems: list[Problem] = []

    def read(name: str, otherwise: Kind, of: Callable[[str], Kind], hint: str) -> Kind:
        given = environment.get(name, "").strip()
        if not given:
            return otherwise
        try:
            return of(given)
        except (OSError, ValueError):
            problems.append(Problem(text("this cannot be read: {name}", name=name), name, hint))
            return otherwise

    found = OutgoingSettings(
        address=read("COVOLT_ADDRESS", "", _address, "https://covolt.example.org"),
        plain_http=read("COVOLT_HOOKS_HTTP", False, _switch, "1, 0"),
        ports=read("COVOLT_HOOKS_PORTS", plain.ports, _ports, "443,8443"),
        networks=read("COVOLT_HOOKS_NETWORKS", (), _networks, "10.20.0.0/16,fd00:20::/32"),
        mail_server=read("COVOLT_MAIL_SERVER", "", _server, "mail.example.org:587"),
        mail_security=read("COVOLT_MAIL_SECURITY", plain.mail_security, _security, ", ".join(SECURITIES)),
        mail_from=read("COVOLT_MAIL_FROM", "", str, "covolt@example.org"),
        mail_user=read("COVOLT_MAIL_USER", "", str, ""),
        mail_password=read("COVOLT_MAIL_PASSWORD_FILE", "", _content, ""),
        telegram=read("COVOLT_TELEGRAM_ADDRESS", plain.telegram, _address, plain.telegram),
        vk=read("COVOLT_VK_ADDRESS", plain.vk, _address, plain.vk),
        lasting_days=read("COVOLT_OUTGOING_DAYS", plain.lasting_days, _days, "3"),
    )
    if found.mail_server and not found.mail_from:
        problems.append(Problem(text("mail is from nobody"), "COVOLT_MAIL_FROM", text("such as engineer@example.org")))
    if problems:
        raise InputError(problems)
    return found


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError(given)
    return given.rstrip("/")


def _switch(given: str) -> bool:
    if given not in {"0", "1"}:
        raise ValueError(given)
    return given == "1"


def _ports(given: str) -> frozenset[int]:
    found = frozenset(int(one) for one in given.split(","))
    if not all(0 < one < 65536 for one in found):
        raise ValueError(given)
    return found


def _networks(given: str) -> tuple[IPNetwork, ...]:
    return tuple(ip_network(one.strip()) for one in given.split(","))


def _server(given: str) -> str:
    name, _, port = given.rpartition(":")
    if not name or not 0 < int(port) < 65536:
        raise ValueError(given)
    return given


def _security(given: str) -> str:
    if given not in SECURITIES:
        raise ValueError(given)
    return given


def _content(given: str) -> str:
    return Path(given).read_text(encoding="utf-8").strip()


def _days(given: str) -> int:
    if not 0 < int(given) <= 30:
        raise ValueError(given)
    return int(given)
