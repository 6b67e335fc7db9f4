"""A party's FMU is hosted by `covolt host FILE.fmu`: to the bit as in the sandbox, and begun anew after a crash or a hang."""

import re
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import pytest

from covolt.errors import ComponentEnded, ComponentFailed, InputError, NotFound, Unavailable
from covolt.exchange.fmu import opened_apart
from covolt.exchange.hosted import Deadlines, HostedComponent, Hub
from covolt.exchange.hosted.authority import Authority
from covolt.study.cases import hosting
from covolt.study.cases.export import ExportOptions, export_fmu
from covolt.study.cases.host import HostOptions, host
from tests.exchange.export.test_export import demand_compiler
from tests.exchange.fmu.built import fmu
from tests.house.source import ROOT
from tests.signed import copy_unsigned

NOW = datetime.now(UTC)
PARTY = "battery-works"
INPUTS, OUTPUTS = ("power", "ambient_temperature"), ("voltage", "temperature", "state_of_charge", "loss")
pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    demand_compiler()
    file = tmp_path_factory.mktemp("pack") / "pack.fmu"
    export_fmu(ROOT / "examples/city-car", ExportOptions(part="battery"), file)
    try:
        with opened_apart(file):
            return file
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")


@pytest.fixture
def house(tmp_path):
    """A hub, and hosts of the party in threads of this process: whatever they run is in the sandbox all the same."""
    programme = copy_unsigned(ROOT / "examples" / "city-car", tmp_path / "city-car")
    hosting.new_authority(programme, ["127.0.0.1"], NOW)
    asked = hosting.request_invitation(programme, PARTY, tmp_path / "request.json", NOW)
    authority = Authority(programme, "city-car")
    with Hub("127.0.0.1:0", authority.hub(), authority.trust, lambda: datetime.now(UTC)) as hub:
        invitation = tmp_path / "invitation.json"
        address, shown = f"127.0.0.1:{hub.port}", asked.fingerprint
        hosting.invite_party(PARTY, programme, tmp_path / "request.json", address, invitation, NOW, fingerprint=shown)
        yield hub, invitation, tmp_path


@contextmanager
def hosted(house, part, **options):
    _, invitation, folder = house
    end, said = threading.Event(), []
    asked = HostOptions(str(part), invitation, log=folder / "left.log", **options)
    worker = threading.Thread(target=lambda: host(asked, NOW, lambda one: said.append(str(one)), ended=end.is_set))
    worker.start()
    try:
        yield said
    finally:
        end.set()
        worker.join()


def driven(component):
    component.wire(INPUTS, OUTPUTS)
    inputs = np.stack([3e4 * np.sin(np.arange(60) * 0.3), np.full(60, 290.0)], axis=1)
    begun = component.start({"state_of_charge_start": 0.6}, inputs[0])
    steps = [component.step(float(at), 1.0, inputs[at]) for at in range(30)]
    return np.vstack([begun, steps, component.window(30.0, np.ones(30), inputs[30:])])


def test_a_hosted_fmu_answers_to_the_bit_as_in_the_sandbox(pack, house):
    with opened_apart(pack) as apart:
        here = driven(apart.component)
    with hosted(house, pack, called="battery") as said:
        for _ in range(2):  # who has driven with it has closed it; the next one drives with it too
            one = HostedComponent(house[0], PARTY, "battery", Deadlines(step_s=20.0, joining_s=60.0))
            assert driven(one).tobytes() == here.tobytes()
            one.close()
    assert "battery-works serves battery: FMI 3.0 co-simulation" in " ".join(said)


@pytest.mark.parametrize(("trouble", "told_here"), [(1, "no answer within 2 s"), (5, "SIGABRT")])
def test_an_fmu_that_hangs_or_crashes_is_told_without_its_owners_words_and_begins_anew(house, trouble, told_here):
    file = fmu(house[2], "dahlquist", 2, f"-DTROUBLE={trouble}")
    with hosted(house, file, called="secret-recipe", deadline="1 s") as said:
        one = HostedComponent(house[0], PARTY, "secret-recipe", Deadlines(step_s=20.0, joining_s=60.0))
        one.wire(("u",), ("x",))
        for _ in range(2):
            one.start({"k": 0.5}, np.zeros(1))
            assert np.isfinite(one.step(0.0, 0.1, np.zeros(1))).all()
            with pytest.raises(ComponentFailed) as failed:
                one.window(0.1, np.full(2, 0.5), np.zeros((2, 1)))
            (problem,) = failed.value.problems
            assert not isinstance(failed.value, ComponentEnded)
            assert "its model failed" in str(problem.what)
            assert "secret-recipe of battery-works, window" in str(problem.where)
        assert told_here not in str(problem)
    assert told_here in " ".join(said)


