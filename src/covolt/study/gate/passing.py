"""What a signature of a gate passes, told before it is made: gates, verdicts, digests, keys, and what it does not cover."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from covolt.programme.documents import Programme
from covolt.programme.folder import LOCK_FILE
from covolt.programme.gate import Gate, KeyedSignOff, SignOffWanted
from covolt.programme.keys import in_groups, in_words
from covolt.programme.text import quoted, told
from covolt.study.gate.covered import gates_up_to
from covolt.study.gate.gates import GateState, criteria_fulfilled, gate_states
from covolt.study.gate.moved import WORDS, listed
from covolt.study.gate.signatures import who_signs
from covolt.study.verdicts.rests_on import by_part, by_settling, digest_said
from covolt.study.verdicts.verdict import STANDINGS, Standing
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, day_said, joined, text

__all__ = ["Line", "passed_by", "records_digest", "stated"]

Line = tuple[int, Phrase]
"""A line and by how many columns it stands in."""
PEOPLE = text(", people ride after it")
OPEN, SHUT = text("open", context="gate"), text("shut", context="gate")
NOT_COVERED = (
    text("that declared numbers are true: covolt computes from them"),
    text("that you may sign for your organisation"),
    text("that there is no newer state of the programme"),
    text("what lies elsewhere: papers behind a number, texts of law, this machine"),
)


def passed_by(
    programme: Programme, verification: Verification, gate: Gate, wanted: SignOffWanted | None, remarks: str = ""
) -> list[Line]:
    """Everything that somebody who signs this gate passes, and what he does not, in lines."""
    states = {one.id: one for one in gate_states(programme, verification)}
    lines = [
        (0, _title(gate, wanted, programme)),
        (
            0,
            text("Gates that it passes, this one and all before it:"),
        ),
    ]
    for one in gates_up_to(programme, gate):
        lines += _gate(programme, verification, one, states[one.id])
    if remarks:
        lines += [
            (0, text("Your remarks: {remarks}", remarks=Words(quoted(remarks, None), quoted(remarks, None, "ru"))))
        ]
    lines += [(0, text("What was verified:")), *((2, one) for one in _counts(verification))]
    lines += list(_foreign(programme, verification))
    lines += [(0, text("State that is signed (digests):"))]
    lines += list(_digests(programme, verification, states[gate.id]))
    lines += [(0, text("Keys that count here:")), *_keys(programme)]
    lines += [(0, text("The signature does not cover:")), *((2, one) for one in _not_covered(verification))]
    return lines


def stated(draft: KeyedSignOff) -> list[Line]:
    """What a statement says that is to be signed, by itself: whose, of which gate, over which state, and what it covers."""
    party, role = draft.party, told(draft.role)
    lines: list[Line] = [
        (0, text("Signature of the gate {gate} of {programme} by {party}, {role}, on {day}",
                 gate=draft.gate, programme=draft.programme, party=party, role=role, day=day_said(draft.date))),
        (0, text("State that is signed (digests):")),
        (2, Words(draft.digest)),
    ]  # fmt: skip
    if draft.remarks:
        remarks = Words(quoted(draft.remarks, None), quoted(draft.remarks, None, "ru"))
        lines.append((0, text("Your remarks: {remarks}", remarks=remarks)))
    covers = draft.covers or {}
    verdicts = {name.partition(" ")[2]: said for name, said in covers.items() if name.startswith("verdict ")}
    lines.append((0, text("What was verified:")))
    for word, count in Counter(said.partition(",")[0] for said in verdicts.values()).most_common():
        names = listed(sorted(name for name, said in verdicts.items() if said.partition(",")[0] == word))
        lines.append((2, text("{word}, {count}: {names}", word=WORDS.get(word, Words(word)), count=count, names=names)))
    lines.append((0, text("In all {count} items, each with its digest or its value", count=len(covers))))
    return [*lines, (0, text("The signature does not cover:")), *((2, one) for one in NOT_COVERED)]


def _title(gate: Gate, wanted: SignOffWanted | None, programme: Programme) -> Phrase:
    title, people = gate.title.words, PEOPLE if gate.people else ""
    if wanted is None:
        return text("Signature of the gate {title} ({id}){people}", title=title, id=gate.id, people=people)
    who = who_signs(programme, wanted)
    return text(
        "Signature of the gate {title} ({id}){people} by {who}", title=title, id=gate.id, people=people, who=who
    )


def _gate(programme: Programme, verification: Verification, gate: Gate, state: GateState) -> Iterator[Line]:
    """One gate: its criteria, what holds it shut, and who has signed it."""
    title = text("{title} ({id}){people}", title=gate.title.words, id=gate.id, people=PEOPLE if gate.people else "")
    yield 2, joined((joined((f"{gate.order}.", title), " "), OPEN if state.open else SHUT), ": ")
    fulfilled = criteria_fulfilled(programme, verification, gate)
    for one in fulfilled:
        yield 4, text("fulfilled: {name}", name=one)
    for one in state.notes:
        if one not in fulfilled:
            yield 4, text("note: {name}", name=one)
    for one in state.blocks:
        yield 4, text("lacking: {name}", name=one)
    for row in state.signatures:
        yield (
            4,
            text(
                "{label}: {who}, {date}: {reads}",
                label=row.label,
                who=row.who,
                date=day_said(row.date),
                reads=row.reads,
            ),
        )
        for one in row.moved:
            yield 6, text("moved since: {name}", name=one)


def _counts(verification: Verification) -> Iterator[Phrase]:
    """How many verdicts say what, and how many promises are kept."""
    found = Counter[Standing](one.verdict for one in verification.whole.verdicts)
    said: list[tuple[Standing, int]] = [(word, count) for word in STANDINGS if (count := found[word])]
    counts = joined(text("{count} {verdict}", count=count, verdict=STANDINGS[word]) for word, count in said)
    yield text("{total} verdicts: {counts}", total=found.total(), counts=counts)
    kept, every = sum(one.kept for one in verification.conformances), len(verification.conformances)
    yield text("{kept} of {every} promises of the contracts are kept", kept=kept, every=every)


def _foreign(programme: Programme, verification: Verification) -> Iterator[Line]:
    """Parts that are not covolt's: which verdicts rest on each, by which file, and how well each answered."""
    standing = [
        (one.requirement, one.foreign) for one in verification.whole.verdicts if one.requirement not in programme.hidden
    ]
    parts = by_part(standing)
    if parts:
        yield 0, text("Parts that are not covolt's, on which verdicts rest:")
    for who, several in parts.items():
        first = several[0][1]
        yield 2, who
        for one in (first.guarded, digest_said(first)):
            if one is not None:
                yield 4, one
        for settled, names in by_settling(several).items():
            yield 4, joined((joined(names, ", "), settled), ": ")


