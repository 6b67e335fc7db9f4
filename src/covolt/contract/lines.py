"""Where each key of a TOML text stands, so that a problem can name its line."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["lines_of_keys"]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*(?P<name>{_DOTTED})\s*\]\]?")
_ENTRY = re.compile(rf"\s*(?P<name>{_DOTTED})\s*=(?P<value>.*)")
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"' + r"|'[^']*'|#.*")
_FENCE = re.compile(r'"""|' + "'''")


def lines_of_keys(text: str) -> dict[tuple[str | int, ...], int]:
    """Line of every table and key that begins a line, by its path; arrays of tables are counted from 0.

    A key within an inline table has no line of its own: its owner's line is the one to name.
    """
    found: dict[tuple[str | int, ...], int] = {}
    counts: Counter[tuple[str | int, ...]] = Counter()
    table: tuple[str | int, ...] = ()
    depth, fence = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
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
    """Line without the inside of multi-line texts, and the fence that is still open at its end."""
    kept, rest = "", line
    while True:
        if fence:
            _, closed, rest = rest.partition(fence)
            if not closed:
                return kept, fence
            kept, fence = kept + '""', ""
        opening = _FENCE.search(rest)
        if opening is None:
            return kept + rest, ""
        kept, fence, rest = kept + rest[: opening.start()], opening[0], rest[opening.end() :]


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
