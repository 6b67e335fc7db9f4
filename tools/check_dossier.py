"""Checks a dossier of covolt offline, by itself: `python check_dossier.py FILE FINGERPRINT...`, the first keys that are trusted.

Works out each verdict again from value, U and bound, each digest and each signature; what the criteria of gates count it
takes as stated. Needs the package cryptography; GOST it hears where check_dossier_gost.py lies beside; STB and CMS it does not.
"""

import hashlib
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

COVERED = ("party", "slot", "contract", "scenario", "requirement", "checked", "negative", "table")
SHA = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}


def canonical(content, *without):
    kept = {name: one for name, one in content.items() if name not in without}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def statement(said):
    return b"covolt " + said["schema"].encode() + b"\n" + canonical(said, "signature", "possession")


def signs(key, signature, message):
    """Whether the holder of a key signed a message; None where nothing here can tell."""
    algorithm, public, raw = key.get("algorithm"), bytes.fromhex(key["public"]), bytes.fromhex(signature)
    if algorithm == "stb-34.101.45" or (algorithm and bytes.fromhex("2a864886f70d010702") in raw[:24]):
        return None
    try:
        if algorithm == "gost-r-34.10-2012":
            # What is not here to hear it does not hear it.
            return __import__("check_dossier_gost").signs_gost(key["parameters"], public, raw, message)
        bare = ed25519.Ed25519PublicKey.from_public_bytes
        one = x509.load_der_x509_certificate(public).public_key() if algorithm else bare(public)
        how = (padding.PKCS1v15(), hashes.SHA256()) if isinstance(one, rsa.RSAPublicKey) else ()
        one.verify(raw, message, *((ec.ECDSA(SHA[one.curve.name]),) if hasattr(one, "curve") else how))
    except (InvalidSignature, ValueError, KeyError, ImportError) as error:
        return None if isinstance(error, ImportError) else False
    return signature == signature.lower()


def below(margin, spread, bound):
    margin = 0.0 if abs(margin) <= 1e-9 * abs(bound) else margin
    return float(margin >= 0.0) if spread <= 0.0 else 0.5 * math.erfc(-margin / (spread * math.sqrt(2.0)))


