"""Hosted parties that fail: killed, frozen, slow, sending NaN, or coming back with a certificate that does not count."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.exchange.hosted.parts import SECRET, Lag  # noqa: E402
from tests.exchange.hosted.world import World, world  # noqa: E402

from covolt.errors import ComponentFailed  # noqa: E402
from covolt.exchange.hosted import Deadlines, HostedComponent  # noqa: E402
from covolt.exchange.hosted.certificates import certificate_from  # noqa: E402

FAULTS = {"killed": "gone", "frozen": "no answer within", "slow": "no answer within", "nan": "port output is nan"}
CERTIFICATES = {"foreign": "battery-works", "expired": "has expired", "revoked": "was revoked"}
STEPS, DEADLINE_s, JOINING_s, MARGIN_s = 40, 0.5, 4.0, 0.5
INPUTS = np.sin(np.arange(STEPS) * 0.37).reshape(-1, 1)


def _driven(component: Any, first: int, last: int) -> list[np.ndarray]:
    return [component.step(float(at), 1.0, INPUTS[at]) for at in range(first, last)]


def _expected() -> bytes:
    own = Lag()
    own.wire(("input",), ("output", "slope"))
    return np.vstack([own.start({"gain": 2.5}, INPUTS[0]), *_driven(own, 0, STEPS)]).tobytes()


def _told(call: Any, says: str, within_s: float) -> str:
    """What was wrong with how a failure was told; empty where nothing was."""
    begun_s = time.monotonic()
    try:
        call()
    except ComponentFailed as failed:
        took_s, said = time.monotonic() - begun_s, str(failed)
        if took_s > within_s + MARGIN_s:
            return f"took {took_s:.2f} s"
        missing = [one for one in ("battery-works", "lag", says) if one not in said]
        return f"said {said!r}" if missing or SECRET in said else ""
    return "did not stop"


def faulty(made: World, kind: str, chance: random.Random) -> str:
    """One party that fails in its step; what went wrong, empty where nothing did."""
    at = chance.randrange(1, STEPS)
    setup = {"fault": kind, "fault_at_s": float(at), "saves": chance.random() < 0.5}
    with made.hub() as hub:
        process = made.party(hub, **setup)
        one = HostedComponent(
            hub, "battery-works", "lag", Deadlines(DEADLINE_s, joining_s=20.0), checkpoint_every=chance.randrange(1, 20)
        )
        one.wire(("input",), ("output", "slope"))
        rows = [one.start({"gain": 2.5}, INPUTS[0]), *_driven(one, 0, at)]
        wrong = _told(lambda: one.step(float(at), 1.0, INPUTS[at]), FAULTS[kind], DEADLINE_s)
        wrong = wrong or _told(lambda: one.step(float(at), 1.0, INPUTS[at]), f"at {at} s", DEADLINE_s)
        if kind in {"killed", "frozen"}:
            process.kill()
            made.party(hub, **setup)
        one.resume()
        rows += _driven(one, at, STEPS)
        return wrong or ("" if np.vstack(rows).tobytes() == _expected() else "other bytes after it resumed")


def stranger(made: World, kind: str, chance: random.Random) -> str:
    """One party that is lost and comes back with a certificate that does not count, then with one that does."""
    at = chance.randrange(1, STEPS)
    identity = made.identity("battery-works")
    bad = identity if kind == "revoked" else getattr(made, kind)("battery-works")
    made.issued = (bad.certificate,) if kind == "expired" else ()
    with made.hub() as hub:
        process = made.party(hub, identity)
        one = HostedComponent(hub, "battery-works", "lag", Deadlines(DEADLINE_s, joining_s=20.0), checkpoint_every=10)
        one.wire(("input",), ("output", "slope"))
        rows = [one.start({"gain": 2.5}, INPUTS[0]), *_driven(one, 0, at)]
        if kind == "revoked":
            made.revoked[certificate_from(identity.certificate, "").serial_number] = datetime.now(UTC)
        process.kill()
        process.wait()
        made.party(hub, bad, once=True)
        one.deadlines = Deadlines(DEADLINE_s, joining_s=JOINING_s)
        wrong = _told(one.resume, CERTIFICATES[kind], JOINING_s)
        made.issued = ()
        one.deadlines = Deadlines(DEADLINE_s, joining_s=20.0)
        made.party(hub)
        one.resume()
        rows += _driven(one, at, STEPS)
        return wrong or ("" if np.vstack(rows).tobytes() == _expected() else "other bytes after it resumed")


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """One row for each kind of failure."""
    found = list[dict[str, Any]]()
    for kind in (*FAULTS, *CERTIFICATES):
        chance, wrong = random.Random(f"{seed} {kind}"), list[str]()
        for _ in range(count):
            with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
                one = (faulty if kind in FAULTS else stranger)(made, kind, chance)
                wrong += [one] if one else []
        found.append(
            {
                "name": f"parties: {kind}",
                "measured": float(len(wrong)),
                "goal": 0.0,
                "unit": "runs that did not stop in time, by name, and resume to the same bytes",
                "better": "lower",
                "peer": "",
                "cases": count,
                "details": wrong,
            }
        )
    return found
