"""The use case `schema`: every kind of document that covolt reads, and every result that it writes, as JSON Schema."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from covolt.errors import NotFound, Problem
from covolt.library.field_schema import DOCUMENTS, identified, printed_schema
from covolt.study.cases.approve import Approval
from covolt.study.cases.catalogue import CycleRow
from covolt.study.cases.compare import ComparisonDocument
from covolt.study.cases.conflicts import ConflictsDocument
from covolt.study.cases.drive_document import ChargeDocument, DriveDocument
from covolt.study.cases.export import ExportedFmu
from covolt.study.cases.keys import KeysDocument
from covolt.study.cases.map import MapDocument
from covolt.study.cases.negatives import Negatives
from covolt.study.cases.offers_document import OffersDocument
from covolt.study.cases.optimise import FrontDocument
from covolt.study.cases.origin import OriginDocument
from covolt.study.cases.parties import Parties
from covolt.study.cases.sandbox import SandboxDocument
from covolt.study.cases.sensitivity_told import SensitivityDocument
from covolt.study.cases.ssp import SspDocument
from covolt.study.cases.ssp_run import SspRunDocument
from covolt.study.cases.study_shown import DesignDocument, StudyDocument
from covolt.study.cases.sureness import SurenessDocument
from covolt.study.cases.targets import CascadeDocument
from covolt.study.cases.verify import VerificationDocument
from covolt.study.gate.gates import GatesDocument, GateState
from covolt.study.gate.passport import Passport
from covolt.study.negotiation.card import Card
from covolt.study.negotiation.proposal_shown import ProposalShown
from covolt.study.procedures.protocol import Record
from covolt.study.report.document import Report
from covolt.study.report.dossier import Dossier
from covolt.study.result import NoticesDocument, adapter
from covolt.study.verdicts.verdict import Verdict
from covolt.words import text

__all__ = ["RESULTS", "kinds", "schema_of", "unused_notes"]

RESULTS: Mapping[str, type] = MappingProxyType(
    {
        "approval/1": Approval,
        "cascade/1": CascadeDocument,
        "charge/1": ChargeDocument,
        "comparison/1": ComparisonDocument,
        "conflicts/1": ConflictsDocument,
        "cycle/1": CycleRow,
        "dossier/2": Dossier,
        "drive/1": DriveDocument,
        "exported-fmu/1": ExportedFmu,
        "gate-state/1": GateState,
        "gates/1": GatesDocument,
        "keys/1": KeysDocument,
        "map/1": MapDocument,
        "negatives/1": Negatives,
        "negotiation/1": Card,
        "notices/1": NoticesDocument,
        "offers/1": OffersDocument,
        "origin/1": OriginDocument,
        "passport/1": Passport,
        "parties/1": Parties,
        "proposal-shown/1": ProposalShown,
        "record/1": Record,
        "report/1": Report,
        "sensitivity/1": SensitivityDocument,
        "ssp/1": SspDocument,
        "ssp-run/1": SspRunDocument,
        "sandbox/1": SandboxDocument,
        "study-design/1": DesignDocument,
        "study-front/1": FrontDocument,
        "study-summary/1": StudyDocument,
        "sureness/1": SurenessDocument,
        "verdict/1": Verdict,
        "verification/1": VerificationDocument,
    }
)
"""Every kind of result, by the name that it states where it stands alone."""


def kinds() -> Mapping[str, str]:
    """What each kind of document is, by its name."""
    every = {**DOCUMENTS, **RESULTS}
    return {name: (every[name].__doc__ or "").splitlines()[0] for name in sorted(every)}


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one kind of document, such as "car/1" or "report/1".

    Raises:
        NotFound: no document is called so.
    """
    if name in DOCUMENTS:
        return printed_schema(name)
    if name not in RESULTS:
        known = (*DOCUMENTS, *RESULTS)
        close = difflib.get_close_matches(name, known, n=1)
        hint = (
            text("did you mean '{close}'?", close=close[0])
            if close
            else text("choose one of: {known}", known=", ".join(sorted(known)))
        )
        raise NotFound(Problem(text("there is no document '{name}'", name=name), "NAME", hint))
    schema = _bare(name)
    for title, field, found in _fields(schema):
        if field == "schema":
            found["description"] = "Which kind of document this is."
        elif "description" not in found:  # what is computed says it where it is defined
            found["description"] = _notes().get(title, {}).get(field) or _notes()["any"].get(field, "")
        found.pop("title", None)
    return identified(name, schema)


def _bare(name: str) -> dict[str, Any]:
    return adapter(RESULTS[name]).json_schema(mode="serialization")


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every field of a schema: the class it stands in, its name, and itself."""
    for part in (schema, *schema.get("$defs", {}).values()):
        for field, found in part.get("properties", {}).items():
            yield part["title"], field, found


def unused_notes() -> Iterator[str]:
    """Notes of fields that no result has, as `Class.field`."""
    known = {(title, field) for name in RESULTS for title, field, _ in _fields(_bare(name))}
    every = {field for _, field in known}
    for title, fields in _notes().items():
        yield from (
            f"{title}.{one}" for one in fields if (one not in every if title == "any" else (title, one) not in known)
        )


@cache
def _notes() -> Mapping[str, Any]:
    """Descriptions of fields, by class and field."""
    return tomllib.loads((files("covolt") / "library" / "results.toml").read_text(encoding="utf-8"))
