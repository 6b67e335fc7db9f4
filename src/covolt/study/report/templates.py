"""The templates of pages, as the library brings them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

__all__ = ["template_of"]


def template_of(name: str, words: Mapping[str, Any]) -> Template:
    """A template by its name, with what it may call beside what it is given; what is not there is an error."""
    environment = Environment(
        loader=PackageLoader("covolt", "library/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name, globals=dict(words))
