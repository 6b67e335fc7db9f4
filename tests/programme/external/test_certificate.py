"""Certificates: which of them may sign, and detached signatures of them as other programs write them."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from cryptography.x509 import load_der_x509_certificate

from covolt.errors import InputError
from covolt.programme.external import days_of, fingerprint_of, heard, public_fault
from covolt.programme.external.certificate import verifies
from covolt.programme.external.cms import read_cms
from covolt.programme.external.reading import public_of, signature_of
from tests.programme.external.elsewhere import PRIVATE, certificate, rsa_key

MESSAGE = b"covolt signoff/2\n{}"


def bare(private, message=MESSAGE):
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(message)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(SHA256()))
    return private.sign(message, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("private", [*PRIVATE.values(), rsa_key(2048)], ids=("ec", "ed25519", "rsa"))
def test_a_bare_signature_is_verified_and_every_other_refused(private):
    holder, made = certificate(private), bare(private)
    assert public_fault("x509", "", holder) == ""
    assert heard("x509", "", holder, made, MESSAGE)
    for wrong in (made[:-1], made + b"\0", bytes([made[0] ^ 1]) + made[1:], made[:-1] + bytes([made[-1] ^ 1]), b""):
        assert heard("x509", "", holder, wrong, MESSAGE) is False
    assert heard("x509", "", holder, made, MESSAGE + b" ") is False
    other = certificate(ec.generate_private_key(ec.SECP256R1()))
    assert heard("x509", "", other, made, MESSAGE) is False


def cms(private, hashed, *options):
    signer = load_der_x509_certificate(certificate(private))
    made = pkcs7.PKCS7SignatureBuilder().set_data(MESSAGE).add_signer(signer, private, hashed)
    binary = [pkcs7.PKCS7Options.Binary, *options]
    return certificate(private), made.sign(Encoding.DER, binary)


@pytest.mark.parametrize("private", [PRIVATE["ec"], rsa_key(2048)], ids=("ec", "rsa"))
@pytest.mark.parametrize("hashed", [SHA256(), SHA384()], ids=("sha256", "sha384"))
@pytest.mark.parametrize("plain", [True, False], ids=("bare", "attributes"))
def test_a_detached_cms_is_verified(private, hashed, plain):
    options = [pkcs7.PKCS7Options.NoAttributes] if plain else []
    signer = load_der_x509_certificate(certificate(private))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(MESSAGE).add_signer(signer, private, hashed)
    made = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, *options])
    holder = certificate(private)
    assert heard("x509", "", holder, made, MESSAGE)
    assert heard("x509", "", holder, made, MESSAGE + b" ") is False
    armoured = builder.sign(Encoding.PEM, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, *options])
    assert heard("x509", "", holder, signature_of(armoured), MESSAGE)
    for at in range(0, len(made), 7):
        changed = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
        found = heard("x509", "", holder, changed, MESSAGE)
        assert found is False or read_cms(changed).signature == read_cms(made).signature


def test_a_cms_that_holds_its_content_is_not_detached():
    holder, made = cms(PRIVATE["ec"], SHA256())
    assert read_cms(made) is None
    assert heard("x509", "", holder, made, MESSAGE) is False


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_cms_over_sha_1_is_refused(tmp_path):
    private = PRIVATE["ec"]
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    holder = certificate(private)
    (tmp_path / "k.pem").write_bytes(pem)
    (tmp_path / "c.pem").write_bytes(load_der_x509_certificate(holder).public_bytes(Encoding.PEM))
    (tmp_path / "m").write_bytes(MESSAGE)
    made = {}
    for hashed in ("sha1", "sha256"):
        command = f"openssl cms -sign -binary -md {hashed} -in m -signer c.pem -inkey k.pem -outform DER".split()
        made[hashed] = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert heard("x509", "", holder, made["sha256"], MESSAGE)
    assert heard("x509", "", holder, made["sha1"], MESSAGE) is False


def test_a_weak_certificate_is_refused():
    assert "2048 to 8192 bits, and this has 1024" in public_fault("x509", "", certificate(rsa_key(1024)))
    assert "P-256" in public_fault("x509", "", certificate(ec.generate_private_key(ec.SECP256K1())))
    assert "RSA" in public_fault("x509", "", certificate(dsa.generate_private_key(2048)))
    assert "no certificate" in public_fault("x509", "", b"\x30\x03\x02\x01\x01")
    usage = certificate(PRIVATE["ec"], key_encipherment=True)
    assert "other things than signing" in public_fault("x509", "", usage)
    assert not public_fault("x509", "", certificate(PRIVATE["ec"], content_commitment=True))
    assert not verifies(certificate(rsa_key(1024)), bare(rsa_key(1024)), MESSAGE)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_certificate_over_sha_1_is_refused(tmp_path):
    command = f"openssl req -x509 -newkey rsa:{2048} -nodes -keyout k.pem -sha1 -subj /CN=officer -outform DER".split()
    made = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert load_der_x509_certificate(made).signature_hash_algorithm.name == SHA1.name
    assert "SHA-1" in public_fault("x509", "", made)


def test_a_certificate_is_known_by_the_fingerprint_that_others_show_and_by_its_days():
    made = certificate(PRIVATE["ec"], "2026-02-03", "2027-04-05")
    assert fingerprint_of("x509", "", made) == load_der_x509_certificate(made).fingerprint(SHA256()).hex()
    assert days_of("x509", made) == ("2026-02-03", "2027-04-05")


def test_a_private_key_and_a_bare_one_are_refused_with_what_is_wanted():
    pem = PRIVATE["ec"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(InputError, match="private key"):
        public_of(pem, "officer.pem")
    with pytest.raises(InputError, match="digits alone do not say of which algorithm"):
        public_of(b"ab" * 64, "officer.hex")
    with pytest.raises(InputError, match="which parameter set"):
        public_of(b"ab" * 64, "officer.hex", "gost-r-34.10-2012")
    with pytest.raises(InputError, match="the file says x509"):
        public_of(certificate(PRIVATE["ec"]), "officer.cer", "gost-r-34.10-2012")
    with pytest.raises(InputError, match="no certificate"):
        public_of(b"\x00\x01", "officer.cer")
    assert public_of(b"AB:" * 63 + b"AB", "officer.hex", "stb-34.101.45") == (
        "stb-34.101.45",
        "bign-curve256v1",
        b"\xab" * 64,
    )
