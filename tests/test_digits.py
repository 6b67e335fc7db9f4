"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.digits import expanded_text, number_text, probability_text, signed_text

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (12759.84, 6, f"12{THIN}759.8", f"12{THIN}759,8"),
        (1150.0, 4, f"1{THIN}150", f"1{THIN}150"),
        (0.0472, 2, "0.047", "0,047"),
        (-38.65, 4, "−38.65", "−38,65"),
        (0.0, 4, "0", "0"),
        (9.9996, 4, "10", "10"),
        (1.5e9, 3, "1.5e+09", "1,5e+09"),
        (1.74e-11, 3, "1.74e−11", "1,74e−11"),
    ],
)
def test_numbers_in_both_languages(value, digits, english, russian):
    assert number_text(value, digits) == english
    assert number_text(value, digits, "ru") == russian
    assert number_text(value, digits, grouped=False) == english.replace(THIN, "")


@pytest.mark.parametrize(
    ("value", "expanded", "scale", "said"),
    [
        (27.881, 15.2, 240.0, "+28 ± 15"),
        (-1.0021, 0.2311, 6.7, "−1.00 ± 0.23"),
        (10331.2, 949.4, 30000.0, "+10330 ± 950"),
        (0.04724, 0.00076, 1.05, "+0.04724 ± 0.00076"),
        (5.01913, 0.00057, 45.0, "+5.01913 ± 0.00057"),
        (1.74e-11, 0.0, 150.0, "0"),
        (40.0, 0.0, 110.0, "+40"),
        (7.5, 1e-14, 142.5, "+7.5"),
        (0.0, 22.0, 1160.0, "0 ± 22"),
        (-0.0021, 0.12, 3.5, "0.00 ± 0.12"),
    ],
)
def test_a_difference_has_the_digits_of_its_uncertainty(value, expanded, scale, said):
    assert expanded_text(value, expanded, scale, grouped=False) == said


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_a_number_reads_back_within_its_digits(value, digits):
    text = number_text(value, digits, "ru").replace(THIN, "").replace(",", ".").replace("−", "-")
    assert float(text) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits), abs=1e-6)


@pytest.mark.parametrize(
    ("value", "scale", "said"),
    [
        (8.281, 27.9, "+8.3"),
        (-0.0040, 17.3, "0"),
        (-580.4, 10507.0, "−580"),
        (0.0397, 0.303, "+0.040"),
        (-1.0, 1.27, "−1.00"),
    ],
)
def test_the_numbers_of_a_row_share_their_places(value, scale, said):
    assert signed_text(value, scale) == said


def test_what_is_no_number_is_said():
    assert number_text(float("inf")) == "+∞"
    assert number_text(float("nan")) == "–"
    assert expanded_text(float("-inf"), 1.0, 2.0) == "−∞"


@pytest.mark.parametrize(
    ("probability", "english", "russian"),
    [
        (1.0, "> 99.9 %", "> 99,9 %"),
        (0.99951, "> 99.9 %", "> 99,9 %"),
        (0.999, "99.9 %", "99,9 %"),
        (0.814, "81.4 %", "81,4 %"),
        (0.001, "0.1 %", "0,1 %"),
        (0.0009, "< 0.1 %", "< 0,1 %"),
        (0.0, "< 0.1 %", "< 0,1 %"),
    ],
)
def test_no_probability_is_told_as_certain(probability, english, russian):
    assert probability_text(probability) == english
    assert probability_text(probability, "ru") == russian


@given(st.floats(0.0, 1.0))
def test_every_probability_reads_neither_as_never_nor_as_always(probability):
    number = float(probability_text(probability).strip("<> %"))
    assert 0.1 <= number <= 99.9
    assert abs(number / 100.0 - probability) <= 1.001e-3
