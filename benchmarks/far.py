"""WLTC with the pack hosted near, and behind 30 ms and 2 % loss: as a whole mission, step by step, and through a verification.

Goal: far under 5 s as a whole mission, under 5 min step by step, the verdict the same. Needs root, for a network namespace.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.exchange.hosted.wan import obstacle  # noqa: E402
from tests.study.test_far_verification import measured  # noqa: E402


def main() -> None:
    """Measure and print."""
    from covolt.simulation.precision import prepare_process

    prepare_process()
    for far in (False, True):
        if far and (why := obstacle()):
            print(f"not far here: {why}")
            return
        packets: list[int] = []
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"XDG_CONFIG_HOME": f"{folder}/config", "COVOLT_CACHE_DIR": f"{folder}/cache"}
            whole_s, steps_s, verify_s, own, other = measured(Path(folder), packets, 7452 + far, far=far)
        where = "far" if far else "near"
        print(f"{where}: WLTC whole {whole_s:.2f} s, step by step {steps_s:.1f} s; verification {verify_s:.1f} s")
        print(
            f"  {other.verdict} {other.value!r}, with the own pack {own.verdict} {own.value!r}; packets, lost: {packets}"
        )


if __name__ == "__main__":
    main()
