"""A host's life: it dials, serves until the stream ends, and dials again; what cannot be mended by waiting ends it, named."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any, final

import numpy as np

from covolt.errors import ComponentFailed, CovoltError, Forbidden, InputError, Problem
from covolt.exchange.component import Component
from covolt.exchange.hosted.budget import Budget
from covolt.exchange.hosted.certificates import REFUSALS, Identity, Trust, key_matches
from covolt.exchange.hosted.diagnosis import unreachable
from covolt.exchange.hosted.diary import Diary
from covolt.exchange.hosted.party import Served, dial
from covolt.words import Phrase, text

__all__ = ["Hosting", "demand_own"]

SHORTEST_s, LONGEST_s = 1.0, 15.0
"""Between two calls: doubled each time, from the first to the second, which is half of what a hub waits for a party."""
AGAIN_s = 0.1
"""After a stream that the hub had taken: a run in which the part failed once goes on at once."""
LOOK_s = 0.2


def demand_own(identity: Identity, where: str, at: datetime) -> str:
    """Whom the party's own certificate names.

    Raises:
        InputError: the key is not the certificate's.
        Forbidden: no hub would take it: it has expired, or is of another authority than the invitation says.
    """
    if not key_matches(identity.key, identity.certificate):
        hint = text("name the key that was made with the request: --key FILE")
        raise InputError(Problem(text("the private key is not that of the certificate"), where, hint))
    party, refusal = Trust(identity.authorities).judged(identity.certificate, at)
    if refusal in {"expired", "early", "nameless"}:
        raise Forbidden(Problem(REFUSALS[refusal], where, text("ask for another invitation: covolt authority request")))
    return party


@final
class _Sayings:
    """Says what is repeated once, and how often it was so as soon as something else is said."""

    def __init__(self, tell: Callable[[Phrase], None]) -> None:
        self._tell = tell
        self._last, self._count = "", 0

    def again(self, said: Phrase) -> None:
        """Say it, if it is not what was said last."""
        if str(said) == self._last:
            self._count += 1
            return
        self.once(said)
        self._last, self._count = str(said), 1

    def once(self, said: Phrase) -> None:
        """Say it in any case."""
        if self._count > 1:
            self._tell(text("the last line came {count} times", count=self._count))
        self._last, self._count = "", 0
        self._tell(said)


@final
class Hosting:
    """Serves one part to one hub until whoever runs it says no longer.

    What ends it from within, a budget that is spent or a log that cannot be written, is raised once the stream has ended.
    """

    def __init__(
        self,
        served: Component,
        address: str,
        identity: Identity,
        tell: Callable[[Phrase], None],
        *,
        budget: Budget | None = None,
        log: Callable[[bytes], Diary] | None = None,
        **options: Any,
    ) -> None:
        self._address, self._identity, self._budget = address, identity, budget
        self._sayings = _Sayings(tell)
        self._name = served.description.name
        counted = {} if budget is None else {"budget": self._taken, "left": budget.left}
        self._diary: Diary | None = None
        self._served = Served(served, tell=self._note, failed=self._own_words, **counted, **options)
        self._diary = None if log is None else log(self._served.hello())
        self._over: CovoltError | None = None
        self._greeted = self._failed = self._closed = False

    def run(self, ended: Callable[[], bool]) -> None:
        """Serve until `ended`.

        Raises:
            Forbidden: the hub refuses the certificate, or is not the hub of the invitation; or the budget is spent.
            ComponentFailed: it does not speak this protocol.
            InputError: the log cannot be written.
        """
        pause_s = SHORTEST_s
        try:
            while not ended():
                if self._once(ended):
                    pause_s = SHORTEST_s
                    _wait(AGAIN_s, ended)
                else:
                    _wait(pause_s, ended)
                    pause_s = min(2.0 * pause_s, LONGEST_s)
        finally:
            if self._diary is not None:
                self._diary.close()
            if self._budget is not None:
                self._budget.close()

    def _once(self, ended: Callable[[], bool]) -> bool:
        """One stream; whether the hub took it."""
        self._failed = self._closed = False
        link = dial(self._address, self._identity, self._served)
        try:
            found = None
            while found is None and not ended():
                found = link.wait(LOOK_s)
                if link.welcome.is_set() and not self._greeted:
                    self._greeted = True
                    self._sayings.once(text("the hub at {address} has taken the part", address=self._address))
            if found is None:
                return True
            welcomed = link.welcome.is_set()
            self._greeted = False
        finally:
            link.close()
        if self._over is not None:
            raise self._over
        self._judge(*found, welcomed=welcomed)
        return welcomed

    def _judge(self, code: str, details: str, *, welcomed: bool) -> None:
        if code == "UNAUTHENTICATED":
            why = REFUSALS.get(details, text("its certificate does not count"))
            raise Forbidden(Problem(why, self._address, text("ask for another invitation: covolt authority request")))
        if code in {"INVALID_ARGUMENT", "UNIMPLEMENTED"}:
            hint = text("both sides need a covolt of the same protocol")
            raise ComponentFailed(Problem(text("the hub does not speak this protocol"), self._address, hint))
        if code == "RESOURCE_EXHAUSTED":
            self._sayings.again(text("the hub has as many parts of this party as it takes; dialling again"))
            return
        if code == "NOT_FOUND":
            said = text(
                "the hub waits for {awaited}, not for {part}; dialling again",
                awaited=details,
                part=self._name,
            )
            self._sayings.again(said)
            return
        if welcomed:
            self._sayings.once(self._ending(code))
            return
        why = unreachable(self._address, self._identity)
        if why is not None and (why in REFUSALS.values() or "invitation" in str(why)):
            raise Forbidden(Problem(why, self._address, text("ask for another invitation: covolt authority request")))
        if why is None:
            self._sayings.again(text("the hub does not answer; dialling again"))
        else:
            self._sayings.again(text("{why}; dialling again", why=why))

    def _ending(self, code: str) -> Phrase:
        """Why a stream ended that the hub had taken."""
        if self._failed:
            return text("the stream ended, since the part failed as told above; dialling again")
        if self._closed:
            return text("the hub is done with the part; dialling again")
        if code == "CANCELLED":
            return text(
                "the hub ended the stream: its run ended, or an answer came late or did not count; dialling again"
            )
        return text("the connection to the hub is lost; dialling again")

    def _own_words(self, error: Exception) -> None:
        """What the part says of a failure is told here, to its owner, and to nobody else."""
        self._failed = True
        ours = isinstance(error, CovoltError)
        said = [str(one) for one in error.problems] if ours else ["".join(traceback.format_exception(error)).strip()]
        for one in said:
            self._sayings.once(text("the part failed: {why}", why=one))
            self._write(lambda diary, one=one: diary.failed(one))

    def _taken(self, rows: int) -> bool:
        """Take steps of the budget; where it does not reach, this ends."""
        if self._budget is None or self._budget.take(rows):
            return True
        spent = self._budget.spent(self._name, rows)
        self._over = None if spent is None else Forbidden(spent)
        return False

    def _note(self, asked: Any, answer: Any) -> None:
        self._closed = asked.WhichOneof("ask") == "close"
        kind = answer.WhichOneof("answer")
        if kind != "failure":
            self._failed = kind == "outputs" and not np.isfinite(np.frombuffer(answer.outputs, "<f8")).all()
            if self._failed:
                self._sayings.once(text("the part answered what is no finite number, which no hub takes"))
        self._write(lambda diary: diary.told(asked, answer))

    def _write(self, line: Callable[[Diary], None]) -> None:
        if self._diary is None:
            return
        try:
            line(self._diary)
        except CovoltError as error:
            self._over = error
            raise


def _wait(pause_s: float, ended: Callable[[], bool]) -> None:
    end_s = time.monotonic() + pause_s
    while time.monotonic() < end_s and not ended():
        time.sleep(min(LOOK_s, pause_s))
