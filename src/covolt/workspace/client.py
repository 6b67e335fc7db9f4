"""The workspace from Python: `covolt.connect()` gives its programmes, verdicts, what-if, proposals and feed as tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, final
from urllib.parse import quote

from covolt.display import AbstractShown, Table
from covolt.errors import ENDINGS, CovoltError, Forbidden, InputError, Problem, Unavailable
from covolt.study.result import adapter
from covolt.words import Words, text
from covolt.workspace.alone import opened_at, own_home
from covolt.workspace.beside import BesideShown
from covolt.workspace.comments_shown import CommentsShown
from covolt.workspace.comparing_shown import ComparedShown
from covolt.workspace.conflicts_shown import ConflictsShown
from covolt.workspace.jobs_shown import JobShown, JobsShown
from covolt.workspace.judged_shown import GateShown
from covolt.workspace.measuring_shown import MeasureShown
from covolt.workspace.parts_shown import PartShown
from covolt.workspace.shown import FeedShown, GatesShown, ProgrammeShown, ProgrammesShown, ProposalShown, ProposalsShown
from covolt.workspace.shown import VerdictsShown as Answered

if TYPE_CHECKING:
    from httpx2 import Response

__all__ = ["RemoteProgramme", "RemoteVerdicts", "RemoteWorkspace", "address_and_token", "connect"]

ADDRESS, TOKEN = "COVOLT_WORKSPACE", "COVOLT_TOKEN"
"""Variables of the environment: where the workspace is, and with which token one asks."""
PATIENCE_s = 60.0
WAIT_s = 20.0
"""How long the server is asked to wait for every ±, again and again until they are there."""
Kind = TypeVar("Kind")
Value = str | float | Mapping[str, str]
"""A number with its unit; or its `value` with what a party states beside it: `u`, `basis`, `source`."""


def connect(address: str = "", token: str = "") -> RemoteWorkspace:
    """A workspace: the one that `covolt serve` has opened on this machine, or another by its address and a token.

    Where that lies in another folder than your data folder (`covolt serve --home`), COVOLT_HOME names it.

    Args:
        address: as a browser has it; else that of COVOLT_WORKSPACE, else that of the workspace that is open here.
        token: of the person who asks; else that of COVOLT_TOKEN. The workspace that is open here needs none: its key is read
            in its folder, where only its own user reads it.

    Raises:
        Unavailable: none is open here, or nobody answers there.
        Forbidden: the token lets nobody in.
    """
    found = RemoteWorkspace(*address_and_token(address, token))
    found.programmes()
    return found


def address_and_token(address: str = "", token: str = "") -> tuple[str, str]:
    """Where a workspace is, and with which token one asks there; see `connect`.

    Raises:
        Unavailable: no address is given, and none is open here.
    """
    address = (address or os.environ.get(ADDRESS, "")).rstrip("/")
    token = token or os.environ.get(TOKEN, "")
    opened = opened_at(own_home())
    if not address:
        if opened is None:
            raise Unavailable(
                Problem(
                    text("no workspace is open on this machine"),
                    "address",
                    text("start it: covolt serve; where it lies elsewhere, COVOLT_HOME names its folder"),
                )
            )
        address = opened.address
    if not token and opened is not None and opened.address == address:
        token = opened.token
    return address, token


@final
class RemoteWorkspace:
    """A workspace that answers at an address."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self._token = token

    def ticket(self) -> str:
        """A word that lets one browser in, once, where the workspace is one person's."""
        return str(self.ask(dict[str, Any], "POST", "session/tickets")["id"])

    def programmes(self) -> dict[str, str]:
        """Titles of its programmes by id."""
        return {one.id: str(one.title) for one in self.ask(ProgrammesShown, "GET", "programmes").programmes}

    def programme(self, name: str, party: str = "") -> RemoteProgramme:
        """A programme as a party sees it, or as whoever speaks for none does."""
        found = RemoteProgramme(self, name, party)
        found.read()
        return found

    def ask(self, kind: type[Kind], method: str, path: str, party: str = "", **given: Any) -> Kind:
        """What the workspace answers to a request, as a document of its kind.

        Raises:
            CovoltError: of the kind with which the workspace refuses, with all its problems.
        """
        found: Kind = adapter(kind).validate_python(self.answered(method, path, party, **given).json())
        return found

    def answered(self, method: str, path: str, party: str = "", **given: Any) -> Response:
        """The answer to a request as it comes, where it is none that refuses."""
        import httpx2

        headers = {"Covolt-Party": party} if party else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = httpx2.request(
                method, f"{self.address}/api/v1/{path}", headers=headers, timeout=PATIENCE_s, **given
            )
        except httpx2.HTTPError as error:
            what = text("no workspace answers at {address}: {why}", address=self.address, why=str(error))
            raise Unavailable(Problem(what, "address", text("start it: covolt serve"))) from error
        if answer.is_error:
            raise _refused(answer.status_code, answer.json() if "json" in answer.headers["content-type"] else {})
        return answer