def test_a_hub_that_does_not_wait_finds_the_part_again_after_it_hung(house):
    file = fmu(house[2], "dahlquist", 2, "-DTROUBLE=1")
    with hosted(house, file, deadline="2 s"):
        one = HostedComponent(house[0], PARTY, "model", Deadlines(step_s=0.3, joining_s=60.0))
        one.wire(("u",), ("x",))
        begun_s = time.monotonic()
        first = one.start({"k": 0.5}, np.zeros(1))
        with pytest.raises(ComponentEnded, match=r"no answer within 0\.3 s"):
            one.step(0.6, 1.0, np.zeros(1))
        assert time.monotonic() - begun_s < 20.0
        assert one.start({"k": 0.5}, np.zeros(1)).tobytes() == first.tobytes()


def test_an_fmu_that_changes_while_it_is_hosted_is_served_no_longer(house):
    file = fmu(house[2], "dahlquist", 2)
    with hosted(house, file) as said:
        one = HostedComponent(house[0], PARTY, "model", Deadlines(joining_s=60.0))
        one.start({"k": 0.5}, np.zeros(1))
        one.close()
        assert fmu(house[2], "dahlquist", 2, stop=3.0) == file
        with pytest.raises(ComponentFailed, match="its model failed"):
            HostedComponent(house[0], PARTY, "model", Deadlines(joining_s=60.0))
    assert "its file is another" in " ".join(said)


def test_what_is_no_fmu_is_told_before_the_hub_is_dialled(house, tmp_path):
    (tmp_path / "no.fmu").write_bytes(b"no archive")
    for options, says in (
        (HostOptions(str(tmp_path / "none.fmu"), house[1]), "none.fmu"),
        (HostOptions(str(tmp_path / "no.fmu"), house[1]), "no.fmu"),
        (HostOptions(str(tmp_path / "no.fmu"), house[1], deadline="0 s"), "no call is answered in no time"),
        (HostOptions(str(tmp_path / "no.py"), house[1]), "no class of a Python file"),
    ):
        with pytest.raises((InputError, NotFound)) as refused:
            host(options, NOW, print, ended=lambda: True)
        assert says in " ".join(f"{one.what} {one.where}" for one in refused.value.problems)


def page_class():
    page = (ROOT / "docs/how-to/host-a-part.md").read_text(encoding="utf-8")
    return next(code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "class Pack" in code)


def test_the_class_of_the_page_is_hosted_and_what_it_raises_stays_with_its_owner(house, pack):
    assert pack  # this machine keeps foreign code apart
    file = house[2] / "own.py"
    file.write_text(page_class())
    with hosted(house, f"{file}:Pack", unprotected=True) as said:
        one = HostedComponent(house[0], PARTY, "battery", Deadlines(step_s=20.0, joining_s=60.0))
        one.wire(("power",), ("voltage", "state_of_charge"))
        one.start({"state_of_charge_start": 0.8}, np.zeros(1))
        assert one.step(0.0, 1.0, np.array([-20_000.0]))[0] == pytest.approx(375.3, abs=0.2)
        one.wire(("ambient_temperature",), ("voltage",))
        one.start({}, np.zeros(1))
        with pytest.raises(ComponentFailed, match="its model failed") as failed:
            one.step(0.0, 1.0, np.zeros(1))
        assert "is not in list" not in str(failed.value)
    assert "the hub finds it by the name battery; --as SLOT" in " ".join(said)
    for told in (" ".join(said), (house[2] / "left.log").read_text()):
        assert re.search(r"ValueError: 'power' is not in list \(own\.py, line \d+\)", told)
    file.write_text(page_class().replace("    description = ", "    shown = "))
    with pytest.raises(InputError, match=r"lacks description\n.*an attribute of the class, or a property"):
        host(HostOptions(f"{file}:Pack", house[1]), NOW, print, ended=lambda: True)
