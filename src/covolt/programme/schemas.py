"""Every kind of document of a programme, by the name that its file states."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from covolt.contract.schemas import SCHEMAS
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.design_space import DesignVariable
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.lock import Lock
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.slot import Slot
from covolt.programme.table import TABLES

__all__ = ["PROGRAMME_SCHEMAS"]

PROGRAMME_SCHEMAS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        **SCHEMAS,
        "programme/1": Charter,
        "party/1": Party,
        "slot/1": Slot,
        "contract/1": Contract,
        "scenario/1": Scenario,
        "requirement/1": Requirement,
        "interest/1": Interest,
        "design-space/1": DesignVariable,
        "negative/1": Negative,
        "checked/1": CheckedTexts,
        "gate/1": Gate,
        "signoff/1": SignOff,
        "signoff/2": KeyedSignOff,
        "key/1": PartyKey,
        "revocation/1": Revocation,
        "signature/1": Signature,
        "lock/1": Lock,
        **TABLES,
    }
)
