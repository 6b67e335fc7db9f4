"""Where each key of a TOML text stands, so that a problem can name its line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import final

__all__ = ["LinesOfKeys", "lines_of_keys"]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*(?P<name>{_DOTTED})\s*\]\]?")
_ENTRY = re.compile(rf"\s*(?P<name>{_DOTTED})\s*=(?P<value>.*)")
_TEXT = re.compile(r'"(?:\\.|[^"\\])*+"' + r"|'[^']*'|#.*")
_TOKEN = re.compile(r'"""|"(?:\\.|[^"\\])*+"|#|' + r"'''|'[^']*+'")
_CLOSED = {'"""': re.compile(r'(?:\\.?|[^"\\]|"(?!""))*+"{3,5}'), "'''": re.compile(r"(?:[^']|'(?!''))*+'{3,5}")}


@final
class LinesOfKeys(Mapping[tuple[str | int, ...], int]):
    """The same as `lines_of_keys`, sought when a line is first asked for: of what is in order nobody asks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, path: tuple[str | int, ...]) -> int:
        return self._found[path]

    def __iter__(self) -> Iterator[tuple[str | int, ...]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> Mapping[tuple[str | int, ...], int]:
        return lines_of_keys(self._text)


def lines_of_keys(text: str) -> dict[tuple[str | int, ...], int]:
    """Line of every table and key that begins a line, by its path; arrays of tables are counted from 0.

    A key within an inline table has no line of its own: its owner's line is the one to name.
    """
    found: dict[tuple[str | int, ...], int] = {}
    counts: Counter[tuple[str | int, ...]] = Counter()
    table: tuple[str | int, ...] = ()
    depth, fence = 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        begins_entry = depth == 0 and not fence
        plain, fence = _without_fences(line, fence)
        if begins_entry and (header := _HEADER.match(plain)):
            table = _inside(_split(header["name"]), counts)
            if header["open"] == "[[":
                counts[table] += 1
                table = (*table, counts[table] - 1)
            found.setdefault(table, number)
            continue
        if begins_entry and (entry := _ENTRY.match(plain)):
            found.setdefault((*table, *_split(entry["name"])), number)
            plain = entry["value"]
        bare = _TEXT.sub("", plain)
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return found


def _without_fences(line: str, fence: str) -> tuple[str, str]:
    """Line without comment and the inside of multi-line texts, and the fence that is still open at its end."""
    kept: list[str] = []
    begin = at = 0
    while True:
        if fence:
            closed = _CLOSED[fence].match(line, at)
            if closed is None:
                return "".join(kept), fence
            begin, fence = closed.end(), ""
            at = begin
            kept.append('""')
        token = _TOKEN.search(line, at)
        if token is None:
            return "".join(kept) + line[begin:], ""
        at = token.end()
        if token[0] == "#":
            return "".join(kept) + line[begin : token.start()], ""
        if token[0] in _CLOSED:
            kept.append(line[begin : token.start()])
            fence = token[0]


def _split(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, name))


def _inside(names: tuple[str, ...], counts: Counter[tuple[str | int, ...]]) -> tuple[str | int, ...]:
    """Path with the index of the latest element of each array of tables that it passes through."""
    path: tuple[str | int, ...] = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path] - 1)
    return (*path, names[-1])
