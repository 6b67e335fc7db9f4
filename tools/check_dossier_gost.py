"""Signatures of GOST R 34.10-2012 for `check_dossier.py`, where the package gostcrypto is installed."""

from gostcrypto import gosthash, gostsignature


def signs_gost(parameters, public, raw, message):
    """Whether the holder of a key signed a message (RFC 7091) over Streebog (RFC 6986); the key must be a point of its curve."""
    known, size = gostsignature.CURVES_R_1323565_1_024_2019, len(public) // 2
    curve = known.get(parameters) or known[parameters.replace("-2012-512", "-12-512")]
    x, y = (int.from_bytes(one, "little") for one in (public[:size], public[size:]))
    if not x * y or len(raw) != 2 * size or (y * y - x**3 - curve["a"] * x - curve["b"]) % curve["p"]:
        return False
    digest = gosthash.new(f"streebog{8 * size}", data=bytearray(message)).digest()
    found = gostsignature.new(gostsignature.MODE_256 if size == 32 else gostsignature.MODE_512, curve)
    point = bytearray(public[:size][::-1] + public[size:][::-1])
    return bool(found.verify(point, bytearray(digest[::-1]), bytearray(raw[size:] + raw[:size])))
