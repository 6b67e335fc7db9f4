"""`covolt diff`: which requirement's margin moved, and whose change moved it by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.gains import print_levels
from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, indented, print_result, table, unit_text, with_unit
from covolt.digits import signed_text
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.study.verdicts.attribution import Change, Difference
    from covolt.study.verdicts.baseline import EarlierState
    from covolt.study.verdicts.verdict import Verdict

MOST_BESIDE = 10
BEFORE, AFTER = text("before", context="head"), text("after", context="head")
REQUIREMENT, WHAT = text("requirement", context="head"), text("what", context="head")
EQUAL = text("the baseline equals the lock: nothing to compare")
HELP = """Compare the programme with an earlier state: a baseline, another lock file or folder, or a commit.

Verdicts and values that moved are shown from before to after, with U = 2 u behind ±.

The movement of each margin is divided among the parties by the Shapley value; the parts sum to the whole.

Examples:

  covolt diff HEAD~1

  covolt diff baseline.lock examples/city-car --json
"""


def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Baseline, lock file, folder, commit, tag or branch.")],
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print what differs from an earlier state, whose doing it is, and what it moved."""
    from covolt.study.cases.compare import compare
    from covolt.study.cases.options import Findings

    findings = Findings({"party": "--party"})
    language_of(findings, language)
    done = compare(programme, base, party=party, findings=findings)
    if json:
        print_result(done.document())
        return
    _print_base(done.base)
    shown = done.turned
    # What has a row below says there why its margins cannot be compared.
    apart = {name: why for name, why in done.not_comparable.items() if name not in shown}
    _print(done.changes, done.differences, apart, lock_alone=done.base.lock_alone)
    _print_verdicts(shown, done.before, done.after)
    levels = done.levels
    if done.changes or any(one.moved for one in levels.sums) or any(one.gain for one in levels.gains):
        print_levels(levels)


def _print_base(base: EarlierState) -> None:
    """What is compared with, and what of it does not stand today."""
    out = console()
    out.print(text("Compared with the {base}.", base=base.said))
    for one in base.beside[:MOST_BESIDE]:
        aside = text("does not stand in it: {where}: {what}", where=one.where, what=one.what)
        out.print(indented(aside, 2), style="yellow")
    if len(base.beside) > MOST_BESIDE:
        more = text("and {count} more (--json names all)", count=len(base.beside) - MOST_BESIDE)
        out.print(indented(more, 2), style="yellow")


def _print(changes: list[Change], found: list[Difference], apart: Mapping[str, Phrase], *, lock_alone: bool) -> None:
    out = console()
    if not changes:
        out.print(EQUAL if lock_alone else text("nothing changed"))
        return
    heading(out, text("What changed"))
    made = table([(text("party", context="head"), "name"), (WHAT, "name"), (BEFORE, "left"), (AFTER, "left")])
    for one in changes:
        what = text("requirement {name}", name=one.what) if one.kind == "requirement" else _called(one.what)
        made.add_row(one.party, what, *(STATED.get(side, side) for side in (one.before, one.after)))
    out.print(made)
    moved = [one for one in found if one.moved]
    out.print()
    heading(out, text("Margins that moved: {count} of {total}", count=len(moved), total=len(found)))
    parties = sorted({party for one in moved for party in one.contributions})
    heads = [(party.replace("-", "-\n"), "right") for party in parties]
    rows = table(
        [(REQUIREMENT, "name"), (BEFORE, "right"), (AFTER, "right"), (text("unit", context="head"), "name"), *heads]
    )
    for one in moved:
        numbers = [one.before, one.after, *(one.contributions.get(party, 0.0) for party in parties)]
        before, after, *shares = (signed_text(x, one.scale, speaking(), grouped=False) for x in numbers)
        rows.add_row(one.requirement, before, after, unit_text(one.unit), *shares)
    if moved:
        out.print(rows)
    for name, why in apart.items():
        out.print(joined((name, why), ": "))


STATED: Mapping[str, Phrase] = {
    "absent": text("absent", context="diff"),
    "present": text("present", context="diff"),
    "empty": text("empty", context="diff"),
    "hidden": text("hidden"),
    "by document": text("by document"),
}
"""Words that stand for a document."""
KINDS: Mapping[str, Phrase] = {
    "scenario": text("scenario", context="document"),
    "slot": text("slot", context="document"),
    "contract": text("contract", context="document"),
    "gate": text("gate", context="document"),
    "table": text("table", context="document"),
    "party": text("party", context="document"),
    "key": text("key", context="document"),
    "revocation": text("revocation of a key", context="document"),
    "signature": text("signature", context="document"),
    "sign-off": text("sign-off of a gate", context="document"),
    "checked": text("checked texts", context="document"),
    "interest": text("interest", context="document"),
    "negative": text("negative", context="document"),
}
"""Kinds with which the name of a change begins."""


def _called(what: str) -> str | Phrase:
    """A change by its kind, in words, and its name."""
    kind, blank, name = what.partition(" ")
    return joined((KINDS[kind], name), " ") if blank and kind in KINDS else what


def _print_verdicts(names: Sequence[str], before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> None:
    """Verdict and value of what moved, from before to after."""
    from covolt.study.verdicts.verdict import value_text

    if not names:
        return
    out = console()
    made = table([(REQUIREMENT, "name"), (BEFORE, "left"), (AFTER, "left")])
    for name in names:
        both = (side[name] for side in (before, after))
        said = [
            # What has no value says why: what is open, and which fact is missing.
            say(joined((one.standing, one.why), ", "))
            if one.value is None
            else say(joined((one.standing, with_unit(value_text(one, speaking(), grouped=False), one.unit)), ", "))
            for one in both
        ]
        if said[0] != said[1]:
            made.add_row(name, *said)
    if made.row_count:
        out.print()
        heading(out, text("Verdicts and values, before → after (± is U = 2 u)"))
        out.print(made)
