"""How the law by date looks in a terminal: series as of a day, and what turns red until another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from covolt.cli.printing import console, heading, styled, table
from covolt.programme.amendments import CONFIDENCE, date_said
from covolt.words import Language, Phrase, joined, text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from covolt.study.gate.dated import LawByDate
    from covolt.study.gate.law import ActOnDay, LawChange, Reached, SeriesOnDay

__all__ = ["print_later", "print_law", "print_memory"]

SERIES = text("act, series", context="head")
HEADS = (SERIES, text("on that day", context="head"), text("source", context="head"))
CHANGE_HEADS = (SERIES, text("what", context="head"), text("source", context="head"))
NEW_TYPES, ALL_TYPES = text("new types", context="head"), text("all types", context="head")
REACHED = {
    "yes": text("must", context="types"),
    "open": text("open", context="types"),
    "no": text("not yet", context="types"),
}
COLOURS = {"in force": "green", "asked for": "green", "open": "yellow", "no date known": "yellow"}
HOW_SURE = text(
    "Confidence: high by the act itself or two sources, medium by one, low by a draft or where sources differ. Of a series "
    "without a word on new or all types it is not known whether they must fulfil it."
)
WHICH_SERIES = text(
    "In force means under the agreement that the act belongs to. Which series a market asks for is said only where "
    "a row says so: for TR CU 018/2011 it is not known here."
)


def print_law(law: LawByDate, said: Language, *, everything: bool) -> None:
    """Series of the acts that hold, or perhaps do, and what comes until the later day; `everything` has those for others too."""
    out = console()
    markets = ", ".join(law.markets)
    heading(out, text("Law on {day} in {markets}", day=date_said(law.day), markets=markets).said(said))
    out.print(_start_said(law).said(said), style="yellow" if _misses_start(law) else "")
    acts = [one for one in law.acts if everything or one.holds != "no"]
    made = table([(one.said(said), "left" if at else "name") for at, one in enumerate(HEADS)])
    for act in acts:
        for one in act.series:
            # What has no date at all stands below, with what may come on any day.
            if any(each.date for each in one.events) and (everything or one.state != "elsewhere"):
                made.add_row(*_row(act, one, said))
    out.print(made)
    for act in acts:
        if len(act.in_force) > 1:
            series = ", ".join(act.in_force)
            out.print(text("{act}: series {series} stand beside one another.", act=act.act, series=series).said(said))
    unknown = ", ".join(one.act for one in acts if one.holds == "not known")
    if unknown:
        out.print(text("For which vehicles they hold is not known here: {acts}.", acts=unknown).said(said))
    out.print(HOW_SURE.said(said))
    out.print(WHICH_SERIES.said(said))
    print_memory(law, said)
    if law.old:
        checked = date_said(law.checked_on)
        sentence = text(
            "The dates were last held against their sources on {checked}: what was decided since is not in them.",
            checked=checked,
        )
        out.print(sentence.said(said), style="yellow")
    if law.until > law.day:
        _print_changes(law, said, out, everything=everything)
    _print_undated(law, said, out, everything=everything)
    print_later(law, said)
    _print_ends(law, said, out)
    for one in law.longest:
        sentence = text(
            "{act}: {document} holds {years} years at most ({source}; confidence: {confidence}).",
            act=one.act,
            document=one.document,
            years=one.years_at_most,
            source=one.source,
            confidence=CONFIDENCE[one.confidence],
        )
        out.print(sentence.said(said))


def _named(act: str, series: str) -> str:
    return f"{act}, {series}"


def _row(act: ActOnDay, one: SeriesOnDay, said: Language) -> tuple[str | Text, ...]:
    types: tuple[tuple[Phrase, Reached], ...] = ((NEW_TYPES, one.new_types), (ALL_TYPES, one.all_types))
    known = [text("{types}: {how}", types=who, how=REACHED[how]) for who, how in types if how != "not known"]
    sure = f" ({CONFIDENCE[one.confidence].said(said)})" if one.confidence else ""
    state = styled((joined((one.reads, *known)).said(said), COLOURS.get(one.state, "")))
    return _named(act.act, one.series), state, f"{one.source}{sure}"


def _print_changes(law: LawByDate, said: Language, out: Console, *, everything: bool) -> None:
    until = date_said(law.until)
    shown = [one for one in law.changes if everything or one.holds != "no"]
    red = [one for one in shown if one.turns_red and one.date]
    others = [one for one in shown if not one.turns_red and one.date]
    if red:
        heading(out, text("What turns red until {until}", until=until).said(said))
        _print_rows(red, said, out)
    else:
        out.print(text("Nothing that is dated here turns red until {until}.", until=until).said(said))
    if others:
        heading(out, text("What else changes until {until}", until=until).said(said))
        _print_rows(others, said, out)


def _print_undated(law: LawByDate, said: Language, out: Console, *, everything: bool) -> None:
    """What may come on any day: series without a date, and acts of which no series at all is known."""
    undated = [one for one in law.changes if not one.date and (everything or one.holds != "no")]
    if undated or law.undated:
        heading(out, text("No date is known of these: they may come on any day, or have come").said(said))
    if undated:
        _print_rows(undated, said, out)
    if law.undated:
        out.print(text("Of these not even a series is known here: {acts}.", acts=", ".join(law.undated)).said(said))


def print_memory(law: LawByDate, said: Language) -> None:
    """Of which markets nobody has checked which acts hold there."""
    from covolt.study.cases.approve import memory_said

    if (sentence := memory_said(law)) is not None:
        console().print(sentence.said(said))


def print_later(law: LawByDate, said: Language) -> None:
    """What of the acts that hold, or perhaps do, is dated after both days, in one sentence."""
    from covolt.study.cases.approve import later_said

    if (sentence := later_said(law)) is not None:
        console().print(sentence.said(said), style="yellow")


def _misses_start(law: LawByDate) -> bool:
    return bool(law.start_of_series) and law.start_of_series != law.day


def _start_said(law: LawByDate) -> Phrase:
    """Whether the law of the day is that under which series begin."""
    start = law.start_of_series
    if not start:
        return text("The charter states no start of series: what turns red until then is not told.")
    said = date_said(start)
    if start == law.day:
        return text("Series begin on that day.")
    if start < law.day:
        return text(
            "Series begin on {start}, before that day: what they must fulfil then says --at {day}.",
            start=said,
            day=start,
        )
    if law.until < start:
        return text(
            "Series begin on {start}, after both days: what changes until then says --until {day}.",
            start=said,
            day=start,
        )
    return text(
        "Series begin on {start}, after that day: what they must fulfil then says --at {day}.", start=said, day=start
    )


def _print_ends(law: LawByDate, said: Language, out: Console) -> None:
    until = date_said(law.until) if law.until else ""
    ending = [one for one in law.ends if one.state in {"runs out", "has run out"}]
    for one in ending:
        sentence = text(
            "{requirement}: {path} runs out before {until}: {why}",
            requirement=one.requirement,
            path=one.path,
            until=until,
            why=one.why,
        )
        out.print(sentence.said(said), style="yellow")
    open_ended = sum(one.state == "no end stated" for one in law.ends)
    if open_ended:
        out.print(text("Cited documents of which no end is stated: {count}.", count=open_ended).said(said))


def _print_rows(changes: Sequence[LawChange], said: Language, out: Console) -> None:
    made = table([(one.said(said), "left" if at else "name") for at, one in enumerate(CHANGE_HEADS)])
    for one in changes:
        what = joined((one.reads, one.why))
        source = f"{one.source} ({CONFIDENCE[one.confidence].said(said)})"
        made.add_row(_named(one.act, one.series), styled((what.said(said), "red" if one.turns_red else "")), source)
    out.print(made)
