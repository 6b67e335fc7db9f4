"""Sentences for what criteria lack."""

import pytest

from covolt.programme.expression import Scope
from covolt.study.gate.sentences import sentence

NAMES = {
    "constraints.met": 8.0, "constraints.count": 11.0, "approval.shown": 0.0, "approval.count": 30.0, "evidence.missing": 4.0,
    "laws.met": 1.0, "laws.count": 3.0,
}  # fmt: skip
SCOPE = Scope(
    NAMES,
    {
        "verdict": {"A": "not verified"}.get,
        "margin": {"I-PRICE": -481.938, "G": 2.0, "W-LIFE": -3.0}.get,
        "value": {"I-PRICE": 1881.938}.get,
    },
    {"I-PRICE": "kRUB", "G": "kg", "W-LIFE": "%"}.get,
    {"W-LIFE": True}.get,
)


@pytest.mark.parametrize(
    ("half", "en", "ru"),
    [
        (
            "constraints.met >= 0.9 * constraints.count",
            "8 of 11 constraints due at this gate met, 10 needed",
            "выполнено к этому рубежу обязательных условий: 8 из 11, нужно 10",
        ),
        (
            "laws.met == laws.count",
            "1 of 3 laws due at this gate met, 3 needed",
            "выполнено к этому рубежу обязательных по НПА: 1 из 3, нужно 3",
        ),
        (
            "laws.met > 1",
            "1 of 3 laws due at this gate met, 2 needed",
            "выполнено к этому рубежу обязательных по НПА: 1 из 3, нужно 2",
        ),
        ("approval.shown >= 2", "0 of 30 acts shown, 2 needed", "подтверждено актов: 0 из 30, нужно 2"),
        (
            "evidence.missing == 0",
            "documents missing: 4, none allowed",
            "недостающих документов: 4, не допускается ни одного",
        ),
        (
            "margin('I-PRICE') >= -140",
            "I-PRICE: 481.9 thousand RUB above its bound, 140 thousand RUB allowed",
            "I-PRICE: выше нормы на 481,9 тыс. руб., допускается 140 тыс. руб.",
        ),
        (
            "margin('W-LIFE') >= 0",
            "W-LIFE: 3 % below its bound",
            "W-LIFE: ниже нормы на 3 %",
        ),
        ("margin('G') >= 5", "G: margin 2 kg, at least 5 kg needed", "G: запас 2 кг, нужно не менее 5 кг"),
        (
            "value('I-PRICE') <= 1400",
            "I-PRICE: 1 882 thousand RUB, at most 1 400 thousand RUB needed",
            "I-PRICE: 1 882 тыс. руб., нужно не более 1 400 тыс. руб.",
        ),
        ("verdict('A') == 'met'", "A: not verified, needed: met", "A: не проверено, нужно: выполнено"),
        ("margin('X') >= 0", "X: nothing is known of it yet", "X: о нём пока ничего не известно"),
    ],
)
def test_what_a_criterion_lacks_is_a_sentence(half, en, ru):
    said = sentence(half, SCOPE)
    assert (_spaced(said.said("en")), _spaced(said.said("ru"))) == (en, ru)


@pytest.mark.parametrize(
    "half",
    [
        "laws.met >= constraints.count",
        "laws.met == laws.count or evidence.missing == 0",
        "laws.met + constraints.met >= 12",
        f"laws.met >= {'9' * 1900}",
        f"laws.met >= {'9' * 900} * laws.count",
    ],
)
def test_what_has_no_sentence_is_told_as_it_is_written(half):
    said = sentence(half, SCOPE)
    assert said.said("en").startswith(f"{half}: ")
    assert said.said("ru") == said.said("en")


def _spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
