"""Why a party cannot reach its hub, in words: no way there, a hub that is another, a certificate that it refuses."""

from __future__ import annotations

import socket
import ssl
import tempfile
from contextlib import suppress
from pathlib import Path

from covolt.errors import system_said
from covolt.exchange.hosted.address import split
from covolt.exchange.hosted.certificates import REFUSALS, Identity, Refusal
from covolt.words import Phrase, text

__all__ = ["unreachable"]

PATIENCE_s = 5.0
_ALERTS: tuple[tuple[str, Refusal], ...] = (
    ("EXPIRED", "expired"),
    ("REVOKED", "revoked"),
    ("UNKNOWN_CA", "foreign"),
    ("CERTIFICATE_REQUIRED", "foreign"),
    ("BAD_CERTIFICATE", "foreign"),
    ("CERTIFICATE_UNKNOWN", "foreign"),
)
"""Alerts of TLS by which the hub refuses, and what they say of the party's certificate."""


def unreachable(address: str, identity: Identity, hub_name: str = "") -> Phrase | None:
    """The reason that a plain handshake of TLS gives; None where there is none, and the hub is only busy or gone again."""
    host, port = split(address)
    try:
        with socket.create_connection((host, int(port)), PATIENCE_s) as plain:
            return _handshake(plain, hub_name or host, identity)
    except ValueError:
        return text("{address} is no address: write HOST:PORT", address=address)
    except socket.gaierror:
        return text("nobody knows the host {host}", host=host)
    except TimeoutError:
        return text("nothing answers at {address}", address=address)
    except OSError as error:
        return text("no connection to {address}: {why}", address=address, why=system_said(error))


def _handshake(plain: socket.socket, host: str, identity: Identity) -> Phrase | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=identity.authorities.decode())
    context.set_alpn_protocols(["h2"])
    # The library takes a key from a file alone; it is this user's, and goes at once.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "identity.pem"
        file.touch(mode=0o600)
        file.write_bytes(identity.certificate + b"\n" + identity.key)
        context.load_cert_chain(file)
    try:
        with context.wrap_socket(plain, server_hostname=host) as secured, suppress(TimeoutError):
            # In TLS 1.3 a refusal comes after the handshake, with what is read first.
            secured.settimeout(1.0)
            secured.recv(1)
    except ssl.SSLCertVerificationError as error:
        return text("the hub is not the one of your invitation: {why}", why=error.verify_message)
    except ssl.SSLError as error:
        told = (error.reason or "").upper()
        known = next((reason for word, reason in _ALERTS if word in told), None)
        return None if known is None else REFUSALS[known]
    return None
