"""What an edit of a signed programme should move, worked out from its documents alone: nothing of covolt is used here.

Two trees are compared, before and after. A gate's signature covers: the charter, parties, slots, contracts, scenarios,
requirements, checked texts, records of what went wrong, tables, the lock, every gate up to its own, the first key of each
party, and through the lock and the requirements the pinned offers and the cited files. A gate stands on: what its signature and
those before it cover, these signatures, the keys that made them and those by which they are brought in, the signatures beside
pinned offers, and, where a law must be shown, the signature beside checked texts. Nobody but the parties can sign, so whatever
of this differs cannot stand.

Comments, blank lines, the order of keys in a table, names of files within their folder, parts, interests, offers that are not
pinned, baselines and files that nothing cites mean nothing to a gate. A document that cannot be read, stands where its party may
not speak, or has the name of another may shut everything.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOT_READ = frozenset({"build", "evidence", "data", "node_modules"})
COMMON = frozenset({"slot", "contract", "scenario", "gate"})
TABLES = frozenset(
    {"rates", "origin-scheme", "series", "state-money", "energy-prices", "life-cycle", "charging-network"}
)
COVERED = TABLES | {"programme", "party", "slot", "contract", "scenario", "requirement", "checked", "negative", "lock"}
OF_ALL = frozenset({"parties", "offers", "signoffs", "keys", "baselines"})
CLEAR = 0.05
"""Part of a value beyond which its uncertainty, of a per cent or two, cannot matter."""
Table = dict[str, Any]


@dataclass(frozen=True)
class Document:
    """One file as TOML has it, and what it is; `table` None where it cannot be read."""

    path: str
    table: Table | None

    @property
    def kind(self) -> str:
        return str((self.table or {}).get("schema", "")).partition("/")[0]

    def said(self, *, plain: bool = False) -> str:
        """Its content whatever the order of keys; `plain` leaves out what says nothing."""
        table = _plain(self.table) if plain else self.table
        return json.dumps(table, sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Tree:
    """A programme as it lies on the disk."""

    documents: tuple[Document, ...]
    files: dict[str, str]

    def of(self, *kinds: str) -> list[Document]:
        return [one for one in self.documents if one.kind in kinds]


@dataclass
class Expected:
    """What must be so after an edit.

    Where it is the `same`, nothing at all may differ. `shut` gates may not be open, `unsigned` gates may have no signature that
    stands; every other gate and signature stays as it was, unless the whole is refused. `unshown` requirements may not be met,
    `shown` ones must be. `loose` says that a difference may say nothing, such as an empty list left out: nothing is asked then.
    """

    same: bool = False
    loose: bool = False
    shut: set[str] = field(default_factory=set[str])
    unsigned: set[str] = field(default_factory=set[str])
    unshown: set[str] = field(default_factory=set[str])
    shown: set[str] = field(default_factory=set[str])


def read(root: Path) -> Tree:
    """Every file and document in a folder."""
    documents: list[Document] = []
    files: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if any(step.startswith(".") and step != ".gitignore" for step in name.parts):
            continue
        if path.is_symlink():
            documents.append(Document(name.as_posix(), None))
            continue
        if not path.is_file():
            continue
        raw = path.read_bytes()
        files[name.as_posix()] = hashlib.sha256(raw).hexdigest()
        if NOT_READ.isdisjoint(name.parts[:-1]) and (path.suffix == ".toml" or path.name == "programme.lock"):
            try:
                documents.append(Document(name.as_posix(), tomllib.loads(raw.decode("utf-8"))))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
                documents.append(Document(name.as_posix(), None))
    return Tree(tuple(documents), files)


def expected(before: Tree, after: Tree, values: Mapping[str, float]) -> Expected:
    """What must be so after an edit that leads from one tree to the other; `values` are those that requirements had before."""
    found = Expected(same=_same(before, after))
    orders = {str(one.table["id"]): int(one.table["order"]) for one in before.of("gate") if one.table}
    cited = _content(before) != _content(after)
    for gate, order in orders.items():
        moved, loose = _differs(_covered(before, order), _covered(after, order))
        found.loose |= loose
        earlier = {name for name, other in orders.items() if other < order}
        laws = order > min(orders.values())
        stands_on = (
            _lacks(_signing(before, {gate}), _signing(after, {gate})),
            _lacks(_signing(before, earlier), _signing(after, earlier)),
            _lacks(_beside(before, laws=laws), _beside(after, laws=laws)),
        )
        if moved or cited or stands_on[0]:
            found.unsigned.add(gate)
        if moved or cited or any(stands_on):
            found.shut.add(gate)
    if _misplaced(after) - _misplaced(before):
        found.same = False
        found.shut |= set(orders)
    found.unshown = _not_as_cited(after)
    _by_bounds(found, before, after, values)
    return found


def _by_bounds(found: Expected, before: Tree, after: Tree, values: Mapping[str, float]) -> None:
    """Requirements that a bound with another number leaves met or unmet by more than any uncertainty; laws need more."""
    units = {name: _bound(one)[2] for one in before.of("requirement") if (name := (one.table or {}).get("id"))}
    for one in after.of("requirement"):
        name = str((one.table or {}).get("id"))
        side, number, unit = _bound(one)
        if name not in values or not side or unit != units.get(name):
            continue
        margin = (number - values[name]) * (1.0 if side == "at_most" else -1.0)
        if margin < -CLEAR * abs(values[name]):
            found.unshown.add(name)
        elif margin > CLEAR * abs(values[name]) and (one.table or {}).get("kind") != "law":
            found.shown.add(name)


def _bound(one: Document) -> tuple[str, float, str]:
    for side in ("at_most", "at_least"):
        match = re.fullmatch(r"(-?[0-9.]+) (\S+)", str((one.table or {}).get(side, "")))
        if match:
            return side, float(match[1]), match[2]
    return "", 0.0, ""


def _same(before: Tree, after: Tree) -> bool:
    """Whether nothing is said otherwise: every document stands in its place, and files that are cited are as they were."""
    kept = {
        kind: [one for one in tree.documents if one.kind not in {"part"}]
        for kind, tree in (("b", before), ("a", after))
    }
    places = [sorted((_place(one), one.said()) for one in side) for side in kept.values()]
    drafts = [sorted(one.path for one in tree.documents if one.table is None) for tree in (before, after)]
    parts = [{one.path: one.said() for one in tree.of("part")} for tree in (before, after)]
    return (
        places[0] == places[1]
        and drafts[0] == drafts[1]
        and parts[0] == parts[1]
        and _content(before) == _content(after)
    )


def _place(one: Document) -> str:
    """Folder in which a document speaks; what is agreed on may stand in any that is nobody's."""
    table, kind = one.table or {}, one.kind
    if kind in {"programme", "lock", "party"}:
        return one.path
    party = (table.get("datasheet") or {}).get("party") if kind == "offer" else table.get("party")
    if kind == "offer" or (kind == "signature" and table.get("subject") == "offer"):
        return f"offers/{party}/"
    if kind == "signoff":
        return f"signoffs/{table.get('gate')}/"
    if kind in {"key", "revocation"}:
        return f"keys/{party}/"
    return f"{party}/" if kind in {"requirement", "interest", "part", "checked", "signature"} else ""


