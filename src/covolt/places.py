"""Places: names of files that every system can hold, since a programme travels between them."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from covolt.words import Phrase, text

__all__ = ["unportable"]

RESERVED = re.compile(
    r"(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)
"""Names of devices, with whatever ending (Microsoft, Naming Files, Paths, and Namespaces)."""
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]')
LONGEST_NAME, LONGEST_PLACE = 200, 180
"""Of a name 255 are allowed, of a path on Windows 260: what is left is for a hidden neighbour's ending and for the folder."""


def unportable(path: Path, within: Path | None = None) -> tuple[Phrase, Phrase] | None:
    """Why some system cannot hold a place, and a hint; None where all can. Within a folder only what lies in it counts."""
    place = path if within is None else path.relative_to(within)
    steps = [step for step in place.parts if step not in (place.anchor, "", ".", "..")]
    for step in steps:
        if RESERVED.fullmatch(step):
            return text("Windows keeps the name '{step}' for a device", step=step), text("choose another name")
        if found := FORBIDDEN.search(step):
            return text("Windows allows no {found!r} in a name", found=found[0]), text("use letters, digits, - and _")
        if step.endswith((".", " ")):
            return text("Windows drops the last sign of '{step}'", step=step), text(
                "let the name end in a letter or a digit"
            )
        if len(step) > LONGEST_NAME:
            return text(
                "the name has {step} signs, more than {longest_name}", step=len(step), longest_name=LONGEST_NAME
            ), text("choose a shorter one")
    if within is not None and len(str(PureWindowsPath(*steps))) > LONGEST_PLACE:
        return text(
            "the place has more than {longest_place} signs, which Windows may not reach", longest_place=LONGEST_PLACE
        ), text("choose shorter names")
    return None
