"""What a programme cites: acts and procedures that exist, and laws that hold for its vehicle."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from covolt.errors import Problem
from covolt.programme.checked import same_act
from covolt.programme.documents import Programme
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.acts import matrix
from covolt.words import text

__all__ = ["citation_problems"]


def citation_problems(programme: Programme) -> list[Problem]:
    """Checked texts that nothing knows, and laws whose act is for other vehicles."""
    return [*_procedures(programme), *_acts(programme), *_laws(programme)]


def _procedures(programme: Programme) -> Iterator[Problem]:
    known = procedures()
    for name, one in programme.checked.items():
        for index, row in enumerate(one.text):
            where = programme.where("checked", name, "text", index, "procedures")
            for procedure in row.procedures:
                if procedure not in known:
                    yield Problem(
                        text("no procedure '{procedure}'", procedure=procedure),
                        where,
                        text("list them with: covolt procedures"),
                    )


def _acts(programme: Programme) -> Iterator[Problem]:
    """An act is known where the table has it, or a requirement cites it."""
    cited = [one.regulation for one in programme.requirements.values() if one.regulation]
    known = list(dict.fromkeys([*(act.id for act in matrix().act), *cited]))
    for name, one in programme.checked.items():
        for index, row in enumerate(one.text):
            for key, acts in (("scopes", row.scopes), ("bounds", row.bounds)):
                for act in acts:
                    if any(same_act(act, other) for other in known):
                        continue
                    close = difflib.get_close_matches(act, known, n=1)
                    hint = (
                        text("did you mean '{close}'?", close=close[0])
                        if close
                        else text("list them with: covolt approval --all")
                    )
                    yield Problem(
                        text("no act '{act}' in the table, and no requirement cites it", act=act),
                        programme.where("checked", name, "text", index, key),
                        hint,
                    )


def _laws(programme: Programme) -> Iterator[Problem]:
    category = programme.charter.vehicle.category
    for one in programme.requirements.values():
        act = next((act for act in matrix().act if same_act(one.regulation, act.id)), None)
        if one.kind == "law" and act is not None and category not in act.categories:
            what = text(
                "{act} is for {categories}, the vehicle is {category}",
                act=act.id,
                categories=", ".join(act.categories),
                category=category,
            )
            hint = text("cite the act for this vehicle, or make it a need")
            yield Problem(what, programme.where("requirement", one.id, "regulation"), hint)
