"""A host's life: it dials, serves until the stream ends, and dials again; what cannot be mended by waiting ends it, named."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, final

from covolt.errors import ComponentFailed, CovoltError, Forbidden, InputError, Problem
from covolt.exchange.component import Component
from covolt.exchange.hosted.budget import Budget
from covolt.exchange.hosted.certificates import REFUSALS, Identity, Trust, key_matches
from covolt.exchange.hosted.diagnosis import unreachable
from covolt.exchange.hosted.diary import Diary
from covolt.exchange.hosted.party import Served, dial
from covolt.words import Phrase, text

__all__ = ["Hosting", "demand_own"]

SHORTEST_s, LONGEST_s = 0.1, 5.0
"""Between two calls: doubled each time, from the first to the second."""
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
class Hosting:
    """Serves one part to one hub until whoever runs it says no longer."""

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
        self._address, self._identity, self._tell, self._budget = address, identity, tell, budget
        counted = {} if budget is None else {"budget": budget.take, "left": budget.left}
        self._diary: Diary | None = None
        self._served = Served(served, tell=self._note, failed=self._own_words, **counted, **options)
        self._diary = None if log is None else log(self._served.hello())
        self._greeted = False

    def run(self, ended: Callable[[], bool]) -> None:
        """Serve until `ended`.

        Raises:
            Forbidden: the hub refuses the certificate, or is not the hub of the invitation.
            ComponentFailed: it does not speak this protocol.
        """
        pause_s = SHORTEST_s
        try:
            while not ended():
                pause_s = SHORTEST_s if self._once(ended) else min(2.0 * pause_s, LONGEST_s)
                _wait(pause_s, ended)
        finally:
            if self._diary is not None:
                self._diary.close()
            if self._budget is not None:
                self._budget.close()

    def _once(self, ended: Callable[[], bool]) -> bool:
        """One stream; whether the hub took it."""
        link = dial(self._address, self._identity, self._served)
        try:
            found = None
            while found is None and not ended():
                found = link.wait(LOOK_s)
                if link.welcome.is_set() and not self._greeted:
                    self._greeted = True
                    self._tell(text("the hub at {address} has taken the part", address=self._address))
            if found is None:
                return True
            welcomed = link.welcome.is_set()
            self._greeted = False
        finally:
            link.close()
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
            self._tell(text("the hub has as many parts of this party as it takes; dialling again"))
            return
        if welcomed:
            self._tell(text("the stream ended; dialling again"))
            return
        why = unreachable(self._address, self._identity)
        if why is not None and (why in REFUSALS.values() or "invitation" in str(why)):
            raise Forbidden(Problem(why, self._address, text("ask for another invitation: covolt authority request")))
        self._tell(why or text("the hub does not answer; dialling again"))

    def _own_words(self, error: Exception) -> None:
        """What the part says of a failure is told here, to its owner, and to nobody else."""
        if isinstance(error, CovoltError):
            for one in error.problems:
                self._tell(text("the part failed: {why}", why=str(one)))
        else:
            self._tell(text("the part failed: {why}", why=f"{type(error).__name__}: {error}"))

    def _note(self, asked: Any, answer: Any) -> None:
        if self._diary is not None:
            self._diary.told(asked, answer)


def _wait(pause_s: float, ended: Callable[[], bool]) -> None:
    end_s = time.monotonic() + pause_s
    while time.monotonic() < end_s and not ended():
        time.sleep(min(LOOK_s, pause_s))
