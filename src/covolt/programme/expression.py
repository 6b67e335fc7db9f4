"""The closed language of gate criteria: comparisons of counts, verdicts and margins. It is read, never run as a program.

criterion  = either ; either = both {"or" both} ; both = not {"and" not} ; not = ["not"] comparison
comparison = sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]
sum        = term {("+" | "-") term} ; term = factor {("*" | "/") factor}
factor     = NUMBER | "TEXT" | NAME | NAME "(" "TEXT" ")" | "(" either ")" | "-" factor
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from covolt.errors import InputError, Problem
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = [
    "FUNCTIONS",
    "NAMES",
    "Scope",
    "Value",
    "conjuncts",
    "evaluate",
    "expression_problems",
    "names_in",
    "outcome",
    "requirements_named",
    "substituted",
]

Value = float | str | bool

NAMES: Mapping[str, str] = {
    "laws.count": "number of laws",
    "laws.met": "laws that are met, by texts that somebody has checked",
    "constraints.count": "number of constraints",
    "constraints.met": "constraints that are met, be it by a text not checked",
    "needs.count": "number of needs",
    "needs.met": "needs that are met, be it by a text not checked",
    "safety.count": "number of safety items",
    "safety.met": "safety items that are met",
    "requirements.count": "number of requirements of this gate and earlier ones",
    "requirements.met": "those that are met",
    "requirements.unverified": "those that nothing has shown",
    "requirements.unchecked": "those that are met by a text that nobody has checked",
    "requirements.stale": "those whose evidence is stale",
    "approval.count": "acts that hold for this vehicle",
    "approval.shown": "those that are shown to be kept",
    "evidence.missing": "documents that are not there",
    "slots.empty": "slots without an offer",
    "negatives.count": "what went wrong before, of which this programme keeps a record",
    "negatives.guarded": "those that something watches which is there and can fail",
}
FUNCTIONS: Mapping[str, str] = {
    "verdict": "verdict of a requirement, as text",
    "margin": "margin of a requirement, in the unit of its measure",
    "value": "value of a requirement's measure, in its unit",
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<sign>==|!=|<=|>=|[-+*/<>()]))"
)
DEEPEST = 50
LONGEST = 2000
SHOWN = 60


@dataclass(frozen=True)
class Scope:
    """What the names and functions of a criterion mean now. A function gives None where it has no answer."""

    names: Mapping[str, float]
    functions: Mapping[str, Callable[[str], Value | None]]
    units: Callable[[str], str] = lambda _: ""
    """Unit of a requirement's value and margin."""
    least: Callable[[str], bool] = lambda _: True
    """Whether the bound of a requirement is the least that its value may be."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


class _Wrong(Exception):
    def __init__(self, column: int, what: str | Phrase, hint: str | Phrase) -> None:
        super().__init__(what)
        self.column, self.what, self.hint = column, what, hint


class _Unknown(Exception):
    """A function had no answer: the criterion is not fulfilled."""


def evaluate(text: str, scope: Scope) -> bool:
    """Whether a criterion is fulfilled; not where something that it asks for has no answer.

    Raises `InputError` where it is not in the language.
    """
    return bool(outcome(text, scope))


def outcome(text: str, scope: Scope) -> bool | None:
    """The same, and None where something that it asks for has no answer, such as a division by 0."""
    try:
        return bool(_Reader(text, scope).whole())
    except _Unknown:
        return None
    except _Wrong as wrong:
        raise InputError(_problem(wrong, text, "criterion")) from wrong


def expression_problems(written: str, where: str) -> list[Problem]:
    """What of a criterion is not in the language; empty where all is."""
    try:
        found = _Reader(written, None).whole()
    except _Wrong as wrong:
        return [_problem(wrong, written, where)]
    if not isinstance(found, bool):
        return [
            Problem(
                text("'{text}' is no yes or no", text=written),
                where,
                text("compare two values: laws.met == laws.count"),
            )
        ]
    return []


def conjuncts(text: str) -> list[str]:
    """The parts of a criterion of which each must be fulfilled: what `and` joins at its outside; itself where `or` does."""
    depth, cuts = 0, [0]
    for token in _tokens(text):
        depth += (token.kind == "sign") * ((token.text == "(") - (token.text == ")"))
        if depth == 0 and token.kind == "name" and token.text == "or":
            return [text]
        if depth == 0 and token.kind == "name" and token.text == "and":
            cuts += [token.column, token.column + len("and")]
    return [text[start:end].strip() for start, end in zip(cuts[::2], [*cuts[1::2], len(text)], strict=True)]


def names_in(text: str) -> list[str]:
    """Names that a criterion asks for."""
    return [one.text for one in _tokens(text) if one.kind == "name" and one.text in NAMES]


def requirements_named(text: str, by: str = "") -> list[str]:
    """Requirements that a criterion names, or those of which it asks by functions, such as `value|margin`."""
    return [name.strip("'\"") for name in re.findall(rf"{by and f'(?:{by})'}\s*\(\s*('[^']*'|\"[^\"]*\")\s*\)", text)]


def substituted(text: str, scope: Scope) -> str:
    """A criterion with what its names and functions mean now in their place: `12 >= 0.9 * 15`."""

    def name(found: re.Match[str]) -> str:
        if found[0] in scope.names:
            return f"{scope.names[found[0]]:.6g}"
        function = scope.functions.get(found["function"] or "")
        value = function(found["text"]) if function else None
        if function is None:
            return found[0]
        if isinstance(value, float):
            return f"{value:.6g} {scope.units(found['text'])}".removesuffix(" 1").rstrip()
        return "?" if value is None else f"'{value}'"

    said = re.sub(r"(?P<function>[A-Za-z_]+)\(\s*['\"](?P<text>[^'\"]*)['\"]\s*\)|[A-Za-z_][A-Za-z0-9_.]*", name, text)
    said = re.sub(
        r"(?<![\w.])(\d[\d.]*) \* (\d[\d.]*)(?![\w.])",
        lambda found: f"{found[0]} (= {float(found[1]) * float(found[2]):.6g})",
        said,
    )
    # The bound that a value is held against is of its unit.
    return re.sub(r"^(-?[\d.]+(?:e[+-]?\d+)?) ([^\d\s<>=!*/+]\S*) ([<>=!]=?) (-?[\d.]+)$", r"\1 \2 \3 \4 \2", said)


def _problem(wrong: _Wrong, written: str, where: str) -> Problem:
    shown = written if len(written) <= SHOWN else f"{written[:SHOWN]}…"
    return Problem(
        text("{what} at column {column} of '{shown}'", what=wrong.what, column=wrong.column + 1, shown=shown),
        where,
        wrong.hint,
    )


def _tokens(written: str) -> list[_Token]:
    if len(written) > LONGEST:
        raise _Wrong(
            LONGEST,
            text("the criterion is longer than {longest} characters", longest=LONGEST),
            text("split it into several criteria"),
        )
    found: list[_Token] = []
    place = 0
    while written[place:].strip():
        match = _TOKEN.match(written, place)
        if match is None:
            column = place + len(written[place:]) - len(written[place:].lstrip())
            raise _Wrong(
                column,
                text("'{text}' is not in the language", text=written[column]),
                text("use names, numbers, 'texts' and == != < <= > >="),
            )
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return [*found, _Token("end", "", len(written))]


@final
class _Reader:
    """Recursive descent; with no scope every name is worth 1 and only the form is checked."""

    def __init__(self, text: str, scope: Scope | None) -> None:
        self._rest = _tokens(text)
        self._scope = scope
        self._depth = 0

    def whole(self) -> Value:
        found = self._either()
        token = self._rest[0]
        if token.kind != "end":
            raise _Wrong(
                token.column,
                text("'{text}' stands where nothing was expected", text=token.text),
                text("join conditions with and, or"),
            )
        return found

    def _take(self, *texts: str) -> str:
        token = self._rest[0]
        if token.kind in {"sign", "name"} and token.text in texts:
            self._rest.pop(0)
            return token.text
        return ""

    def _truth(self, value: Value, column: int) -> bool:
        if not isinstance(value, bool):
            raise _Wrong(column, text("a yes or no is expected"), text("compare two values: laws.met == laws.count"))
        return value

    def _either(self) -> Value:
        column = self._rest[0].column
        found = self._both()
        while self._take("or"):
            other = self._both()
            found = self._truth(found, column) | self._truth(other, column)
        return found

    def _both(self) -> Value:
        column = self._rest[0].column
        found = self._not()
        while self._take("and"):
            other = self._not()
            found = self._truth(found, column) & self._truth(other, column)
        return found

    def _not(self) -> Value:
        column = self._rest[0].column
        denials = 0
        while self._take("not"):
            denials += 1
        found = self._comparison()
        return self._truth(found, column) ^ bool(denials % 2) if denials else found

    def _comparison(self) -> Value:
        column = self._rest[0].column
        left = self._sum()
        sign = self._take("==", "!=", "<", "<=", ">", ">=")
        if not sign:
            return left
        right = self._sum()
        if isinstance(left, str) != isinstance(right, str):
            raise _Wrong(
                column,
                text("a text is compared with a number"),
                text("compare verdict('ID') with 'met', numbers with numbers"),
            )
        if sign == "==":
            return left == right
        if sign == "!=":
            return left != right
        low, high = self._number(left, column), self._number(right, column)
        return {"<": low < high, "<=": low <= high, ">": low > high, ">=": low >= high}[sign]

    def _number(self, value: Value, column: int) -> float:
        if isinstance(value, str | bool):
            raise _Wrong(column, text("a number is expected"), text("texts and conditions have no size"))
        return value

    def _sum(self) -> Value:
        column = self._rest[0].column
        found = self._term()
        while sign := self._take("+", "-"):
            low, high = self._number(found, column), self._number(self._term(), column)
            found = low + high if sign == "+" else low - high
        return found

    def _term(self) -> Value:
        column = self._rest[0].column
        found = self._factor()
        while sign := self._take("*", "/"):
            low, high = self._number(found, column), self._number(self._factor(), column)
            if sign == "/" and high == 0.0:
                if self._scope is not None:
                    raise _Unknown
                high = 1.0  # only the form is checked, and names are not worth what they will be
            found = low * high if sign == "*" else low / high
        return found

    def _factor(self) -> Value:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Wrong(
                self._rest[0].column, text("the criterion is nested too deeply"), text("split it into several criteria")
            )
        try:
            return self._bare_factor()
        finally:
            self._depth -= 1

    def _bare_factor(self) -> Value:
        if self._take("-"):
            column = self._rest[0].column
            return -self._number(self._factor(), column)
        if self._take("("):
            found = self._either()
            if not self._take(")"):
                raise _Wrong(self._rest[0].column, text("a bracket is not closed"), text("add )"))
            return found
        token = self._rest.pop(0) if self._rest[0].kind != "end" else self._rest[0]
        if token.kind == "number":
            return float(token.text)
        if token.kind == "text":
            return token.text[1:-1]
        if token.kind == "name" and token.text not in {"and", "or", "not"}:
            return self._call(token) if self._take("(") else self._name(token)
        what = (
            text("the criterion ends too early")
            if token.kind == "end"
            else text("'{text}' stands where a value was expected", text=token.text)
        )
        raise _Wrong(token.column, what, text("give a number, a text or one of: {names}", names=", ".join(NAMES)))

    def _name(self, token: _Token) -> Value:
        if token.text not in NAMES:
            raise _Wrong(
                token.column,
                text("no name '{text}' in this language", text=token.text),
                named(token.text, [*NAMES, *FUNCTIONS]),
            )
        return 1.0 if self._scope is None else float(self._scope.names[token.text])

    def _call(self, token: _Token) -> Value:
        if token.text not in FUNCTIONS:
            raise _Wrong(
                token.column,
                text("no function '{text}' in this language", text=token.text),
                named(token.text, [*FUNCTIONS]),
            )
        argument = self._rest.pop(0)
        if argument.kind != "text" or not self._take(")"):
            raise _Wrong(
                argument.column,
                text("{text}() takes one text", text=token.text),
                text("write {text}('REQUIREMENT')", text=token.text),
            )
        if self._scope is None:
            return "" if token.text == "verdict" else 1.0
        found = self._scope.functions[token.text](argument.text[1:-1])
        if found is None:
            raise _Unknown
        return found
