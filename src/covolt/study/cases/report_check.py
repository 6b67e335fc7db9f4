"""The use case `report --check`: whether a page or its twin is unaltered, and whether the programme still gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass as plain
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

from pydantic.dataclasses import dataclass

from covolt.errors import InputError, Problem, system_said
from covolt.study.result import RESULT, Said
from covolt.words import Phrase, Words, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["ANSWERS", "CheckedReport", "check_report"]

LARGEST_bytes = 50_000_000
MOST_WORDS = 60
"""Signs that are shown about a difference."""
Answer = Literal["in order", "altered", "earlier state", "another lock", "another covolt", "another reader"]
"""How a page or its twin stands."""
ANSWERS: Mapping[Answer, Phrase] = {
    "in order": text("in order"),
    "altered": text("altered"),
    "earlier state": text("of another state of the programme than today's"),
    "another lock": text("of another lock"),
    "another covolt": text("made by another covolt"),
    "another reader": text("made for another reader"),
}
HINT = text("name the page or the twin of a report")


@dataclass(frozen=True, config=RESULT, kw_only=True)
class CheckedReport:
    """What is said of one file: `compared` is what it was held against beside its own digest; `where` what differs.

    "altered" is said where the file disagrees with itself: its digest with its content, or its content with what the programme
    gives from the same files. Of an "earlier state" `changed` says what the programme tells otherwise today.
    """

    schema: Literal["report-check/1"] = "report-check/1"
    file: str
    answer: Answer
    covolt: str
    lock: str
    digest: str
    compared: tuple[str, ...] = ()
    where: Said
    changed: tuple[Said, ...] = ()


@final
@plain(frozen=True)
class _Facts:
    """What a page or a twin says of how it was made."""

    covolt: str
    lock: str
    date: str
    reader: str
    base: str
    state: str
    told: Mapping[str, str]
    language: str = "en"
    twin: str = ""


def check_report(path: Path, programme: Programme | None = None, *, party: str = "") -> CheckedReport:
    """Hold a page or a twin against its own digest, against the other of the two beside it, and against a programme.

    A digest says that nobody altered the file without taking the digest anew; only the programme, or the one who sent it, says
    that it is what covolt wrote.

    Where the page differs from what the programme gives, a few words of either are told: so `party`, who reads the answer, must
    be the one for whom the page says it was made, else what is private to that party would be told to another.

    A settlement is checked likewise, as page or in JSON; the programme alone does not give its values again.

    Raises:
        InputError: the file cannot be read, or is no report of covolt.
    """
    from covolt.study.cases.settlement_check import check_settlement, settlement_facts
    from covolt.study.report.seal import stated

    content = _read(path)
    is_page = content.lstrip().startswith("<")
    settled = settlement_facts(content, is_page=is_page)
    if settled is None:
        return _check(path, content, programme, party, is_page=is_page)
    said, where, changed = check_settlement(content, settled, programme, party)
    return CheckedReport(
        file=str(path),
        answer=said,
        covolt=settled.covolt,
        lock=settled.lock,
        digest=stated(content),
        compared=() if programme is None else (str(programme.files.folder),),
        where=where,
        changed=changed,
    )


def _check(path: Path, content: str, programme: Programme | None, party: str, *, is_page: bool) -> CheckedReport:
    """The same of what is no settlement."""
    from importlib.metadata import version

    from covolt.programme.walk import LOCK_FILE
    from covolt.study.report.seal import is_whole, stated

    facts = _facts(content, path, is_page=is_page)

    def answer(
        said: Answer, where: Phrase | None = None, compared: tuple[str, ...] = (), changed: tuple[Phrase, ...] = ()
    ) -> CheckedReport:
        return CheckedReport(
            file=str(path),
            answer=said,
            covolt=facts.covolt,
            lock=facts.lock,
            digest=stated(content),
            compared=compared,
            where=where or Words(),
            changed=changed,
        )

    if programme is not None and facts.reader != party:
        return answer("another reader", _made_for(facts.reader))
    own = version("covolt")
    if programme is not None and facts.covolt == own and facts.lock == programme.digests.get(LOCK_FILE, ""):
        held = (str(programme.files.folder),)
        said, where, changed = _against(content, facts, programme, party, is_page=is_page)
        return answer(said, where, held, changed)
    if not is_whole(content):
        return answer("altered", text("the digest that it bears is not that of its content"))
    beside = path.with_suffix(".json" if is_page else ".html")
    held = (beside.name,) if beside.is_file() else ()
    if beside.is_file() and not _belongs(beside, content, is_page=is_page):
        return answer("altered", text("{file} beside it does not belong to it", file=beside.name), held)
    if programme is not None:
        said, where = _made_otherwise(facts, programme, own)
        return answer(said, where, held)
    return answer("in order", compared=held)


def _belongs(beside: Path, content: str, *, is_page: bool) -> bool:
    """Whether a page and a twin are of one report."""
    from covolt.study.report.seal import is_whole, stated

    other = _read(beside)
    page, twin = (content, other) if is_page else (other, content)
    return is_whole(other) and _facts(page, beside, is_page=True).twin == stated(twin)


def _made_otherwise(facts: _Facts, programme: Programme, own: str) -> tuple[Answer, Phrase]:
    if facts.covolt != own:
        return "another covolt", text("made by covolt {then}, this is {now}", then=facts.covolt, now=own)
    return "another lock", text("the lock of {folder} is another", folder=str(programme.files.folder))


def _made_for(reader: str) -> Phrase:
    if reader:
        return text("it says that it was made for {reader}: check it with --party {reader}", reader=reader)
    return text("it says that it was made for everybody: check it with no --party")


def _against(
    content: str, facts: _Facts, programme: Programme, party: str, *, is_page: bool
) -> tuple[Answer, Phrase, tuple[Phrase, ...]]:
    """A report beside what the programme gives today from the same lock."""
    from covolt.study.cases.report import report_of
    from covolt.study.report.seal import blanked, is_whole
    from covolt.study.report.told import changed_since

    read = programme.seen_by(party or None)
    made = report_of(read, base=facts.base, language=facts.language, day=facts.date)
    expected = made.page if is_page else made.twin
    if expected == content:
        return "in order", Words(), ()
    now = _facts(expected, Path(), is_page=is_page)
    where = _first_difference(blanked(expected), blanked(content))
    if now.state == facts.state or not is_whole(content):
        return "altered", where, ()
    changed = changed_since(facts.told, now.told)
    return "earlier state", Words() if changed else where, changed


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_bytes:
            raise InputError(Problem(text("too large for a report"), str(path), HINT))
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = system_said(error) if isinstance(error, OSError) else text("it is not UTF-8")
        raise InputError(Problem(text("cannot be read: {why}", why=why), str(path), HINT)) from error


def _facts(content: str, path: Path, *, is_page: bool) -> _Facts:
    from covolt.study.report.seal import stated

    try:
        stated(content)
        if is_page:
            found = re.search(r'<meta name="covolt-report" content="([^"]*)">', content)
            language = re.search(r'<html lang="([a-z]{2,3})"', content)
            if found is None or language is None:
                raise ValueError("it does not say how it was made")  # noqa: TRY301  told with the others below
            said = json.loads(unescape(found[1])) | {"language": language[1]}
        else:
            said = json.loads(content)
            said = said | {"language": "en", "twin": ""}
        names = ("covolt", "lock", "date", "reader", "base", "twin", "language")
        # Pages of the first days of 0.1.0 do not say from what state they were made.
        told = {str(name): str(one) for name, one in said.get("told", {}).items()}
        state = str(said.get("state", ""))
        return _Facts(**{name: str(said[name]) for name in names}, state=state, told=told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = text("name the HTML or JSON file that `covolt report` wrote; reports before 0.1.0 bear no digest")
        raise InputError(Problem(text("no report of covolt that bears a digest"), str(path), hint)) from error


def _first_difference(expected: str, content: str) -> Phrase:
    """The words at which a text departs from what it should be."""
    if expected == content:
        return text("the digest that it bears is not that of its content")
    lines = zip(expected.split("\n"), content.split("\n"), strict=False)
    place, (was, now) = next(
        ((number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]), (0, ("", ""))
    )
    if not place:
        return text("it is shorter or longer than what the programme gives")
    at = next(
        (n for n, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), min(len(was), len(now))
    )
    here, there = _about(now, at), _about(was, at)
    if here == there:
        here, there = (one[max(0, at - 30) : at + 30] for one in (now, was))
    return text("line {line}: '{here}' where the programme gives '{there}'", line=place, here=here, there=there)


def _about(line: str, at: int) -> str:
    """What a reader sees of a line about a place: without tags, with signs as they are printed."""
    begin, end = max(line.rfind(">", 0, at) + 1, at - MOST_WORDS // 2), at + MOST_WORDS // 2
    before = unescape(re.sub(r"<[^>]*>?", " ", line[begin:end]))
    return " ".join(before.split())
