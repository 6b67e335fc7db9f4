"""What a programme states besides its vehicle: in which currency it counts, its dated tables, and its parties' levels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from covolt.contract.document import canonical_json
from covolt.library.shipped_tables import shipped_tables
from covolt.programme.documents import Programme
from covolt.programme.party import Party
from covolt.programme.table import DatedTable

__all__ = ["Terms", "terms_of"]

Kind = TypeVar("Kind", bound=DatedTable)


@dataclass(frozen=True)
class Terms:
    """Currency, tables and parties of a programme, as procedures read them that ask beyond physics."""

    currency: str = "RUB"
    tables: Mapping[str, DatedTable] = field(default_factory=dict[str, DatedTable])
    parties: Mapping[str, Party] = field(default_factory=dict[str, Party])
    """What parties state at their levels, for procedures that say `reads_levels` alone."""

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The tables of one kind, in the order of their names."""
        return tuple(one for _, one in sorted(self.tables.items()) if isinstance(one, kind))

    @cached_property
    def levels_digest(self) -> str:
        """Hash of all that it holds, parties too."""
        documents = (canonical_json(one) for _, one in sorted(self.parties.items()))
        return hashlib.sha256(b"\n".join((self.digest.encode(), *documents))).hexdigest()

    @cached_property
    def digest(self) -> str:
        """Hash of currency and tables."""
        documents = (canonical_json(one) for _, one in sorted(self.tables.items()))
        return hashlib.sha256(b"\n".join((self.currency.encode(), *documents))).hexdigest()


def terms_of(programme: Programme) -> Terms:
    """The terms of a programme, with the tables that ship with covolt where it has none of the same name."""
    return Terms(programme.charter.currency, {**shipped_tables(), **programme.tables}, programme.parties)
