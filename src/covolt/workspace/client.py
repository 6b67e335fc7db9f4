"""The workspace from Python: `covolt.connect()` gives its programmes, verdicts, what-if, proposals and feed as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, final
from urllib.parse import quote

from covolt.display import AbstractShown, Table
from covolt.errors import ENDINGS, CovoltError, InputError, Problem, Unavailable
from covolt.study.result import adapter
from covolt.words import Words, text
from covolt.workspace.beside import BesideShown
from covolt.workspace.shown import FeedShown, GatesShown, ProgrammeShown, ProgrammesShown, ProposalShown, ProposalsShown
from covolt.workspace.shown import VerdictsShown as Answered

__all__ = ["RemoteProgramme", "RemoteVerdicts", "RemoteWorkspace", "connect"]

ADDRESS = "http://127.0.0.1:8600"
PATIENCE_s = 60.0
WAIT_s = 20.0
"""How long the server is asked to wait for every ±, again and again until they are there."""
Kind = TypeVar("Kind")
Value = str | float


def connect(address: str = ADDRESS) -> RemoteWorkspace:
    """The workspace at an address, as `covolt serve` opens it.

    Raises:
        Unavailable: nobody answers there.
    """
    found = RemoteWorkspace(address.rstrip("/"))
    found.programmes()
    return found


@final
class RemoteWorkspace:
    """A workspace that answers at an address."""

    def __init__(self, address: str) -> None:
        self.address = address

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
        import httpx2

        headers = {"Covolt-Party": party} if party else {}
        try:
            answer = httpx2.request(
                method, f"{self.address}/api/v1/{path}", headers=headers, timeout=PATIENCE_s, **given
            )
        except httpx2.HTTPError as error:
            what = text("no workspace answers at {address}: {why}", address=self.address, why=str(error))
            raise Unavailable(Problem(what, "address", text("start it: covolt serve"))) from error
        if answer.is_error:
            raise _refused(answer.status_code, answer.json() if "json" in answer.headers["content-type"] else {})
        found: Kind = adapter(kind).validate_python(answer.json())
        return found


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

    def verdicts(self) -> RemoteVerdicts:
        """Every verdict on its vehicle, with every ±."""
        return self._waited("GET", "verdicts")

    def what_if(self, numbers: Mapping[str, Value]) -> RemoteVerdicts:
        """Every verdict on its vehicle with numbers changed, and what turns by it; nothing is written.

        Args:
            numbers: by address, such as `battery/mass`, each with its unit: `"260 kg"`; without, in the unit that stands there.
        """
        return self._waited("POST", "what-if", json={"changes": _changes(numbers)})

    def propose(self, numbers: Mapping[str, Value], title: str, reason: str = "") -> int:
        """Propose that numbers change; the proposal's number."""
        made = self._ask(
            dict[str, Any], "POST", "proposals", json={"changes": _changes(numbers), "title": title, "reason": reason}
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
                f"{one.value_text} {one.unit}".strip(), str(one.margin_text),
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
        slot, slash, number = address.partition("/")
        if not slash:
            hint = text("write SLOT/NUMBER, such as battery/mass")
            raise InputError(Problem(text("'{address}' names no number", address=address), "numbers", hint))
        found.append({"slot": slot, "number": number, "value": str(value)})
    return found


def _refused(status: int, told: Mapping[str, Any]) -> CovoltError:
    """The error that was raised there, with its problems in every language."""
    title = told.get("title")
    known = (kind for kind, one in ENDINGS.items() if one.http_status == status and one.title == title)
    kind = next(known, InputError)
    problems = [
        Problem(_words(one["what"]), one["where"], _words(one["hint"])) for one in told.get("problems", ())
    ] or [Problem(text("the workspace answered {status}", status=status), "", "")]
    return kind(problems)


def _words(plain: Mapping[str, str]) -> Words:
    return Words(plain.get("en", ""), plain.get("ru", ""))
