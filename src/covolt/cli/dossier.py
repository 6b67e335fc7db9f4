"""`covolt dossier`: one requirement or one gate as one signed file that an agency checks offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console
from covolt.errors import Problem
from covolt.study.cases.options import Findings
from covolt.words import text

HELP = """Write the dossier of a requirement or a gate: one signed file that an agency checks offline, and the page made from it.

Everything is driven anew. The file holds purpose, model, conditions, loads, calculation, verdicts with their uncertainty,
validation, limits, documents, keys and signatures; tools/check_dossier.py checks it without covolt and without the programme.

Examples:

  covolt dossier trial my-car --party integrator --role chief-engineer --key ~/keys/chief.pem --out trial.json
"""


def dossier(
    subject: Annotated[str, typer.Argument(metavar="REQUIREMENT|GATE", help="Requirement or gate.")],
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    party: Annotated[str, typer.Option("--party", help="Who signs; its private requirements are shown.")] = "",
    role: Annotated[str, typer.Option("--role", help="In which role.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="File of the private key.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="JSON file to write.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the page to PDF as well (needs Chromium).")] = False,
    language: LanguageOption = None,
) -> None:
    """Write the signed dossier of a requirement or a gate, and its page."""
    from covolt.study.cases.dossier import DossierOptions, dossier, write_dossier
    from covolt.study.cases.report import find_browser, print_pdf

    findings = Findings({"subject": "REQUIREMENT|GATE", "party": "--party", "role": "--role", "key": "--key"})
    said = language_of(findings, language)
    browser = findings.take(find_browser) if pdf else None
    path = out or Path(f"{subject}.json")
    if path.suffix.lower() != ".json":
        findings.add(
            Problem(text("a dossier is a file of JSON"), f"--out {path}", text("give it a name that ends in .json"))
        )
    endings = (".json", ".html", ".pdf") if pdf else (".json", ".html")
    check_outputs(findings, [("--out", path.with_suffix(one)) for one in endings], make_folders=True)
    findings.demand_none()
    made = dossier(DossierOptions(subject, programme, party, role, key), findings, language=said)
    page = write_dossier(made, path)
    console().print(text("wrote {file} and {page}", file=str(path), page=page.name), soft_wrap=True)
    if made.doubt is not None:
        console().print(made.doubt.said(said), style="yellow", soft_wrap=True)
    if browser is not None:
        console().print(text("wrote {file}", file=str(print_pdf(page, browser))), soft_wrap=True)
