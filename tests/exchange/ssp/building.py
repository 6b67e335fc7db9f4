"""SSPs written for tests: documents as texts, archives of them, and components that need no file."""

from pathlib import Path
from zipfile import ZipFile

from covolt.exchange.base_units import by_name
from covolt.exchange.component import Description, Variable
from covolt.exchange.ssp.flat import Flat, flattened
from covolt.exchange.ssp.reading import opened_ssp

SPACE = "ssp-standard.org/SSP1/SystemStructure"
NAMES = {
    "ssd": "Description",
    "ssc": "Common",
    "ssv": "ParameterValues",
    "ssm": "ParameterMapping",
    "ssb": "SignalDictionary",
}
SPACES = " ".join(f'xmlns:{short}="http://{SPACE}{name}"' for short, name in NAMES.items())
UNITS = """<ssd:Units>
<ssc:Unit name="N.m"><ssc:BaseUnit kg="1" m="2" s="-2"/></ssc:Unit>
<ssc:Unit name="Nm"><ssc:BaseUnit kg="1" m="2" s="-2"/></ssc:Unit>
<ssc:Unit name="J"><ssc:BaseUnit kg="1" m="2" s="-2"/></ssc:Unit>
<ssc:Unit name="kW"><ssc:BaseUnit kg="1" m="2" s="-3" factor="1000"/></ssc:Unit>
<ssc:Unit name="rad/s"><ssc:BaseUnit s="-1" rad="1"/></ssc:Unit>
<ssc:Unit name="K"><ssc:BaseUnit K="1"/></ssc:Unit>
<ssc:Unit name="degC"><ssc:BaseUnit K="1" offset="273.15"/></ssc:Unit>
<ssc:Unit name="mm"><ssc:BaseUnit m="1" factor="0.001"/></ssc:Unit>
<ssc:Unit name="m"><ssc:BaseUnit m="1"/></ssc:Unit>
</ssd:Units>"""


def document(kind: str, root: str, body: str, *, version: str = "2.0", more: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind}:{root} {SPACES} version="{version}" {more}>{body}</{kind}:{root}>'


def structure(system: str, *, version: str = "2.0", units: str = UNITS, enumerations: str = "", tail: str = "") -> str:
    return document(
        "ssd", "SystemStructureDescription", f"{system}{enumerations}{units}{tail}", version=version, more='name="test"'
    )


def values(body: str, *, version: str = "2.0", tail: str = "") -> str:
    return document(
        "ssv", "ParameterSet", f"<ssv:Parameters>{body}</ssv:Parameters>{tail}", version=version, more='name="set"'
    )


def real(name: str, value: object, unit: str = "") -> str:
    unit = f' unit="{unit}"' if unit else ""
    return f'<ssv:Parameter name="{name}"><ssv:Real value="{value}"{unit}/></ssv:Parameter>'


def connector(name: str, kind: str, unit: str = "", type_name: str = "Real", within: str = "") -> str:
    unit = f' unit="{unit}"' if unit else ""
    return f'<ssd:Connector name="{name}" kind="{kind}"><ssc:{type_name}{unit}/>{within}</ssd:Connector>'


def connection(start: str, end: str, within: str = "", **more: str) -> str:
    """From "motor.torque" to "torque", whose element is left out."""
    written = ""
    for side, name in (("start", start), ("end", end)):
        element, _, connector_name = name.rpartition(".")
        written += f' {side}Element="{element}"' if element else ""
        written += f' {side}Connector="{connector_name}"'
    written += "".join(f' {name}="{value}"' for name, value in more.items())
    return f"<ssd:Connection{written}>{within}</ssd:Connection>"


def component(name: str, connectors: str = "", bindings: str = "", **more: str) -> str:
    written = "".join(f' {key}="{value}"' for key, value in more.items())
    connectors = f"<ssd:Connectors>{connectors}</ssd:Connectors>" if connectors else ""
    bindings = f"<ssd:ParameterBindings>{bindings}</ssd:ParameterBindings>" if bindings else ""
    return f'<ssd:Component name="{name}"{written}>{connectors}{bindings}</ssd:Component>'


def system(
    name: str, elements: str, connections: str = "", connectors: str = "", bindings: str = "", tail: str = ""
) -> str:
    connectors = f"<ssd:Connectors>{connectors}</ssd:Connectors>" if connectors else ""
    bindings = f"<ssd:ParameterBindings>{bindings}</ssd:ParameterBindings>" if bindings else ""
    elements = f"<ssd:Elements>{elements}</ssd:Elements>" if elements else ""
    connections = f"<ssd:Connections>{connections}</ssd:Connections>" if connections else ""
    return f'<ssd:System name="{name}">{connectors}{bindings}{elements}{connections}{tail}</ssd:System>'


def inline(body: str, mapping: str = "", prefix: str = "", tail: str = "") -> str:
    """A binding with values within it, as tools write it that state no units."""
    prefix = f' prefix="{prefix}"' if prefix else ""
    inner = values(body, tail=tail).partition("?>\n")[2]
    if mapping:
        mapping = document("ssm", "ParameterMapping", mapping).partition("?>\n")[2]
        mapping = f"<ssd:ParameterMapping>{mapping}</ssd:ParameterMapping>"
    return f"<ssd:ParameterBinding{prefix}><ssd:ParameterValues>{inner}</ssd:ParameterValues>{mapping}</ssd:ParameterBinding>"


def archive(path: Path, **files: str | bytes) -> Path:
    """An .ssp whose files are named by their names with `__` for a slash and `_dot_` for the point."""
    with ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def ssp(path: Path, ssd: str, **files: str | bytes) -> Path:
    return archive(path, SystemStructure_dot_ssd=ssd, **files)


def variable(name: str, causality: str, unit: str = "", **more: object) -> Variable:
    return Variable(name, causality, unit=by_name(unit) if unit else None, **more)


def described(*variables: Variable) -> Description:
    return Description("part", "test", "", tuple(variables))


def flat_of(path: Path, descriptions: dict[str, Description]) -> Flat:
    """An SSP made flat with components by their whole names."""
    with opened_ssp(path) as read:
        return flattened(read, lambda at, element: descriptions.get(".".join(at)))
