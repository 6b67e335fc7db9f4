"""STB 34.101.45: answers of the standard where the library bee2 is installed, and what is told where it is not."""

import pytest

from covolt.programme.external import heard, public_fault, stb

PUBLIC = bytes.fromhex(
    "bd1a5650179d79e03fcee49d4c2bd5ddf54ce46d0cf11e4ff87bf7a890857fd07ac6a60361e8c8173491686d461b2826190c2eda5909054a9ab84d2ab9d99a90"
)
MESSAGE = bytes.fromhex("b194bac80a08f53b366d008e58")
SIGNATURE = bytes.fromhex(
    "e36b7f0377ae4c524027c387fadf1b20ce72f1530b71f2b5fd3a8c584fe2e1aed20082e30c8af65011f4fb54649dfd3d"
)
HERE = pytest.mark.skipif(not stb.installed(), reason="the C library bee2 is not installed, and no registry has it")


@HERE
def test_the_answers_of_the_standard():
    """STB 34.101.45, tables G.1 and G.2: a key, the first 13 bytes of the table of belt, and their signature."""
    known = ("stb-34.101.45", stb.CURVE, PUBLIC)
    assert public_fault(*known) == ""
    assert heard(*known, SIGNATURE, MESSAGE)
    assert heard(*known, SIGNATURE, MESSAGE + b"!") is False
    for at in (0, 16, 47):
        assert heard(*known, SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1]) + SIGNATURE[at + 1 :], MESSAGE) is False
    assert heard(*known, bytes(48), MESSAGE) is False
    wrong = bytes([PUBLIC[0] ^ 1]) + PUBLIC[1:]
    assert "no point" in public_fault("stb-34.101.45", stb.CURVE, wrong)
    assert heard("stb-34.101.45", stb.CURVE, wrong, SIGNATURE, MESSAGE) is False


def test_without_the_library_nobody_can_tell(monkeypatch):
    monkeypatch.setattr(stb, "_library", lambda: None)
    stb.public_key_fault.cache_clear()
    assert heard("stb-34.101.45", stb.CURVE, PUBLIC, SIGNATURE, MESSAGE) is None
    assert heard("stb-34.101.45", stb.CURVE, PUBLIC, SIGNATURE[:-1], MESSAGE) is False
    assert "64 bytes" in public_fault("stb-34.101.45", stb.CURVE, PUBLIC[:-1])
    stb.public_key_fault.cache_clear()
