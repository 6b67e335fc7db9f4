"""What a party's runner brings back of a job, read by its schema, held against the programme, and written anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from covolt.contract.mistakes import told_plainly
from covolt.errors import InputError, Problem
from covolt.programme.documents import Programme
from covolt.study.cases.conflicts import ConflictsDocument
from covolt.study.result import adapter, plain
from covolt.words import text
from covolt.workspace.changes import NumberChange, changes_of
from covolt.workspace.settlements_shown import SettlementsShown
from covolt.workspace.studies_shown import StudyShown

__all__ = ["read_answer"]


def read_answer(kind: str, own: Programme, answer: Mapping[str, Any]) -> bytes:
    """The answer of a runner to a job of a kind, as the workspace keeps answers.

    Args:
        own: the programme on which it was asked, as the party sees it.

    Raises:
        InputError: it is not what such a job answers, or changes what the programme does not have.
    """
    try:
        found = ANSWERS[kind](own, answer)
        return json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except ValidationError as error:
        places = [(one, ".".join(("answer", *(str(step) for step in one["loc"])))) for one in error.errors()]
        raise InputError([told_plainly(one, where) for one, where in places]) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # whatever stands there in another form
        raise _misread(str(error)) from error


def _conflicts(own: Programme, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    [(party, document)] = answer["documents"].items()
    found = adapter(ConflictsDocument).validate_python(document)
    if party != own.reader or found.programme != own.charter.id:
        raise _misread(f"{party}: {found.programme}")
    return {"documents": {party: plain(found)}}


def _study(own: Programme, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    [(party, document)] = answer["documents"].items()
    found = adapter(StudyShown).validate_python(document)
    if party != own.reader or {one.requirement for one in found.measures} - own.requirements.keys():
        raise _misread(party)
    return {"documents": {party: plain(found)}}


def _settlement(own: Programme, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    documents = {
        str(party): adapter(SettlementsShown).validate_python(one) for party, one in answer["documents"].items()
    }
    options = [[_change(one) for one in each] for each in answer["options"]]
    if documents.keys() - {"", *own.parties} or own.reader not in documents:
        raise _misread("documents")
    for at, option in enumerate(options):
        # What stood there before is known here, and whether the party may propose it.
        if changes_of(own, [(one.slot, one.number, one.after) for one in option]) != option:
            raise _misread(f"options.{at}")
    if any(len(one.options) != len(options) for one in documents.values()):
        raise _misread("options")
    return {
        "documents": {party: plain(one) for party, one in documents.items()},
        "options": [[one.plain() for one in each] for each in options],
    }


def _change(plain: Mapping[str, Any]) -> NumberChange:
    if not all(isinstance(one, str) for one in plain.values()):
        raise TypeError("options")
    return NumberChange.of(plain)


ANSWERS: Mapping[str, Callable[[Programme, Mapping[str, Any]], Mapping[str, Any]]] = {
    "conflicts": _conflicts, "settlement": _settlement, "study": _study,
}  # fmt: skip


def _misread(why: str) -> InputError:
    what = text("this is no answer to such a job: {why}", why=why)
    return InputError(Problem(what, "answer", text("run the runner of the covolt that the workspace has")))
