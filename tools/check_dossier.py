"""Checks a dossier of covolt offline, by itself: `python check_dossier.py FILE FINGERPRINT...`, the first keys that are trusted.

Works out each verdict again from value, U and bound, each digest and each signature. Needs the package cryptography.
"""

import hashlib
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(content, *without):
    kept = {name: one for name, one in content.items() if name not in without}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def statement(said):
    return b"covolt " + said["schema"].encode() + b"\n" + canonical(said, "signature", "possession")


def signs(key, signature, message):
    """Whether a key of Ed25519 signed a message; None for a key of another algorithm, which is not checked here."""
    if "algorithm" in key:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return signature == signature.lower()


def below(margin, spread, bound):
    margin = 0.0 if abs(margin) <= 1e-9 * abs(bound) else margin
    return float(margin >= 0.0) if spread <= 0.0 else 0.5 * math.erfc(-margin / (spread * math.sqrt(2.0)))


def lines(kind, contents):
    return b"".join(kind.encode() + b" " + canonical(one) + b"\n" for one in contents)


class Checked:
    """One dossier, and what is wrong with it."""

    def __init__(self, raw, trusted):
        self.wrong, self.notes, self.of, self.keys, self.revoked = [], [], defaultdict(dict), {}, {}
        self.dossier = json.loads(raw)
        written = canonical(self.dossier) + b"\n" == raw and self.dossier["schema"] == "dossier/1"
        self.demand(written, "the file is not as covolt writes a dossier: bytes were added, moved or taken out")
        for one in self.dossier["documents"]:
            self.of[one["kind"]][one["name"]] = one["content"]
            self.demand(sha(canonical(one["content"])) == one["digest"], f"digest of {one['kind']} {one['name']}")
        self.find_keys(set(trusted))
        self.signer()
        self.offers()
        for row in self.dossier["assessment"]:
            self.verdict(row)
        for gate in self.dossier["gates"]:
            self.gate(gate, self.of["gate"][gate["id"]])

    def demand(self, holds, what):
        self.wrong += [] if holds else [what]

    def find_keys(self, trusted):
        """Keys that descend from a trusted first key, each signed by the one that it follows; and which are revoked."""
        every = self.of["key"]
        while more := {one for one in every if one not in self.keys and self.links(one, every[one], trusted)}:
            self.keys |= {one: every[one] for one in more}
        for one in self.of["revocation"].values():
            by, key = self.keys.get(one["by"]), self.keys.get(one["key"])
            if by and key and by["party"] == key["party"] and signs(by, one["signature"], statement(one)):
                self.revoked.setdefault(one["key"], set(one["stands"])).intersection_update(one["stands"])

    def links(self, name, key, trusted):
        named = "" if key.get("algorithm", "x509") == "x509" else f"{key['algorithm']}/{key['parameters']}\n"
        fingerprint = sha(named.encode() + bytes.fromhex(key["public"]))
        if fingerprint != f"sha256:{name}" or key["programme"] != self.dossier["programme"]:
            return False
        if "algorithm" not in key and not signs(key, key["possession"], statement(key)):
            return False
        if not key["follows"]:
            return name in trusted
        senior = self.keys.get(key["follows"])
        if senior is None or senior["party"] != key["party"] or not signs(senior, key["signature"], statement(key)):
            return False
        return not senior["follows"] or "recovery" in senior["roles"] or set(key["roles"]) <= set(senior["roles"])

    def stands(self, said, on):
        """Whether a statement is by a key that counts, in its role, on a day on which it could; None where nobody can tell."""
        key = self.keys.get(said["key"])
        if key is None or key["party"] != said["party"] or said["role"] not in key["roles"] or on < key["on"]:
            return False
        if said["key"] in self.revoked and sha(statement(said)) not in self.revoked[said["key"]]:
            return False
        return signs(key, said["signature"], statement(said))

    def signer(self):
        said, key = self.dossier, self.keys.get(self.dossier["key"])
        known = key is not None and said["key"] not in self.revoked and key["party"] == said["party"]
        self.demand(known and said["role"] in key["roles"], "it is signed by a key that is not trusted to speak so")
        message = b"covolt dossier/1\n" + canonical(said, "signature")
        self.demand(known and signs(key, said["signature"], message), "the signature of the dossier does not hold")

    def offers(self):
        for slot, pin in self.of["lock"].get("programme.lock", {"slots": {}})["slots"].items():
            offer = self.of["offer"].get(pin["offer"], {"digest": ""})
            right = sha(canonical(offer, "digest")) == offer["digest"] == pin["digest"]
            self.demand(right, f"the offer that is locked in {slot} is not what its digest says")
        for name, one in self.of["signature"].items():
            if one["name"] in self.of["offer"] and not self.stands(one, one["on"]):
                self.notes.append(f"signature {name} is not by a key that counts here")

    def verdict(self, row):
        """The verdict of a number again: P = mean of Phi(margin / u), met from 0.95 on, not met up to 0.05."""
        name, value, bound, parts = row["requirement"], row["value"], row["bound"], row["contributions"]
        if value is None:
            self.notes.append(f"{name}: {row['verdict']}, by no number that is shown here")
            numberless = row["private"] or not row["measure"]
            self.demand(numberless or not row["verdict"].startswith("met"), f"{name}: met without a value")
            return
        margin = value - bound if row["sign"] == "≥" else bound - value
        self.demand(abs(row["margin"] - margin) <= 1e-6 * max(1.0, abs(bound)), f"{name}: the margin is {margin}")
        margins = row["laws"] or {"": margin}
        spread = {law: self.combined(parts, law) for law in margins}
        u = spread[min(margins, key=margins.get)]
        self.demand(abs(2.0 * u - row["expanded"]) <= 1e-6 * max(u, 1e-12), f"{name}: U is {2.0 * u} by its parts")
        conform = sum(below(one, spread[law], bound) for law, one in margins.items()) / len(margins)
        found = "met" if conform >= 0.95 else "not met" if conform <= 0.05 else "within uncertainty"
        found = "met, text not checked" if found == "met" and row["unchecked"] else found
        self.demand(abs(conform - row["probability"]) < 1e-6, f"{name}: the probability to conform is {conform:.4f}")
        self.demand(found == row["verdict"], f"{name}: the verdict is {found}, and it says {row['verdict']}")

    def combined(self, parts, law):
        pairs = {(p["first"], p["second"]): p["correlation_coefficient"] for p in self.dossier["correlations"]}
        effects = [(one["origin"], one["number"], one["by_law"].get(law, one["effect"])) for one in parts]
        models = [(number, effect) for origin, number, effect in effects if origin == "model"]
        squares = sum(x * x for kind, _, x in effects if kind == "input")
        both = sum(x * y * pairs.get((a, b), pairs.get((b, a), float(a == b))) for a, x in models for b, y in models)
        return math.sqrt(squares + max(both, 0.0))

    def gate(self, gate, document):
        self.demand(gate["open"] == (not gate["blocks"]), f"gate {gate['id']}: it is not open or shut as it says")
        if self.dossier["kind"] == "gate" and not self.dossier["hidden"]:
            self.demand(self.covered(document) == gate["digest"], f"gate {gate['id']}: digest of what is covered")
        else:
            self.notes.append(f"gate {gate['id']}: its digest covers more than this dossier shows")
        for wanted in document["signoffs"]:
            name = f"{gate['id']}/{wanted['party']}/{wanted['role']}"
            said = self.of["signoff"].get(name)
            fresh = said is not None and said["schema"] == "signoff/2" and said["digest"] == gate["digest"]
            holds = self.stands(said, said["date"]) if fresh else False
            shown = name in {
                f"{gate['id']}/{one['party']}/{one['role']}" for one in gate["signatures"] if one["counts"]
            }
            if holds is None:
                self.notes.append(f"signature {name}: of another algorithm, not checked here")
            self.demand(holds is None or holds or not shown, f"signature {name}: it does not hold")
            self.demand(shown or not gate["open"], f"gate {gate['id']}: it is open without the signature {name}")

    def covered(self, gate):
        """The digest that sign-offs of a gate name, of the documents, verdicts and promises that stand here."""
        gates = [one for one in self.of["gate"].values() if one["order"] <= gate["order"]]
        content = b"covolt gate 2\n" + lines("charter", self.of["charter"].values())
        content += lines("gate", sorted(gates, key=lambda one: (one["order"], one["id"])))
        for kind in ("party", "slot", "contract", "scenario", "requirement", "checked"):
            content += lines(kind, (self.of[kind][name] for name in sorted(self.of[kind])))
        content += lines("lock", self.of["lock"].values())
        said = [(r["requirement"], r["verdict"], r["value"], r["unit"]) for r in self.dossier["assessment"]]
        texts = {None: ""} | {v: f"{float(f'{v:.9g}'):.4g}" for _, _, v, _ in said if v is not None}
        rows = sorted((name, verdict.partition(",")[0], texts[value], unit) for name, verdict, value, unit in said)
        first = sorted((key["party"], name) for name, key in self.of["key"].items() if not key["follows"])
        kept = sorted((one["slot"], one["promise"], one["kept"]) for one in self.dossier["conformances"])
        beside = {"keys": first, "verdicts": rows, "promises": kept}
        return sha(content + json.dumps(beside, sort_keys=True).encode())


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        found = Checked(Path(sys.argv[1]).read_bytes(), sys.argv[2:])
        wrong, notes = found.wrong, found.notes
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        wrong, notes = [f"this is no dossier: {type(error).__name__} {error}"], []
    print("\n".join([*(f"note: {one}" for one in notes), *(f"WRONG: {one}" for one in wrong)]))
    partly = ", but for what is not checked here" if "not checked here" in str(notes) else ": all was worked out again"
    print("REFUSED" if wrong else f"ACCEPTED{partly}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
