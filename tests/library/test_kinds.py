"""Models are found where they lie: in their room, and in packages that offer their own; none is listed anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.library.test_join import parts

import covolt.library.kinds as room
from covolt.errors import InputError
from covolt.library.join import join
from covolt.library.models import model_kinds, model_problems

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
