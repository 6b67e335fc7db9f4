"""What is done to a valid file: edits of its values, so that most still pass the parser, and now and then of its bytes."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tomllib
import zipfile
from collections.abc import Callable
from xml.parsers import expat

VALUES = {
    ".toml": re.compile(r"(?<= = )[^\n]+"),
    ".csv": re.compile(r"[^,\n]+"),
    ".reqif": re.compile(r"(?<=>)[^<>\n]+(?=<)|(?<==\")[^\"<>\n]*(?=\")"),
    ".xlsx": re.compile(r"(?<=>)[^<>\n]+(?=<)|(?<==\")[^\"<>\n]*(?=\")"),
    ".json": re.compile(r"\"[^\"\n]*\"|\b\d+\b"),
}
"""Where the values of a text stand, by the ending of its file."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NUMBERS = (
    "0",
    "-1",
    "1e999",
    "-1e308",
    "5e-324",
    "nan",
    "inf",
    "1" * 30,
    "7" * 5000,
    "0.1" + "3" * 400,
    "2**9",
    "½",
    "٣",
)
TEXTS = (
    "",
    "-",
    "x",
    "ё",
    "../..",
    "/etc/passwd",
    "=1+1",
    "a" * 20_000,
    "12:60:61",
    "1 km/h",
    "((((",
    "sha256:0",
    "\u202e",
)
HIDDEN = ("\u200b", "\u202e", "\u2066", "\ufeff", "\x07", "\x1b[2J", "\x00", "\u0301" * 50)
BRACKETS = {
    ".toml": (("[", "]"), ("{a = ", "}")),
    ".csv": (('"', '"'), ("(", ")")),
    ".reqif": (("<b>", "</b>"), ("(", ")")),
    ".xlsx": (("<t>", "</t>"), ("(", ")")),
    ".json": (("[", "]"), ('{"a": ', "}")),
}
MOST_CHARACTERS = 900_000


def _scalar(ending: str, dice: random.Random) -> str:
    """Another value, written as the format wants it."""
    said = dice.choice((*NUMBERS, *TEXTS))
    if ending in {".toml", ".json"} and dice.random() < 0.6:
        return json.dumps(said, ensure_ascii=False)
    if ending == ".toml":
        return dice.choice(("true", "[]", "{}", "2026-02-28", "inf", "-0.0", "0x1F", *NUMBERS[:9]))
    return said


def _of_values(text: str, ending: str, dice: random.Random) -> str:
    """One value swapped, replaced, made extreme, given a hidden sign, or nested."""
    found = list(VALUES[ending].finditer(text))
    if not found:
        return text
    one, other = dice.choice(found), dice.choice(found)
    value, kind = one.group(), dice.randrange(6)
    if kind == 0:
        put = other.group()
    elif kind == 1:
        put = _scalar(ending, dice)
    elif kind in {2, 3} and (numbers := list(NUMBER.finditer(value))):
        at = dice.choice(numbers)
        put = value[: at.start()] + dice.choice(NUMBERS) + value[at.end() :]
    elif kind == 4:
        at = dice.randrange(len(value) + 1)
        put = value[:at] + dice.choice(HIDDEN) + value[at:]
    else:
        begin, end = dice.choice(BRACKETS[ending])
        deep = dice.choice((1, 1, 2, 40, 3000))
        put = begin * deep + value + end * deep
    return text[: one.start()] + put + text[one.end() :]


def _of_lines(text: str, ending: str, dice: random.Random) -> str:
    """Lines deleted, doubled, many times over, or swapped."""
    lines = text.splitlines(keepends=True) or [""]
    if ending in {".reqif", ".xlsx", ".json"}:
        lines = re.split(r"(?<=[>,])", text)
    at, other, kind = dice.randrange(len(lines)), dice.randrange(len(lines)), dice.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    elif kind == 2:
        low, high = sorted((at, other))
        lines[high:high] = lines[low:high]
    elif kind == 3:
        lines[at] *= dice.choice((2, 300, max(1, MOST_CHARACTERS // 2 // max(1, len(lines[at])))))
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return "".join(lines)


def edited(text: str, ending: str, dice: random.Random) -> str:
    """The text with one to three edits, kept under the size for which time and memory are promised."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        step = _of_values if dice.random() < 0.75 else _of_lines
        text = step(text, ending, dice)[:MOST_CHARACTERS]
    if dice.random() < 0.05:
        text = text[: dice.randrange(len(text) + 1)]
    return text


def harmed(raw: bytes, ending: str, dice: random.Random) -> bytes:
    """A valid file with something done to it."""
    if ending == ".xlsx" and dice.random() < 0.95:
        raw = _repacked(raw, lambda text: edited(text, ending, dice), dice)
    elif ending != ".xlsx":
        raw = edited(raw.decode("utf-8"), ending, dice).encode("utf-8", "surrogatepass")
    if dice.random() < 0.05 and raw:
        at = dice.randrange(len(raw))
        raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + dice.randrange(2) :]
    return raw


def _repacked(raw: bytes, edit: Callable[[str], str], dice: random.Random) -> bytes:
    """A workbook with one of its parts edited, the sheets most often."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        chosen = dice.choice(
            [one for one in names if "sheet1" in one or "shared" in one] if dice.random() < 0.7 else names
        )
        for name in names:
            content = source.read(name)
            target.writestr(
                name, edit(content.decode()).encode("utf-8", "surrogatepass") if name == chosen else content
            )
    return made.getvalue()


def parses(raw: bytes, ending: str) -> bool:
    """Whether the format's own parser, which is not covolt's, takes the file: what it says is then for covolt to judge."""
    try:
        if ending == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for name in archive.namelist():
                    expat.ParserCreate().Parse(archive.read(name), True)
            return True
        text = raw.decode("utf-8-sig")
        if ending == ".toml":
            tomllib.loads(text)
        elif ending == ".json":
            json.loads(text.partition("\n")[2])
        elif ending == ".reqif":
            expat.ParserCreate().Parse(text, True)
        else:
            return sum(len(row) > 1 for row in csv.reader(io.StringIO(text), strict=True)) > 1
    except (ValueError, RecursionError, csv.Error, expat.ExpatError, zipfile.BadZipFile, EOFError, OSError):
        return False
    except Exception as error:
        # zlib and zipfile raise what they like of a broken archive.
        return type(error).__name__ not in {"error", "NotImplementedError", "RuntimeError", "KeyError"}
    return True
