"""The published protocol is what runs, and whatever comes in its form is read or refused, never trusted."""

import subprocess
import sys

import numpy as np
import pytest

from covolt.exchange.component import Capabilities, Description, Unit, Variable
from covolt.exchange.hosted import messages
from covolt.exchange.hosted.guard import Guard
from tests.house.source import PACKAGE

FOLDER = PACKAGE / "exchange" / "hosted"


@pytest.mark.parametrize("wrong", ["shape", "fixed_step_s", "largest_step_s"])
def test_sizes_and_steps_that_cannot_be_are_no_description(wrong):
    one = Description("m", "f", "d", (Variable("u", "input"),), Capabilities(fixed_step_s=1.0, largest_step_s=2.0))
    message = messages.description_message(one)
    assert messages.description_from(message) == one
    if wrong == "shape":
        message.variables[0].shape.extend([2**63, 2**40])
    else:
        setattr(message, wrong, float("nan"))
    assert messages.description_from(message) is None


def test_what_runs_is_what_is_published(tmp_path):
    pytest.importorskip("grpc_tools")
    made = tmp_path / "made.desc"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{FOLDER}", f"--descriptor_set_out={made}", "hosted.proto"]
    subprocess.run(command, check=True, cwd=FOLDER)
    assert made.read_bytes() == (FOLDER / "hosted.desc").read_bytes()


VALUES = [
    1.5,
    -3,
    2**63 + 5,
    True,
    "ωx",
    b"\0\xff",
    np.arange(6.0).reshape(2, 3),
    np.array([2**63 + 1, 0], dtype=np.uint64),
    np.array([-(2**62), 1], dtype=np.int64),
    np.array([True, False]),
    np.array(["a", "b"], dtype=object),
    np.array([b"a", b""], dtype=object),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_comes_as_it_went(value):
    content = messages.value_message(value).SerializeToString()
    back = messages.value_from(type(messages.value_message(0.0)).FromString(content))
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype
        assert np.array_equal(back, value)
    else:
        assert back == value


def test_an_array_that_lies_about_its_shape_is_none():
    message = messages.value_message(np.arange(6.0))
    message.array.shape[0] = 7
    assert messages.value_from(message) is None
    message.array.shape[0] = 2**62
    assert messages.value_from(message) is None
    assert messages.vector(b"\0" * 16, 2**40, 2**40) is None


TOLD = Description(
    "part",
    "lag",
    "ab" * 32,
    (
        Variable(
            "u", "input", unit=Unit("N.m", (1, 2, -2, 0, 0, 0, 0, -1), 1e3, 0.5, relative=True), start=0.5, shape=(2, 3)
        ),
        Variable("y", "output", "integer", "discrete", minimum=-1.0, maximum=2.0, nominal=1.5, meaning="what it is"),
    ),
    Capabilities(saves=True, variable_step=False, fixed_step_s=0.1, largest_step_s=0.2),
    {"y": ("u",)},
    0.1,
)


def test_a_description_comes_as_it_went():
    content = messages.description_message(TOLD).SerializeToString()
    assert messages.description_from(type(messages.description_message(TOLD)).FromString(content)) == TOLD


@pytest.mark.parametrize("name", ["causality", "kind", "variability"])
def test_a_description_of_another_protocol_is_none(name):
    message = messages.description_message(TOLD)
    setattr(message.variables[0], name, "mystery")
    assert messages.description_from(message) is None


def test_two_variables_of_one_name_are_none():
    message = messages.description_message(TOLD)
    message.variables[1].name = "u"
    assert messages.description_from(message) is None


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (3.5, "outside"), (-1.5, "outside")]
)
def test_the_guard_names_port_and_row(value, says):
    guard = Guard(("y", "f[2]"), {"y": (-1.0, 4.0)}, {"y": (-2.0, 3.0), "f": (0.0, 1.0)})
    rows = np.full((3, 2), 0.5)
    assert guard.breach(rows) is None
    rows[1, 0] = value
    found = guard.breach(rows)
    assert found is not None
    assert found[0] == 1
    assert "port y" in str(found[1])
    assert says in str(found[1])
    assert guard.breach(np.array([[0.0, 1.5]])) is not None
