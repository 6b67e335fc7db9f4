"""A DC motor split at its terminals and at its shaft into three FMUs, compiled here, and its closed form."""

import functools
import tempfile
from pathlib import Path

import numpy as np
from scipy.linalg import expm

from covolt.exchange.fmu.library import here
from tests.exchange.fmu.built import library
from tests.exchange.fmu.written import packed, two

SOURCES = Path(__file__).parent / "c"
VARIABLES = {
    "stimulus": (("u", "output", "V"), ("level", "parameter", "V")),
    "motor": (
        ("i", "output", "A"),
        ("der(i)", "local", ""),
        ("torque", "output", "N.m"),
        ("u", "input", "V"),
        ("w", "input", "rad/s"),
        ("R", "parameter", "Ohm"),
        ("L", "parameter", "H"),
        ("k", "parameter", ""),
    ),
    "mass": (
        ("w", "output", "rad/s"),
        ("der(w)", "local", ""),
        ("torque", "input", "Nm"),
        ("J", "parameter", ""),
        ("d", "parameter", ""),
    ),
}
STARTS = {"level": 6.0, "R": 1.0, "L": 0.1, "k": 0.1, "J": 0.01, "d": 0.01}
UNITS = """<UnitDefinitions><Unit name="V"><BaseUnit kg="1" m="2" s="-3" A="-1"/></Unit><Unit name="A"><BaseUnit A="1"/></Unit>
<Unit name="N.m"><BaseUnit kg="1" m="2" s="-2"/></Unit><Unit name="Nm"><BaseUnit kg="1" m="2" s="-2"/></Unit>
<Unit name="rad/s"><BaseUnit s="-1" rad="1"/></Unit><Unit name="Ohm"><BaseUnit kg="1" m="2" s="-3" A="-2"/></Unit>
<Unit name="H"><BaseUnit kg="1" m="2" s="-2" A="-2"/></Unit></UnitDefinitions>"""


@functools.cache
def fmu(model: str, kinds: tuple[str, ...] = ("CoSimulation", "ModelExchange")) -> bytes:
    """One of the three as an FMU 2.0."""
    rows: list[str] = []
    names = VARIABLES[model]
    states = sum(name.startswith("der(") for name, _, _ in names)
    for reference, (name, causality, unit) in enumerate(names):
        start = {"parameter": f' start="{STARTS.get(name)}"', "input": ' start="0"'}.get(causality, "")
        derivative = ' derivative="1"' if name.startswith("der(") else ""
        stated = f' unit="{unit}"' if unit else ""
        variability = "fixed" if causality == "parameter" else "continuous"
        rows.append(
            f'<ScalarVariable name="{name}" valueReference="{reference}" causality="{causality}" variability="{variability}">'
            f"<Real{start}{derivative}{stated}/></ScalarVariable>"
        )
    outputs = "".join(
        f'<Unknown index="{at + 1}" dependencies=""/>'
        for at, (_, causality, _) in enumerate(names)
        if causality == "output"
    )
    derivatives = '<Derivatives><Unknown index="2"/></Derivatives>' if states else ""
    text = two("".join(rows), kinds=kinds, guid=model, structure=f"<Outputs>{outputs}</Outputs>{derivatives}")
    begin, end = text.index("<UnitDefinitions>"), text.index("</UnitDefinitions>") + len("</UnitDefinitions>")
    platform, ending = here(2)
    with tempfile.TemporaryDirectory() as folder:
        content = library(folder, "frame2.c", f'-DMODEL="{SOURCES / model}.h"', f'-DGUID="{model}"')
        path = packed(
            Path(folder) / "made.fmu",
            text[:begin] + UNITS + text[end:],
            {f"binaries/{platform}/model{ending}": content},
        )
        return path.read_bytes()


def closed_form(time_s: np.ndarray, level: float, **changed: float) -> tuple[np.ndarray, np.ndarray]:
    """Current and speed at each time, from rest at a constant voltage."""
    p = {**STARTS, **changed}
    matrix = np.array([[-p["R"] / p["L"], -p["k"] / p["L"]], [p["k"] / p["J"], -p["d"] / p["J"]]])
    settled = -np.linalg.solve(matrix, [level / p["L"], 0.0])
    found = np.array([settled - expm(matrix * t) @ settled for t in time_s])
    return found[:, 0], found[:, 1]
