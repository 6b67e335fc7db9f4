"""Places: names of files that every system can hold, since a programme travels between them."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

__all__ = ["unportable"]

RESERVED = re.compile(
    r"(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)
"""Names of devices, with whatever ending (Microsoft, Naming Files, Paths, and Namespaces)."""
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]')
LONGEST_NAME, LONGEST_PLACE = 200, 180
"""Of a name 255 are allowed, of a path on Windows 260: what is left is for a hidden neighbour's ending and for the folder."""


def unportable(path: Path, within: Path | None = None) -> tuple[str, str] | None:
    """Why some system cannot hold a place, and a hint; None where all can. Within a folder only what lies in it counts."""
    place = path if within is None else path.relative_to(within)
    steps = [step for step in place.parts if step not in (place.anchor, "", ".", "..")]
    for step in steps:
        if RESERVED.fullmatch(step):
            return f"Windows keeps the name '{step}' for a device", "choose another name"
        if found := FORBIDDEN.search(step):
            return f"Windows allows no {found[0]!r} in a name", "use letters, digits, - and _"
        if step.endswith((".", " ")):
            return f"Windows drops the last sign of '{step}'", "let the name end in a letter or a digit"
        if len(step) > LONGEST_NAME:
            return f"the name has {len(step)} signs, more than {LONGEST_NAME}", "choose a shorter one"
    if within is not None and len(str(PureWindowsPath(*steps))) > LONGEST_PLACE:
        return f"the place has more than {LONGEST_PLACE} signs, which Windows may not reach", "choose shorter names"
    return None
