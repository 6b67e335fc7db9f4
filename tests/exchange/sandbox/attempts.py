"""Runs the attempts of `escape.py` in a worker, as a program too: so that another user can be who runs covolt."""

import json
import sys
from pathlib import Path

from covolt.exchange.sandbox import WAYS, Bounds, Program, SandboxedComponent
from covolt.exchange.sandbox.python_class import FACTORY

BOUNDS = Bounds(memory_bytes=1 << 30, scratch_bytes=32 << 20, threads=32)


def refusals(folder, way, targets, names):
    """What each attempt was answered, the way that held, and whether it was complete."""
    options = {"file": "escape.py", "class": "Escape", "arguments": {"targets": json.dumps(targets)}}
    component = SandboxedComponent(
        Program("escape", FACTORY, Path(folder), options), bounds=BOUNDS, ways=WAYS if way == "both" else (way,)
    )
    try:
        return {name: component.get_values([name])[name] for name in names}
    finally:
        component.close()


if __name__ == "__main__":
    print(json.dumps(refusals(*json.loads(sys.argv[1]))))  # noqa: T201
