"""The sandbox: a component in a worker process that has no network, sees nothing of others, and ends when its time is over."""

from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.protections import Protection, Protections
from covolt.exchange.sandbox.sandboxed import Deadlines, Program, SandboxedComponent

__all__ = ["Bounds", "Deadlines", "Program", "Protection", "Protections", "SandboxedComponent"]
