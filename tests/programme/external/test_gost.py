"""GOST R 34.10-2012 and Streebog: known answers of their RFCs, signatures that OpenSSL's engine made, and forgeries."""

import json
import sys
from pathlib import Path

import pytest
from gostcrypto import gostsignature

from covolt.programme.external import gost, heard, public_fault
from covolt.programme.external.reading import public_of
from tests.programme.external.elsewhere import GOST, Gost

MADE = json.loads((Path(__file__).parents[2] / "data/signatures/gost-openssl.json").read_text())
M1 = bytes.fromhex(
    "323130393837363534333231303938373635343332313039383736353433323130393837363534333231303938373635343332313039383736353433323130"
)[::-1]
M2 = bytes.fromhex(
    "fbe2e5f0eee3c820fbeafaebef20fffbf0e1e0f0f520e0ed20e8ece0ebe5f0f2f120fff0eeec20f120faf2fee5e2202ce8f6f3ede220e8e6eee1e8f0f2d1202ce8f0f2e5e220e5d1"
)[::-1]


@pytest.mark.parametrize(
    ("message", "size", "answer"),
    [
        (
            M1,
            64,
            "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b",
        ),
        (M1, 32, "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"),
        (
            M2,
            64,
            "28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f037613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e",
        ),
        (M2, 32, "508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d"),
    ],
)
def test_streebog_gives_the_answers_of_rfc_6986(message, size, answer):
    """RFC 6986, 10.1 and 10.2, which write numbers: the highest byte first."""
    assert gost.digest(size, message)[::-1].hex() == answer


def test_the_example_of_rfc_7091_is_verified_by_the_same_equation():
    """RFC 7091, 7.1, has a curve of its own and states the hash: what verifies here is run on it as it stands."""
    p = 0x8000000000000000000000000000000000000000000000000000000000000431
    q = 0x8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3
    curve = {
        "p": p,
        "a": 7,
        "b": 0x5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E,
        "m": q,
        "q": q,
        "x": 2,
        "y": 0x8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8,
    }
    x = 0x7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B
    y = 0x26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA
    e = 0x2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5
    r = 0x41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493
    s = 0x1456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40
    one = gostsignature.new(gostsignature.MODE_256, curve)

    def says(x, r, s):
        point, made = (bytearray(a.to_bytes(32, "big") + b.to_bytes(32, "big")) for a, b in ((x, y), (r, s)))
        return one.verify(point, bytearray(e.to_bytes(32, "big")), made)

    assert says(x, r, s)
    assert not says(x, r, s ^ 1)
    assert not says(x, r ^ 1, s)
    own = gost.Curve(p, 7, curve["b"], q, 32)
    d = 0x7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28
    assert gost._times(own, d, (2, curve["y"])) == (x, y)


def test_curves_are_those_of_another_implementation():
    known = gostsignature.CURVES_R_1323565_1_024_2019
    for name, one in gost.CURVES.items():
        other = known[one.peer or name]
        assert (one.p, one.a, one.b, one.q) == tuple(other[each] for each in "pabq"), name
        assert one.cofactor * one.q == other["m"]


def made_elsewhere(count):
    """So many signatures of each key that OpenSSL made."""
    for key in MADE["keys"]:
        algorithm, parameters, public = public_of(bytes.fromhex(key["public_der"]), "key.der")
        assert algorithm == "gost-r-34.10-2012"
        for message, signature in key["signatures"][:count]:
            yield parameters, public, bytes.fromhex(signature), bytes.fromhex(message)


def refused(parameters, public, signature, message):
    """What is left of a genuine signature with one thing changed; every answer must be no."""
    half = len(signature) // 2
    other = next(one for one, curve in gost.CURVES.items() if one != parameters and curve.size_bytes == half)
    yield parameters, public, signature, message + b"!"
    yield parameters, public, bytes([signature[0] ^ 1]) + signature[1:], message  # s
    yield parameters, public, signature[:-1] + bytes([signature[-1] ^ 1]), message  # r
    yield parameters, public, signature[half:] + signature[:half], message
    yield parameters, Gost(77, parameters).public, signature, message
    yield other, public, signature, message


def test_signatures_of_another_implementation_are_verified():
    for one in made_elsewhere(1):
        assert heard("gost-r-34.10-2012", *one)
    for one in list(made_elsewhere(1))[3:4]:
        assert not any(heard("gost-r-34.10-2012", *other) for other in refused(*one))


