"""The console through which everything reaches a terminal: what others have written moves no cursor and hides no line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from covolt.cli.language import say
from covolt.legible import HIDDEN, shown
from covolt.words import Phrase


@final
class ShownConsole(Console):
    """A console that says messages in the language of the command, and shows hidden signs as what they are.

    Its own colours are no text and stay.
    """

    def print(self, *objects: Any, **how: Any) -> None:
        """Print what a console prints, and messages."""
        super().print(*(say(one) if isinstance(one, Phrase) else one for one in objects), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Pieces of a renderable: a text is made legible before it is laid out, and every piece after it."""
        if isinstance(renderable, Text) and HIDDEN.search(renderable.plain):
            renderable = _legible(renderable)
        for one in super().render(renderable, options):
            yield one if one.control else Segment(shown(one.text), one.style)

    def render_str(self, text: str, **how: Any) -> Text:
        """Text of a plain string, with the width that it will have."""
        return super().render_str(shown(text), **how)


def _legible(text: Text) -> Text:
    """The text with its styles, each hidden sign in the style that it had."""
    made = text.copy()
    made.plain = ""
    for piece in text.divide([end for found in HIDDEN.finditer(text.plain) for end in found.span()]):
        seen = shown(piece.plain)
        # A hidden sign is a piece of its own: what styles it styles all of what is shown instead.
        spans = piece.spans if seen == piece.plain else [one._replace(end=len(seen)) for one in piece.spans]
        made.append_text(Text(seen, spans=spans))
    return made
