"""The sandbox: a component in a worker process that has no network, sees nothing of others, and ends when its time is over."""

from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.protected import looked_at
from covolt.exchange.sandbox.protections import Protection, Protections
from covolt.exchange.sandbox.sandboxed import Deadlines, Program, SandboxedComponent
from covolt.exchange.sandbox.tools import TOOL_BOUNDS, Done, run_tool
from covolt.exchange.sandbox.ways import WAYS, Way

__all__ = [
    "TOOL_BOUNDS",
    "WAYS",
    "Bounds",
    "Deadlines",
    "Done",
    "Program",
    "Protection",
    "Protections",
    "SandboxedComponent",
    "Way",
    "looked_at",
    "run_tool",
]
