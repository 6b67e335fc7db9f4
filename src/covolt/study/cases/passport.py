"""The use case `approval --passport`: the fields of the electronic vehicle passport that the programme holds."""

from __future__ import annotations

from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Progress, Wish, silent
from covolt.study.gate.passport import Passport
from covolt.words import Language

__all__ = ["passport", "passport_text"]

PROCEDURE = "un-r85"
"""What gives the 30-minute power of a drive."""


def passport(
    programme: Source,
    *,
    party: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> Passport:
    """The fields of the vehicle that the lock joins.

    The 30-minute power is computed where a requirement that the reading `party` is shown asks for UN R85.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive, says so.
    """
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.passport import passport_fields
    from covolt.study.verdicts.verification import verify

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    asked = [name for name, one in read.requirements.items() if one.procedure == PROCEDURE and name not in read.hidden]
    records = verify(read, only=asked, progress=progress, cancelled=cancelled).records if asked else {}
    return passport_fields(read, {name: records[name] for name in asked if name in records})


def passport_text(found: Passport, language: Language, *, as_csv: bool) -> str:
    """The fields as the text of a file: CSV with titles in a language, or JSON."""
    from covolt.study.gate.passport import passport_csv
    from covolt.study.result import text_of

    return passport_csv(found, language) if as_csv else text_of(found)
