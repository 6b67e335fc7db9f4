"""Models that offers bring along, FMUs and Python classes: opened in the sandbox out of files that an offer's digest covers."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path, PurePosixPath
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, final

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.errors import InputError, NotFound, Problem, Unavailable
from covolt.files import digest_of
from covolt.library.models import model_kind
from covolt.programme.documents import Programme
from covolt.programme.folder import attachment
from covolt.words import text

if TYPE_CHECKING:
    from covolt.exchange.component import Component
    from covolt.library.component_battery import ComponentBattery
    from covolt.vehicle.foreign import BatteryLink

__all__ = ["WORKERS", "OfferedModels", "model_file_problems", "opened_model", "pooled"]

WORKERS = 2
"""Workers of each model: as many drives are under way at once."""


@final
class OfferedModels:
    """The `Doors` of programmes: what each offer brings along is opened when it is first asked for, and ended with the block."""

    def __init__(self, *programmes: Programme) -> None:
        self._programmes = programmes
        self._stack = ExitStack()
        self._one_at_a_time = Lock()
        self._links: dict[str, BatteryLink] = {}

    def __enter__(self) -> OfferedModels:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def battery(self, sheet: Datasheet) -> BatteryLink | None:
        """The way to the battery of a datasheet, in workers of the sandbox; None where its offer brings no model.

        Raises:
            InputError: the offer does not hold its file any more, or the model is none for its slot.
            Unavailable: foreign code cannot be kept apart on this machine.
        """
        found = self._offer(sheet)
        if found is None:
            return None
        programme, offer = found
        with self._one_at_a_time:
            if offer.digest not in self._links:
                folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="covolt-offer-")))
                _bring(programme, offer, folder)
                self._links[offer.digest] = pooled(folder, offer.datasheet, self._stack, _digest(offer))
            return self._links[offer.digest]

    def digest(self, sheet: Datasheet) -> str:
        """SHA-256 of the files that run, in hexadecimal; empty where its offer brings no model."""
        found = self._offer(sheet)
        return "" if found is None else _digest(found[1])

    def _offer(self, sheet: Datasheet) -> tuple[Programme, Offer] | None:
        if sheet.model.file is None:
            return None
        for programme in self._programmes:
            offer = programme.offers.get(sheet.reference)
            if offer is not None and offer.datasheet == sheet:
                return programme, offer
        return None


def _digest(offer: Offer) -> str:
    told = [offer.datasheet.model.entry, *(f"{one.path} {one.digest}" for one in offer.files)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _bring(programme: Programme, offer: Offer, folder: Path) -> None:
    """The files of an offer, as they were published, into a folder of their own."""
    source = programme.origin["offer", offer.reference][0]
    if offer.datasheet.model.file not in {one.path for one in offer.files}:
        what = text("the offer does not hold its model {file}", file=str(offer.datasheet.model.file))
        raise NotFound(Problem(what, source, text("offer a new version of the part, with the file beside it")))
    for stated in offer.files:
        content = programme.files.content(attachment(PurePosixPath(source), offer, stated).as_posix())
        if digest_of(content) != stated.digest:
            what = text("its file {path} was changed after it was published", path=stated.path)
            raise InputError(Problem(what, source, text("restore the file, or publish the change as a new version")))
        target = folder / stated.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def pooled(folder: Path, sheet: Datasheet, stack: ExitStack, digest: str = "") -> BatteryLink:
    """The model of a datasheet, whose file lies in a folder, in as many workers as drives are under way at once."""
    from covolt.library.pooled_battery import PooledBattery

    return PooledBattery([stack.enter_context(opened_model(folder, sheet, digest)) for _ in range(WORKERS)])


@contextmanager
def opened_model(folder: Path, sheet: Datasheet, digest: str = "") -> Generator[ComponentBattery]:
    """The model of a datasheet in one worker of the sandbox, as a battery."""
    from covolt.library.offered_battery import offered_battery

    with _apart(folder, sheet, digest) as component:
        yield offered_battery(component, sheet, model_kind(sheet), "sandboxed")


@contextmanager
def _apart(folder: Path, sheet: Datasheet, digest: str) -> Generator[Component]:
    from covolt.exchange.fmu import opened_apart
    from covolt.exchange.sandbox import SandboxedComponent
    from covolt.exchange.sandbox.python_class import program_of

    file = folder / str(sheet.model.file)
    if sheet.model.kind == "fmu":
        with opened_apart(file, called=sheet.reference) as apart:
            yield apart.component
    else:
        program = program_of(file, sheet.model.entry.partition(":")[2], digest=digest)
        with closing(SandboxedComponent(program)) as component:
            yield component


def model_file_problems(sheet: Datasheet, folder: Path, *, opens: bool) -> list[Problem]:
    """What is wrong with the file of a part's own model, in the part's folder; none where it brings none.

    An FMU is read, not run; a class says nothing of itself before it runs, so it is opened, in the sandbox, where `opens` says so
    and this machine can.
    """
    from covolt.exchange.fmu import form_of, read_fmu
    from covolt.library.offered_battery import described_problems

    if sheet.model.file is None or not (folder / sheet.model.file).is_file():
        return []
    file, where = folder / sheet.model.file, f"{sheet.reference} (model.entry)"
    try:
        if sheet.model.kind == "fmu":
            model = read_fmu(file)
            described = model.described(form_of(model, "", sheet.model.file))
            return described_problems(described, sheet, model_kind(sheet))
        if opens:
            with opened_model(folder, sheet):
                pass
    except Unavailable:
        return []
    except InputError as error:
        own = sheet.reference
        return [one if one.where.startswith(own) else Problem(one.what, where, one.hint) for one in error.problems]
    return []
