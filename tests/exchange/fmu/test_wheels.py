"""Every FMU of the wheels crane-fmu and gemseo-fmu runs in the sandbox, or says why not."""

import math

import numpy as np
import pytest

from covolt.errors import CovoltError, Unavailable
from covolt.study.cases.fmu import FmuOptions, check_fmu, inspect_fmu, run_fmu
from tests.exchange.fmu.fetched import crane_fmus, gemseo_fmus

pytestmark = pytest.mark.whole

TABLE = {
    "DrivingForce": "runs",
    "HarmonicOscillator6D": "runs",
    "MobileCrane": "runs",
    "MobileCraneStraight": "runs",  # it imports matplotlib, which it does not bring and searches do
    "FMU3Model": "runs",
    "MassSpringSubSystem1": "runs",
    "MassSpringSubSystem2": "runs",
    "MassSpringSystem": "runs",
    "Mass_Damper": "runs",
    "add": "runs",
    "ramp": "runs",
}


def came(path, **options):
    """A run, or what is told."""
    try:
        return run_fmu(FmuOptions(path, **options))
    except Unavailable as error:
        if "foreign code is not run here" in str(error):
            pytest.skip(str(error))
        return error
    except CovoltError as error:
        return error


def held(path):
    expected, found = TABLE[path.stem], came(path)
    if expected == "runs":
        assert not isinstance(found, CovoltError), found
        assert np.isfinite(found.ran.values).all()
    else:
        assert isinstance(found, CovoltError)
        assert expected in " ".join(str(found).split())


@pytest.mark.parametrize("path", crane_fmus(), ids=lambda path: path.stem)
def test_crane(path):
    held(path)


@pytest.mark.parametrize(
    "name", [name for name in TABLE if "Crane" not in name and name not in {"DrivingForce", "HarmonicOscillator6D"}]
)
def test_gemseo(name):
    held(gemseo_fmus()[name])


def test_no_fmu_of_the_wheels_is_left_out():
    assert {one.stem for one in crane_fmus()} | set(gemseo_fmus()) == set(TABLE)


def test_explicit_euler_at_the_communication_step_is_found_and_said():
    """OpenModelica's co-simulation of a mass on a spring grows where the analytic motion does not: halving the step shows it."""
    path = gemseo_fmus()["MassSpringSystem"]
    done = check_fmu(FmuOptions(path, step="100 ms", stop="10 s"))
    assert done.tried.changes
    assert done.tried.changes[0].share_ratio > 0.02
    assert done.tried.same


def test_model_exchange_of_another_tool_agrees_with_the_closed_form():
    """The same mass on a spring, integrated by CVode: its energy stays, as its closed form says."""
    path = gemseo_fmus()["MassSpringSystem"]
    assert inspect_fmu(path).model.forms == ("co-simulation", "model exchange")
    fine, coarse = (
        came(path, form="model exchange", step=step, stop="10 s", tolerance="1e-9") for step in ("10 ms", "100 ms")
    )
    assert not isinstance(fine, CovoltError), fine
    assert fine.ran.values[::10] == pytest.approx(coarse.ran.values, abs=1e-6)


def test_a_ramp_is_a_ramp():
    ran = came(gemseo_fmus()["ramp"], stop="2 s", step="10 ms").ran
    assert ran.values[-1, 0] >= ran.values[0, 0]
    assert not math.isnan(ran.values[-1, 0])
