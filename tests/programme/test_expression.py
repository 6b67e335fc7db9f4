"""The language of criteria: what it means, and that nothing else is in it."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from covolt.errors import InputError
from covolt.programme.expression import NAMES, Scope, evaluate, expression_problems, requirements_named, substituted

VERDICTS = {"A-R13H": ("met", 17.2, 52.8), "I-RANGE": ("not met", -3.0, 247.0), "A-R100": ("not verified", None, None)}
SCOPE = Scope(
    {name: float(index) for index, name in enumerate(NAMES)},
    {
        "verdict": lambda name: VERDICTS[name][0] if name in VERDICTS else None,
        "margin": lambda name: VERDICTS[name][1] if name in VERDICTS else None,
        "value": lambda name: VERDICTS[name][2] if name in VERDICTS else None,
    },
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("-2 - -3 == 1", True),
        ("7 / 2 == 3.5", True),
        ("1 < 2 and 2 < 1 or 3 >= 3", True),
        ("1 < 2 and (2 < 1 or 3 != 3)", False),
        ("not 1 == 2", True),
        ("not not 1 == 2", False),
        ("verdict('A-R13H') == 'met'", True),
        ('verdict("I-RANGE") != "met"', True),
        ("margin('I-RANGE') >= 0", False),
        ("value('I-RANGE') - 240 > 5", True),
        ("laws.met == laws.count + 1", True),
        # what has no answer fulfils nothing, whichever way it is asked
        ("margin('A-R100') >= 0", False),
        ("not margin('A-R100') >= 0", False),
        ("verdict('A-R999') != 'met'", False),
        ("1 / 0 > 1", False),
        ("1 / (laws.count - laws.count) > 1", False),
    ],
)
def test_what_a_criterion_means(text, expected):
    assert evaluate(text, SCOPE) is expected
    assert expression_problems(text, "gate.toml") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os')", "no function '__import__'"),
        ("laws.meet == 1", "did you mean 'laws.met'"),
        ("verdict(laws.met) == 'met'", "takes one text"),
        ("laws.met = 1", "'=' is not in the language"),
        ("1 ==", "ends too early"),
        ("(1 == 1", "bracket is not closed"),
        ("1 == 1 2", "stands where nothing was expected"),
        ("laws.met", "no yes or no"),
        ("'met' == 1", "text is compared with a number"),
        ("'a' < 'b'", "a number is expected"),
        ("1 and 2", "a yes or no is expected"),
        ("(" * 80 + "1" + ")" * 80 + " == 1", "nested too deeply"),
        ("lambda: 1", "':' is not in the language"),
        ("x if 1 else 2", "no name 'x'"),
        ("", "ends too early"),
    ],
)
def test_what_is_not_in_the_language_is_told_with_its_column(text, words):
    [problem] = expression_problems(text, "gate.toml:7")
    assert words in f"{problem.what} {problem.hint}"
    assert problem.where == "gate.toml:7"
    assert problem.hint


@given(st.text(string.printable + "жя≥", max_size=60))
@example("[].__class__")
@example("laws.met.__class__ == 1")
def test_any_text_is_a_criterion_or_a_problem(text):
    if expression_problems(text, "gate.toml"):
        try:
            found = evaluate(text, SCOPE)
        except InputError:
            return
        # A lone value has the form of the language but says neither yes nor no.
        assert isinstance(found, bool)
    else:
        assert evaluate(text, SCOPE) in {True, False}


def test_requirements_that_a_criterion_names():
    assert requirements_named("verdict('A-R13H') == 'met' and margin( \"B-1\" ) > 0") == ["A-R13H", "B-1"]


@pytest.mark.parametrize(
    "text",
    [
        "1+" * 500_000 + "1 == 1",
        "not " * 250_000 + "1 == 1",
        "(" * 1_000_000,
        "9" * 1_000_000 + " == 1",
        "'" * 1_000_000,
    ],
    ids=["sum", "not", "brackets", "digits", "quotes"],
)
def test_a_megabyte_is_refused_at_once_and_in_a_line(text):
    [problem] = expression_problems(text, "gate.toml")
    assert "longer than 2000 characters" in problem.what
    assert len(problem.what) < 200


@pytest.mark.parametrize("denials", [0, 1, 2, 399, 400])
def test_denials_in_a_row(denials):
    assert evaluate("not " * denials + "1 == 1", SCOPE) is (denials % 2 == 0)


@pytest.mark.parametrize(
    "text",
    [
        "9 ** 9 ** 9 == 1",
        "open('/etc/passwd') == 'x'",
        "laws.met.__class__ == 1",
        "[1][0] == 1",
        "exec('1') == 1",
        "`id` == 1",
    ],
)
def test_python_is_not_the_language(text):
    assert expression_problems(text, "gate.toml")
    with pytest.raises(InputError):
        evaluate(text, SCOPE)


@pytest.mark.parametrize(
    ("half", "said"),
    [
        ("margin('I-PRICE') >= -140", "-761.625 kRUB >= -140 kRUB"),
        ("laws.met >= 0.9 * laws.count", "4 >= 0.9 * 11 (= 9.9)"),
        ("laws.met == laws.count", "4 == 11"),
    ],
)
def test_a_half_that_fails_reads_as_it_is(half, said):
    names, unit = {"laws.met": 4.0, "laws.count": 11.0}, "kRUB"
    assert substituted(half, Scope(names, {"margin": lambda _: -761.625}, lambda _: unit)) == said
