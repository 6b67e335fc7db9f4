"""FMUs compiled in the tests from small sources of their own: a ball, an oscillator, a stair, and every type of variable."""

import functools
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from covolt.exchange.fmu.library import here
from tests.exchange.fmu.written import packed, three, two

SOURCES = Path(__file__).parent / "c"
STATES = {"vanderpol": 2, "dahlquist": 1, "bouncing": 2, "stair": 0}
NAMES = {
    "vanderpol": ("x0", "x1", "der(x0)", "der(x1)", "mu"),
    "dahlquist": ("x", "der(x)", "k", "u"),
    "bouncing": ("h", "v", "der(h)", "der(v)", "g", "e", "v_min"),
    "stair": ("counter",),
}
PARAMETERS = {"mu", "k", "g", "e", "v_min"}


@functools.cache
def compiler():
    """A C compiler of this machine, as a command; skips the test where there is none."""
    if found := shutil.which("cc") or shutil.which("gcc") or shutil.which("clang"):
        return (found,)
    if find_spec("ziglang"):
        return (sys.executable, "-m", "ziglang", "cc")
    pytest.skip("no C compiler here: neither cc nor the package ziglang")


def library(folder, source, *defines, name="model"):
    """A shared library of one of the sources."""
    import fmpy

    ending = here(3)[1]
    target = Path(folder) / f"{name}-{abs(hash((source, defines)))}{ending}"
    headers = Path(fmpy.__file__).parent / "c-code"
    command = [*compiler(), "-shared", "-fPIC", "-O1", f"-I{headers}", f"-I{SOURCES}", *defines, "-o", str(target)]
    subprocess.run([*command, str(SOURCES / source), "-lm"], check=True, capture_output=True)
    return target.read_bytes()


def reals(model, version):
    """The reals of a model, as ScalarVariable or Float64."""
    count, rows = STATES[model], []
    for reference, name in enumerate(NAMES[model]):
        derivative = ""
        causality, start = "output", ""
        if name in PARAMETERS:
            causality, start = "parameter", ' start="1"'
        elif name == "u":
            causality, start = "input", ' start="0"'
        elif name.startswith("der("):
            causality = "local"
            derivative = f' derivative="{reference - count + (1 if version == 2 else 0)}"'
        variability = "tunable" if causality == "parameter" else "discrete" if model == "stair" else "continuous"
        head = f'name="{name}" valueReference="{reference}" causality="{causality}" variability="{variability}"'
        if version == 2:
            rows.append(f"<ScalarVariable {head}><Real{start}{derivative}/></ScalarVariable>")
        else:
            rows.append(f"<Float64 {head}{start}{derivative}/>")
    return "".join(rows)


def structure(model, version):
    count, names = STATES[model], NAMES[model]
    outputs = [
        number
        for number, name in enumerate(names)
        if name not in PARAMETERS and name != "u" and not name.startswith("der(")
    ]
    if version == 2:
        listed = "".join(f'<Unknown index="{one + 1}" dependencies=""/>' for one in outputs)
        states = "".join(f'<Unknown index="{count + one + 1}"/>' for one in range(count))
        return f"<Outputs>{listed}</Outputs><Derivatives>{states}</Derivatives>"
    return "".join(f'<Output valueReference="{one}" dependencies=""/>' for one in outputs) + "".join(
        f'<ContinuousStateDerivative valueReference="{count + one}"/>' for one in range(count)
    )


ATTRIBUTES = {
    2: 'canGetAndSetFMUstate="true" canSerializeFMUstate="true"',
    3: 'canGetAndSetFMUState="true" canSerializeFMUState="true"',
}
KINDS = ("CoSimulation", "ModelExchange")


def fmu(
    folder,
    model,
    version,
    *defines,
    kinds=KINDS,
    variables="",
    attributes="",
    guid="{g}",
    inside="",
    stop=2.0,
    files=(),
):
    """An FMU of a model, compiled."""
    path = Path(folder) / f"{model}{version}.fmu"
    described = two if version == 2 else three
    content = library(folder, f"frame{version}.c", f'-DMODEL="{model}.h"', *defines)
    platform, ending = here(version)
    indicators = 1 if model == "bouncing" else 0
    shape = structure(model, version)
    if version == 3 and indicators:
        shape += '<EventIndicator valueReference="0"/>'
    token = {"guid": guid} if version == 2 else {"token": guid}
    text = described(
        reals(model, version) + variables,
        name="model",
        attributes=f"{ATTRIBUTES[version]} {attributes}",
        kinds=kinds,
        structure=shape,
        inside=inside,
        experiment=f'<DefaultExperiment startTime="0" stopTime="{stop}" stepSize="0.01" tolerance="1e-6"/>',
        **token,
    )
    if version == 2:
        text = text.replace('guid="', f'numberOfEventIndicators="{indicators}" guid="', 1)
    return packed(path, text, {f"binaries/{platform}/model{ending}": content, **dict(files)})
