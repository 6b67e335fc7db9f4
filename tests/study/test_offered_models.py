"""A pack whose offer brings its own model along: covered by its digest, opened in the sandbox by itself, and asked."""

import shutil
from datetime import UTC, datetime

import numpy as np
import pytest

from covolt.errors import CovoltError, InputError, Unavailable
from covolt.exchange.fmu import opened_apart
from covolt.study.cases.export import ExportOptions, export_fmu
from covolt.study.cases.host import HostOptions, _own
from covolt.study.cases.publish import lock, offer
from covolt.study.cases.verify import verify
from covolt.study.gate.check import check_programme, read_whole
from covolt.study.verdicts.foreign import stood_in_for
from tests.exchange.export.test_export import demand_compiler
from tests.house.source import ROOT
from tests.signed import copy_unsigned
from tests.study.cases.test_stand_ins import doors

CITY_CAR = ROOT / "examples/city-car"
ONLY = ("B-EFFICIENCY",)
PART = "battery-works/parts/pack-33"
EVIDENCE = "offers/battery-works/evidence/pack-33@1.1.0/models/pack.fmu"
OWN = 'kind = "fmu"\nentry = "models/pack.fmu"\n'
pytestmark = pytest.mark.whole


@pytest.fixture(autouse=True, scope="module")
def own_records(tmp_path_factory):
    """The records of this module, which no other test has kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVOLT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    demand_compiler()
    file = tmp_path_factory.mktemp("pack") / "pack.fmu"
    export_fmu(CITY_CAR, ExportOptions(part="battery"), file)
    try:
        with opened_apart(file):
            return file
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")


@pytest.fixture
def written(tmp_path, pack):
    """Writes the pack of a copy of the city car with a model of its own; its programme."""
    programme = copy_unsigned(CITY_CAR, tmp_path / "city-car")
    (programme / PART / "models").mkdir()
    shutil.copy(pack, programme / PART / "models/pack.fmu")

    def write(model=OWN, more=""):
        file = programme / PART / "part.toml"
        said = (CITY_CAR / PART / "part.toml").read_text()
        said = said.replace('kind = "equivalent-circuit"\n', model).replace('"1.0.0"', '"1.1.0"')
        file.write_text(said.replace("[model.parameters]\n", f"[model.parameters]\n{more}"))
        return programme

    return write


def offered(programme, *attached):
    offer(programme / PART, [programme / PART / one for one in attached])
    lock(programme, pins=["battery=battery-works/pack-33@1.1.0"])
    return programme


def told_by(error):
    return " ".join(f"{one.where}: {one.what} ({one.hint})" for one in error.value.problems)


def test_a_pack_whose_offer_is_an_fmu_is_asked_by_itself(written, pack):
    programme = offered(written())
    assert (programme / EVIDENCE).read_bytes() == pack.read_bytes()
    asked = verify(programme, only=ONLY)
    named = verify(programme, only=ONLY, stand_ins=[f"battery={pack}"])
    (one,), (other,) = asked.verdicts, named.verdicts
    assert (one.value, one.uncertainty, one.verdict) == (other.value, other.uncertainty, other.verdict)
    assert doors(one) == {"battery": "sandboxed"}
    (told,) = [notice for notice in asked.notices if notice.where == "battery"]
    assert "in the sandbox" in str(told.what)
    again = verify(programme, only=ONLY)
    assert (again.found.computed, again.verdicts) == (0, asked.verdicts)


@pytest.mark.slow
def test_a_drive_unit_whose_offer_is_an_fmu_is_asked_by_itself(tmp_path, pack):
    del pack  # skips where there is no compiler or no sandbox
    programme = copy_unsigned(CITY_CAR, tmp_path / "city-car")
    part = programme / "drive-works/parts/pm-80"
    export_fmu(CITY_CAR, ExportOptions(part="drive_unit"), part / "unit.fmu")
    said = (part / "part.toml").read_text().replace('version = "1.0.0"', 'version = "1.1.0"')
    said = said.replace('kind = "six-term-losses"\n', 'kind = "fmu"\nentry = "unit.fmu"\n')
    (part / "part.toml").write_text(said.replace("[model]\n", '[model]\nports = { power = "no_such" }\n'))
    with pytest.raises(InputError, match="no output carries power"):
        offer(part)
    (part / "part.toml").write_text(said)
    offer(part)
    lock(programme, pins=["drive_unit=drive-works/pm-80@1.1.0"])
    (one,) = verify(programme, only=("I-RANGE",)).verdicts
    (own,) = verify(CITY_CAR, only=("I-RANGE",)).verdicts
    assert doors(one) == {"drive_unit": "sandboxed"}
    assert (one.value, one.uncertainty) == (
        pytest.approx(own.value, rel=1e-9),
        pytest.approx(own.uncertainty, rel=1e-6),
    )


def test_what_an_offer_brings_along_is_hosted_and_not_given_away_as_covolts(written, tmp_path):
    programme = offered(written())
    part = _own(HostOptions("battery", tmp_path / "none.json", programme=programme), datetime.now(UTC))
    try:
        assert (part.description.name, part.description.form) == ("battery", "FMI 3.0 co-simulation")
        part.wire(["power"], ["voltage"])
        assert (
            300.0
            < float(part.start({"state_of_charge_start": 0.5, "temperature_start": 295.0}, np.zeros(1))[0])
            < 400.0
        )
    finally:
        part.close()
    for name in ("battery", ""):
        with pytest.raises(InputError, match="is not covolt's"):
            export_fmu(programme, ExportOptions(part=name), tmp_path / "out.fmu")


def test_changed_bytes_of_a_model_are_refused(written):
    programme = offered(written())
    with (programme / EVIDENCE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(CovoltError) as refused:
        verify(programme, only=ONLY)
    assert "its file models/pack.fmu was changed after it was published" in told_by(refused)
    (programme / PART / "models/pack.fmu").write_bytes((programme / EVIDENCE).read_bytes())
    with pytest.raises(InputError, match="published already, with other content"):
        offer(programme / PART)


@pytest.mark.parametrize("entry", ["../pack.fmu", "/tmp/pack.fmu", "models/../../pack.fmu", "..\\\\pack.fmu"])
def test_a_path_out_of_the_folder_is_refused(written, entry):
    programme = written(OWN.replace("models/pack.fmu", entry))
    for ask in (lambda: offer(programme / PART), lambda: check_programme(programme)):
        with pytest.raises(InputError) as refused:
            ask()
        assert "leaves the folder of the part" in told_by(refused)


def test_a_link_and_a_file_that_is_not_there_are_refused(written, pack):
    programme = written()
    file = programme / PART / "models/pack.fmu"
    file.unlink()
    for says in ("is not there", "a link leads to its file"):
        with pytest.raises(InputError) as refused:
            offer(programme / PART)
        assert says in told_by(refused)
        with pytest.raises(InputError, match="is not there"):
            check_programme(programme)
        if not file.is_symlink():
            file.symlink_to(pack)


def test_what_does_not_join_is_told_as_it_is_offered(written):
    ports = '[model.ports]\nvoltage = "current"\npressure = "power"\nheating = "nothing"\n\n[model.parameters]\n'
    programme = written(more='cells = { value = 98, basis = "supplier" }\n')
    file = programme / PART / "part.toml"
    file.write_text(file.read_text().replace("[model.parameters]\n", ports))
    for ask in (lambda: offer(programme / PART), lambda: check_programme(programme)):
        with pytest.raises(InputError) as refused:
            ask()
        told = told_by(refused)
        for says in (
            "a battery has no port 'pressure'",
            "no input carries heating",
            "give voltage in a unit such as V",
            "has no parameter 'cells'",
        ):
            assert says in told
        assert "part.toml" in told


def test_what_is_no_fmu_is_told_as_it_is_offered(written):
    programme = written()
    (programme / PART / "models/pack.fmu").write_bytes(b"no archive")
    with pytest.raises(InputError) as refused:
        offer(programme / PART)
    assert "part.toml" in told_by(refused)


def test_a_class_of_the_party_is_asked_in_the_sandbox_with_what_was_attached(written):
    programme = written(
        'kind = "python"\nentry = "models/own_pack.py:Pack"\n', 'ohm = { value = "0.1 ohm", basis = "supplier" }\n'
    )
    shutil.copy(ROOT / "tests/study/own_pack.py", programme / PART / "models/own_pack.py")
    (programme / PART / "models/pack_numbers.py").write_text("EMPTY_V, FULL_V = 330.0, 400.0\n")
    done = verify(offered(programme, "models/pack_numbers.py"), only=ONLY)
    (one,) = done.verdicts
    assert doors(one) == {"battery": "sandboxed"}
    assert 50.0 < one.value < 100.0
    assert stood_in_for(read_whole(programme), {}) == []


def test_a_class_that_is_no_pack_is_told_as_it_is_offered(written):
    programme = written('kind = "python"\nentry = "models/own_pack.py:Pack"\n')
    file = programme / PART / "models/own_pack.py"
    for content, says in (
        ("class Pack: pass\n", "is no component"),
        ("raise ValueError('secret')\n", "cannot be loaded"),
    ):
        file.write_text(content)
        with pytest.raises(InputError) as refused:
            offer(programme / PART)
        assert says in told_by(refused)
    programme = written('kind = "python"\nentry = "models/own_pack.py"\n')
    with pytest.raises(InputError) as refused:
        offer(programme / PART)
    assert "names no class of a Python file" in told_by(refused)


def test_without_a_sandbox_it_is_refused_with_what_to_do(written, monkeypatch):
    from covolt.exchange.sandbox import sandboxed

    programme = offered(written())

    def none(*arguments, **options):
        from covolt.errors import Problem

        raise Unavailable(Problem("foreign code cannot be kept apart here", "", "covolt sandbox check"))

    monkeypatch.setattr(sandboxed, "protected", none)
    with pytest.raises(Unavailable, match="covolt sandbox check"):
        verify(programme, only=ONLY, anew=True)
