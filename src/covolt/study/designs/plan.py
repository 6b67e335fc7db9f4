"""The plan of a study: what is run of which programme, as `study.toml` in the folder of the study."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, Field, StrictInt

from covolt.contract.document import DOCUMENT, canonical_json, dumps, load_table, loads, read_text
from covolt.contract.lines import lines_of_keys
from covolt.errors import Conflict, NotFound, Problem
from covolt.files import digest_of, whole, write_new
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.text import Digest
from covolt.study.designs.chunks import written
from covolt.study.designs.evaluation import asked_of
from covolt.study.designs.sampling import Method
from covolt.study.designs.space import DesignSpace
from covolt.study.verdicts.records import source_digest
from covolt.words import text

__all__ = [
    "CHUNK",
    "PLAN",
    "SEARCHES",
    "SearchMethod",
    "SearchPlan",
    "StudyPlan",
    "begun",
    "demand_current",
    "demand_judge",
    "digest_of_plan",
    "digest_of_study",
    "end_plan",
    "own_source",
    "plan_of",
    "read_plan",
    "write_plan",
]

PLAN = "study.toml"
READ = "study/1"
_ANY_VERSION = re.compile(r"study/\d+")
SearchMethod = Literal["pareto", "gradient"]
SEARCHES: tuple[SearchMethod, ...] = ("pareto", "gradient")
CHUNK = 32
"""Designs that are judged, and written, together."""


class SearchPlan(BaseModel):
    """What a study searches, where its designs are no sample: objectives as they were named, and what every design must meet."""

    model_config = DOCUMENT

    objectives: tuple[str, ...]
    """Each with its direction, such as `I-RANGE:max`."""
    meet: tuple[str, ...] = ()
    population: StrictInt | None = None
    generations: StrictInt | None = None
    evaluations: StrictInt | None = None
    """How many designs were judged, those between the steps too, once it has ended."""
    of_differences: tuple[str, ...] = ()
    """Objectives and requirements whose gradients were differences."""


class StudyPlan(BaseModel):
    """What a study is: anybody who has the programme as it was comes to the same rows by it.

    `lock`, `space` and `asked` are digests of what is locked, of what moves, and of requirements, interests, scenarios, tables
    and parties; `source` is that of covolt's code.
    """

    model_config = DOCUMENT

    document: Literal["study/1"] = Field(default="study/1", alias="schema")
    programme: str
    folder: str
    """Folder of the programme, from that of the study."""
    reader: str = ""
    """The party that runs it, whose private interests and variables are in it; empty where nobody's are."""
    lock: Digest
    space: Digest
    asked: Digest
    method: Method | SearchMethod
    seed: StrictInt = 0
    designs: StrictInt = Field(ge=1)
    """How many designs there are beside today's vehicle, which is design 0; of a search under way at most."""
    levels: StrictInt | None = None
    only: tuple[str, ...] = ()
    chunk: StrictInt = Field(default=CHUNK, ge=1)
    covolt: str
    source: str
    search: SearchPlan | None = None
    checksums: Literal[True] | None = None
    """Whether each chunk states by which plan it was written, and bears checksums; None in studies from before they did."""

    @property
    def sampling(self) -> Method:
        """By which method its designs are sampled, where they are."""
        if self.method in SEARCHES:
            raise RuntimeError("the designs of a search are no sample")
        return cast("Method", self.method)

    @property
    def count(self) -> int:
        """All designs, today's vehicle among them."""
        return self.designs + 1


def plan_of(
    programme: Programme,
    space: DesignSpace,
    output: Path,
    *,
    method: Method | SearchMethod,
    seed: int,
    designs: int,
    levels: int | None = None,
    only: Collection[str] = (),
    chunk: int = CHUNK,
) -> StudyPlan:
    """The plan of a study of a programme as its reader sees it."""
    return StudyPlan(
        programme=programme.charter.id,
        folder=_way(programme.root, output),
        reader=programme.reader or "",
        lock=_digest_of_lock(programme),
        space=space.digest,
        asked=_asked(programme, only),
        method=method,
        seed=seed,
        designs=designs,
        levels=levels,
        only=tuple(sorted(only)),
        chunk=chunk,
        covolt=version("covolt"),
        source=own_source(),
        checksums=True,
    )


def digest_of_plan(plan: StudyPlan) -> str:
    """Digest of a plan as it was begun, by which its chunks state it."""
    stated = begun(plan).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return digest_of(json.dumps(stated, sort_keys=True).encode())


def begun(plan: StudyPlan) -> StudyPlan:
    """A plan as it was begun: without what a search came to at its end."""
    if plan.search is None:
        return plan
    search = plan.search.model_copy(update={"evaluations": None, "of_differences": ()})
    most = (search.population or 1) * (search.generations or 1)
    return plan.model_copy(update={"designs": most, "search": search})


