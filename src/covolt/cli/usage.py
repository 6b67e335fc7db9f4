"""Wrong use of the command line, told as every other problem: what, where, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, final

import typer
from typer.core import TyperGroup

from covolt.errors import Problem
from covolt.legible import shown
from covolt.suggestion import meant
from covolt.words import Phrase, Text, text

__all__ = ["Commands", "problem_of"]

_ELSEWHERE = {
    "compare": "diff", "create": "new", "init": "new", "list": "parts", "publish": "offer", "run": "drive", "simulate": "drive",
    "status": "check", "test": "verify", "validate": "verify", "version": "--version",
}  # fmt: skip
"""What other tools call the same."""


_Context: Any = typer.Context.__mro__[1]
"""What holds the formatter of every help; typer keeps it under different names."""


@final
class NarrowHelp(_Context.formatter_class):
    """Help in plain lines, of which names take no more than a third."""

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


_Context.formatter_class = NarrowHelp


@final
class Commands(TyperGroup):
    """The commands; who interrupts one is told so."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise typer.Abort from error


_REFUSALS: Mapping[str, Text] = {
    r"'(?P<value>.*)' is not a valid integer\.": text("'{value}' is not a valid integer."),
    r"'(?P<value>.*)' is not a valid integer range\.": text("'{value}' is not a valid integer range."),
    r"'(?P<value>.*)' is not a valid float\.": text("'{value}' is not a valid float."),
    r"'(?P<value>.*)' is not a valid float range\.": text("'{value}' is not a valid float range."),
    r"(?P<value>.*) is not in the range (?P<range>.*)\.": text("{value} is not in the range {range}."),
    r"'(?P<value>.*)' is not one of (?P<known>.*)\.": text("'{value}' is not one of {known}."),
}
"""What the parser of the command line says of a value."""


def _said(refusal: str) -> str | Phrase:
    found = ((re.fullmatch(pattern, refusal), one) for pattern, one in _REFUSALS.items())
    return next((one.filled(match.groupdict()) for match, one in found if match is not None), refusal)


def problem_of(error: Any) -> Problem:
    """A wrong option, argument or command, in the words in which it was typed."""
    context: Any = error.ctx
    command = context.command_path if context is not None else "covolt"
    listed = text("{command} -h lists them", command=command)
    message = shown(str(error.format_message()), breaks=True)
    if message.startswith("Option") and "requires an argument" in message:
        return Problem(
            text("it needs a value"), shown(str(error.option_name), breaks=True), text("write a value after it")
        )
    name = shown(str(getattr(error, "option_name", None) or ""), breaks=True)
    if hasattr(error, "possibilities"):
        options = [one for each in context.command.params for one in each.opts] if context else []
        close = meant(name.rstrip(":"), options) or next(iter(error.possibilities or ()), None)
        return Problem(
            text("{command} has no such option", command=command),
            name,
            (text("did you mean {close}?", close=close) if close else listed),
        )
    if (unknown := re.match(r"No such command '(.*?)'\.", message)) is not None:
        known: list[str] = list(context.command.commands) if context else []
        close = _ELSEWHERE.get(unknown[1]) or meant(unknown[1], known)
        return Problem(
            text("{command} has no command '{unknown}'", command=command, unknown=unknown[1]),
            "COMMAND",
            (text("did you mean '{name}'?", name=close) if close else listed),
        )
    if (extra := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message)) is not None:
        usage = " ".join(context.command.collect_usage_pieces(context)) if context else ""
        hint = text("it takes {usage}; a value with blanks stands in quotes", usage=usage)
        return Problem(text("{command} has no place for it", command=command), extra[1], hint)
    parameter: Any = getattr(error, "param", None)
    if parameter is not None:
        option = parameter.param_type_name == "option"
        where = parameter.opts[0] if option else (parameter.metavar or parameter.name).strip("[]{}").upper()
        missing = message.startswith("Missing")
        what = text("it is missing") if missing else _said(message.partition(": ")[2] or message)
        told = str(context.command.help) if context else ""
        example = next((line.strip() for line in told.splitlines() if line.strip().startswith(command)), "")
        return Problem(
            what,
            where,
            (
                text("write it, such as: {example}", example=example)
                if missing and example
                else text("{command} -h shows examples", command=command)
            ),
        )
    return Problem(message, name or command, text("{command} -h shows how it is used", command=command))
