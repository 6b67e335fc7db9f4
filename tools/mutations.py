"""Random edits of a signed programme, by a party in its own folder and outside it, and what covolt then says of it.

What an edit should move is worked out by tools/expected_moves.py, which uses nothing of covolt. A third of the edits are sealed
anew with what their author can compute: plain digests, and signatures by its own key.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expected_moves import Expected, Tree, expected, read

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
OWN = ("rival/", "offers/rival/", "keys/rival/", "parties/rival.toml")
Edit = Callable[[random.Random, Path, Path], str]


@dataclass(frozen=True)
class Looked:
    """What covolt says: the reason of a refusal, else verdicts, open gates, and the state of each signature."""

    refused: str
    verdicts: dict[str, tuple[str, float | None]]
    gates: dict[str, bool]
    signatures: dict[str, list[str]]


@dataclass(frozen=True)
class Mutation:
    """One edit, what it was to move, and what is wrong with what covolt made of it."""

    name: str
    inside: bool
    resealed: bool
    outcome: str
    wrong: tuple[str, ...]


def look(hub: Path) -> Looked:
    """What covolt says of a programme."""
    from covolt.errors import CovoltError
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states
    from covolt.study.verdicts.verification import verify

    try:
        programme = read_whole(hub)
        found = verify(programme)
    except CovoltError as error:
        return Looked(f"{error.problems[0].where}: {error.problems[0].what}", {}, {}, {})
    states = gate_states(programme, found)
    return Looked(
        "",
        {one.requirement: (one.verdict, one.value) for one in found.verdicts},
        {one.id: one.open for one in states},
        {one.id: [f"{row.party} {row.role} {row.state}" for row in one.signatures] for one in states},
    )


def judged(was: Looked, now: Looked, wanted: Expected) -> list[str]:
    """What stands that should have moved, or moved that means nothing."""
    if wanted.same:
        return [] if now == was else [f"it means nothing, and covolt says otherwise: {now}"]
    if now.refused or wanted.loose:
        return []
    wrong: list[str] = []
    for gate, opened in was.gates.items():
        if gate in wanted.shut:
            if now.gates.get(gate):
                wrong.append(f"{gate} is open all the same")
        elif now.gates.get(gate) != opened:
            wrong.append(f"{gate} is no longer as it was, and nothing of it moved")
        stands = [row for row in now.signatures.get(gate, []) if row.endswith(" stands")]
        if gate in wanted.unsigned:
            wrong += [f"the signature of {row} on {gate}" for row in stands]
        elif now.signatures.get(gate) != was.signatures[gate]:
            wrong.append(f"signatures on {gate} are no longer as they were, and nothing of them moved")
    words = {name: word for name, (word, _) in now.verdicts.items()}
    wrong += [f"{name} is met all the same" for name in wanted.unshown if words.get(name) == "met"]
    wrong += [f"{name} is {words[name]}, and it is met" for name in wanted.shown if words.get(name, "met") != "met"]
    if not wanted.shut and now.verdicts != was.verdicts:
        wrong.append("verdicts moved, and nothing of them was touched")
    return wrong


# edits: each changes a file and says what it did; "" where it can do nothing there


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(lines), encoding="utf-8")


def comment(chance: random.Random, path: Path, _: Path) -> str:
    """A remark on a line of its own."""
    lines = _lines(path)
    spots = [at for at in range(len(lines) + 1)]
    lines.insert(chance.choice(spots), "# a remark\n")
    _write(path, lines)
    return "a comment"


def blank(chance: random.Random, path: Path, _: Path) -> str:
    """A line without words."""
    lines = _lines(path)
    lines.insert(chance.randrange(len(lines) + 1), "\n" if chance.random() < 0.5 else "   \n")
    _write(path, lines)
    return "a blank line"


def spaces(chance: random.Random, path: Path, _: Path) -> str:
    """More space around an equals sign."""
    lines = _lines(path)
    spots = [at for at, line in enumerate(lines) if re.match(r"[a-z_]+ = ", line)]
    if not spots:
        return ""
    at = chance.choice(spots)
    lines[at] = lines[at].replace(" = ", "  =   ", 1)
    _write(path, lines)
    return "spaces"


def order(chance: random.Random, path: Path, _: Path) -> str:
    """Two keys of one table in the other order."""
    lines = _lines(path)
    single = r"[a-z_]+ = [^\[{]*$"
    spots = [at for at in range(len(lines) - 1) if all(re.match(single, line) for line in lines[at : at + 2])]
    if not spots:
        return ""
    at = chance.choice(spots)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    _write(path, lines)
    return "keys in another order"


def renamed(chance: random.Random, path: Path, root: Path) -> str:
    """Another name in the same folder."""
    if path.name in {"programme.toml", "programme.lock"} or path.parent.name in {"evidence", "parties"}:
        return ""
    path.rename(path.with_name(f"{chance.randrange(10**6)}-{path.name}"))
    return "another name of the file"


def digit(chance: random.Random, path: Path, _: Path) -> str:
    """Another digit anywhere."""
    return _character(chance, path, r"\d", "0123456789")


def letter(chance: random.Random, path: Path, _: Path) -> str:
    """Another letter anywhere."""
    return _character(chance, path, r"[a-z]", "abcdefghijklmnopqrstuvwxyz")


def _character(chance: random.Random, path: Path, pattern: str, others: str) -> str:
    text = path.read_text(encoding="utf-8")
    spots = [found.start() for found in re.finditer(pattern, text)]
    if not spots:
        return ""
    at = chance.choice(spots)
    other = chance.choice([one for one in others if one != text[at]])
    path.write_text(text[:at] + other + text[at + 1 :], encoding="utf-8")
    return f"{text[at]} → {other} in {text[max(0, at - 20) : at + 20]!r}"


def number(chance: random.Random, path: Path, _: Path) -> str:
    """A digit of a quantity, which stays one."""
    return _character(chance, path, r'(?<= = ")\d(?=[\d.]* [A-Za-z/]+")', "123456789")


def word(chance: random.Random, path: Path, _: Path) -> str:
    """A letter of a title."""
    return _character(chance, path, r'(?<=en = ")[a-zA-Z]', "abcdefghijklmnopqrstuvwxyz")


def cut(chance: random.Random, path: Path, _: Path) -> str:
    """A line left out."""
    lines = _lines(path)
    if not lines:
        return ""
    gone = lines.pop(chance.randrange(len(lines)))
    _write(path, lines)
    return f"without {gone[:50]!r}"


def added(chance: random.Random, path: Path, _: Path) -> str:
    """A line more."""
    lines = _lines(path)
    line = chance.choice(
        ['reason = "none"\n', "safety = true\n", "people = false\n", 'visibility = "party"\n', "unknown = 1\n"]
    )
    lines.insert(min(chance.randrange(1, 4), len(lines)), line)
    _write(path, lines)
    return f"with {line!r}"


def gone(_: random.Random, path: Path, __: Path) -> str:
    """The file taken away."""
    path.unlink()
    return "without the file"


def moved(chance: random.Random, path: Path, root: Path) -> str:
    """The file in another folder."""
    folders = [
        "rival",
        "agency",
        "slots",
        "gates",
        "offers/rival",
        "offers/supplier",
        "keys/agency",
        "signoffs/trial",
        "data",
    ]
    folder = root / chance.choice(folders)
    if (folder / path.name).exists():
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    path.rename(folder / path.name)
    return f"in {folder.relative_to(root).as_posix()}"


def copied(chance: random.Random, path: Path, root: Path) -> str:
    """The file once more under another name."""
    other = path.with_name(f"{chance.randrange(10**6)}-{path.name}")
    shutil.copy(path, other)
    return "twice"


def swapped(chance: random.Random, path: Path, root: Path) -> str:
    """The content of another file of its folder."""
    others = [one for one in sorted(path.parent.iterdir()) if one.is_file() and one != path]
    if not others:
        return ""
    other = chance.choice(others)
    shutil.copy(other, path)
    return f"as {other.name}"


MEANS_NOTHING: tuple[Edit, ...] = (comment, blank, spaces, order, renamed)
MEANS_SOMETHING: tuple[Edit, ...] = (
    digit,
    letter,
    number,
    number,
    word,
    word,
    cut,
    added,
    gone,
    moved,
    copied,
    swapped,
)


# sealing anew


def resealed(root: Path, before: Path) -> str:
    """What the rival can compute after an edit: digests of offers and cited files, pins, signatures by its own key."""
    done = [*_offers(root), *_cited(root, before), *_statements(root, before)]
    return ", ".join(done)


def _offers(root: Path) -> list[str]:
    from tests.hostile.joint import RIVAL
    from tests.signed import put

    from covolt.contract.document import dumps
    from covolt.contract.offer import Offer, publish
    from covolt.contract.schemas import read_document
    from covolt.errors import CovoltError

    done: list[str] = []
    for path in sorted((root / "offers").rglob("*.toml")):
        try:
            offer = read_document(path)
        except CovoltError:
            continue
        if not isinstance(offer, Offer):
            continue
        made = publish(offer.datasheet, offer.interface, offer.files)
        if made.digest == offer.digest:
            continue
        path.write_text(dumps(made), encoding="utf-8")
        lock = root / "programme.lock"
        if lock.exists():
            lock.write_text(lock.read_text(encoding="utf-8").replace(offer.digest, made.digest), encoding="utf-8")
        beside = RIVAL.signs(made.reference, made.digest, "offer", "offers")
        put(root, beside, f"offers/rival/{path.stem}.resealed.toml")
        done.append(f"{made.reference} sealed anew")
    return done


def _cited(root: Path, before: Path) -> list[str]:
    done: list[str] = []
    for path in sorted(root.rglob("evidence/*")):
        was = before / path.relative_to(root)
        if path.is_file() and was.is_file() and was.read_bytes() != path.read_bytes():
            digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (was, path)]
            for citing in sorted(path.parent.parent.glob("*.toml")):
                text = citing.read_text(encoding="utf-8")
                if digests[0] in text:
                    citing.write_text(text.replace(*digests), encoding="utf-8")
                    done.append(f"{path.name} cited anew")
    return done


def _statements(root: Path, before: Path) -> list[str]:
    """Signed documents that were changed, or that cover what was: signed anew by the rival, in whosever name."""
    from tests.hostile.joint import RIVAL
    from tests.signed import private_key

    from covolt.contract.document import dumps
    from covolt.contract.schemas import read_document
    from covolt.errors import CovoltError
    from covolt.programme.gate import KeyedSignOff
    from covolt.programme.keys import PartyKey, Revocation, Signature, sealed
    from covolt.programme.reading import read_leniently
    from covolt.programme.schemas import PROGRAMME_SCHEMAS
    from covolt.study.gate.covered import covered_digest
    from covolt.study.verdicts.verification import verify

    private, done = private_key(RIVAL.seed), []
    changed = [
        path
        for path in sorted(root.rglob("*.toml"))
        if not (before / path.relative_to(root)).is_file()
        or (before / path.relative_to(root)).read_bytes() != path.read_bytes()
    ]
    for path in changed:
        try:
            said = read_document(path, PROGRAMME_SCHEMAS)
        except CovoltError:
            continue
        if isinstance(said, PartyKey | Revocation | Signature | KeyedSignOff):
            if isinstance(said, PartyKey) and not said.follows:
                continue
            path.write_text(dumps(sealed(said, private)), encoding="utf-8")
            done.append(f"{path.name} signed anew")
    try:
        programme = read_leniently(root)
        found = verify(programme)
        for name, one in programme.signoffs.items():
            if isinstance(one, KeyedSignOff) and one.gate in programme.gates:
                digest = covered_digest(programme, found, programme.gates[one.gate])
                if digest != one.digest:
                    made = sealed(one.model_copy(update={"digest": digest}), private)
                    programme.file_of("signoff", name).write_text(dumps(made), encoding="utf-8")
                    done.append(f"{name} signed anew")
    except (CovoltError, KeyError):
        # What does not hang together has no digest that could be signed.
        pass
    return done


def mutate(world: Any, chance: random.Random, folder: Path, was: tuple[Looked, Tree]) -> Mutation | None:
    """One edit in a copy, judged; None where the edit can do nothing there."""
    from tests.hostile.joint import copied as copy_of

    with copy_of(world, folder) as copy:
        every = [path for path in sorted(copy.hub.rglob("*")) if path.is_file() and ".covolt" not in path.parts]
        inside = chance.random() < 0.5
        mine = [path for path in every if path.relative_to(copy.hub).as_posix().startswith(OWN) == inside]
        folder_of = sorted({path.relative_to(copy.hub).parts[0] for path in mine})
        chosen = chance.choice(folder_of)
        path = chance.choice([path for path in mine if path.relative_to(copy.hub).parts[0] == chosen])
        place = path.relative_to(copy.hub).as_posix()
        means = chance.random() < 0.7
        edit = chance.choice(MEANS_SOMETHING if means else MEANS_NOTHING)
        if not means and path.suffix not in {".toml", ".lock"}:
            return None
        did = edit(chance, path, copy.hub)
        if not did:
            return None
        seal = means and chance.random() < 0.48
        sealed_as = resealed(copy.hub, world.hub) if seal else ""
        values = {name: value for name, (_, value) in was[0].verdicts.items() if value is not None}
        wanted, now = expected(was[1], read(copy.hub), values), look(copy.hub)
        wrong = judged(was[0], now, wanted)
    outcome = "means nothing" if wanted.same else "refused" if now.refused else "moved" if wanted.shut else "stands"
    return Mutation(f"{place}: {did}{'; ' + sealed_as if sealed_as else ''}", inside, seal, outcome, tuple(wrong))


def mutations(count: int, seed: int, world: Any = None) -> list[Mutation]:
    """So many edits of the programme of the hostile tests."""
    from tests.hostile.joint import build, settled

    found: list[Mutation] = []
    with tempfile.TemporaryDirectory(prefix="covolt-mutations-") as made:
        if world is None:
            (Path(made) / "world").mkdir()
            world = build(Path(made) / "world")
        with settled(world.own):
            was = look(world.hub), read(world.hub)
        if not all(was[0].gates.values()):
            raise RuntimeError(f"the programme is not open to begin with: {was[0]}")
        chance = random.Random(seed)
        while len(found) < count:
            folder = Path(made) / "one"
            folder.mkdir()
            one = mutate(world, chance, folder, was)
            shutil.rmtree(folder)
            found += [] if one is None else [one]
    return found


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """The row of `make harden`."""
    found = mutations(count, seed)
    wrong = [one for one in found if one.wrong]
    outcomes = Counter(one.outcome for one in found)
    share = f"{sum(one.inside for one in found)} in its own folder, {sum(one.resealed for one in found)} sealed anew"
    return [
        {
            "name": "mutations",
            "measured": float(len(wrong)),
            "goal": 0.0,
            "unit": "misjudged",
            "better": "lower",
            "peer": f"edits of a signed programme by a party, seed {seed}: {share}; {json.dumps(dict(outcomes))}",
            "cases": len(found),
            "details": [{"case": one.name, "outcome": one.outcome, "wrong": list(one.wrong)} for one in wrong],
        }
    ]
