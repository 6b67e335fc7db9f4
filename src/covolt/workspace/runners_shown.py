"""What the workspace answers to the runners of a party: jobs that are leased, and when one was last heard of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT

__all__ = ["LeaseShown", "LeasedJob", "RunnerShown"]


@dataclass(frozen=True, config=RESULT)
class LeasedJob:
    """A job that one runner alone has, as long as it renews the lease within `lasts_s`.

    `lease` is the word by which it does so; `inputs` the digest of the question and of the files on which it is asked, and `key`
    the same for the same question on the same state.
    """

    number: int
    lease: str
    lasts_s: float
    inputs: str
    key: str
    kind: str
    party: str
    day: str
    asked: Mapping[str, Any]


@dataclass(frozen=True, config=RESULT)
class LeaseShown:
    """The job that a runner is to do; None where none waits."""

    job: LeasedJob | None = None
    schema: Literal["workspace-lease/1"] = "workspace-lease/1"


@dataclass(frozen=True, config=RESULT)
class RunnerShown:
    """When a runner of the reader's party last asked for jobs (empty: not since this server began), and jobs that wait for it."""

    heard: str
    waiting: int
    schema: Literal["workspace-runner/1"] = "workspace-runner/1"
