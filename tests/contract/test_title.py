"""The title of a part: one text, kept as written, or one in two languages."""

import pytest

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import canonical_json, validate
from covolt.contract.title import Title
from covolt.errors import InputError

PART = {"schema": "part/1", "id": "pack", "party": "volta", "fills": "battery@1", "version": "1.0.0"}
PART |= {"model": {"kind": "equivalent-circuit"}}


@pytest.mark.parametrize("title", ["Pack", {"en": "Pack", "ru": "Батарея"}, {"ru": "Батарея"}])
def test_a_part_has_a_title_in_one_language_or_in_two(title):
    made = validate({**PART, "title": title}, Datasheet, "part.toml")
    assert made.title == (title if isinstance(title, str) else Title(**title))
    assert validate(made.model_dump(by_alias=True), Datasheet, "part.toml") == made


def test_a_title_as_a_text_leaves_the_digest_of_an_offer_as_it_was():
    assert b'"title":"Pack"' in canonical_json(validate({**PART, "title": "Pack"}, Datasheet, "part.toml"))


@pytest.mark.parametrize(
    ("title", "words"), [(5, "5 is no text"), ({"fr": "x"}, "unknown field 'fr'"), ({}, "is empty")]
)
def test_what_is_no_title_is_told_once(title, words):
    with pytest.raises(InputError, match=words) as refused:
        validate({**PART, "title": title}, Datasheet, "part.toml")
    assert len(refused.value.problems) == 1