def _way(root: Path, output: Path) -> str:
    try:
        return Path(os.path.relpath(root, output.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return root.as_posix()


def own_source() -> str:
    """Digest of the code of this covolt."""
    return hashlib.sha256(source_digest().encode()).hexdigest()


def _digest_of_lock(programme: Programme) -> str:
    if programme.lock is None:
        raise RuntimeError("a design space has a lock")
    return digest_of(canonical_json(programme.lock))


def _asked(programme: Programme, only: Collection[str]) -> str:
    """Digest of all that decides a row beside the design: of interests what is measured, not what their parties accept of it."""
    requirements, interests, _ = asked_of(programme, only or None)
    scenarios = [one for _, one in sorted(programme.scenarios.items())]
    measured = (one.requirement.model_copy(update={"at_least": None, "at_most": None}) for one in interests)
    documents = [programme.charter.vehicle, *scenarios, *(one.requirement for one in requirements), *measured]
    return digest_of(b"\n".join([*map(canonical_json, documents), terms_of(programme).levels_digest.encode()]))


def digest_of_study(plan: StudyPlan, rows: str) -> str:
    """The digest by which a settlement names the study that it rests on: of its plan and of its rows.

    Where its programme lies, and how many designs lie in a file together, does not count.

    Args:
        plan: of the study.
        rows: digest of its rows, as `StudyTable` has it.
    """
    return digest_of(canonical_json(plan, exclude={"folder", "chunk"}) + rows.encode())


def write_plan(output: Path, plan: StudyPlan) -> None:
    """Begin the folder of a study.

    Raises:
        Conflict: there is a study already, or designs of one.
    """
    if (left := written(output)) and not (output / PLAN).exists():
        what = text("designs of another study lie here")
        raise Conflict(Problem(what, str(left[0]), text("name another folder")))
    if not write_new(output / PLAN, dumps(plan)):
        hint = text("go on with it: covolt study resume {folder}; or name another folder", folder=str(output))
        raise Conflict(Problem(text("there is a study already"), str(output / PLAN), hint))


def end_plan(output: Path, plan: StudyPlan) -> None:
    """Put what a search came to into the plan of its folder."""
    with whole(output / PLAN) as part:
        part.write_text(dumps(plan), encoding="utf-8")


def read_plan(folder: Path) -> StudyPlan:
    """The plan of the study in a folder.

    Raises:
        NotFound: there is none.
        Conflict: another version of covolt has laid it out.
    """
    path = folder / PLAN
    if not path.is_file():
        hint = text("name a folder that covolt study run has made")
        raise NotFound(Problem(text("no study here: there is no {file}", file=PLAN), str(folder), hint))
    stated = read_text(path)
    _demand_version(stated, str(path))
    return loads(stated, StudyPlan, str(path))


def _demand_version(stated: str, source: str) -> None:
    """Refuse a study whose folder another version of covolt laid out, before anything else of it is looked at.

    Raises:
        Conflict: with the line.
    """
    schema = load_table(stated, source).get("schema")
    if not isinstance(schema, str) or schema == READ or not _ANY_VERSION.fullmatch(schema):
        return
    what = text("this study is laid out as {schema}, and this covolt reads {read}", schema=schema, read=READ)
    hint = text("go on with the version of covolt that began it, or begin another study: covolt study run")
    raise Conflict(Problem(what, f"{source}:{lines_of_keys(stated).get(('schema',), 1)}", hint))


def demand_judge(covolt: str, source: str, where: str) -> None:
    """Refuse to judge designs of a study in this process, where it runs another covolt than the one that asks.

    Args:
        covolt: version of the one that asks.
        source: digest of its code.
        where: what this process is called.

    Raises:
        Conflict: with both versions.
    """
    own = version("covolt")
    hint = text("install the same covolt wherever designs are judged, and begin the workers anew")
    if own != covolt:
        what = text("this worker runs covolt {own}, and the study covolt {asked}", own=own, asked=covolt)
        raise Conflict(Problem(what, where, hint))
    if own_source() != source:
        what = text("this worker runs covolt {own} too, but another state of its code", own=own)
        raise Conflict(Problem(what, where, hint))


def demand_current(folder: Path, plan: StudyPlan, programme: Programme, space: DesignSpace, *, judging: bool) -> None:
    """Refuse a study that is not of the programme, as its reader sees it, and of covolt as they are now.

    By which state of covolt's code designs were judged matters where more are judged beside them, and not to who only reads.

    Raises:
        Conflict: with everything that differs.
    """
    now = plan_of(
        programme,
        space,
        folder,
        method=plan.method,
        seed=plan.seed,
        designs=plan.designs,
        levels=plan.levels,
        only=plan.only,
        chunk=plan.chunk,
    )
    _demand_same(folder, plan, now if judging else now.model_copy(update={"source": plan.source}))


def _demand_same(folder: Path, before: StudyPlan, now: StudyPlan) -> None:
    """Refuse to go on where rows would not be of the same programme and covolt as those that are there.

    Raises:
        Conflict: with everything that differs.
    """
    said = {
        "lock": text("other offers are locked now"),
        "space": text("other things move now, or the locked parts have changed"),
        "asked": text("requirements, interests, scenarios, tables or parties have changed"),
        "programme": text("it is a study of {programme}", programme=before.programme),
    }
    hint = text("begin another study in another folder: covolt study run")
    where = str(folder / PLAN)
    problems = [
        Problem(what, where, hint) for name, what in said.items() if getattr(before, name) != getattr(now, name)
    ]
    if before.covolt != now.covolt:
        what = text("it was begun by covolt {before}, and this is covolt {now}", before=before.covolt, now=now.covolt)
        problems.append(Problem(what, where, text("go on with that version, or begin another study")))
    elif before.source != now.source:
        what = text("it was begun by another state of covolt's code")
        problems.append(Problem(what, where, hint))
    if problems:
        raise Conflict(problems)
