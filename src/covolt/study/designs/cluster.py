"""A cluster of Dask that judges chunks on several machines, over TLS where its address says so."""

from __future__ import annotations

import hashlib
import importlib
import pickle
import re
import threading
import uuid
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Conflict, InputError, Problem, Unavailable
from covolt.study.designs.chunks import Chunk
from covolt.study.designs.course import Course, Done, Task
from covolt.study.designs.engine import Opened
from covolt.study.processes import Doing, answered
from covolt.words import text

__all__ = ["SCHEMES", "Dask"]

SCHEMES: Mapping[str, str] = {"dask": "tcp", "dasks": "tls"}
"""How addresses of schedulers begin, and how Dask calls these."""
_ADDRESS = re.compile(r"(?P<scheme>dasks?)://(?P<place>(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):\d{1,5})")
CONNECTING_s, COMING_s = 10.0, 120.0
"""How long a scheduler is waited for, and its first worker; an estimate: batch systems begin a waiting job within minutes."""
WAITING = 2
"""Tasks that are sent for each thread of a worker: one is judged, one waits there."""


@final
@dataclass(frozen=True)
class Dask:
    """Judges on the workers of a Dask scheduler, whoever began them; one that is lost costs what it judged, which is repeated.

    What is sent is Python's pickle: scheduler, workers and who asks can each run any code on the others.
    """

    address: str
    """As Dask writes it: tcp://HOST:PORT or tls://HOST:PORT."""

    @classmethod
    def at(cls, engine: str, option: str) -> Dask:
        """The cluster at `dask://HOST:PORT`, or over TLS at `dasks://HOST:PORT`.

        Raises:
            InputError: it is no such address, or certificates are missing.
            Unavailable: Dask is not installed.
        """
        found = _ADDRESS.fullmatch(engine)
        if found is None:
            hint = text("write dask://HOST:PORT, or dasks://HOST:PORT for TLS")
            raise InputError(Problem(text("'{engine}' is no address of a scheduler", engine=engine), option, hint))
        made = cls(f"{SCHEMES[found['scheme']]}://{found['place']}")
        made.demand_certificates(option)
        return made

    @property
    def encrypted(self) -> bool:
        """Whether it is reached over TLS."""
        return self.address.startswith("tls://")

    def demand_certificates(self, option: str) -> None:
        """Refuse TLS without the files that it needs, as Dask's own settings name them.

        Raises:
            InputError: every setting that is missing.
            Unavailable: Dask is not installed.
        """
        distributed = _distributed(option)
        if not self.encrypted:
            return
        security = distributed.Security()
        wanted = {
            "tls.ca-file": security.tls_ca_file,
            "tls.client.cert": security.tls_client_cert,
            "tls.client.key": security.tls_client_key,
        }
        problems = [
            Problem(
                text("TLS needs a file that Dask's settings do not name: distributed.comm.{setting}", setting=setting),
                option,
                text("set {variable}, or write it in ~/.config/dask", variable=_variable(setting)),
            )
            for setting, value in wanted.items()
            if not value
        ]
        if problems:
            raise InputError(problems)

    def run(self, opened: Opened, values: NDArray[np.float64], chunks: Sequence[Chunk]) -> Iterator[Done]:
        """Each chunk with its rows, as they are done.

        Raises:
            Unavailable: scheduler or workers cannot be reached, or Dask or covolt are not installed there.
            Conflict: a worker runs another covolt.
            RuntimeError: a worker failed by a fault of covolt's.
        """
        if not chunks:
            return
        sent = zlib.compress(pickle.dumps(opened))
        digest = hashlib.sha256(sent).hexdigest()
        course, asked = Course.of(chunks), dict[Any, Task]()
        with self._client() as client:
            _demand_covolt(client)
            finished = importlib.import_module("distributed").as_completed(loop=client.loop)
            try:
                while course.due or asked:
                    room = max(1, WAITING * sum(client.nthreads().values()))
                    while course.due and len(asked) < room:
                        task = course.due.popleft()
                        name = f"covolt-{task.begin}-{task.end}-{uuid.uuid4().hex}"
                        these = values[task.begin : task.end]
                        future = client.submit(_judged, sent, digest, these, key=name, pure=False)
                        asked[future] = task
                        finished.add(future)
                    future = next(finished)
                    done = self._taken(future, asked.pop(future), course, opened, values)
                    if done is not None:
                        yield done
            finally:
                client.cancel(list(asked))

    def _taken(
        self, future: Any, task: Task, course: Course, opened: Opened, values: NDArray[np.float64]
    ) -> Done | None:
        """What comes of a task: a chunk, where it is whole by it."""
        distributed = importlib.import_module("distributed")
        try:
            return course.take(task, answered(future.result()))
        except distributed.KilledWorker as error:
            count = error.allowed_failures + 1
            why = text("the process that judged it ended: {count} times on the cluster", count=count)
            return course.ended(task, opened, values, str(why), processes=count)
        except ImportError as error:
            what = text("a worker of this cluster has no covolt: {why}", why=str(error))
            raise Unavailable(Problem(what, self.address, _INSTALL)) from error
        except CancelledError as error:
            what = text("the scheduler has gone, or its tasks were cancelled")
            hint = text("what is judged is written: begin the cluster anew and go on by covolt study resume")
            raise Unavailable(Problem(what, self.address, hint)) from error

    @contextmanager
    def _client(self) -> Generator[Any]:
        """A connection to the scheduler that has a worker."""
        distributed = _distributed(self.address)
        security = distributed.Security(require_encryption=True) if self.encrypted else None
        try:
            client = distributed.Client(
                self.address, security=security, timeout=CONNECTING_s, set_as_default=False, heartbeat_interval="5s"
            )
        except (OSError, TimeoutError) as error:
            what = text("no scheduler of Dask answers here: {why}", why=str(error))
            hint = text("begin one: dask scheduler; with TLS, by the same certificate authority as yours")
            raise Unavailable(Problem(what, self.address, hint)) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=COMING_s)
            except TimeoutError as error:
                what = text("no worker has come to this scheduler within {seconds} s", seconds=round(COMING_s))
                hint = text("begin one on each machine: dask worker {address} --nthreads 1", address=self.address)
                raise Unavailable(Problem(what, self.address, hint)) from error
            yield client


