"""The use case `report --check`: whether a page or its twin is unaltered, and whether the programme still gives it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.errors import InputError, Problem
from covolt.study.result import RESULT

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["CheckedReport", "check_report"]

LARGEST_bytes = 50_000_000
Answer = Literal["in order", "altered", "another lock", "another covolt", "another reader"]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class CheckedReport:
    """What is said of one file: `compared` is what it was held against beside its own digest; `where` what differs."""

    schema: Literal["report-check/1"] = "report-check/1"
    answer: Answer
    covolt: str
    lock: str
    digest: str
    compared: tuple[str, ...] = ()
    where: str = ""


def check_report(path: Path, programme: Programme | None = None, *, party: str = "") -> CheckedReport:
    """Hold a page or a twin against its own digest, against the other of the two beside it, and against a programme.

    A digest says that nobody altered the file without taking the digest anew; only the programme, or the one who sent it, says
    that it is what covolt wrote.

    Where the page differs from what the programme gives, a few words of either are told: so `party`, who reads the answer, must
    be the one for whom the page says it was made, else what is private to that party would be told to another.

    Raises:
        InputError: the file cannot be read, or is no report of covolt.
    """
    from importlib.metadata import version

    from covolt.programme.walk import LOCK_FILE
    from covolt.study.cases.report import report_of
    from covolt.study.report.seal import blanked, is_whole, stated

    text = _read(path)
    is_page = text.lstrip().startswith("<")
    facts = _facts(text, path, is_page=is_page)

    def answer(said: Answer, where: str = "", *compared: str) -> CheckedReport:
        return CheckedReport(
            answer=said, covolt=facts["covolt"], lock=facts["lock"], digest=stated(text), compared=compared, where=where
        )

    beside = path.with_suffix(".json" if is_page else ".html")
    own = version("covolt")
    if programme is not None and facts["reader"] != party:
        made_for = f"for {facts['reader']}" if facts["reader"] else "for everybody"
        asked = f"--party {facts['reader']}" if facts["reader"] else "no --party"
        return answer("another reader", f"it says that it was made {made_for}: check it with {asked}")
    if programme is not None and facts["covolt"] == own and facts["lock"] == programme.digests.get(LOCK_FILE, ""):
        made = report_of(
            programme.seen_by(party or None),
            base=facts["base"],
            language=facts["language"],
            day=facts["date"],
        )
        expected = made.page if is_page else made.twin
        where = _first_difference(blanked(expected), blanked(text))
        where = where or ("" if expected == text else "the digest that it bears is not that of its content")
        return answer("altered" if where else "in order", where, str(programme.files.folder))
    if not is_whole(text):
        return answer("altered", "the digest that it bears is not that of its content")
    if beside.is_file():
        other = _read(beside)
        page, twin = (text, other) if is_page else (other, text)
        if not is_whole(other) or _facts(page, path, is_page=True)["twin"] != stated(twin):
            return answer("altered", f"{beside.name} beside it does not belong to it", beside.name)
    held = (beside.name,) if beside.is_file() else ()
    if programme is None:
        return answer("in order", "", *held)
    if facts["covolt"] != own:
        said, where = "another covolt", f"made by covolt {facts['covolt']}, this is {own}"
    else:
        said, where = "another lock", f"the lock of {programme.files.folder} is another"
    return answer(said, where, *held)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_bytes:
            raise InputError(Problem("too large for a report", str(path), "name the page or the twin of a report"))
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8"
        raise InputError(
            Problem(f"cannot be read: {why}", str(path), "name the page or the twin of a report")
        ) from error


def _facts(text: str, path: Path, *, is_page: bool) -> dict[str, str]:
    """What a page or a twin says of how it was made."""
    from covolt.study.report.seal import stated

    names = ("covolt", "lock", "date", "reader", "base")
    try:
        stated(text)
        if is_page:
            from html import unescape

            found = re.search(r'<meta name="covolt-report" content="([^"]*)">', text)
            language = re.search(r'<html lang="([a-z]{2,3})"', text)
            if found is None or language is None:
                raise ValueError("it does not say how it was made")  # noqa: TRY301  told with the others below
            said = json.loads(unescape(found[1])) | {"language": language[1]}
            return {name: str(said[name]) for name in (*names, "twin", "language")}
        said = json.loads(text)
        return {name: str(said[name]) for name in names} | {"language": "en"}
    except (ValueError, KeyError, TypeError) as error:
        hint = "name the HTML or JSON file that `covolt report` wrote; reports before 0.1.0 bear no digest"
        raise InputError(Problem("no report of covolt that bears a digest", str(path), hint)) from error


def _first_difference(expected: str, text: str) -> str:
    """Line and words at which a text departs from what it should be; empty where it does not."""
    if expected == text:
        return ""
    lines = zip(expected.split("\n"), text.split("\n"), strict=False)
    place, (was, now) = next(
        ((number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]), (0, ("", ""))
    )
    if not place:
        return "it is shorter or longer than what the programme gives"
    at = next(
        (n for n, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), min(len(was), len(now))
    )
    begin = max(0, at - 30)
    return f"line {place}: '{now[begin : at + 30]}' where the programme gives '{was[begin : at + 30]}'"
