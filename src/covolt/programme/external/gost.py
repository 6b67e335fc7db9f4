"""GOST R 34.10-2012 (RFC 7091) with Streebog (RFC 6986): keys are judged here, signatures by the package gostcrypto.

A public key is x and y of its point, each with its lowest byte first, and a signature s and r, each with its highest first: so
certificates and tokens write them (RFC 9215, 2 and 4.3). gostcrypto takes a point with a coordinate 0 for the base point, and
does not ask whether a point is on the curve or of the right order: this is asked here, before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, final

__all__ = ["CURVES", "OIDS", "Curve", "digest", "public_key_fault", "verifies"]

_P256, _P512 = 2**256 - 617, 2**512 - 569
_SET = "id-tc26-gost-3410-2012-"


@final
@dataclass(frozen=True)
class Curve:
    """y^2 = x^3 + a x + b over the field of p elements, with a base point of order q; `peer` is gostcrypto's name of it."""

    p: int
    a: int
    b: int
    q: int
    size_bytes: int
    cofactor: int = 1
    peer: str = ""


CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        f"{_SET}256-paramSetA": Curve(
            p=_P256,
            a=0xC2173F1513981673AF4892C23035A27CE25E2013BF95AA33B22C656F277E7335,
            b=0x295F9BAE7428ED9CCC20E7C359A9D41A22FCCD9108E17BF7BA9337A6F8AE9513,
            q=0x400000000000000000000000000000000FD8CDDFC87B6635C115AF556C360C67,
            size_bytes=32,
            cofactor=4,
        ),
        f"{_SET}256-paramSetB": Curve(
            p=_P256,
            a=_P256 - 3,
            b=0xA6,
            q=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893,
            size_bytes=32,
        ),
        f"{_SET}256-paramSetC": Curve(
            p=2**255 + 3225,
            a=2**255 + 3222,
            b=0x3E1AF419A269A5F866A7D3C25C3DF80AE979259373FF2B182F49D4CE7E1BBC8B,
            q=0x800000000000000000000000000000015F700CFFF1A624E5E497161BCC8A198F,
            size_bytes=32,
        ),
        f"{_SET}256-paramSetD": Curve(
            p=0x9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D759B,
            a=0x9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D7598,
            b=0x805A,
            q=0x9B9F605F5A858107AB1EC85E6B41C8AA582CA3511EDDFB74F02F3A6598980BB9,
            size_bytes=32,
        ),
        f"{_SET}512-paramSetA": Curve(
            p=_P512,
            a=_P512 - 3,
            b=0xE8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760,
            q=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275,
            size_bytes=64,
            peer="id-tc26-gost-3410-12-512-paramSetA",
        ),
        f"{_SET}512-paramSetB": Curve(
            p=2**511 + 111,
            a=2**511 + 108,
            b=0x687D1B459DC841457E3E06CF6F5E2517B97C7D614AF138BCBF85DC806C4B289F3E965D2DB1416D217F8B276FAD1AB69C50F78BEE1FA3106EFB8CCBC7C5140116,
            q=0x800000000000000000000000000000000000000000000000000000000000000149A1EC142565A545ACFDB77BD9D40CFA8B996712101BEA0EC6346C54374F25BD,
            size_bytes=64,
            peer="id-tc26-gost-3410-12-512-paramSetB",
        ),
        f"{_SET}512-paramSetC": Curve(
            p=_P512,
            a=0xDC9203E514A721875485A529D2C722FB187BC8980EB866644DE41C68E143064546E861C0E2C9EDD92ADE71F46FCF50FF2AD97F951FDA9F2A2EB6546F39689BD3,
            b=0xB4C4EE28CEBC6C2C8AC12952CF37F16AC7EFB6A9F69F4B57FFDA2E4F0DE5ADE038CBC2FFF719D2C18DE0284B8BFEF3B52B8CC7A5F5BF0A3C8D2319A5312557E1,
            q=0x3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC98CDBA46506AB004C33A9FF5147502CC8EDA9E7A769A12694623CEF47F023ED,
            size_bytes=64,
            cofactor=4,
        ),
    }
)
"""Parameter sets by name (RFC 7836, appendix A; RFC 4357, 11.4 has three of them as CryptoPro's)."""
OIDS: Mapping[str, str] = MappingProxyType(
    {
        "1.2.643.7.1.2.1.1.1": f"{_SET}256-paramSetA",
        "1.2.643.7.1.2.1.1.2": f"{_SET}256-paramSetB",
        "1.2.643.7.1.2.1.1.3": f"{_SET}256-paramSetC",
        "1.2.643.7.1.2.1.1.4": f"{_SET}256-paramSetD",
        "1.2.643.2.2.35.1": f"{_SET}256-paramSetB",
        "1.2.643.2.2.35.2": f"{_SET}256-paramSetC",
        "1.2.643.2.2.35.3": f"{_SET}256-paramSetD",
        "1.2.643.2.2.36.0": f"{_SET}256-paramSetB",
        "1.2.643.2.2.36.1": f"{_SET}256-paramSetD",
        "1.2.643.7.1.2.1.2.1": f"{_SET}512-paramSetA",
        "1.2.643.7.1.2.1.2.2": f"{_SET}512-paramSetB",
        "1.2.643.7.1.2.1.2.3": f"{_SET}512-paramSetC",
    }
)
"""Parameter sets by object identifier; CryptoPro's A, B, C, XchA and XchB are the curves B, C, D, B and D."""

