"""`covolt pull`, `push`, `propose`, `review` and `merge`: work on a programme of a workspace in a folder of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.printing import console, heading, pairs, table
from covolt.errors import InputError, Problem
from covolt.words import joined, plural, text

if TYPE_CHECKING:
    from covolt.words import Phrase
    from covolt.workspace.clones import Clone
    from covolt.workspace.shown import ChangeRow, TurnedRow

PULL_HELP = """Bring a programme of a workspace into a folder, or bring that folder up to date.

In the folder lie the programme's repository, the party's own in a folder of its name, and what others show beside them, so
that every command works there.

Examples:

  covolt pull http://127.0.0.1:8600/joint-city-car --party battery-works my-car

  covolt pull joint-city-car --party battery-works my-car --own git@git.example.org:pack.git

  covolt pull
"""
PUSH_HELP = """Send what differs in such a folder: the party's own files, and what it publishes.

With --publications the party's own files stay where they are. In a folder made with --own they go to the party's own Git server,
and never to the workspace.

Examples:

  covolt push --message "Cells of the new plant"

  covolt push --publications
"""
PROPOSE_HELP = """Propose the numbers of one's parts that differ from what is locked; who is concerned is asked.

Example:

  covolt propose --title "Certified cells" --reason "they weigh more"
"""
REVIEW_HELP = """Show a proposal with the vehicle before and after it, or answer it.

Examples:

  covolt review 3

  covolt review 3 --all

  covolt review 3 --accept

  covolt review 3 --refuse --reason "the axle load"
"""
MERGE_HELP = """Carry out a proposal to which everybody who is concerned has agreed.

Example:

  covolt merge 3
"""
STATES = {
    "open": text("open", context="proposal"),
    "merged": text("merged", context="proposal"),
    "withdrawn": text("withdrawn", context="proposal"),
}
OVERTAKEN = text("overtaken", context="proposal")
BREAKS = text("now beyond its bound")
HEADS = {
    "requirement": text("requirement", context="head"),
    "before": text("before", context="head"),
    "after": text("after", context="head"),
    "bound": text("bound", context="head"),
    "unit": text("unit", context="head"),
    "verdict": text("verdict", context="head"),
}
Folder = Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="The folder, made by covolt pull.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Number of the proposal.")]


def _clone(folder: Path) -> Clone:
    from covolt.workspace.clones import clone_at

    return clone_at(folder)


def pull(
    address: Annotated[str, typer.Argument(metavar="[ADDRESS/PROGRAMME]", help="Where it is, the first time.")] = "",
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="New folder; else the one that is there.")
    ] = Path(),
    party: Annotated[str, typer.Option("--party", metavar="ID", help="Party that works in it.")] = "",
    own: Annotated[
        str,
        typer.Option(
            "--own", metavar="REPOSITORY", help="The party's own repository, where another Git server has it."
        ),
    ] = "",
) -> None:
    """Make a clone, or bring it up to date."""
    from covolt.workspace.clones import new_clone

    if not address:
        _clone(folder).pull()
        console().print(text("up to date"))
        return
    if not party or folder == Path():
        hint = text("covolt pull ADDRESS/PROGRAMME --party ID FOLDER makes one")
        raise InputError(Problem(text("a new folder is some party's"), "--party, FOLDER", hint))
    made = new_clone(address, party, folder, own)
    if not made.whole:
        said = text(
            "{folder} is ready; you act for some slots of {party} alone: its own repository is not there, but what you see of it",
            folder=str(folder),
            party=party,
        )
        console().print(said)
        return
    console().print(
        text("{folder} is ready; {party}'s own files lie in {own}", folder=str(folder), party=party, own=str(made.own))
    )


def push(
    message: Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What changed.")] = "Changed",
    publications: Annotated[
        bool, typer.Option("--publications", help="Send what is published, and nothing of the party's own files.")
    ] = False,
    folder: Folder = Path(),
) -> None:
    """Send what differs."""
    out = console()
    for name, commit in _clone(folder).push(message, publications=publications).items():
        out.print(text("{repository} stands at {commit}", repository=name, commit=commit[:12]))


def propose(
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="What changes, in a line.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
    folder: Folder = Path(),
) -> None:
    """Propose what differs."""
    clone = _clone(folder)
    changes = clone.changed_numbers()
    number = clone.propose(title, reason)
    console().print(text("proposal {number} is made: covolt review {number}", number=number))
    rows = [(address, ", ".join(_stated(key, said) for key, said in one.items())) for address, one in changes.items()]
    console().print(pairs(rows))


def _stated(key: str, said: str) -> str:
    return f"u {said}" if key == "u" else said


def _change_said(one: ChangeRow) -> Phrase:
    moves = f"{one.before} → {one.after}" if one.after != one.before else one.after
    return joined([each for each in (moves, one.stated) if each], ", ")


def review(
    number: Number,
    accept: Annotated[bool, typer.Option("--accept", help="Agree to it.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
    whole: Annotated[bool, typer.Option("--all", help="Every value that moves.")] = False,
    folder: Folder = Path(),
    language: LanguageOption = None,
) -> None:
    """Show a proposal, or answer it."""
    chosen_language(language)
    if accept and refuse:
        raise InputError(Problem(text("these do not go together"), "--accept, --refuse", text("give one of them")))
    remote = _clone(folder).remote()
    if accept or refuse:
        remote.answer(number, "accept" if accept else "refuse", reason)
    shown = remote.proposal(number)
    out = console()
    state = OVERTAKEN if shown.proposal.overtaken else STATES[shown.proposal.state]
    heading(out, joined((f"{number}: ", shown.proposal.title, f" ({shown.proposal.party}, ", state, ")"), ""))
    if not accept and not refuse:
        out.print(pairs([(f"{one.slot}/{one.number}", _change_said(one)) for one in shown.proposal.changes]))
        _print_turned(shown.turned, whole=whole)
    for what in (each for gate in shown.gates for each in gate.said):
        out.print(text("a merge {what}", what=what), style="yellow")
    for what in shown.stands_against:
        out.print(text("against it: {what}", what=what))
    for one in shown.answers:
        out.print(text("{party}: {answer}", party=one.party, answer=one.answer))


def _print_turned(turned: Sequence[TurnedRow], *, whole: bool) -> None:
    """What turns or breaks with its verdicts and its bound; of what moves beside it, without `whole`, only how many."""
    first = [one for one in turned if one.turned or one.breaks]
    rest = [one for one in turned if not one.turned and not one.breaks]
    out = console()
    if rows := [*first, *(rest if whole else ())]:
        heads = ("requirement", "name"), ("before", "number"), ("after", "number"), ("bound", "number")
        made = table([(HEADS[name], kind) for name, kind in (*heads, ("unit", "name"), ("verdict", "left"))])
        for one in rows:
            verdict = joined((one.before, one.after), " → ") if one.turned else joined((one.after,), "")
            verdict = joined((verdict, BREAKS), ", ") if one.breaks else verdict
            values = (one.value_before, one.value_after, one.bound_text, one.unit, verdict)
            made.add_row(one.requirement, *(say(value) for value in values))
        out.print(made)
    if rest and not whole:
        out.print(
            plural(
                "{count} other value moves: --all shows it", "{count} other values move: --all shows them", len(rest)
            )
        )


def merge(number: Number, folder: Folder = Path()) -> None:
    """Carry a proposal out, and bring the folder up to date."""
    clone = _clone(folder)
    commits = clone.remote().merge(number)
    clone.pull()
    count = len(commits)
    console().print(text("proposal {number} is merged", number=number))
    console().print(plural("{count} repository", "{count} repositories", count))