def _not_covered(verification: Verification) -> Iterator[Phrase]:
    parts = [part for one in verification.whole.verdicts for part in one.foreign]
    asked, declared = (sorted({one.part for one in parts if one.own_model is own}) for own in (True, False))
    yield NOT_COVERED[0]
    if asked:
        yield text("that the model of {parts} is the part: its party says so", parts=", ".join(asked))
    if declared:
        yield text("that {parts} keeps what it declares: its own model was not asked", parts=", ".join(declared))
    yield from NOT_COVERED[1:]


def records_digest(verification: Verification) -> str:
    """Digest of all that the verdicts stand on: of what was computed, in seven digits, and of the documents cited."""
    evidence = sorted((one.requirement, one.evidence) for one in verification.whole.verdicts)
    return "sha256:" + hashlib.sha256(repr(evidence).encode()).hexdigest()


def _digests(programme: Programme, verification: Verification, state: GateState) -> Iterator[Line]:
    for what, digest in (
        (text("all that is covered"), state.digest),
        (text("the lock, part of it"), programme.digests.get(LOCK_FILE, "")),
        (
            text("records behind the verdicts, to compare"),
            records_digest(verification),
        ),
    ):
        yield 2, text("{what}, sha256:", what=what)
        yield 4, Words(in_groups(digest.removeprefix("sha256:")))


def _keys(programme: Programme) -> Sequence[Line]:
    """Keys that count where this is asked, with their fingerprints in words."""
    counting = [(one.key, name) for name, one in programme.standings.keys.items() if one.standing.counts]
    lines: list[Line] = []
    for key, name in sorted(counting, key=lambda pair: (pair[0].party, pair[0].on, pair[1])):
        lines += [(2, Words(f"{key.party}, {', '.join(map(told, key.roles))}, {key.on}:")), (4, Words(in_words(name)))]
    return lines or [(2, text("none: covolt key trust"))]
