"""Signatures as covolt 0.1.0 made them, and files of keys: nobody but who holds a key signs with it."""

import stat

import pytest

from covolt.errors import InputError
from covolt.programme.party import Party
from covolt.programme.signing import new_key, public_hex, read_key, signature_problem
from tests.signed import DIGEST, old_sign, old_signoff

ROLE = "type-approval-officer"


@pytest.fixture
def keys(tmp_path):
    paths = tmp_path / "own.pem", tmp_path / "other.pem"
    for path in paths:
        new_key(path)
    return tuple(read_key(path) for path in paths)


@pytest.fixture
def agency(keys):
    return Party.model_validate(
        {
            "id": "agency",
            "title": "Agency",
            "country": "BY",
            "roles": ["agency"],
            "keys": [{"role": ROLE, "ed25519": public_hex(keys[0])}],
        }
    )


@pytest.fixture
def signed(keys):
    return old_sign("trial", "agency", ROLE, DIGEST, keys[0], "dry road")


def test_the_holder_of_the_key_signs(signed, agency):
    assert not signature_problem(signed, agency)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "sha256:" + "b" * 64},
        {"gate": "type-approval"},
        {"date": "2026-03-02"},
        {"remarks": "any road"},
        {"signature": "0" * 128},
    ],
)
def test_nothing_signed_can_be_changed(signed, agency, change):
    assert "is not by a key of agency" in str(signature_problem(signed.model_copy(update=change), agency))


def test_another_key_does_not_sign(signed, agency, keys):
    assert "is not by a key of agency" in str(signature_problem(old_signoff(signed, keys[1]), agency))


def test_a_role_without_a_key(signed, agency):
    assert "has no key for the role clerk" in str(
        signature_problem(signed.model_copy(update={"role": "clerk"}), agency)
    )


def test_a_key_is_its_owners_alone_and_never_written_over(tmp_path):
    path = tmp_path / "key.pem"
    public = new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public == public_hex(read_key(path))
    with pytest.raises(InputError, match="there is a file here already"):
        new_key(path)
    assert public == public_hex(read_key(path))


def test_files_that_are_no_keys(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    path.chmod(0o600)
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for wrong, words in (
        (path, "no readable private key"),
        (folder, "no readable private key"),
        (tmp_path / "absent.pem", "No such file"),
    ):
        with pytest.raises(InputError, match=words):
            read_key(wrong)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_or_write_does_not_sign(tmp_path, mode):
    path = tmp_path / "key.pem"
    new_key(path)
    path.chmod(mode)
    with pytest.raises(InputError, match="others than its owner"):
        read_key(path)


WEAK = (
    "00" * 32,
    "01" + "00" * 31,
    "ec" + "ff" * 30 + "7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)


@pytest.mark.parametrize("public", WEAK)
def test_a_party_has_no_key_with_which_anybody_signs(agency, public):
    with pytest.raises(ValueError, match="small order"):
        Party.model_validate({**agency.model_dump(), "keys": [{"role": ROLE, "ed25519": public}]})