def _misplaced(tree: Tree) -> set[str]:
    """Documents that stand where they may not speak."""
    parties = {str(one.table.get("id")).casefold() for one in tree.of("party") if one.table}
    found: set[str] = set()
    for one in tree.documents:
        table = one.table or {}
        top = one.path.partition("/")[0].casefold() if "/" in one.path else ""
        right = {
            "programme": one.path == "programme.toml",
            "lock": one.path == "programme.lock",
            "party": one.path == f"parties/{table.get('id')}.toml",
        }.get(one.kind, one.path.startswith(_place(one)))
        if not right or (one.kind in COMMON and top in OF_ALL | parties):
            found.add(one.path)
    return found


def _covered(tree: Tree, order: int) -> list[Document]:
    """What a signature on the gate of an order covers, apart from files."""
    gates = [
        one
        for one in tree.of("gate")
        if not isinstance((one.table or {}).get("order"), int) or one.table["order"] <= order
    ]
    roots = [one for one in tree.of("key") if not (one.table or {}).get("follows")]
    unread = [
        one
        for one in tree.documents
        if one.table is None and not one.path.startswith(("offers/", "keys/", "signoffs/"))
    ]
    return [*(one for one in tree.documents if one.kind in COVERED), *gates, *roots, *_pinned(tree), *unread]


