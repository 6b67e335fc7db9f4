"""FMUs of the layered standard FMI-LS-WASM for the tests: the lag of `lag.c`, with its description and manifest."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from covolt.exchange.wasm import MANIFEST
from tests.exchange.wasm.building import component

FORMS = {"co-simulation": "CoSimulation", "model exchange": "ModelExchange"}
MANIFEST_TEXT = """<?xml version="1.0"?>
<fmiLayeredStandardManifest xmlns:fmi-ls="namespace-of-manifests"
  fmi-ls:fmi-ls-name="org.modelica.fmi-ls-wasm" fmi-ls:fmi-ls-version="0.1.0" fmi-ls:fmi-ls-description="components"/>"""
VARIABLES = """
  <Float64 name="time" valueReference="0" causality="independent" variability="continuous"/>
  <Float64 name="u" valueReference="1" causality="input" start="0"/>
  <Float64 name="x" valueReference="2" causality="output" initial="exact" start="0"/>
  <Float64 name="T" valueReference="3" causality="parameter" variability="fixed" start="2"/>
  <Float64 name="der(x)" valueReference="4" causality="local" derivative="2"/>
  <UInt64 name="n" valueReference="5" causality="structuralParameter" variability="fixed" start="3"/>
  <Float64 name="v" valueReference="6" causality="input" start="0 0 0"><Dimension valueReference="5"/></Float64>
  <Float64 name="s" valueReference="7" causality="output"/>
  <Boolean name="flag" valueReference="8" causality="input" start="false"/>
  <Int64 name="big" valueReference="9" causality="parameter" variability="fixed" start="0"/>
  <String name="word" valueReference="10" causality="parameter" variability="fixed"><Start value=""/></String>
  <Binary name="bytes" valueReference="11" causality="input"><Start value="00"/></Binary>
  <Binary name="echo" valueReference="12" causality="output"/>
  <Clock name="tick" valueReference="13" causality="input" intervalVariability="{clock}"{interval}/>
  <Int32 name="ticks" valueReference="14" causality="output"/>
  <Int32 name="wrong" valueReference="15" causality="parameter" variability="fixed" start="0"/>
  <Binary name="read" valueReference="16" causality="output"/>
  <String name="file" valueReference="17" causality="parameter" variability="fixed"><Start value=""/></String>
  <Float32 name="half" valueReference="18" causality="output"/>
"""
STRUCTURE = """
  <Output valueReference="2" dependencies=""/><Output valueReference="7" dependencies="6"/>
  <Output valueReference="18" dependencies="1"/><ContinuousStateDerivative valueReference="4" dependencies="1"/>
  <EventIndicator valueReference="4"/>
"""


def description(forms: Sequence[str], token: str, *, events: bool, interval_s: float | None) -> str:
    """A modelDescription.xml of the lag."""
    clock = ("triggered", "") if interval_s is None else ("constant", f' intervalDecimal="{interval_s}"')
    offers = "".join(
        f'<{FORMS[form]} modelIdentifier="{form.replace("-", "_").replace(" ", "_")}" canGetAndSetFMUState="true" '
        'canSerializeFMUState="true"'
        + (
            f' canHandleVariableCommunicationStepSize="true" hasEventMode="{str(events).lower()}" '
            f'mightReturnEarlyFromDoStep="{str(events).lower()}"'
            if form == "co-simulation"
            else ""
        )
        + "/>"
        for form in forms
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><fmiModelDescription fmiVersion="3.0" modelName="lag" '
        f'instantiationToken="{token}">{offers}<DefaultExperiment startTime="0" stopTime="1" stepSize="0.1"/>'
        f"<ModelVariables>{VARIABLES.format(clock=clock[0], interval=clock[1])}</ModelVariables>"
        f"<ModelStructure>{STRUCTURE}</ModelStructure></fmiModelDescription>"
    )


def lag_fmu(
    path: Path,
    *forms: str,
    token: str = "{ok}",
    events: bool = False,
    interval_s: float | None = None,
    manifest: bool = True,
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """An FMU of the lag with components for these forms alone; `extra` adds files."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("modelDescription.xml", description(forms, token, events=events, interval_s=interval_s))
        if manifest:
            archive.writestr(MANIFEST, MANIFEST_TEXT)
        archive.writestr("resources/data.txt", bytes(range(256)))
        for form in forms:
            identifier = form.replace("-", "_").replace(" ", "_")
            content = component(
                "lag.c", form.replace(" ", "-"), *(["MODEL_EXCHANGE"] if form == "model exchange" else [])
            )
            archive.writestr(f"binaries/wasm32-wasip2/{identifier}.wasm", content)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return path
