"""Ed25519 as libsodium judges it: known answers, and keys and signatures that are weak or malformed."""

import hashlib
import random
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl import bindings
from nacl.exceptions import BadSignatureError

from covolt.programme.curve import CURVE_D, FIELD, ORDER, SMALL_ORDER, public_key_fault, verifies
from tests.signed import private_key

RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
)
"""RFC 8032, 7.1: secret key, public key, message and signature of tests 1, 2, 3 and SHA(abc)."""
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, -1, FIELD) % FIELD)


def encoded(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def added(a, b):
    """Sum of two points of -x^2 + y^2 = 1 + d x^2 y^2."""
    (x1, y1), (x2, y2) = a, b
    k = CURVE_D * x1 * x2 * y1 * y2 % FIELD
    return (
        (x1 * y2 + x2 * y1) * pow(1 + k, -1, FIELD) % FIELD,
        (y1 * y2 + x1 * x2) * pow(1 - k, -1, FIELD) % FIELD,
    )


def times(number, point):
    total = (0, 1)
    while number:
        if number & 1:
            total = added(total, point)
        point, number = added(point, point), number >> 1
    return total


def root(y):
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    return x if x * x % FIELD == square else x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD


def sodium(public, signature, message):
    try:
        bindings.crypto_sign_open(signature + message, public)
    except (BadSignatureError, ValueError):
        return False
    return True


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_known_answers(secret, public, message, signature):
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert private.sign(bytes.fromhex(message)).hex() == signature
    for judge in (verifies, sodium):
        assert judge(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(message))
        assert not judge(bytes.fromhex(public), bytes.fromhex(signature), b"another" + bytes.fromhex(message))


def test_the_points_of_small_order_are_these():
    for y in SMALL_ORDER:
        point = (root(y), y)
        assert times(8, point) == (0, 1)
    assert times(4, (root(min(SMALL_ORDER - {0, 1})), min(SMALL_ORDER - {0, 1}))) != (0, 1)
    assert times(8, BASE) != (0, 1)
    assert times(ORDER, BASE) == (0, 1)


def small_order_keys():
    """Every encoding of a point of small order, those that are not canonical among them."""
    for y in sorted(SMALL_ORDER):
        for written in (y, y + FIELD):
            if written < 2**255:
                for sign in (0, 1):
                    yield (written | sign << 255).to_bytes(32, "little")


@cache
def signature_of_no_key(number):
    """s B and s, which fits whatever key contributes nothing to the sum."""
    scalar = int.from_bytes(hashlib.sha512(bytes([number])).digest(), "little") % ORDER
    return encoded(times(scalar, BASE)) + scalar.to_bytes(32, "little")


@pytest.mark.parametrize("public", list(small_order_keys()), ids=lambda one: one.hex()[:8])
def test_keys_of_small_order_sign_nothing(public):
    assert public_key_fault(public)
    for number in range(60):
        signature = signature_of_no_key(number)
        assert not verifies(public, signature, f"statement {number}".encode())
        assert not sodium(public, signature, f"statement {number}".encode())


def changed_signatures():
    """Kinds of wrong signature, each beside the genuine one: as those of the Wycheproof set."""
    private = private_key("wycheproof")
    public = private.public_key().public_bytes_raw()
    message = b"a statement"
    good = private.sign(message)
    nonce, scalar = good[:32], int.from_bytes(good[32:], "little")
    small = [one for one in small_order_keys() if int.from_bytes(one, "little") & (2**255 - 1) < FIELD]
    yield "genuine", public, good, message
    yield "s and l", public, nonce + (scalar + ORDER).to_bytes(32, "little"), message
    yield "s and a bit", public, nonce + (scalar | 1 << 255).to_bytes(32, "little"), message
    yield "s is zero", public, nonce + bytes(32), message
    yield "s is l", public, nonce + ORDER.to_bytes(32, "little"), message
    yield "s negative", public, nonce + (ORDER - scalar).to_bytes(32, "little"), message
    yield "all zero", public, bytes(64), message
    yield "all ones", public, b"\xff" * 64, message
    yield "empty", public, b"", message
    yield "cut", public, good[:-1], message
    yield "longer", public, good + b"\0", message
    yield "twice", public, good + good, message
    yield "swapped", public, good[32:] + good[:32], message
    yield "sign of r", public, bytes([*good[:31], good[31] ^ 0x80]) + good[32:], message
    yield "other key", private_key("other").public_key().public_bytes_raw(), good, message
    yield "negated key", bytes([*public[:31], public[31] ^ 0x80]), good, message
    for index, one in enumerate(small):
        yield f"r of small order {index}", public, one + good[32:], message
    for index, r in enumerate((FIELD, FIELD + 1, 2**255 - 1)):
        yield f"r not canonical {index}", public, r.to_bytes(32, "little") + good[32:], message


@pytest.mark.parametrize(
    ("public", "signature", "message"),
    [one[1:] for one in changed_signatures()],
    ids=[one[0] for one in changed_signatures()],
)
def test_wrong_signatures_as_libsodium_judges_them(public, signature, message, request):
    genuine = "genuine" in request.node.callspec.id
    assert verifies(public, signature, message) is sodium(public, signature, message) is genuine


def test_signatures_damaged_at_random():
    draw = random.Random(7)
    private = private_key("damaged")
    public, message = private.public_key().public_bytes_raw(), b"m" * 40
    good = private.sign(message)
    for _ in range(300):
        raw = bytearray(public + good + message)
        for _ in range(draw.choice((0, 1, 1, 2))):
            raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        case = bytes(raw[:32]), bytes(raw[32:96]), bytes(raw[96:])
        assert verifies(*case) is sodium(*case) is (bytes(raw) == public + good + message)


def test_points_with_a_part_of_small_order_as_libsodium_judges_them():
    """Neither clears the cofactor: of such a key or nonce a signature holds where the part cancels, for both or for none."""
    secret = int.from_bytes(hashlib.sha512(b"secret").digest(), "little") % ORDER
    small = [(root(y), y) for y in sorted(SMALL_ORDER)]
    judged = []
    for number in range(6):
        nonce = int.from_bytes(hashlib.sha512(bytes([number])).digest(), "little") % ORDER
        for of_key in small:
            public = encoded(added(times(secret, BASE), of_key))
            for of_nonce in small:
                r = encoded(added(times(nonce, BASE), of_nonce))
                k = int.from_bytes(hashlib.sha512(r + public + b"m").digest(), "little") % ORDER
                signature = r + ((nonce + k * secret) % ORDER).to_bytes(32, "little")
                judged.append(verifies(public, signature, b"m"))
                assert judged[-1] is sodium(public, signature, b"m")
    assert 0 < sum(judged) < len(judged)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_a_wrong_length(length):
    assert "32 bytes" in str(public_key_fault(bytes(length)))


def test_a_key_that_is_no_point():
    off = next(y for y in range(2, 50) if public_key_fault(y.to_bytes(32, "little")))
    assert "no point of the curve" in str(public_key_fault(off.to_bytes(32, "little")))
    assert public_key_fault(private_key("any").public_key().public_bytes_raw()) == ""
