"""Models that offers bring along, FMUs and Python classes: opened in the sandbox out of files that an offer's digest covers."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path, PurePosixPath
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast, final

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.errors import InputError, NotFound, Problem, Unavailable
from covolt.files import digest_of
from covolt.library.models import model_kind
from covolt.programme.documents import Programme
from covolt.programme.folder import attachment
from covolt.words import text

if TYPE_CHECKING:
    from covolt.exchange.component import Component, Description
    from covolt.exchange.sandbox import Deadlines
    from covolt.study.verdicts.foreign import Link
    from covolt.vehicle.foreign import BatteryLink, HowRun
    from covolt.vehicle.foreign_drive_unit import DriveUnitLink

__all__ = ["WORKERS", "OfferedModels", "brought", "brought_notices", "model_file_problems", "model_notices", "wired"]

WORKERS = 2
"""Workers of each model: as many drives are under way at once."""
WINDOW_s = 60.0
"""For the steps that a model is asked at once, some thousands: ten times what the slowest of today's models take."""


@final
class OfferedModels:
    """The `Doors` of programmes: what each offer brings along is opened when it is first asked for, and ended with the block."""

    def __init__(self, *programmes: Programme) -> None:
        self._programmes = programmes
        self._stack = ExitStack()
        self._one_at_a_time = Lock()
        self._links: dict[str, Link] = {}

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
        return cast("BatteryLink | None", self._link(sheet))

    def drive_unit(self, sheet: Datasheet) -> DriveUnitLink | None:
        """The same of a drive unit."""
        return cast("DriveUnitLink | None", self._link(sheet))

    def _link(self, sheet: Datasheet) -> Link | None:
        found = self._offer(sheet)
        if found is None:
            return None
        programme, offer = found
        with self._one_at_a_time:
            if offer.digest not in self._links:
                folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="covolt-offer-")))
                _bring(programme, offer, folder)
                apart = [_apart(folder, offer.datasheet, _digest(offer)) for _ in range(WORKERS)]
                components = [self._stack.enter_context(one) for one in apart]
                battery = model_kind(sheet).interface == "battery"
                self._links[offer.digest] = wired(battery, components, "sandboxed", sheet)
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


@contextmanager
def brought(
    programme: Programme, offer: Offer, deadlines: Deadlines, *, unprotected: bool = False
) -> Generator[Component]:
    """The model that an offer brings along, as its own component, in one worker of the sandbox."""
    with tempfile.TemporaryDirectory(prefix="covolt-offer-") as name:
        _bring(programme, offer, Path(name))
        with _apart(Path(name), offer.datasheet, _digest(offer), deadlines, unprotected=unprotected) as component:
            yield component


def wired(battery: bool, components: Sequence[Component], runs: HowRun, sheet: Datasheet | None) -> Link:
    """Equal components as a battery, or else a drive unit, of which each answers one drive at a time.

    Ports and parameters are those of the datasheet, where that names a model of the part's own.
    """
    from covolt.library.component_battery import ComponentBattery
    from covolt.library.component_drive_unit import ComponentDriveUnit
    from covolt.library.offered_part import offered_part
    from covolt.library.pooled_battery import PooledBattery
    from covolt.library.pooled_drive_unit import PooledDriveUnit

    kind = None if sheet is None else model_kind(sheet)
    make = ComponentBattery if battery else ComponentDriveUnit
    parts: list[Any] = [
        make(one, runs) if sheet is None or kind is None or not kind.foreign else offered_part(one, sheet, kind, runs)
        for one in components
    ]
    return PooledBattery(parts) if battery else PooledDriveUnit(parts)


@contextmanager
def _apart(
    folder: Path, sheet: Datasheet, digest: str, deadlines: Deadlines | None = None, *, unprotected: bool = False
) -> Generator[Component]:
    from covolt.exchange.fmu import opened_apart
    from covolt.exchange.sandbox import Deadlines, SandboxedComponent
    from covolt.exchange.sandbox.python_class import program_of

    file, deadlines = folder / str(sheet.model.file), deadlines or Deadlines(window_s=WINDOW_s)
    if sheet.model.kind == "fmu":
        with opened_apart(file, called=sheet.reference, deadlines=deadlines, unprotected=unprotected) as apart:
            yield apart.component
    else:
        program = program_of(file, sheet.model.entry.partition(":")[2], digest=digest)
        with closing(SandboxedComponent(program, deadlines=deadlines, unprotected=unprotected)) as component:
            yield component


def _described(file: Path) -> Description:
    from covolt.exchange.fmu import form_of, read_fmu

    model = read_fmu(file)
    return model.described(form_of(model, "", file.name))


def model_notices(sheet: Datasheet, folder: Path) -> list[Problem]:
    """What is to be told of the units of a part's own FMU, in the part's folder, in whose file nothing is wrong."""
    from covolt.library.offered_part import unit_notices

    if sheet.model.kind != "fmu" or sheet.model.file is None or not (folder / sheet.model.file).is_file():
        return []
    return unit_notices(_described(folder / sheet.model.file), sheet, model_kind(sheet))


def brought_notices(programme: Programme, sheets: Iterable[Datasheet]) -> list[Problem]:
    """The same of FMUs that offers of a programme bring along."""
    told: list[Problem] = []
    for sheet in sheets:
        offer = programme.offers.get(sheet.reference)
        if sheet.model.kind != "fmu" or sheet.model.file is None or offer is None:
            continue
        with tempfile.TemporaryDirectory(prefix="covolt-offer-") as name:
            _bring(programme, offer, Path(name))
            told += model_notices(sheet, Path(name))
    return told


def model_file_problems(sheet: Datasheet, folder: Path, *, opens: bool) -> list[Problem]:
    """What is wrong with the file of a part's own model, in the part's folder; none where it brings none.

    An FMU is read, not run; a class says nothing of itself before it runs, so it is opened, in the sandbox, where `opens` says so
    and this machine can.
    """
    from covolt.library.offered_part import described_problems, offered_part

    if sheet.model.file is None or not (folder / sheet.model.file).is_file():
        return []
    file, where = folder / sheet.model.file, f"{sheet.reference} (model.entry)"
    try:
        if sheet.model.kind == "fmu":
            return described_problems(_described(file), sheet, model_kind(sheet))
        if opens:
            with _apart(folder, sheet, "") as component:
                offered_part(component, sheet, model_kind(sheet), "sandboxed")
    except Unavailable:
        return []
    except InputError as error:
        own = sheet.reference
        return [one if one.where.startswith(own) else Problem(one.what, where, one.hint) for one in error.problems]
    return []
