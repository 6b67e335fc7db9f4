"""A locked part computed this once by its FMU in the sandbox: the same verdicts; what is written wrongly is told at once."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from tools.demo_doors import own_network, serving

from covolt.errors import CovoltError, InputError, Unavailable
from covolt.study.cases.export import ExportOptions, export_fmu
from covolt.study.cases.verify import verify
from tests.exchange.export.test_export import demand_compiler
from tests.house.source import ROOT

CITY_CAR = ROOT / "examples/city-car"
pytestmark = pytest.mark.whole


def doors(verdict):
    """By which door each part behind a verdict was asked."""
    return {one.slot: one.door for one in verdict.foreign}


def test_a_pack_as_fmu_gives_the_verdicts_of_the_pack(tmp_path, monkeypatch):
    demand_compiler()
    # Records of the pack itself and of its FMU must not be found in what another test has kept.
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "pack.fmu"
    export_fmu(CITY_CAR, ExportOptions(part="battery"), file)
    only = ("I-RANGE", "B-EFFICIENCY")
    own = verify(CITY_CAR, only=only)
    try:
        foreign = verify(CITY_CAR, only=only, stand_ins=[f"battery={file}"])
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")
    for one, other in zip(own.verdicts, foreign.verdicts, strict=True):
        assert (one.verdict, one.uncertainty) == (other.verdict, other.uncertainty)
        assert other.value == pytest.approx(one.value, rel=1e-9)
        assert (doors(one), doors(other)) == ({}, {"battery": "sandboxed"})
    assert [one.where for one in foreign.notices if "in the sandbox" in str(one.what)] == ["battery"]
    uses = [use for record in foreign.found.records.values() for use in record.foreign]
    assert uses
    assert all(use.rest_ratio <= 1e-12 and use.drives > 0 for use in uses)


@pytest.mark.slow  # every requirement of the city car three times
def test_the_whole_programme_has_the_same_verdicts_by_both_doors(tmp_path, monkeypatch):
    demand_compiler()
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    file, programme = tmp_path / "pack.fmu", Path(shutil.copytree(CITY_CAR, tmp_path / "city-car"))
    export_fmu(programme, ExportOptions(part="battery"), file)
    own = verify(programme).found
    try:
        found = {"sandboxed": verify(programme, stand_ins=[f"battery={file}"]).found}
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")
    with own_network() as (host, within), serving(programme, tmp_path, f"{host}:7446", within):
        hosted = [f"battery=hosted@{host}:7446"]
        found["hosted"] = verify(programme, stand_ins=hosted, now=lambda: datetime.now(UTC)).found
    for runs, each in found.items():
        assert each.computed >= 40
        for one, other in zip(own.verdicts, each.verdicts, strict=True):
            assert one.verdict == other.verdict
            # Of a charging session the last step, which ends at the asked charge, settles to 1e-9 of itself.
            assert (other.value is None) == (one.value is None)
            assert other.value is None or other.value == pytest.approx(one.value, rel=1e-6, nan_ok=True)
            assert set(doors(other).values()) <= {runs}


def test_a_drive_unit_as_fmu_gives_the_verdict_of_the_unit(tmp_path, monkeypatch):
    demand_compiler()
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "unit.fmu"
    export_fmu(CITY_CAR, ExportOptions(part="drive_unit"), file)
    (own,) = verify(CITY_CAR, only=("I-RANGE",)).verdicts
    try:
        foreign = verify(CITY_CAR, only=("I-RANGE",), stand_ins=[f"drive_unit={file}"])
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")
    (other,) = foreign.verdicts
    assert (own.verdict, own.uncertainty) == (other.verdict, other.uncertainty)
    assert other.value == pytest.approx(own.value, rel=1e-9)
    assert doors(other) == {"drive_unit": "sandboxed"}
    (told,) = [str(one.what) for one in foreign.notices if one.where == "drive_unit"]
    assert "differs from what it declares by at most" in told
    (use,) = [use for record in foreign.found.records.values() for use in record.foreign]
    assert use.declared_less_real_ratio == pytest.approx(0.0, abs=1e-12)
    assert use.rest_ratio <= 1e-12
    # The same unit with another name at a port, which a file beside it names.
    with ZipFile(file) as archive, ZipFile(tmp_path / "renamed.fmu", "w") as renamed:
        for entry in archive.infolist():
            content = archive.read(entry)
            described = entry.filename == "modelDescription.xml"
            renamed.writestr(entry, content.replace(b'"speed"', b'"n_shaft"') if described else content)
    with pytest.raises(InputError, match="no input carries speed"):
        verify(CITY_CAR, only=("I-RANGE",), stand_ins=[f"drive_unit={tmp_path / 'renamed.fmu'}"])
    (tmp_path / "unit.toml").write_text('kind = "fmu"\nentry = "renamed.fmu"\nports = { speed = "n_shaft" }\n')
    named = verify(CITY_CAR, only=("I-RANGE",), stand_ins=[f"drive_unit={tmp_path / 'unit.toml'}"])
    assert named.verdicts[0].value == other.value
    assert doors(named.verdicts[0]) == {"drive_unit": "sandboxed"}


def test_models_that_cannot_stand_in_are_told_at_once(tmp_path):
    written = ["battery", "batery=a.fmu", "body=a.fmu", f"battery={tmp_path / 'none.fmu'}"]
    with pytest.raises(CovoltError) as told:
        verify(CITY_CAR, stand_ins=written)
    said = " ".join(f"{one.what} {one.hint}" for one in told.value.problems)
    assert len(told.value.problems) == 4
    for words in ("names no file", "no slot 'batery'", "takes no model of another yet", "none.fmu"):
        assert words in said + " ".join(one.where for one in told.value.problems)


def test_a_part_whose_own_model_is_not_asked_says_so():
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.foreign import stood_in_for
    from covolt.study.verdicts.joined import locked_sheets

    read = read_whole(CITY_CAR)
    assert stood_in_for(read, {}) == []
    pin = read.lock.slots["battery"]
    sheet = locked_sheets(read)["battery"]
    model = sheet.model.model_copy(update={"kind": "hosted", "entry": "battery"})
    foreign = sheet.model_copy(update={"model": model})
    offers = {**read.offers, pin.offer: read.offers[pin.offer].model_copy(update={"datasheet": foreign})}
    (told,) = stood_in_for(replace(read, offers=offers), {})
    assert (told.where, "not by its own model" in str(told.what)) == ("battery", True)
    assert stood_in_for(replace(read, offers=offers), {"battery": object()}) == []
