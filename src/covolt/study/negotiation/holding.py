"""Holding: a proposal beside the programme and the settlement that it is of, as they are now, and all that differs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from covolt.contract.document import read_unlinked
from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.programme.documents import Programme
from covolt.programme.proposal import Proposal, digest_of_lock, digest_of_settlement
from covolt.study.negotiation.beside import CARD, beside, card_faults
from covolt.study.negotiation.grounds import changed_grounds
from covolt.study.negotiation.itself import ask_anew, itself
from covolt.words import text

__all__ = ["CARD", "NEWEST", "Held", "held", "newest_noted", "note_none_left"]

NEWEST = "settlements.json"
"""Above the folders of settlements: their digests in the order in which they were written, the last is the newest."""


@dataclass(frozen=True)
class Held:
    """Why a proposal no longer holds, what it could not be held against, and whether it lies there without its settlement."""

    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    alone: bool = False


def newest_noted(output: Path, settlement: str) -> tuple[Path, bytes] | None:
    """The file that says which settlement in a folder is the newest, as it is to be; None where it says so already."""
    before = _settlements(output)
    if before and before[-1] == settlement:
        return None
    known = [*(one for one in before if one != settlement), settlement]
    content = json.dumps({"schema": "settlements/1", "settlements": known}, indent=1) + "\n"
    return output / NEWEST, content.encode()


def note_none_left(output: Path) -> None:
    """Write down that no settlement in a folder is left."""
    if (noted := newest_noted(output, "")) is not None:
        write_whole(*noted, within=output)


def _settlements(output: Path) -> list[str]:
    content = _table(output / NEWEST)
    found = content.get("settlements") if content is not None else None
    return [str(one) for one in cast("list[object]", found)] if isinstance(found, list) else []


def _table(path: Path) -> dict[str, Any] | None:
    """A file of JSON; None where there is none.

    Raises:
        InputError: it is no table of JSON.
    """
    if not os.path.lexists(path):
        return None
    try:
        content: object = json.loads(read_unlinked(path))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        hint = text("let covolt negotiate write it anew")
        raise InputError(Problem(text("it is not what covolt negotiate writes"), str(path), hint))
    return cast("dict[str, Any]", content)


def held(proposal: Proposal, file: Path, programme: Programme, is_whole: Callable[[str], bool]) -> Held:
    """Hold a proposal against the programme, and against what lies around its file.

    Nobody has signed a proposal: who can write to all files of a settlement can write them so that they agree. What its party
    signs is the digest of what is shown here, so that `covolt negotiate` tells an answer to anything else.

    Args:
        proposal: as it was read.
        file: in which it lies.
        programme: whole.
        is_whole: whether the text of a settlement is as it was written, by the digest that it bears.

    Raises:
        InputError: a file beside it is none that `covolt negotiate` writes.
    """
    moved = [*_moved(proposal, programme)]
    problems = [*moved, *_misnamed(proposal, file), *_superseded(proposal, file)]
    if not moved:
        problems += [*itself(proposal, file, programme)]
    notices: list[Problem] = []
    if not proposal.rests_on:
        notices.append(
            Problem(
                text("it does not say on which requirements and offers it rests: an earlier covolt wrote it"),
                str(file),
                text("let it be written anew: covolt negotiate"),
            )
        )
    settled = _table(file.parent / CARD)
    if settled is None:
        what = text("there is no {file} beside it: whether others are shown the same is not known", file=CARD)
        notices.append(Problem(what, str(file.parent), text("ask for it where the proposal comes from")))
    else:
        problems += [*beside(proposal, settled, file, programme)]
        problems += [*_card(file.parent / CARD, settled, programme if not moved else None, is_whole)]
    return Held(tuple(problems), tuple(notices), alone=settled is None)


def _card(
    path: Path, settled: Mapping[str, Any], programme: Programme | None, is_whole: Callable[[str], bool]
) -> Iterator[Problem]:
    """That a settlement is not as it was written, or disagrees with itself; with the programme where that has not moved."""
    if settled.get("digest") and not is_whole(read_unlinked(path)):
        yield Problem(text("the digest that it bears is not that of its content"), str(path), ask_anew())
    elif programme is not None:
        modelled = any(one.datasheet.model.file is not None for one in programme.offers.values())
        yield from card_faults(settled, programme, str(path), modelled=modelled)


def _moved(proposal: Proposal, programme: Programme) -> Iterator[Problem]:
    if programme.lock is None or digest_of_lock(programme.lock) != proposal.lock:
        hint = text("negotiate anew: covolt study run, then covolt negotiate")
        yield Problem(text("the lock has moved since this was proposed: it is stale"), "programme.lock", hint)
        return
    changed = changed_grounds(proposal.rests_on, programme.seen_by(proposal.party)) if proposal.rests_on else []
    for at, one in enumerate(changed):
        last = at == len(changed) - 1
        hint = text("negotiate anew: covolt study run, then covolt negotiate") if last else ""
        yield Problem(one.what, one.where, hint)


def _misnamed(proposal: Proposal, file: Path) -> Iterator[Problem]:
    """That a proposal names its settlement otherwise than what it says of it gives."""
    made = digest_of_settlement(
        programme=proposal.programme,
        lock=proposal.lock,
        study=proposal.study,
        design=proposal.design,
        rule=proposal.rule,
    )
    if made != proposal.settlement:
        yield Problem(
            text("its design, study or rule is not that of the settlement that it names"), str(file), ask_anew()
        )


def _superseded(proposal: Proposal, file: Path) -> Iterator[Problem]:
    """That the negotiation has gone on to another settlement."""
    known = _settlements(file.parent.parent)
    if proposal.settlement not in known or known[-1] == proposal.settlement:
        return
    own, newest = (one.removeprefix("sha256:")[:12] for one in (proposal.settlement, known[-1]))
    if not newest:
        what = text("settlement {own} is superseded: by what was refused since, none is left", own=own)
    else:
        what = text("settlement {own} is superseded by settlement {newest}", own=own, newest=newest)
    yield Problem(
        what, str(file), text("answer the newest one") if newest else text("negotiate anew: covolt negotiate")
    )