@final
class RemoteProgramme:
    """A programme in a workspace, as one party sees it."""

    def __init__(self, workspace: RemoteWorkspace, name: str, party: str) -> None:
        self._workspace = workspace
        self.name = name
        self.party = party

    def read(self) -> ProgrammeShown:
        """Its parties, and what fills each slot, as it stands now."""
        return self._ask(ProgrammeShown, "GET", "")

    def slot(self, slot: str) -> PartShown:
        """All about one slot: its contract, every number of its part and who changed it, and the offers for it."""
        return self._ask(PartShown, "GET", f"slots/{quote(slot, safe='')}")

    def verdicts(self) -> RemoteVerdicts:
        """Every verdict on its vehicle, with every ±."""
        return self._waited("GET", "verdicts")

    def what_if(self, numbers: Mapping[str, Value]) -> RemoteVerdicts:
        """Every verdict on its vehicle with numbers changed, and what turns by it; nothing is written.

        Args:
            numbers: by address, such as `battery/mass`, each with its unit: `"260 kg"`; without, in the unit that stands there.
                `battery/offer` is which offer fills the slot, and an id without a slot, such as `I-MASS`, a requirement's bound.
        """
        return self._waited("POST", "what-if", json={"changes": _changes(numbers)})

    def propose(self, numbers: Mapping[str, Value], title: str, reason: str = "") -> int:
        """Propose that numbers change; the proposal's number.

        Args:
            numbers: as in `what_if`; of a part's number also what its party states beside it:
                `{"battery/mass": {"value": "241 kg", "u": "1 kg", "basis": "measured", "source": "weighed in March"}}`.
        """
        made = self._ask(
            dict[str, Any], "POST", "proposals", json={"changes": _changes(numbers), "title": title, "reason": reason}
        )
        return int(made["number"])

    def conflicts(self, numbers: Mapping[str, Value] | None = None) -> ConflictsShown:
        """What its vehicle breaks, or the one with numbers changed: whose it is, who stands against it, and what may move."""
        given = {"json": {"changes": _changes(numbers)}} if numbers else {}
        return self._until(
            lambda: self._ask(
                ConflictsShown, "POST" if numbers else "GET", "conflicts", params={"wait_s": WAIT_s}, **given
            ),
            lambda one: one.surely or bool(one.failed),
        )

    def measure(self) -> MeasureShown:
        """What to measure next: numbers by how many verdicts each decides, and what carries the ± of each open verdict."""
        return self._until(
            lambda: self._ask(MeasureShown, "GET", "measure", params={"wait_s": WAIT_s}),
            lambda one: one.surely or bool(one.failed),
        )

    def ask(
        self,
        kind: Literal["conflicts", "settlement", "study"],
        numbers: Mapping[str, Value] | None = None,
        designs: int | None = None,
        *,
        runner: bool = False,
    ) -> int:
        """Ask for a job about its vehicle, or the one with numbers changed, over so many designs; its number.

        With `runner` a runner of the party does it, on its own machine (`covolt runner`); else the workspace.
        """
        wanted: dict[str, Any] = {"kind": kind, "changes": _changes(numbers or {}), "runner": runner}
        wanted |= {} if designs is None else {"designs": designs}
        return int(self._ask(dict[str, Any], "POST", "jobs", json=wanted)["number"])

    def job(self, number: int) -> JobShown:
        """A job of the party, once it is over."""
        return self._until(
            lambda: self._ask(JobShown, "GET", f"jobs/{number}", params={"wait_s": WAIT_s}),
            lambda one: one.status not in {"waiting", "running"},
        )

    def jobs(self) -> JobsShown:
        """The jobs of the party, newest first."""
        return self._ask(JobsShown, "GET", "jobs")

    def cancel(self, number: int) -> None:
        """Give a job of the party up."""
        self._ask(dict[str, Any], "POST", f"jobs/{number}/cancel")

    def settlements(self, numbers: Mapping[str, Value] | None = None, designs: int | None = None) -> JobShown:
        """Settlements around the conflicts of its vehicle, or of the one with numbers changed; takes a minute or two."""
        return self.job(self.ask("settlement", numbers, designs))

    def study(self, numbers: Mapping[str, Value] | None = None, designs: int | None = None) -> JobShown:
        """Designs of what owners let move, judged by all that the party reads; takes a minute or two."""
        return self.job(self.ask("study", numbers, designs))

    def propose_settlement(self, job: int, option: int, title: str, reason: str = "") -> int:
        """Propose an option of a job that looked for settlements, counted from 0; the proposal's number."""
        settlement = {"job": job, "option": option}
        made = self._ask(
            dict[str, Any],
            "POST",
            "proposals",
            json={"settlement": settlement, "title": title, "reason": reason},
        )
        return int(made["number"])

    def proposals(self) -> ProposalsShown:
        """Its proposals, newest first."""
        return self._ask(ProposalsShown, "GET", "proposals")

    def proposal(self, number: int) -> ProposalShown:
        """A proposal, with the vehicle before and after and every ±."""
        path = f"proposals/{number}"
        return self._until(
            lambda: self._ask(ProposalShown, "GET", path, params={"wait_s": WAIT_s}), lambda one: one.surely
        )

    def answer(self, number: int, answer: Literal["accept", "refuse"], reason: str = "") -> None:
        """Answer for the party to a proposal as it is now."""
        content = self.proposal(number).content
        self._ask(
            dict[str, Any],
            "POST",
            f"proposals/{number}/answers",
            json={"answer": answer, "reason": reason, "content": content},
        )

    def merge(self, number: int) -> dict[str, str]:
        """Carry a proposal out; the commits by party, the programme's under ""."""
        return self._ask(dict[str, Any], "POST", f"proposals/{number}/merge")["commits"]

    def withdraw(self, number: int) -> None:
        """Take a proposal of the party back."""
        self._ask(dict[str, Any], "POST", f"proposals/{number}/withdraw")

    def gates(self) -> GatesShown:
        """Its gates, judged with every ±."""
        return self._until(
            lambda: self._ask(GatesShown, "GET", "gates", params={"wait_s": WAIT_s}), lambda one: one.surely
        )

    def gate(self, gate: str) -> GateShown:
        """One gate with its criteria, evidence and sign-offs, judged with every ±."""
        path = f"gates/{quote(gate, safe='')}"
        return self._until(lambda: self._ask(GateShown, "GET", path, params={"wait_s": WAIT_s}), lambda one: one.surely)

    def compare(self, before: str, after: str = "now") -> ComparedShown:
        """Two states beside each other: `now`, `commit:HASH`, `baseline:NAME`, `before:3` or `proposal:3`."""
        asked = {"before": before, "after": after, "wait_s": WAIT_s}
        return self._until(
            lambda: self._ask(ComparedShown, "GET", "compared", params=asked),
            lambda one: one.surely or bool(one.failed),
        )

    def comments(self, address: str) -> CommentsShown:
        """What is said about what stands at an address, such as `battery/mass` or `requirement/I-MASS`."""
        return self._ask(CommentsShown, "GET", "comments", params={"address": address})

    def comment(self, address: str, said: str, to: Sequence[str] = (), answers: str = "") -> str:
        """Write a comment, for some parties or, where none is named, for all; its id."""
        wanted = {"address": address, "text": said, "to": list(to), "answers": answers}
        return str(self._ask(dict[str, Any], "POST", "comments", json=wanted)["id"])

    def beside(self) -> BesideShown:
        """What the party sees of the folders of others, as files."""
        return self._ask(BesideShown, "GET", "beside")

    def feed(self) -> FeedShown:
        """What happened in it, newest first."""
        return self._ask(FeedShown, "GET", "feed")

    def _waited(self, method: str, path: str, **given: Any) -> RemoteVerdicts:
        found = self._until(
            lambda: self._ask(Answered, method, path, params={"wait_s": WAIT_s}, **given),
            lambda one: one.surely or bool(one.failed),
        )
        return RemoteVerdicts(found)

    def _until(self, ask: Callable[[], Kind], done: Callable[[Kind], bool]) -> Kind:
        while not done(found := ask()):
            pass  # the server waits
        return found

    def _ask(self, kind: type[Kind], method: str, path: str, **given: Any) -> Kind:
        way = "/".join(one for one in ("programmes", quote(self.name, safe=""), path) if one)
        return self._workspace.ask(kind, method, way, self.party, **given)


