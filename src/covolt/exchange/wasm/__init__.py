"""Parts as components of WebAssembly: FMUs of the layered standard FMI-LS-WASM, run by wasmtime with fuel and a memory bound."""

from covolt.exchange.wasm.guest import Bounds, Guest

__all__ = ["Bounds", "Guest"]
