"""Models are found where they lie: in their room, and in packages that offer their own; none is listed anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.library.test_join import parts, with_map

import covolt.library.kinds as room
from covolt.contract.datasheet import Datasheet
from covolt.errors import InputError
from covolt.library.join import join
from covolt.library.models import model_kinds, model_problems
from covolt.library.unsure import lent
from covolt.vehicle.drive_unit import MapDriveUnit, PolynomialDriveUnit
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit

OUTSIDE = """
from dataclasses import replace

from covolt.library.kinds.chassis import KINDS as SHIPPED
from covolt.library.model_kind import ModelKind


def soft(sheet, joint):
    usual = next(one for one in SHIPPED if one.interface == "tyre").make(sheet, joint)
    return replace(usual, grip_coefficient=sheet.get("softness", 1.0) * 0.5)


KINDS = (ModelKind("tyre", "soft", {"softness": "1"}, soft),)
"""


@pytest.fixture
def anew() -> Iterator[None]:
    model_kinds.cache_clear()
    yield
    model_kinds.cache_clear()
    for name in (f"{room.__name__}.soft", "soft_maker"):
        sys.modules.pop(name, None)


def soft_tyre() -> dict:
    tyre = parts()["tyre"]
    return {**parts(), "tyre": tyre.model_copy(update={"model": tyre.model.model_copy(update={"kind": "soft"})})}


def test_a_new_model_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    """Laid into the room it is found; nothing else is touched."""
    shipped = set(model_kinds())
    assert model_problems("tyre", soft_tyre()["tyre"])
    (tmp_path / "soft.py").write_text(OUTSIDE, encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    model_kinds.cache_clear()
    assert set(model_kinds()) - shipped == {("tyre", "soft")}
    assert model_problems("tyre", soft_tyre()["tyre"]) == []
    assert float(join(soft_tyre()).vehicle.tyre.grip_coefficient) == 0.5


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """A package of another maker, as pip would install it."""
    (tmp_path / "soft_maker.py").write_text(source, encoding="utf-8")
    about = tmp_path / "soft_maker-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: soft_maker\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[covolt.models]\nsoft = soft_maker:KINDS\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    model_kinds.cache_clear()


def test_other_packages_offer_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    installed(tmp_path, monkeypatch, OUTSIDE)
    assert ("tyre", "soft") in model_kinds()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("KINDS = 1", "a int is no kind of model"),
        ("import nothing_of_this_name", "it cannot be loaded"),
        ("from covolt.library.kinds.body import KINDS", "is there already"),
    ],
)
def test_what_is_no_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anew: None, source: str, told: str
) -> None:
    installed(tmp_path, monkeypatch, source)
    with pytest.raises(InputError, match=told):
        model_kinds()


class Doors:
    """Where the foreign parts of a test are found."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def battery(self, sheet: Datasheet) -> Any:
        self.asked.append(sheet.reference)
        return self

    drive_unit = battery

    def digest(self, sheet: Datasheet) -> str:
        return ""


@pytest.mark.parametrize("kind", ["fmu", "hosted", "python"])
def test_a_foreign_drive_unit_is_asked_behind_its_door_and_declares_a_map_or_a_ratio(kind: str) -> None:
    usual, by_map = parts(), with_map()
    for sheets, declared in ((usual, PolynomialDriveUnit), (by_map, MapDriveUnit)):
        sheet = sheets["drive_unit"]
        nameless = sheet.model_copy(update={"model": sheet.model.model_copy(update={"kind": kind})})
        (told,) = model_problems("drive_unit", nameless)
        assert "needs model.entry" in str(told.what)
        entry = "motor.py:Motor" if kind == "python" else "motor.fmu"
        foreign = nameless.model_copy(update={"model": nameless.model.model_copy(update={"entry": entry})})
        doors = Doors()
        made = {slot: foreign if slot == "drive_unit" else one for slot, one in sheets.items()}
        (unit,) = (axle.drive_unit for axle in join(made, doors=doors).vehicle.axles)
        assert isinstance(unit, ForeignDriveUnit)
        assert isinstance(unit.declared, declared)
        assert doors.asked == [sheet.reference]
        assert isinstance(join(made).vehicle.axles[0].drive_unit, declared)
        assert lent(made) == lent(sheets)
