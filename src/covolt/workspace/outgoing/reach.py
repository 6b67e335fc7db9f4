"""Which addresses of others the workspace reaches: none of an inner network, and the very one that was looked at.

A name is resolved once, where the connection is made: what it says a moment later leads nowhere. However an address is spelled,
what counts is what the system makes of it.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, final
from urllib.parse import urlsplit

import httpcore2

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.outgoing.settings import IPNetwork, OutgoingSettings

__all__ = ["Answered", "InnerAddress", "Reach", "address_problems", "inner"]

LONGEST_ADDRESS = 2000
LONGEST_ANSWER_bytes = 16_384
PATIENCE_s = 10.0
IPAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_GLOBAL_6 = ip_network("2000::/3")
"""Only from here are addresses of IPv6 given to hosts of the world."""
_NAT64 = ip_network("64:ff9b::/96")
_SPECIAL_4 = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")))
_SPECIAL_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "3fff::/20")))


class InnerAddress(Exception):
    """A name, or a way of writing, that leads into an inner network."""


@final
@dataclass(frozen=True)
class Answered:
    """What came back: the status, and its headers; of the content no more than a bound is read, and nothing kept."""

    status: int
    headers: Mapping[str, str]


def address_problems(address: str, settings: OutgoingSettings, where: str) -> list[Problem]:
    """What keeps an address from being written to, as far as its spelling says."""
    hint = text("such as https://covolt.example.org/hook")
    try:
        read = urlsplit(address)
        port, host = read.port, read.hostname or ""
    except ValueError:
        return [Problem(text("this is no address"), where, hint)]
    problems: list[Problem] = []
    if len(address) > LONGEST_ADDRESS or not address.isascii() or re.search(r"[\x00-\x20\x7f\\]", address):
        problems.append(Problem(text("this is no address"), where, hint))
    elif read.scheme not in ({"https", "http"} if settings.plain_http else {"https"}):
        problems.append(Problem(text("only https is taken here"), where, hint))
    elif read.username is not None or read.password is not None or "@" in read.netloc:
        problems.append(Problem(text("an address bears no login"), where, hint))
    elif (port or (443 if read.scheme == "https" else 80)) not in settings.ports:
        ports = ", ".join(map(str, sorted(settings.ports)))
        problems.append(Problem(text("only these ports are taken: {ports}", ports=ports), where, hint))
    elif (literal := _literal(host)) is not None:
        if inner(literal, settings.networks):
            problems.append(Problem(text("this address is of an inner network"), where, hint))
    elif not _NAME.fullmatch(host):
        problems.append(Problem(text("this is no name of a host"), where, hint))
    return problems


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def inner(address: IPAddress, allowed: Iterable[IPNetwork] = ()) -> bool:
    """Whether an address is of no host of the world: this machine, private, link-local, of many, or one of those in disguise.

    Args:
        address: what a name leads to.
        allowed: inner networks that the operator lets through.
    """
    if isinstance(address, IPv6Address) and (held := _held(address)) is not None:
        address = held
    if any(address.version == one.version and address in one for one in allowed):
        return False
    if isinstance(address, IPv6Address):
        special = address not in _GLOBAL_6 or any(address in one for one in _SPECIAL_6)
    else:
        special = any(address in one for one in _SPECIAL_4)
    return special or not address.is_global or address.is_multicast


def _held(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 to which one of IPv6 leads in the end."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour


def _resolved(host: str, port: int) -> list[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@final
class Reach:
    """Asks addresses of others, within the bounds that the operator sets.

    Args:
        settings: what those are.
        resolve: addresses of a name; the system's own by default.
        trust: which certificates count; those of the system by default.
    """

    def __init__(
        self, settings: OutgoingSettings, resolve: Resolve = _resolved, trust: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._trust = trust

    def post(
        self, address: str, headers: Mapping[str, str], content: bytes, patience_s: float = PATIENCE_s
    ) -> Answered:
        """Post content to an address, follow no redirect, and be done after so many seconds whatever the other side does.

        Raises:
            InnerAddress: it leads, now or by any of its addresses, into an inner network.
            httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError: nobody answers as HTTP has it.
        """
        if address_problems(address, self._settings, ""):
            raise InnerAddress  # settings are others than when it was taken
        until_s = time.monotonic() + patience_s
        backend = _Checked(self._settings, self._resolve, until_s)
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), patience_s)
        trust = self._trust or ssl.create_default_context()
        with (
            httpcore2.ConnectionPool(ssl_context=trust, network_backend=backend) as pool,
            pool.stream(
                "POST", address, headers=list(headers.items()), content=content, extensions={"timeout": timeouts}
            ) as answer,
        ):
            read_bytes = 0
            for part in answer.iter_stream():
                read_bytes += len(part)
                if read_bytes > LONGEST_ANSWER_bytes:
                    break
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            return Answered(answer.status, told)


@final
class _Checked(httpcore2.NetworkBackend):
    """Connects to addresses that were looked at, and to no name."""

    def __init__(self, settings: OutgoingSettings, resolve: Resolve, until_s: float) -> None:
        self._settings = settings
        self._resolve = resolve
        self._until_s = until_s

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Any = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        found = [ip_address(one.partition("%")[0]) for one in self._resolve(host, port)]
        if port not in self._settings.ports or any(inner(one, self._settings.networks) for one in found):
            raise InnerAddress
        failed: Exception = httpcore2.ConnectError("no address")
        for one in found:
            try:
                return _Bounded(
                    httpcore2.SyncBackend().connect_tcp(str(one), port, _left_s(self._until_s)), self._until_s
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    def connect_unix_socket(
        self,
        path: str,
        timeout: Any = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        raise InnerAddress


@final
class _Bounded(httpcore2.NetworkStream):
    """A stream that ends at a time, however slowly the other side speaks."""

    def __init__(self, stream: httpcore2.NetworkStream, until_s: float) -> None:
        self._stream = stream
        self._until_s = until_s

    def read(self, max_bytes: int, timeout: Any = None) -> bytes:
        return self._stream.read(max_bytes, _left_s(self._until_s))

    def write(self, buffer: bytes, timeout: Any = None) -> None:
        self._stream.write(buffer, _left_s(self._until_s))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: Any = None,
    ) -> httpcore2.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left_s(self._until_s)), self._until_s)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left_s(until_s: float) -> float:
    left_s = until_s - time.monotonic()
    if left_s <= 0:
        raise httpcore2.ReadTimeout("too slow")
    return left_s
