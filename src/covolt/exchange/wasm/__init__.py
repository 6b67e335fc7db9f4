"""Parts as components of WebAssembly: FMUs of the layered standard FMI-LS-WASM, run by wasmtime with fuel and a memory bound."""

from covolt.exchange.wasm.guest import Bounds, Guest
from covolt.exchange.wasm.interface import Mode
from covolt.exchange.wasm.layer import MANIFEST, PLATFORM, Folder, Layer, component_name, read_layer
from covolt.exchange.wasm.values import Refused

__all__ = [
    "MANIFEST",
    "PLATFORM",
    "Bounds",
    "Folder",
    "Guest",
    "Layer",
    "Mode",
    "Refused",
    "component_name",
    "read_layer",
]
