"""Gates with people: whom each asks to sign, and how a programme asks less, or others, than is trusted of it outside.

Who may write to the folder may write a gate anew, and so its signer. What cannot be written is the anchor: it remembers whom each
gate with people asked when somebody trusted the programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from covolt.programme.gate import Gate
from covolt.words import Words

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["NOBODY_SIGNS", "Asked", "asked_of", "differences", "people_blocks"]

Asked = Mapping[str, tuple[str, ...]]
"""Gates with people by name, each with whom it asks as "party/role"."""
NOBODY_SIGNS = Words(
    "people ride after it, and it asks for nobody's signature",
    "после него едут люди, а подписи ни от кого не требуется",
)
TRUST_AGAIN = Words(
    "who must sign before people ride was not yet confirmed here: covolt key trust",
    "чья подпись нужна, прежде чем поедут люди, здесь ещё не подтверждено: covolt key trust",
)


def asked_of(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Whom each gate with people asks now."""
    return {
        name: tuple(sorted({f"{one.party}/{one.role}" for one in gate.signoffs}))
        for name, gate in sorted(programme.gates.items())
        if gate.people
    }


def differences(programme: Programme) -> dict[str, Words]:
    """By gate, how it asks otherwise than is trusted here; a gate that asks for more signatures than before does not."""
    trusted, now = programme.trust.people, asked_of(programme)
    if programme.trust.form < 2 or programme.trust.first is None:
        return {}
    if trusted is None:
        return dict.fromkeys(now, TRUST_AGAIN)
    found: dict[str, Words] = {}
    for name, asked in trusted.items():
        if name not in programme.gates:
            found[name] = Words(
                f"gate {name}, after which people ride, was taken out since you confirmed who signs it",
                f"рубеж {name}, после которого едут люди, убран с тех пор, как вы подтвердили его подписи",
            )
        elif name not in now:
            found[name] = Words(
                f"gate {name} no longer says that people ride after it, as it did when you confirmed who signs it",
                f"рубеж {name} больше не говорит, что после него едут люди, а говорил, когда вы подтвердили его подписи",
            )
        elif missing := sorted(set(asked) - set(now[name])):
            found[name] = Words(
                f"gate {name} no longer needs the signature of {', '.join(missing)}, which you confirmed; it needs that of: "
                f"{_said(now[name], 'nobody')}",
                f"рубеж {name} больше не требует подтверждённой вами подписи {', '.join(missing)}; требует: "
                f"{_said(now[name], 'ничьей')}",
            )
    # Who trusted a gate that asked nobody, and so never opened, has said nothing of whom it asks now.
    for name in (one for one, asked in now.items() if asked and not trusted.get(one)):
        found[name] = Words(
            f"who must sign gate {name}, after which people ride, was not yet confirmed here: covolt key trust",
            f"чья подпись нужна рубежу {name}, после которого едут люди, здесь ещё не подтверждено: covolt key trust",
        )
    return found


def _said(asked: tuple[str, ...], nobody: str) -> str:
    return ", ".join(asked) or nobody


def people_blocks(programme: Programme, gate: Gate) -> list[Words]:
    """What holds a gate shut for the people after it: nobody signs, or others than were trusted here.

    A gate with people that is gone holds every other one shut: nobody can tell which took its place.
    """
    found = differences(programme)
    blocks = [NOBODY_SIGNS] if gate.people and not gate.signoffs else []
    if gate.people or gate.id in found:
        gone = [why for name, why in found.items() if name != gate.id and why != TRUST_AGAIN and _lost(programme, name)]
        blocks += [*([found[gate.id]] if gate.id in found else []), *(gone if gate.people else [])]
    return blocks


def _lost(programme: Programme, name: str) -> bool:
    """Whether a gate that was trusted as one with people is none now."""
    return name not in programme.gates or not programme.gates[name].people