class Checked:
    """One dossier, and what is wrong with it."""

    def __init__(self, raw, trusted):
        self.wrong, self.notes, self.of, self.keys, self.revoked = [], [], defaultdict(dict), {}, {}
        said = self.dossier = json.loads(raw)
        written = canonical(said) + b"\n" == raw and said["schema"] == "dossier/1"
        self.demand(written, "the file is not as covolt writes a dossier: bytes were added, moved or taken out")
        for one in said["documents"]:
            self.of[one["kind"]][one["name"]] = one["content"]
            self.demand(sha(canonical(one["content"])) == one["digest"], f"digest of {one['kind']} {one['name']}")
        self.find_keys(set(trusted))
        key, message = self.keys.get(said["key"], {"party": ""}), b"covolt dossier/1\n" + canonical(said, "signature")
        speaks = said["key"] not in self.revoked and key["party"] == said["party"] and said["role"] in key["roles"]
        heard = speaks and signs(key, said["signature"], message)
        self.demand(heard, "it is signed by a key that is not trusted to speak so" if not speaks else "its signature")
        self.offers()
        for row in said["assessment"]:
            self.verdict(row)
        for before, gate in zip([{"open": True}, *said["gates"]], said["gates"], strict=False):
            self.gate(gate, self.of["gate"][gate["id"]], before)

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
        right = f"{sha(named.encode() + bytes.fromhex(key['public']))} of {self.dossier['programme']}"
        own = signs(key, key["possession"], statement(key)) is not False
        senior = self.keys.get(key["follows"])
        if not own or senior is None or right != f"sha256:{name} of {key['programme']}":
            return own and not key["follows"] and name in trusted and right == f"sha256:{name} of {key['programme']}"
        wide = not senior["follows"] or "recovery" in senior["roles"] or set(key["roles"]) <= set(senior["roles"])
        return wide and senior["party"] == key["party"] and signs(senior, key["signature"], statement(key))

    def stands(self, said, on):
        """Whether a statement is by a key that counts, in its role, on a day on which it could; None where nobody can tell."""
        key = self.keys.get(said["key"])
        counts = key and key["party"] == said["party"] and said["role"] in key["roles"] and on >= key["on"]
        gone = said["key"] in self.revoked and sha(statement(said)) not in self.revoked[said["key"]]
        return signs(key, said["signature"], statement(said)) if counts and not gone else False

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
        name, value, bound, sign = row["requirement"], row["value"], row["bound"], row["sign"] == "≥" or -1
        sides, worst = self.dossier.get("sides", {}).get(name, ()), "low" if sign > 0 else "high"
        if sides:
            known = [one for one in sides if one[worst] is not None]
            conform = sum(one["probability"] for one in known if sign * (one[worst] - bound) >= -1e-9 * abs(bound))
        elif value is None or row["probability"] is None:
            self.notes.append(f"{name}: {row['verdict']}, by no number alone: taken as stated")
            self.demand(not (row["measure"] and not row["private"] and row["verdict"][:3] == "met"), f"{name}: met so")
            return
        else:
            self.demand(abs(row["margin"] - sign * (value - bound)) <= 1e-6 * max(1.0, abs(bound)), f"{name}: margin")
            margins = row["laws"] or {"": sign * (value - bound)}
            spread = {law: self.combined(row["contributions"], law) for law in margins}
            u = spread[min(margins, key=margins.get)]
            self.demand(abs(2 * u - row["expanded"]) <= 1e-6 * max(u, 1e-12), f"{name}: U is {2 * u} by its parts")
            conform = sum(below(one, spread[law], bound) for law, one in margins.items()) / len(margins)
        found = "met" if conform >= 0.95 else "not met" if conform <= 0.05 else "within uncertainty"
        found = "met, text not checked" if found == "met" and row["unchecked"] else found
        right = row["probability"] is None or abs(conform - row["probability"]) < 1e-6
        right = right and (not sides or abs(sum(one["probability"] for one in sides) - 1.0) < 1e-6)
        self.demand(right, f"{name}: the probability to conform is {conform:.4f}")
        right = found == row["verdict"] or (sides and row["verdict"] == "not verified")
        self.demand(right, f"{name}: the verdict is {found}, and it says {row['verdict']}")

    def combined(self, parts, law):
        pairs = {(p["first"], p["second"]): p["correlation_coefficient"] for p in self.dossier["correlations"]}
        effects = [(one["origin"], one["number"], one["by_law"].get(law, one["effect"])) for one in parts]
        models = [(number, effect) for origin, number, effect in effects if origin == "model"]
        both = sum(x * y * pairs.get((a, b), pairs.get((b, a), float(a == b))) for a, x in models for b, y in models)
        return math.sqrt(max(both, 0.0) + sum(x * x for kind, _, x in effects if kind == "input"))

    def gate(self, gate, document, before):
        name, known = f"gate {gate['id']}", self.dossier["kind"] == "gate" and not self.dossier["hidden"]
        self.demand(gate["open"] == (not gate["blocks"]), f"{name}: it is not open or shut as it says")
        self.demand(before["open"] or not gate["open"], f"{name}: it is open, and the one before it is shut")
        self.notes += [f"{name}: taken as stated: {one['check']}" for one in document["criteria"]]
        self.notes += [] if known else [f"{name}: its digest covers more than is shown: taken as stated"]
        self.demand(not known or self.covered(document) == gate["digest"], f"{name}: digest of what is covered")
        counting = [f"{gate['id']}/{one['party']}/{one['role']}" for one in gate["signatures"] if one["counts"]]
        for wanted in document["signoffs"]:
            called = f"{gate['id']}/{wanted['party']}/{wanted['role']}"
            said = self.of["signoff"].get(called, {"schema": ""})
            fresh = said["schema"] == "signoff/2" and said["digest"] == gate["digest"]
            holds = fresh and self.stands(said, said["date"])
            self.notes += [f"signature {called}: not checked here"] if holds is None else []
            self.demand(holds is None or holds or called not in counting, f"signature {called}: it does not hold")
            self.demand(called in counting or not gate["open"], f"{name}: it is open without the signature {called}")

    def covered(self, gate):
        """The digest that sign-offs of a gate name, of the documents, verdicts and promises that stand here."""
        held = {(one["order"], name): one for name, one in self.of["gate"].items() if one["order"] <= gate["order"]}
        of, content = {**self.of, "gate": held}, b"covolt gate 2\n"
        for kind in ("charter", "gate", *COVERED, "lock"):
            every = of.get(kind, {})
            content += b"".join(kind.encode() + b" " + canonical(every[name]) + b"\n" for name in sorted(every))
        rows = []
        for one in self.dossier["assessment"]:
            value = "" if one["value"] is None else f"{float(format(one['value'], '.9g')):.4g}"
            rows.append((one["requirement"], one["verdict"].partition(",")[0], value, one["unit"]))
        first = sorted((key["party"], name) for name, key in self.of["key"].items() if not key["follows"])
        kept = sorted((one["slot"], one["promise"], one["kept"]) for one in self.dossier["conformances"])
        beside = {"keys": first, "verdicts": sorted(rows), "promises": kept}
        return sha(content + json.dumps(beside, sort_keys=True).encode())


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        found = Checked(Path(sys.argv[1]).read_bytes(), sys.argv[2:])
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        sys.exit(f"REFUSED: this is no dossier: {type(error).__name__} {error}")
    print(*(f"note: {one}" for one in found.notes), *(f"WRONG: {one}" for one in found.wrong), sep="\n")
    print("REFUSED" if found.wrong else "ACCEPTED, as far as it was worked out: see the notes")
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
