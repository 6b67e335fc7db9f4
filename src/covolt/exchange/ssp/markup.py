"""XML that covolt writes: elements with attributes and children, every sign in its place, in the namespaces of SSP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from covolt.exchange.ssp.document import SPACES

__all__ = ["document", "element"]


def element(tag: str, attributes: Mapping[str, str | None], children: Sequence[str] = (), *, content: str = "") -> str:
    """An element; attributes that are None are left out."""
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
    inner = "".join(children) + escape(content)
    return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"


def document(tag: str, attributes: Mapping[str, str | None], children: Sequence[str], *more: tuple[str, str]) -> bytes:
    """A whole document; `more` are namespaces beside those of SSP, by prefix."""
    spaces = {f"xmlns:{short}": name for short, name in (*SPACES.items(), *more)}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element(tag, {**spaces, **attributes}, children)}\n'.encode()
