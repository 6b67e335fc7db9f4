"""Bargaining held against NegMAS, whose licence (AGPL) keeps it out of every lock: this test alone fetches it, into `build`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from covolt.study.negotiation import pareto_rows, settle
from tests.exchange.wheels import pip_or_skip
from tests.house.source import ROOT

pytestmark = pytest.mark.slow

VERSION = "0.16.0"
BESIDE = (
    "attrs>=24.2",
    "cloudpickle>=3.1",
    "colorlog>=6.9",
    "inflect<6.0",
    "pyyaml>=6.0",
    "stringcase>=1.2",
    "numpy>=2.0",
    "typing-extensions>=4.12",
)
"""What its functions of bargaining import; the rest of what it asks for makes 0.8 GB."""
SPACES = 500


@pytest.fixture(scope="session")
def negmas():
    """A folder with NegMAS and what its functions of bargaining need; without a network the test skips."""
    target = ROOT / "build" / "wheels" / f"negmas-{VERSION}"
    if not target.is_dir():
        begun = target.with_name(f"{target.name}-begun")
        pip_or_skip("install", "--no-deps", "--target", str(begun), f"negmas=={VERSION}", *BESIDE)
        begun.rename(target)
    return target


def spaces():
    """Random outcome spaces: two to four parties, 2 to 60 outcomes, some rated below the disagreement, and of different scales.

    To every second space an outcome is added that gives all the same share of their best and is worse than none: there the two
    definitions of Kalai and Smorodinsky's point that are in use for finite sets, the greatest least share and the least spread of
    shares, name the same outcome.
    """
    chance = np.random.default_rng(14)
    for number in range(SPACES):
        parties, outcomes = int(chance.integers(2, 5)), int(chance.integers(2, 61))
        scale = 10.0 ** chance.uniform(-2.0, 2.0, parties)
        raw = chance.normal(0.4, 0.5, (outcomes, parties))
        if number % 3 == 0:
            raw = np.abs(raw) / np.linalg.norm(raw, axis=1, keepdims=True)
        raw[0] = np.abs(raw[0]) + 0.01
        if number % 2:
            acceptable = raw[(raw >= 0.0).all(axis=1)]
            best = acceptable.max(axis=0)
            most = (acceptable / best).min(axis=1).max()
            raw = np.vstack([raw, best * min(1.0, most + 0.5 * chance.uniform() * (1.0 - most))])
        yield raw * scale


def test_five_hundred_spaces_settle_as_negmas_settles_them(negmas):
    tables = list(spaces())
    environment = {**os.environ, "PYTHONPATH": str(negmas)}
    script = Path(__file__).with_name("negmas_answers.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        input=json.dumps([one.tolist() for one in tables]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = json.loads(done.stdout)
    assert len(answers) == SPACES
    furthest = dict.fromkeys(("nash", "egalitarian", "kalai-smorodinsky", "even-shares"), 0.0)
    for number, (gains, theirs) in enumerate(zip(tables, answers, strict=True)):
        acceptable = np.flatnonzero((gains >= 0.0).all(axis=1))
        best = gains[acceptable].max(axis=0)
        own = acceptable[pareto_rows(gains[acceptable])]
        # Of equal outcomes NegMAS keeps one.
        assert {tuple(gains[row]) for row in theirs["frontier"]} == {tuple(gains[row]) for row in own}
        for rule, key in (("nash", "nash"), ("egalitarian", "egalitarian"), ("kalai-smorodinsky", "least-share")):
            ours = settle(gains, rule)
            nearest = min(np.abs((gains[row] - ours.gain_ratios) / best).max() for row in theirs[key])
            furthest[rule] = max(furthest[rule], float(nearest))
        if number % 2:
            ours = settle(gains)
            nearest = min(np.abs((gains[row] - ours.gain_ratios) / best).max() for row in theirs["even-shares"])
            furthest["even-shares"] = max(furthest["even-shares"], float(nearest))
    print(f"furthest from NegMAS, of each party's best: {furthest}")  # noqa: T201
    assert max(furthest.values()) <= 1e-6, furthest
