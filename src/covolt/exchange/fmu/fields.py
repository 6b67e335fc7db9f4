"""Attributes of a description as values, with a problem for each that is none."""

from __future__ import annotations

import math
import re
from typing import final

from covolt.errors import Problem
from covolt.exchange.plain_xml import Node
from covolt.words import Phrase, text

__all__ = ["Fields"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN")
_INTEGER = re.compile(r"[+-]?\d{1,20}")
_SPECIAL = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}
_ANEW = text("export it anew from its tool, or mend the file by hand")
_SHOWN = 40


@final
class Fields:
    """Reads attributes of one document and keeps what is wrong with them."""

    def __init__(self, where: str) -> None:
        self.problems: list[Problem] = []
        self._where = where

    def add(self, node: Node, what: Phrase, hint: Phrase = _ANEW) -> None:
        """One more problem of an element."""
        self.problems.append(Problem(what, f"{self._where}:{node.line}", hint))

    def missing(self, node: Node, name: str) -> str:
        """Tells of an attribute that has to be there; its value is then empty."""
        self.add(node, text("<{tag}> has no {name}", tag=node.name, name=name))
        return ""

    def boolean(self, node: Node, name: str, *, otherwise: bool) -> bool:
        """true or false, 1 or 0."""
        written = node.get(name).strip()
        if written not in {"", "true", "false", "1", "0"}:
            self._wrong(node, name, text("true or false"))
        return written in {"true", "1"} if written else otherwise

    def number(self, node: Node, name: str, *, finite: bool = False) -> float | None:
        """A real number; None where there is none, or a wrong one, which is told."""
        written = node.get(name).strip()
        if not written:
            return None
        value = number_of(written)
        if value is None or (finite and not math.isfinite(value)):
            self._wrong(node, name, text("a number"))
            return None
        return value

    def integer(self, node: Node, name: str, low: int, high: int) -> int | None:
        """A whole number within bounds; None where there is none, or a wrong one, which is told."""
        written = node.get(name).strip()
        if not written:
            return None
        if not _INTEGER.fullmatch(written) or not low <= int(written) <= high:
            self._wrong(node, name, text("a whole number from {low} to {high}", low=str(low), high=str(high)))
            return None
        return int(written)

    def integers(self, node: Node, name: str) -> list[int]:
        """Whole numbers in a row."""
        steps = node.get(name).split()
        good = [int(one) for one in steps if _INTEGER.fullmatch(one)]
        if len(good) < len(steps):
            self._wrong(node, name, text("whole numbers in a row"))
        return good

    def _wrong(self, node: Node, name: str, meant: Phrase) -> None:
        written = node.get(name)[:_SHOWN]
        self.add(node, text("{name}='{written}' is not {meant}", name=name, written=written, meant=meant))


def number_of(written: str) -> float | None:
    """A number as XML schema writes it; None where it is none."""
    return float(_SPECIAL.get(written, written)) if _NUMBER.fullmatch(written) else None


def integer_of(written: str) -> int | None:
    """A whole number; None where it is none."""
    return int(written) if _INTEGER.fullmatch(written) else None
