"""FMUs written for the tests: descriptions of FMI 2.0 and 3.0 around variables, with whatever else goes into the archive."""

import zipfile

UNITS = """<UnitDefinitions>
  <Unit name="rad/s"><BaseUnit s="-1" rad="1"/></Unit><Unit name="rpm"><BaseUnit s="-1" rad="1" factor="0.10471975511965977"/></Unit>
  <Unit name="N.m"><BaseUnit kg="1" m="2" s="-2"/></Unit><Unit name="degC"><BaseUnit K="1" offset="273.15"/></Unit>
</UnitDefinitions>"""


def two(
    variables="",
    *,
    name="model",
    guid="{g}",
    inside="",
    attributes="",
    kinds=("CoSimulation",),
    structure="",
    experiment="",
):
    """modelDescription.xml of FMI 2.0."""
    interfaces = "".join(
        f'<{kind} modelIdentifier="{name}" canHandleVariableCommunicationStepSize="true" {attributes}/>'
        for kind in kinds
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="{name}" guid="{guid}" generationTool="by hand">
{interfaces}{UNITS}{inside}{experiment}
<ModelVariables>{variables}</ModelVariables><ModelStructure>{structure}</ModelStructure></fmiModelDescription>"""


def three(
    variables="",
    *,
    name="model",
    token="{g}",
    inside="",
    attributes="",
    kinds=("CoSimulation",),
    structure="",
    experiment="",
):
    """modelDescription.xml of FMI 3.0."""
    interfaces = "".join(
        f'<{kind} modelIdentifier="{name}" canHandleVariableCommunicationStepSize="true" {attributes}/>'
        if kind == "CoSimulation"
        else f'<{kind} modelIdentifier="{name}" {attributes}/>'
        for kind in kinds
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="3.0" modelName="{name}" instantiationToken="{token}">
{interfaces}{UNITS}{inside}{experiment}
<ModelVariables><Float64 name="time" valueReference="9999" causality="independent" variability="continuous"/>{variables}</ModelVariables>
<ModelStructure>{structure}</ModelStructure></fmiModelDescription>"""


def packed(path, description, files=()):
    """An FMU of a description and other files by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("modelDescription.xml", description)
        for name, content in dict(files).items():
            archive.writestr(name, content)
    return path
