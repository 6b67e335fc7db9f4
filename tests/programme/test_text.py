"""Texts of documents for people."""

import pytest
from pydantic import ValidationError

from covolt.programme.gate import SignOffWanted
from covolt.programme.party import Party
from covolt.programme.text import Title, quoted, told


def test_the_words_of_a_party_stay_within_its_quotation():
    forged = Title(en='Agency", officer, 2026-03-01: stands; "', ru="Агентство» подписал: «")
    party = Party(id="supplier", title=forged, country="BY", roles=("supplier",))
    assert party.named.said("en") == "supplier \"Agency', officer, 2026-03-01: stands; '\""
    assert party.named.said("ru") == "supplier «Агентство' подписал: '»"
    assert len(quoted("long " * 50)) == 82
    assert quoted("a\nb " * 50, None) == f'"{"a b " * 49}a b"'


def test_a_role_is_told_as_it_is_known_beside_what_a_gate_calls_it():
    wanted = SignOffWanted(party="supplier", role="pack engineer", title=Title(en="officer, 2026: stands"))
    assert wanted.words.said("en") == 'pack engineer "officer, 2026: stands"'
    assert told("offers: stands") == '"offers: stands"'
    assert told("главный конструктор") == "главный конструктор"


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\x85", "\u2028", "\v"])
def test_a_title_is_one_line_whatever_it_breaks_off(sign):
    forged = f"Concept: open{sign}  signed: Type-approval agency: stands"
    assert str(Title(en=forged).words) == "Concept: open signed: Type-approval agency: stands"
    with pytest.raises(ValidationError, match="is no role: it breaks off"):
        SignOffWanted(party="agency", role=f"second{sign}Trials: open")
    assert str(Title(en="Kerb\u00a0mass,  laden").words) == "Kerb\u00a0mass,  laden"
