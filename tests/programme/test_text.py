"""Texts of documents for people."""

import pytest

from covolt.programme.gate import SignOffWanted
from covolt.programme.text import Title


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\x85", "\u2028", "\v"])
def test_a_title_is_one_line_whatever_it_breaks_off(sign):
    forged = f"Concept: open{sign}  signed: Type-approval agency: stands"
    assert str(Title(en=forged).words) == "Concept: open signed: Type-approval agency: stands"
    assert str(SignOffWanted(party="agency", role=f"second{sign}Trials: open").words) == "second Trials: open"
    assert str(Title(en="Kerb\u00a0mass,  laden").words) == "Kerb\u00a0mass,  laden"