@final
@dataclass(frozen=True, repr=False)
class RemoteVerdicts(AbstractShown):
    """Verdicts as a workspace answers them, with what turned beside what is locked where numbers were changed."""

    answered: Answered

    def as_tables(self) -> list[Table]:
        """The verdicts, the worst first, and what turned."""
        rows = [
            (
                one.requirement, str(one.title), one.party, str(one.standing),
                f"{one.value_text} {one.unit}".strip(), f"{one.margin_text}{' (no ± stated)' * one.unstated}",
            )
            for one in self.answered.verdicts
        ]  # fmt: skip
        names = ("requirement", "title", "owner", "verdict", "value", "margin")
        found = [Table(str(self.answered.headline), names, rows)]
        turned = [
            (
                one.requirement, str(one.title), f"{one.value_before} {one.unit}", f"{one.value_after} {one.unit}",
                f"{one.before} → {one.after}",
            )
            for one in self.answered.turned
        ]  # fmt: skip
        if turned:
            found.append(Table("What moves", ("requirement", "title", "before", "after", "verdict"), turned))
        return found


def _changes(numbers: Mapping[str, Value]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for address, value in numbers.items():
        slot, slash, number = address.partition("/") if "/" in address else ("", "", address)
        if not number or (slash and not slot):
            hint = text("write SLOT/NUMBER, such as battery/mass, or the id of a requirement")
            raise InputError(Problem(text("'{address}' names no number", address=address), "numbers", hint))
        stated = dict(value) if isinstance(value, Mapping) else {"value": str(value)}
        found.append({"slot": slot, "number": number, **stated})
    return found


def _refused(status: int, told: Mapping[str, Any]) -> CovoltError:
    """The error that was raised there, with its problems in every language."""
    title = told.get("title")
    known = (kind for kind, one in ENDINGS.items() if one.http_status == status and one.title == title)
    kind = next(known, _KINDS.get(status, InputError))
    problems = [
        Problem(_words(one["what"]), one["where"], _words(one["hint"])) for one in told.get("problems", ())
    ] or [Problem(text("the workspace answered {status}", status=status), "", "")]
    return kind(problems)


_KINDS: Mapping[int, type[CovoltError]] = {401: Forbidden, 429: Unavailable}
"""What errors of a server are that no use case raises."""


def _words(plain: Mapping[str, str]) -> Words:
    return Words(plain.get("en", ""), plain.get("ru", ""))
