"""The page of a dossier: one HTML file in every language, for the screen and for paper; what counts is the signed file."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from covolt.catalogues import name_of
from covolt.programme.keys import in_groups, in_words
from covolt.study.gate.passport import AXLES
from covolt.study.report.conditions import quantity_said
from covolt.study.report.dossier import LIMITS, Dossier, Shown
from covolt.study.report.page import WORDS
from covolt.study.report.templates import template_of
from covolt.study.verdicts.rests_on import RestsOn, by_part
from covolt.words import Phrase, Words, languages, text

__all__ = ["dossier_page"]

SECTIONS: tuple[tuple[str, Phrase], ...] = (
    ("purpose", text("1. Purpose")),
    ("model", text("2. Structure of the model")),
    ("conditions", text("3. Boundary conditions")),
    ("loads", text("4. Loads")),
    ("calculation", text("5. Calculation")),
    ("assessment", text("6. Assessment")),
    ("validation", text("7. Validation against measurements")),
    ("limits", text("8. Uncertainty and limits")),
    ("software", text("9. Software")),
    ("signatures", text("10. Documents, keys and signatures")),
)
"""The first six in the order of the virtual test pattern, the others its documentation (2007/46/EC, Annex XVI, Appendix 1)."""
NAMES: dict[str, Phrase] = {
    "dossier": text("Dossier"),
    "counts": text("What counts is the signed file. Its SHA-256:"),
    "unsigned": text("Nobody has signed this: it shows what a dossier would state. A party signs one by its own key:"),
    "check": text("Check it offline, with the fingerprints that the parties have told you:"),
    "slot": text("Part", context="dossier"),
    "offer": text("Offer and its digest"),
    "kind": text("Model and level of validation"),
    "requirement": text("Requirement"),
    "scenario": text("Conditions"),
    "prescribed": text("as the procedure prescribes"),
    "value": text("Value ± U"),
    "bound": text("Bound"),
    "probability": text("Probability to conform"),
    "verdict": text("Verdict"),
    "unchecked": text("Nobody has checked:", context="dossier"),
    "line": text("Line"),
    "line_value": text("Value"),
    "clause": text("Clause"),
    "family": text("Family and cycle"),
    "tests": text("Tests"),
    "error": text("Error"),
    "interval": text("90 % interval"),
    "document": text("Document"),
    "digest": text("Digest"),
    "gate": text("Gate"),
    "open": text("open", context="gate"),
    "shut": text("shut", context="gate"),
    "foreign": text("Not computed by covolt's own models, which were held against measurements above:"),
    "foreign_ran": text("Beside covolt ran, or stood in by what they declare:"),
    "hidden": text("Requirements that are their party's own and are not shown:"),
    "lock": text("Lock"),
}

LOADS: dict[str, Phrase] = {
    "category": text("category of the vehicle"),
    "driven_axle": text("driven axle of the first drive unit"),
    "maximum_load": text("maximum load"),
    "speed_limit": text("speed limiter"),
    "width": text("width"),
    "height": text("height"),
    "length": text("length"),
    "passengers": text("people besides the driver"),
    "decks": text("decks"),
    "bus_class": text("class by UN R107"),
    "family": text("interpolation family of WLTP"),
}
"""Names of what `programme.toml` states of the vehicle."""
KINDS: dict[str, Phrase] = {
    "charter": text("programme", context="document"),
    "lock": text("lock", context="document"),
    "gate": text("gate", context="document"),
    "party": text("party", context="document"),
    "slot": text("slot", context="document"),
    "contract": text("contract", context="document"),
    "scenario": text("scenario", context="document"),
    "requirement": text("requirement", context="document"),
    "checked": text("checked texts", context="document"),
    "negative": text("negative", context="document"),
    "table": text("table", context="document"),
    "offer": text("offer", context="document"),
    "interests": text("interest", context="document"),
    "key": text("key", context="document"),
    "revocation": text("revocation of a key", context="document"),
    "signature": text("signature", context="document"),
    "signoff": text("sign-off of a gate", context="document"),
}
"""Kinds of documents as people call them; the signed file has the keys."""


def dossier_page(said: Dossier, shown: Shown, file: str, name: str, language: str = "en") -> str:
    """HTML of a dossier whose signed file has this text and name; `language` is the one in which it opens."""
    folder = files("covolt") / "library" / "report"
    own: dict[str, Any] = {**WORDS, "n": lambda key: WORDS["both"](NAMES[key])}
    return template_of("dossier.html.j2", own).render(
        c=said,
        shown=shown,
        file=name,
        sections=SECTIONS,
        limits=LIMITS,
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        words=in_words(said.key),
        groups=in_groups(said.key),
        language=language,
        languages=[{"code": one, "name": name_of(one)} for one in languages()],
        loads=[(LOADS.get(name, Words(name)), _stated(value)) for name, value in shown.loads.items()],
        kinds=KINDS,
        foreign=[(who, *several) for who, several in _foreign(shown)],
        style=Markup((folder / "style.css").read_text(encoding="utf-8")),
    )


def _foreign(shown: Shown) -> list[tuple[Phrase, tuple[RestsOn, str]]]:
    """Parts that are not covolt's, each in one line, with one of its kind and the requirements that rest on it."""
    parts = by_part((row.requirement, row.foreign or ()) for row in shown.rows)
    return [(who, (several[0][1], ", ".join(name for name, _ in several))) for who, several in parts.items()]


def _stated(value: object) -> Phrase:
    """What a field of the vehicle states, in words; a quantity as each language writes it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return Words(json.dumps(value, ensure_ascii=False))
    return AXLES.get(value, quantity_said(value)) if isinstance(value, str) else quantity_said(float(value))
