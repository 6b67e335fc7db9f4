"""Each attack of tests/hostile once more without the guard that it tests: it then gets through, so its test would fail."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """The row of `make harden`: attacks that are held though their guard is out, of as many as are asked for."""
    from tests.hostile.attack import unguarded
    from tests.hostile.attacks import ATTACKS
    from tests.hostile.joint import build

    chosen = random.Random(seed).sample(ATTACKS, min(count, len(ATTACKS)))
    details: list[dict[str, str]] = []
    with (
        tempfile.TemporaryDirectory(prefix="covolt-guards-") as made,
        patch.dict(os.environ, {"COVOLT_CACHE_DIR": f"{made}/cache"}),
    ):
        (Path(made) / "world").mkdir()
        world = build(Path(made) / "world")
        for number, attack in enumerate(chosen):
            wrong = unguarded(attack, world, Path(made) / str(number))
            guards = ", ".join(place for place, _ in attack.guards)
            details.append(
                {
                    "case": attack.name,
                    "kind": attack.kind,
                    "role": attack.role,
                    "guards": guards,
                    "wrong": "\n".join(wrong),
                }
            )
    held = [one for one in details if one["wrong"]]
    roles = Counter(one.role for one in chosen)
    return [
        {
            "name": "guards",
            "measured": float(len(held)),
            "goal": 0.0,
            "unit": "held without",
            "better": "lower",
            "peer": f"attacks with their guard taken out: {dict(roles)}, seed {seed}",
            "cases": len(chosen),
            "details": details,
        }
    ]