Point = tuple[int, int] | None
"""None is the point at infinity."""


@lru_cache(maxsize=256)
def public_key_fault(parameters: str, public: bytes) -> str:
    """Why some bytes are no public key of a parameter set, in a person's words; empty where they are one."""
    curve = CURVES[parameters]
    if len(public) != 2 * curve.size_bytes:
        return f"a public key of {parameters} has {2 * curve.size_bytes} bytes, and this has {len(public)}"
    x, y = _coordinates(curve, public)
    if x >= curve.p or y >= curve.p:
        return "the public key is not written canonically"
    if (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p or not x or not y:
        return f"the public key is no point of the curve {parameters}"
    if curve.cofactor > 1 and _times(curve, curve.q, (x, y)) is not None:
        return "the public key is not of the order of the group: with it others may sign"
    return ""


def _coordinates(curve: Curve, public: bytes) -> tuple[int, int]:
    half = curve.size_bytes
    return int.from_bytes(public[:half], "little"), int.from_bytes(public[half:], "little")


def _plus(curve: Curve, one: Point, other: Point) -> Point:
    """Sum of two points (RFC 7091, 5.1)."""
    if one is None or other is None:
        return one or other
    (x, y), (u, v) = one, other
    if x == u and (y + v) % curve.p == 0:
        return None
    slope = (3 * x * x + curve.a) * pow(2 * y, -1, curve.p) if x == u else (v - y) * pow(u - x, -1, curve.p)
    third = (slope * slope - x - u) % curve.p
    return third, (slope * (x - third) - y) % curve.p


def _times(curve: Curve, factor: int, point: Point) -> Point:
    """A multiple of a point: public numbers alone, so that its time may tell them."""
    total: Point = None
    while factor:
        total = _plus(curve, total, point) if factor & 1 else total
        point, factor = _plus(curve, point, point), factor >> 1
    return total


def digest(size_bytes: int, message: bytes) -> bytes | None:
    """Streebog of a message; None where nothing here computes it."""
    try:
        hashes: Any = import_module("gostcrypto.gosthash")
    except ImportError:
        return None
    return bytes(hashes.new(f"streebog{8 * size_bytes}", data=bytearray(message)).digest())


@lru_cache(maxsize=256)
def verifies(parameters: str, public: bytes, signature: bytes, message: bytes) -> bool | None:
    """Whether a signature is by the holder of a key over a message (RFC 7091, 6.2); None where nothing here can tell."""
    curve = CURVES[parameters]
    size = curve.size_bytes
    if public_key_fault(parameters, public) or len(signature) != 2 * size:
        return False
    s, r = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    if not (0 < r < curve.q and 0 < s < curve.q):
        return False
    hashed = digest(size, message)
    if hashed is None:
        return None
    signs: Any = import_module("gostcrypto.gostsignature")
    mode = signs.MODE_256 if size == 32 else signs.MODE_512
    verifier = signs.new(mode, signs.CURVES_R_1323565_1_024_2019[curve.peer or parameters])
    point = b"".join(one.to_bytes(size, "big") for one in _coordinates(curve, public))
    # The number that is signed has the last byte of the digest highest (RFC 7091, 4.2; RFC 6986 writes it so).
    return bool(
        verifier.verify(bytearray(point), bytearray(hashed[::-1]), bytearray(signature[size:] + signature[:size]))
    )