_INSTALL = text("install the same covolt wherever designs are judged, and begin the workers anew")


def _variable(setting: str) -> str:
    """The variable of the environment of a setting of Dask."""
    return "DASK_DISTRIBUTED__COMM__" + setting.upper().replace(".", "__").replace("-", "_")


def _distributed(where: str) -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        hint = text("install it: pip install 'covolt[cluster]'")
        raise Unavailable(Problem(text("Dask is not installed here"), where, hint)) from error


def _demand_covolt(client: Any) -> None:
    """Refuse workers that have no covolt or another one, all of them at once; those that come later refuse themselves."""

    def covolt_there() -> str:  # travels whole, since covolt may not be there
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("covolt")
        except PackageNotFoundError:
            return ""

    own = version("covolt")
    found: dict[str, str] = client.run(covolt_there)
    problems = [
        Problem(
            text("this worker runs covolt {own}, and the study covolt {asked}", own=there, asked=own)
            if there
            else text("this worker has no covolt"),
            worker,
            _INSTALL,
        )
        for worker, there in sorted(found.items())
        if there != own
    ]
    if problems:
        raise Conflict(problems)


_turn = threading.Lock()
_judging: dict[str, Doing] = {}
"""What judges the study that was asked for last, by its digest: it is made once in each process."""


def _judged(sent: bytes, digest: str, values: NDArray[np.float64]) -> Any:
    """Judge designs in a worker; threads of one process take turns, since a judge serves one at a time."""
    from covolt.simulation.precision import prepare_process

    with _turn:
        if digest not in _judging:
            prepare_process()
            _judging.clear()
            _judging[digest] = Doing(pickle.loads(zlib.decompress(sent)))
        return _judging[digest](values)
