"""Addresses of hubs, HOST:PORT, judged where they are written; and why nobody can listen at one."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections.abc import Sequence

from covolt.errors import InputError, Problem, Unavailable, system_said
from covolt.words import Phrase, text

__all__ = ["cannot_listen", "demand_address", "demand_named", "split"]

LARGEST_PORT = 65535
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")


def split(address: str) -> tuple[str, str]:
    """Host and port as they are written, the host without the brackets of IPv6."""
    host, _, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], port
    return ("" if ":" in host else host), port


def demand_address(address: str, where: str | Phrase) -> str:
    """The address, if it names a host and a port from 1 to 65535.

    Raises:
        InputError: it does not.
    """
    host, port = split(address)
    known = bool(_HOST.fullmatch(host)) or _is_number(host)
    if known and port.isascii() and port.isdigit() and 1 <= int(port) <= LARGEST_PORT:
        return address
    what = text("'{address}' is no address of a hub", address=address)
    raise InputError(Problem(what, where, text("write HOST:PORT, the port from 1 to 65535")))


def demand_named(address: str, named: Sequence[str], where: str | Phrase) -> str:
    """The address, if its host is one of those `named` in the certificate of the hub.

    Raises:
        InputError: parties would not know the hub there.
    """
    host = _bare(split(demand_address(address, where))[0])
    if host in {_bare(one) for one in named}:
        return address
    what = text(
        "the certificate of the hub is not made for {host}: it names {named}", host=host, named=", ".join(named) or "-"
    )
    again = " ".join(f"--address {one}" for one in (*named, host))
    hint = text("name one of those, or renew the certificate: covolt authority new --renew {again}", again=again)
    raise InputError(Problem(what, where, hint))


def cannot_listen(address: str) -> Unavailable:
    """Why a hub cannot listen at an address, as the system says it."""
    host, port = split(address)
    hint = text("free the address, or name another one")
    what: str | Phrase = text("the hub cannot listen there")
    try:
        for family, kind, protocol, _, place in socket.getaddrinfo(host, int(port or "0"), type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as one:
                one.bind(place)
    except (socket.gaierror, UnicodeError, ValueError):
        what = text("nobody knows the host {host}", host=host)
        hint = text("name an address of this machine: 0.0.0.0 is all of them")
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            what = text("this machine has no address {host}", host=host)
            hint = text("name an address of this machine: 0.0.0.0 is all of them")
        elif error.errno != errno.EADDRINUSE:
            what = text("the hub cannot listen there: {why}", why=system_said(error))
            hint = text("name another port: those below 1024 are the system's own")
    return Unavailable(Problem(what, address, hint))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bare(host: str) -> str:
    return str(ipaddress.ip_address(host)) if _is_number(host) else host.rstrip(".").lower()