@pytest.mark.slow
def test_two_hundred_signatures_of_another_implementation():
    """In all seven parameter sets that both know, three of them under two names; each changed in six ways is refused."""
    every = list(made_elsewhere(20))
    assert len(every) == 200
    assert {one[0] for one in every} == set(gost.CURVES)
    for one in every:
        assert heard("gost-r-34.10-2012", *one)
        assert not any(heard("gost-r-34.10-2012", *other) for other in refused(*one))


@pytest.mark.parametrize("entry", MADE["cms"], ids=("256", "512"))
@pytest.mark.parametrize("form", ["with_attributes", "without"])
def test_a_detached_signature_as_a_token_writes_it(entry, form):
    key = public_of(entry["certificate"].encode(), "officer.pem")
    message, signature = bytes.fromhex(entry["message"]), bytes.fromhex(entry[form])
    assert heard(*key, signature, message)
    assert not heard(*key, signature, message + b"!")
    assert not heard(*key, signature[:-1], message)


@pytest.mark.parametrize("number", [0, 1])
def test_a_number_out_of_its_range_is_refused(number):
    """r or s of 0 or q, or more: RFC 7091, 6.2, step 1."""
    key, q = Gost(), gost.CURVES[GOST].q
    good = key.sign(b"gate")
    assert gost.verifies(GOST, key.public, good, b"gate")
    for wrong in (0, q, 2**256 - 1):
        parts = [good[:32], good[32:]]
        parts[number] = wrong.to_bytes(32, "big")
        assert gost.verifies(GOST, key.public, b"".join(parts), b"gate") is False


def test_a_point_that_is_no_key_is_refused():
    key = Gost()
    x, y = key.public[:32], key.public[32:]
    assert not public_fault("gost-r-34.10-2012", GOST, key.public)
    shifted = (int.from_bytes(y, "little") + 1).to_bytes(32, "little")
    assert "no point" in public_fault("gost-r-34.10-2012", GOST, x + shifted)
    assert "canonically" in public_fault("gost-r-34.10-2012", GOST, b"\xff" * 64)
    assert "bytes" in public_fault("gost-r-34.10-2012", GOST, key.public[:-1])
    set_c = GOST.replace("SetB", "SetC")
    assert public_fault("gost-r-34.10-2012", set_c, key.public)


def test_a_point_that_gostcrypto_takes_for_the_base_point_is_refused():
    """With x = 0 gostcrypto counts from the base point, whose logarithm, 1, everybody knows."""
    curve = gost.CURVES[GOST.replace("SetB", "SetD")]
    root = pow(curve.b, (curve.p + 1) // 4, curve.p)
    assert root * root % curve.p == curve.b
    point = bytes(32) + root.to_bytes(32, "little")
    assert "no point" in public_fault("gost-r-34.10-2012", GOST.replace("SetB", "SetD"), point)


@pytest.mark.parametrize("name", [one for one, curve in gost.CURVES.items() if curve.cofactor > 1])
def test_a_point_of_small_order_is_refused(name):
    """The point of order 2 is added to a key: still on the curve, and out of the group."""
    curve = gost.CURVES[name]
    genuine = Gost(99, name).public
    assert not public_fault("gost-r-34.10-2012", name, genuine)
    start = next(point for x in range(1, 99) if (point := lifted(curve, x)))
    small = gost._times(curve, curve.q, start)
    assert small is not None
    point = gost._plus(curve, gost._coordinates(curve, genuine), small)
    size = curve.size_bytes
    encoded = point[0].to_bytes(size, "little") + point[1].to_bytes(size, "little")
    assert "order" in public_fault("gost-r-34.10-2012", name, encoded)


def lifted(curve, x):
    """A point out of the group over an x, where there is one; p is 3 modulo 4 for both curves."""
    square = (x**3 + curve.a * x + curve.b) % curve.p
    y = pow(square, (curve.p + 1) // 4, curve.p)
    if y * y % curve.p != square or gost._times(curve, curve.q, (x, y)) is None:
        return None
    return x, y


def test_without_the_package_nobody_can_tell(monkeypatch):
    key = Gost(31)
    signature = key.sign(b"elsewhere")
    monkeypatch.setitem(sys.modules, "gostcrypto.gosthash", None)
    assert gost.verifies(GOST, key.public, signature, b"elsewhere") is None
    assert gost.verifies(GOST, key.public, bytes(64), b"elsewhere") is False


def test_cms_of_another_algorithm_is_refused():
    entry = MADE["cms"][0]
    other = public_of(MADE["cms"][1]["certificate"].encode(), "officer.pem")
    assert heard(*other, bytes.fromhex(entry["with_attributes"]), bytes.fromhex(entry["message"])) is False
