"""Parts that never leave their owner's machine: the party dials out over mutual TLS, and nothing but port values crosses."""

from covolt.exchange.hosted.certificates import Identity, Trust
from covolt.exchange.hosted.component_hosted import Deadlines, HostedComponent
from covolt.exchange.hosted.hub import Hub
from covolt.exchange.hosted.party import Served, dial

__all__ = ["Deadlines", "HostedComponent", "Hub", "Identity", "Served", "Trust", "dial"]
