"""Components that run in a worker, closed when the test is over; where none can be kept apart, tests skip."""

from pathlib import Path

import pytest

from covolt.errors import Unavailable
from covolt.exchange.sandbox import Program, SandboxedComponent
from covolt.exchange.sandbox.python_class import FACTORY


def program(folder: Path, file="lag.py", name="Lag", **arguments):
    return Program("lag", FACTORY, folder, {"file": file, "class": name, "arguments": arguments})


@pytest.fixture
def sandboxed(tmp_path):
    """A function that runs a Python class, from its source, in a worker."""
    opened = []

    def run(source=None, name="Lag", options=None, **settings):
        folder = tmp_path / f"part-{len(opened)}"
        folder.mkdir(mode=0o700)
        text = source if source is not None else Path(__file__).with_name("lag.py").read_text(encoding="utf-8")
        (folder / "lag.py").write_text(text, encoding="utf-8")
        try:
            component = SandboxedComponent(program(folder, name=name, **(options or {})), **settings)
        except Unavailable as error:
            pytest.skip(f"this machine cannot keep foreign code apart: {error}")
        opened.append(component)
        return component

    yield run
    for component in opened:
        component.close()
