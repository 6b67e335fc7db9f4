"""The signed examples: fresh keys, what they sign, and the anchor by which covolt knows them, all in one step.

Every change of physics moves verdicts, and what was signed over them is stale. This makes everything anew in a draft of each
example: the private keys lie in a temporary folder and go with it, so that nobody can sign in these programmes afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from covolt.programme.documents import Programme
from covolt.programme.key_coherence import demanded_order
from covolt.programme.keys import OFFERS, RECOVERY, roots_of
from covolt.programme.people import asked_of, orders_of, others_of
from covolt.programme.pledging import bring_in, sign_checked, sign_gate, sign_offer, write_pledge
from covolt.programme.reading import read_leniently
from covolt.programme.signing import new_key, read_key
from covolt.simulation.precision import prepare_process
from covolt.study.gate.check import read_whole
from covolt.study.gate.covered import covered_digest, covered_items
from covolt.study.gate.gates import criteria_blocks
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
ANCHOR = ROOT / "src" / "covolt" / "library" / "trusted.toml"
STATEMENT = re.compile(r'(?m)^schema = "(key/1|revocation/1|signature/1|signoff/[12])"$')
MADE_AGAIN = shutil.ignore_patterns(".covolt", "build")
RESERVED = "Signed with what is still open: the gate stays shut until its criteria hold."
"""Remark of who signs a gate that its criteria hold shut: what he has seen, and not that it may be passed."""
ANCHOR_HEAD = (
    "# Written by make sign-examples: the first keys of the parties of the shipped examples, and of no other programme."
)


def statements(folder: Path) -> list[Path]:
    """Files of keys, revocations, signatures and sign-offs in a programme."""
    documents = (path for path in folder.rglob("*.toml") if not {".covolt", "build"} & set(path.parts))
    return sorted(path for path in documents if STATEMENT.search(path.read_text(encoding="utf-8")))


def roles_of(programme: Programme) -> dict[str, list[str]]:
    """In which roles each party has something to sign."""
    found: dict[str, list[str]] = {}
    for gate in programme.gates.values():
        for one in gate.signoffs:
            found.setdefault(one.party, []).append(one.role)
    for offer in programme.offers.values():
        found.setdefault(offer.datasheet.party, []).append(OFFERS)
    for texts in programme.checked.values():
        found.setdefault(texts.party, ["type-approval-officer"])
    return {party: sorted(set(roles)) for party, roles in sorted(found.items())}


def _made(file: Path) -> Ed25519PrivateKey:
    new_key(file)
    return read_key(file)


def pledge(folder: Path, own: Path) -> dict[str, Ed25519PrivateKey]:
    """Give every party that signs a recovery key, and one by which it signs its offers and checked texts; these, by party."""
    keys: dict[str, Ed25519PrivateKey] = {}
    for party, roles in roles_of(read_leniently(folder)).items():
        recovery, keys[party] = (_made(own / f"{party}-{one}.pem") for one in (RECOVERY, "signs"))
        bring_in(read_leniently(folder), recovery, party, [RECOVERY], None)
        bring_in(read_leniently(folder), keys[party], party, roles, recovery)
    read = read_leniently(folder)
    for reference, offer in read.offers.items():
        sign_offer(read, keys[offer.datasheet.party], read.file_of("offer", reference), offer, "--key")
    for name, texts in read.checked.items():
        sign_checked(read, keys[texts.party], name, "--key")
    return keys


def repr_toml(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def agencies_of(programme: Programme) -> list[str]:
    """Parties with a first key that are agencies."""
    roots = roots_of(programme.keys.values())
    return [name for name, one in sorted(programme.parties.items()) if "agency" in one.roles and name in roots]


def anchored(programmes: list[Programme]) -> str:
    """Text of the anchor as who trusts the first keys has it: whom gates ask and how they stand, agencies, what is demanded."""
    lines = [ANCHOR_HEAD, 'schema = "trusted/1"']
    for one in programmes:
        lines += [
            "",
            f"[programme.{one.charter.id}]",
            f'signatures_from = "{one.charter.signatures_from}"',
            f"order = {demanded_order(one)}",
            f"agencies = [{', '.join(repr_toml(name) for name in agencies_of(one))}]",
            "",
            f"[programme.{one.charter.id}.people]",
            *(f"{gate} = [{', '.join(map(repr_toml, asked))}]" for gate, asked in asked_of(one).items()),
            "",
            f"[programme.{one.charter.id}.others]",
            *(f"{gate} = [{', '.join(map(repr_toml, asked))}]" for gate, asked in others_of(one).items()),
            "",
            f"[programme.{one.charter.id}.orders]",
            *(f"{gate} = {order}" for gate, order in orders_of(one).items()),
            "",
            f"[programme.{one.charter.id}.first]",
            *(f'{party} = "{root}"' for party, root in sorted(roots_of(one.keys.values()).items())),
        ]
    return "\n".join(lines) + "\n"


def sign_gates(folder: Path, keys: dict[str, Ed25519PrivateKey]) -> Iterator[str]:
    """Drive everything anew and sign every gate but those with people that their criteria hold shut; what was done."""
    read = read_whole(folder)
    found = verify(read, MemoryRecords())
    for gate in sorted(read.gates.values(), key=lambda one: one.order):
        blocks = criteria_blocks(read, found, gate)
        if blocks and gate.people:
            yield f"{read.charter.id}, {gate.id}: not signed, {len(blocks)} things are not shown"
            continue
        digest, items = covered_digest(read, found, gate), covered_items(read, found, gate)
        for one in gate.signoffs:
            remarks = RESERVED if blocks else ""
            made = sign_gate(read, keys[one.party], gate.id, one.party, one.role, digest, remarks, items)
            write_pledge(read, folder / "signoffs" / gate.id / f"{one.party}-{one.role}.toml", made)
            yield f"{read.charter.id}, {gate.id}: signed by {one.party}, {one.role}{', with a remark' * bool(blocks)}"


def take_over(draft: Path, folder: Path) -> None:
    """Let the statements of a draft take the place of those that an example has."""
    for path in statements(folder):
        path.unlink()
    for path in statements(draft):
        place = folder / path.relative_to(draft)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    for name in ("keys", "signoffs"):
        for left in sorted((folder / name).glob("*/")):
            if not any(left.iterdir()):
                left.rmdir()


def main() -> None:
    """Sign the examples whose names are given, else each."""
    prepare_process()
    examples = sorted(path for path in EXAMPLES.iterdir() if (path / "programme.toml").is_file())
    asked = set(sys.argv[1:]) or {path.name for path in examples}
    with TemporaryDirectory(prefix="covolt-signing-") as made:
        own = Path(made)
        os.environ["COVOLT_CONFIG_DIR"] = str(own / "config")
        keys: dict[Path, dict[str, Ed25519PrivateKey]] = {}
        for example in (path for path in examples if path.name in asked):
            draft = Path(shutil.copytree(example, own / "drafts" / example.name, ignore=MADE_AGAIN))
            for path in statements(draft):
                path.unlink()
            keys[draft] = pledge(draft, own / "keys" / example.name)
        left = [path for path in examples if path.name not in asked]
        anchor = anchored([read_leniently(path) for path in sorted([*keys, *left], key=lambda path: path.name)])
        (own / "config").mkdir(mode=0o700, exist_ok=True)
        (own / "config" / "trusted.toml").write_text(anchor, encoding="utf-8")
        (own / "config" / "trusted.toml").chmod(0o600)
        for draft, private in keys.items():
            for said in sign_gates(draft, private):
                print(said)  # noqa: T201  it is what the recipe says
        for draft in keys:
            take_over(draft, EXAMPLES / draft.name)
        ANCHOR.write_text(anchor, encoding="utf-8")


if __name__ == "__main__":
    main()