def _pinned(tree: Tree) -> list[Document]:
    """Offers in the lock, by their names and by what is written where they stood."""
    return [one for one in tree.of("offer") if _reference(one) in _pins(tree)]


def _pins(tree: Tree) -> set[str]:
    locks = [one.table or {} for one in tree.of("lock") if one.path == "programme.lock"]
    slots = [slot for lock in locks for slot in _tables(lock.get("slots"))]
    return {str(slot.get("offer")) for slot in slots}


def _tables(value: Any) -> list[Table]:
    return [one for one in value.values() if isinstance(one, dict)] if isinstance(value, dict) else []


def _reference(one: Document) -> str:
    sheet = (one.table or {}).get("datasheet") or {}
    return f"{sheet.get('party')}/{sheet.get('id')}@{sheet.get('version')}"


def _content(tree: Tree) -> dict[str, str]:
    """Digests of the files that requirements cite."""
    found: dict[str, str] = {}
    for one in tree.of("requirement"):
        for cited in (one.table or {}).get("evidence") or []:
            place = (Path(one.path).parent / str(cited.get("path"))).as_posix()
            found[place] = tree.files.get(place, "")
    return found


def _signing(tree: Tree, gates: Iterable[str]) -> list[Document]:
    """Sign-offs of gates, and the keys on which they stand."""
    signoffs = [one for one in tree.of("signoff") if (one.table or {}).get("gate") in set(gates)]
    return [*signoffs, *_chain(tree, signoffs)]


def _chain(tree: Tree, statements: Iterable[Document]) -> Iterator[Document]:
    """Keys that made statements, and those that bring them in."""
    by_name = {_fingerprint(one): one for one in tree.of("key")}
    for said in statements:
        name = str((said.table or {}).get("key"))
        seen: set[str] = set()
        while name in by_name and name not in seen:
            seen.add(name)
            yield by_name[name]
            name = str((by_name[name].table or {}).get("follows"))


def _fingerprint(one: Document) -> str:
    try:
        return hashlib.sha256(bytes.fromhex(str((one.table or {}).get("public")))).hexdigest()
    except ValueError:
        return ""


def _beside(tree: Tree, *, laws: bool) -> list[Document]:
    """Signatures beside pinned offers, and beside checked texts where a gate asks for laws; with their keys."""
    wanted = {("offer", name) for name in _pins(tree)}
    if laws:
        wanted |= {
            ("checked", f"{(one.table or {}).get('party')}/{(one.table or {}).get('id')}") for one in tree.of("checked")
        }
    found = [
        one
        for one in tree.of("signature")
        if ((one.table or {}).get("subject"), (one.table or {}).get("name")) in wanted
    ]
    return [*found, *_chain(tree, found)]


def _differs(before: Iterable[Document], after: Iterable[Document]) -> tuple[bool, bool]:
    """Whether something is missing or other, whatever stands beside it; and whether that may say nothing."""
    one, other = sorted({x.said() for x in before}), sorted({x.said() for x in after})
    if one == other:
        return False, False
    plain = [sorted({x.said(plain=True) for x in side}) for side in (list(before), list(after))]
    return (False, True) if plain[0] == plain[1] else (True, False)


def _lacks(before: Iterable[Document], after: Iterable[Document]) -> bool:
    """Whether something is missing or other; what stands beside it takes nothing away."""
    return not {one.said() for one in before} <= {one.said() for one in after}


def _plain(value: Any) -> Any:
    """Without what is as if it were left out."""
    if isinstance(value, dict):
        made = {name: _plain(one) for name, one in value.items()}
        return {name: one for name, one in made.items() if one not in ("", [], {}, None, False, "fixed", "programme")}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _not_as_cited(tree: Tree) -> set[str]:
    """Requirements whose cited file is gone, or is not what they cite."""
    found: set[str] = set()
    for one in tree.of("requirement"):
        for cited in (one.table or {}).get("evidence") or []:
            place = (Path(one.path).parent / str(cited.get("path"))).as_posix()
            if f"sha256:{tree.files.get(place)}" != cited.get("digest"):
                found.add(str((one.table or {}).get("id")))
    return found
