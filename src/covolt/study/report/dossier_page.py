"""The page of a dossier: one HTML file in every language, for the screen and for paper; what counts is the signed file."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from covolt.catalogues import name_of
from covolt.programme.keys import in_groups, in_words
from covolt.study.report.dossier import LIMITS, Dossier, Shown
from covolt.study.report.page import WORDS
from covolt.words import Phrase, languages, text

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
    "line": text("Line"),
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
    "hidden": text("Requirements that are their party's own and are not shown:"),
    "lock": text("Lock"),
}


def dossier_page(said: Dossier, shown: Shown, file: str, name: str, language: str = "en") -> str:
    """HTML of a dossier whose signed file has this text and name; `language` is the one in which it opens."""
    folder = files("covolt") / "library" / "report"
    environment = Environment(
        loader=PackageLoader("covolt", "library/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own: dict[str, Any] = {**WORDS, "n": lambda key: WORDS["both"](NAMES[key])}
    return environment.get_template("dossier.html.j2", globals=own).render(
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
        loads=[(name, value if isinstance(value, str) else json.dumps(value)) for name, value in shown.loads.items()],
        style=Markup((folder / "style.css").read_text(encoding="utf-8")),
    )
