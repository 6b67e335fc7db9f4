"""Signatures by tokens for `check_dossier.py`: certificates of X.509, and GOST R 34.10-2012 where gostcrypto is installed.

STB 34.101.45 and signatures in CMS it does not hear: their own programs check the statement.
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

SHA = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}
SERVERS = ExtendedKeyUsageOID.SERVER_AUTH
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")


def signs(key, signature, message, on):
    """Whether the holder of a key signed a message on a day; None where nothing here can tell, ImportError without gostcrypto."""
    public, raw = bytes.fromhex(key["public"]), bytes.fromhex(signature)
    if key["algorithm"] == "stb-34.101.45" or SIGNED_DATA in raw[:24]:
        return None
    if key["algorithm"] == "x509" and not may_sign(x509.load_der_x509_certificate(public), on):
        return False
    heard = by_gost if key["algorithm"] == "gost-r-34.10-2012" else by_certificate
    return heard(key, public, raw, message) and signature == signature.lower()


def may_sign(one, on):
    """Whether a certificate is for signing, is of that day, and neither its key nor the hash that it is signed over is weak."""
    if not one.not_valid_before_utc.date().isoformat() <= on <= one.not_valid_after_utc.date().isoformat():
        return False
    public, over = one.public_key(), one.signature_hash_algorithm
    weak = isinstance(public, rsa.RSAPublicKey) and not 2048 <= public.key_size <= 8192
    if weak or (over is not None and over.digest_size < 32):
        return False
    found = {type(each.value): each.value for each in one.extensions}
    usage, purposes = found.get(x509.KeyUsage), set(found.get(x509.ExtendedKeyUsage, ()))
    return (not usage or usage.digital_signature or usage.content_commitment) and purposes != {SERVERS}


def by_certificate(key, public, raw, message):
    """Ed25519, ECDSA, or RSA by PKCS #1 with SHA-256."""
    one = x509.load_der_x509_certificate(public).public_key()
    how = (padding.PKCS1v15(), hashes.SHA256()) if isinstance(one, rsa.RSAPublicKey) else ()
    try:
        one.verify(raw, message, *((ec.ECDSA(SHA[one.curve.name]),) if hasattr(one, "curve") else how))
    except (InvalidSignature, KeyError):
        return False
    return True


def by_gost(key, public, raw, message):
    """RFC 7091 over Streebog (RFC 6986); the key must be a point of its curve."""
    from gostcrypto import gosthash, gostsignature

    known, size = gostsignature.CURVES_R_1323565_1_024_2019, len(public) // 2
    curve = known.get(key["parameters"]) or known.get(key["parameters"].replace("-2012-512", "-12-512"))
    x, y = (int.from_bytes(one, "little") for one in (public[:size], public[size:]))
    if not curve or not x * y or len(raw) != 2 * size or (y * y - x**3 - curve["a"] * x - curve["b"]) % curve["p"]:
        return False
    digest = gosthash.new(f"streebog{8 * size}", data=bytearray(message)).digest()
    found = gostsignature.new(gostsignature.MODE_256 if size == 32 else gostsignature.MODE_512, curve)
    point = bytearray(public[:size][::-1] + public[size:][::-1])
    return bool(found.verify(point, bytearray(digest[::-1]), bytearray(raw[size:] + raw[:size])))
