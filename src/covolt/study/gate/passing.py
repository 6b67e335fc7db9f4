"""What a signature of a gate passes, told before it is made: gates, verdicts, digests, keys, and what it does not cover."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from covolt.programme.documents import Programme
from covolt.programme.folder import LOCK_FILE
from covolt.programme.gate import Gate, SignOffWanted
from covolt.programme.keys import in_groups, in_words
from covolt.programme.text import quoted, told
from covolt.study.gate.covered import gates_up_to
from covolt.study.gate.gates import GateState, criteria_fulfilled, gate_states
from covolt.study.gate.signatures import who_signs
from covolt.study.verdicts.verdict import STANDINGS_RU, Standing
from covolt.study.verdicts.verification import Verification
from covolt.words import Words

__all__ = ["Line", "passed_by", "records_digest"]

Line = tuple[int, Words]
"""A line and by how many columns it stands in."""
PEOPLE = Words(", people ride after it", ", после него едут люди")
NOT_COVERED = (
    Words(
        "that declared numbers are true: covolt computes from them", "верность заявленных чисел: covolt считает по ним"
    ),
    Words("that you may sign for your organisation", "ваше право подписывать за организацию"),
    Words("that there is no newer state of the programme", "отсутствие более нового состояния программы"),
    Words(
        "whether a text of law was checked: each gate asks that anew",
        "сверен ли текст закона: рубеж спрашивает об этом каждый раз",
    ),
    Words(
        "what lies elsewhere: papers behind a number, texts of law, this machine",
        "что лежит вне программы: документы за числами, тексты законов, этот компьютер",
    ),
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
            Words(
                "Gates that it passes, this one and all before it:",
                "Рубежи, которые она пропускает, этот и все прежние:",
            ),
        ),
    ]
    for one in gates_up_to(programme, gate):
        lines += _gate(programme, verification, one, states[one.id])
    if remarks:
        lines += [(0, Words(f"Your remarks: {quoted(remarks, None)}", f"Ваши замечания: {quoted(remarks, None)}"))]
    lines += [(0, Words("What was verified:", "Что проверено:")), *((2, one) for one in _counts(verification))]
    lines += [(0, Words("State that is signed (digests):", "Подписываемое состояние (контрольные суммы):"))]
    lines += list(_digests(programme, verification, states[gate.id]))
    lines += [(0, Words("Keys that count here:", "Ключи, которые здесь в счёт:")), *_keys(programme)]
    lines += [(0, Words("The signature does not cover:", "Подпись не покрывает:")), *((2, one) for one in NOT_COVERED)]
    return lines


def _title(gate: Gate, wanted: SignOffWanted | None, programme: Programme) -> Words:
    title = gate.title.words
    who = Words() if wanted is None else who_signs(programme, wanted)
    people = PEOPLE if gate.people else Words()
    return Words(
        f"Signature of the gate {title.said('en')} ({gate.id}){people.en}" + (f" by {who.en}" if who.en else ""),
        f"Подпись рубежа «{title.said('ru')}» ({gate.id}){people.ru}" + (f": {who.ru}" if who.en else ""),
    )


def _gate(programme: Programme, verification: Verification, gate: Gate, state: GateState) -> Iterator[Line]:
    """One gate: its criteria, what holds it shut, and who has signed it."""
    title = gate.title.words
    people = PEOPLE if gate.people else Words()
    en, ru = ("open", "пройден") if state.open else ("shut", "не пройден")
    yield (
        2,
        Words(
            f"{gate.order}. {title.said('en')} ({gate.id}){people.en}: {en}",
            f"{gate.order}. {title.said('ru')} ({gate.id}){people.ru}: {ru}",
        ),
    )
    fulfilled = criteria_fulfilled(programme, verification, gate)
    for one in fulfilled:
        yield 4, Words(f"fulfilled: {one.said('en')}", f"исполнено: {one.said('ru')}")
    for one in state.notes:
        if one not in fulfilled:
            yield 4, Words(f"note: {one.said('en')}", f"примечание: {one.said('ru')}")
    for one in state.blocks:
        yield 4, Words(f"lacking: {one.said('en')}", f"не хватает: {one.said('ru')}")
    for row in state.signatures:
        yield (
            4,
            Words(
                f"{row.label.en}: {row.who.said('en')}, {row.date}: {row.reads.en}",
                f"{row.label.said('ru')}: {row.who.said('ru')}, {row.date}: {row.reads.ru}",
            ),
        )
        for one in row.moved:
            yield 6, Words(f"moved since: {one.en}", f"с тех пор: {one.ru}")


def _counts(verification: Verification) -> Iterator[Words]:
    """How many verdicts say what, and how many promises are kept."""
    found = Counter[Standing](one.verdict for one in verification.verdicts)
    said: list[tuple[Standing, int]] = [(word, count) for word in STANDINGS_RU if (count := found[word])]
    yield Words(
        f"{found.total()} verdicts: {'; '.join(f'{count} {word}' for word, count in said)}",
        f"заключений {found.total()}: {'; '.join(f'{STANDINGS_RU[word]} {count}' for word, count in said)}",
    )
    kept, every = sum(one.kept for one in verification.conformances), len(verification.conformances)
    yield Words(
        f"{kept} of {every} promises of the contracts are kept", f"обещаний договоров выполнено: {kept} из {every}"
    )


def records_digest(verification: Verification) -> str:
    """Digest of all that the verdicts stand on: of what was computed, in seven digits, and of the documents cited."""
    evidence = sorted((one.requirement, one.evidence) for one in verification.verdicts)
    return "sha256:" + hashlib.sha256(repr(evidence).encode()).hexdigest()


def _digests(programme: Programme, verification: Verification, state: GateState) -> Iterator[Line]:
    for what, digest in (
        (Words("all that is covered", "всё, что покрыто"), state.digest),
        (Words("the lock, part of it", "фиксация, часть этого"), programme.digests.get(LOCK_FILE, "")),
        (
            Words("records behind the verdicts, to compare", "записи за заключениями, для сличения"),
            records_digest(verification),
        ),
    ):
        yield 2, Words(f"{what.en}, sha256:", f"{what.ru}, sha256:")
        yield 4, Words(in_groups(digest.removeprefix("sha256:")))


def _keys(programme: Programme) -> Sequence[Line]:
    """Keys that count where this is asked, with their fingerprints in words."""
    counting = [(one.key, name) for name, one in programme.standings.keys.items() if one.standing.counts]
    lines: list[Line] = []
    for key, name in sorted(counting, key=lambda pair: (pair[0].party, pair[0].on, pair[1])):
        lines += [(2, Words(f"{key.party}, {', '.join(map(told, key.roles))}, {key.on}:")), (4, Words(in_words(name)))]
    return lines or [(2, Words("none: covolt key trust", "ни одного: covolt key trust"))]
