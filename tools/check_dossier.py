"""Checks a dossier of covolt offline, by itself: `python check_dossier.py FILE FINGERPRINT...`, of the first keys that you trust.

What is asked for it reads from the documents in the file. It ends with ACCEPTED and 0; IN PART and 3, where nothing is wrong and
not all can be checked here; REFUSED and 1; 2 where there was nothing to check. Beside it lie check_dossier_gates.py (gates, and
texts that were checked) and check_dossier_tokens.py (keys that are not of Ed25519).
"""

import hashlib
import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

SECTIONS = "assessment calculation conformances date documents gates key kind party programme reader role schema "
SECTIONS += "shipped signature software subject"
SHIPPED = "sha256:2a3303024bdd03fed86d0d7877e6c066178260c85b95095e8e101f0ae51ac61e"  # what ships with covolt 0.1.0
HUMBLE = ("not met", "within uncertainty", "not verified")


def canonical(content, *without):
    kept = {name: one for name, one in content.items() if name not in without}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def statement(said):
    return b"covolt " + said["schema"].encode() + b"\n" + canonical(said, "signature", "possession")


def signs(key, signature, message):
    """Whether the holder of a key signed a message; None where nothing here can tell."""
    try:
        if key.get("algorithm"):
            return __import__("check_dossier_tokens").signs(key, signature, message)
        public, raw = bytes.fromhex(key["public"]), bytes.fromhex(signature)
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError, ImportError) as error:
        return None if isinstance(error, ImportError) else False
    return signature == signature.lower()


def below(margin, spread):
    return float(margin >= 0.0) if spread <= 0.0 else 0.5 * math.erfc(-margin / (spread * math.sqrt(2.0)))


class Checked:
    """One dossier: what is wrong with it, what of it cannot be checked here, and what it shows."""

    def __init__(self, raw, trusted):
        self.wrong, self.unsure, self.shown, self.unheld = [], [], [], set()
        self.of, self.keys, self.revoked, self.margins = defaultdict(dict), {}, {}, {}
        said = self.said = json.loads(raw)
        if said["schema"] != "dossier/2":
            raise ValueError(f"this program takes dossier/2, and this is {said['schema']}: let its maker write it anew")
        written = canonical(said) + b"\n" == raw and set(said) == set(SECTIONS.split())
        self.demand(written, "the file is not as covolt writes a dossier: something was added, moved or taken out")
        self.demand(sha(canonical(said["shipped"])) == SHIPPED, "shipped: it is not what ships with this covolt")
        for one in said["documents"]:
            kind, name, content = one["kind"], one["name"], one["content"]
            self.demand(name not in self.of[kind], f"{kind} {name}: it is there twice")
            self.demand(sha(canonical(content)) == one["digest"], f"digest of {kind} {name}")
            self.of[kind][name] = content
        self.find_keys(set(trusted))
        self.demand(self.stands(said), "it is not signed by a key that you trust to speak so")
        self.rows = {one["requirement"]: one for one in said["assessment"]}
        whole = self.rows.keys() >= self.of["requirement"].keys() and len(self.rows) == len(said["assessment"])
        right = said["kind"] == "gate" or (not said["gates"] and [*self.rows] == [said["subject"]])
        self.demand(whole and right, "it does not hold one verdict for each requirement of its subject")
        self.rules = None
        try:
            self.rules = __import__("check_dossier_gates").Rules(self)
        except ImportError:
            self.unsure.append("gates, and which texts were checked: check_dossier_gates.py does not lie beside this")
        for row in said["assessment"]:
            self.verdict(row)
        for gate in said["gates"] if self.rules else ():
            self.rules.gate(gate)

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
                heir = by["follows"] == one["key"] and one["reason"] != "compromised"
                stand = {*one["stands"], *([sha(statement(by))] if heir else [])}
                self.revoked.setdefault(one["key"], stand).intersection_update(stand)
        for name, key in [*self.keys.items()]:  # those that a revoked key brought in do not count
            link, by = sha(statement(key)), key["follows"]
            if by and (by not in self.keys or link not in self.revoked.get(by, {link})):
                del self.keys[name]

    def links(self, name, key, trusted):
        named = "" if key.get("algorithm", "x509") == "x509" else f"{key['algorithm']}/{key['parameters']}\n"
        right = f"{sha(named.encode() + bytes.fromhex(key['public']))} of {self.said['programme']}"
        own, senior = signs(key, key["possession"], statement(key)), self.keys.get(key["follows"])
        if own is False or right != f"sha256:{name} of {key['programme']}":
            return False
        self.unheld |= set() if own else {name}
        if senior is None:
            return own and not key["follows"] and name in trusted
        wide = not senior["follows"] or "recovery" in senior["roles"] or set(key["roles"]) <= set(senior["roles"])
        return wide and senior["party"] == key["party"] and signs(senior, key["signature"], statement(key))

    def stands(self, said):
        """Whether a statement is by a key that counts, in its role, on a day on which it could; None where nobody can tell."""
        key, on = self.keys.get(said["key"], {"party": None}), said.get("on") or said["date"]
        if key["party"] != said["party"] or said["programme"] != self.said["programme"]:
            return False
        offers = said["schema"] == "signature/1" and said["subject"] == "offer"
        may = said["role"] in key["roles"] and said["role"] != "recovery" and (said["role"] == "offers") == offers
        gone = said["key"] in self.revoked and sha(statement(said)) not in self.revoked[said["key"]]
        left = self.of["party"][said["party"]].get("left", "9999")
        if not may or gone or not key["on"] <= on <= min(self.said["date"], left):
            return False
        return signs(key, said["signature"], statement(said)) and (None if said["key"] in self.unheld else True)

    def verdict(self, row):
        """The verdict of a number again: P = mean of Phi(margin / u), met from 0.95 on, not met up to 0.05."""
        name, word, value, expanded = row["requirement"], row["verdict"], row["value"], row["expanded"]
        document, conform = self.of["requirement"].get(name), None
        if document is None or document["verify"]["method"] == "document":
            words = {"met", "stale", "not verified"} if document else {"hidden"}
            self.demand(value is None and word in words, f"{name}: it says {word} without its requirement")
            return
        sign, side = (1, "at_least") if "at_least" in document else (-1, "at_most")
        number, unit = re.fullmatch(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)(.*)", str(document[side])).groups()
        two = [self.said["shipped"]["units"]["".join(one.split()) or "1"] for one in (row["unit"], unit)]
        (si, size, zero), (kind, times, start) = two
        bound = (float(number) + start) * times / size - zero
        least = 1e-9 * abs(bound + zero)
        self.demand(kind == si, f"{name}: its unit is not one of its bound")
        self.shown.append(f"{name}: {word}: {side} {document[side]}: {value} +- {expanded} {row['unit']}")
        if row["sides"]:
            ends = [(one["low"] if sign > 0 else one["high"], one["probability"]) for one in row["sides"]]
            conform = sum(p for end, p in ends if end is not None and sign * (end - bound) >= -least)
        elif value is not None and expanded is not None:
            self.margins[name] = sign * (value - bound)
            margins = {law: sign * (one - bound) for law, one in (row["laws"] or {"": value}).items()}
            margins = {law: 0.0 if abs(one) <= least else one for law, one in margins.items()}
            u, worst = {law: self.combined(row["contributions"], law) for law in margins}, min(margins, key=margins.get)
            right = abs(self.margins[name] - margins[worst]) <= least + 1e-9 * abs(value)
            right = right and abs(2 * u[worst] - expanded) <= 1e-6 * max(u[worst], 1e-12)
            self.demand(right, f"{name}: its value is not that of the worst law, or its U not by its parts")
            conform = sum(below(one, u[law]) for law, one in margins.items()) / len(margins)
        if conform is None or (row["probability"] is None and word in HUMBLE):
            self.demand(word in HUMBLE, f"{name}: it says {word} without a number")
            return
        found = "met" if conform >= 0.95 else "not met" if conform <= 0.05 else "within uncertainty"
        read = (not self.rules or self.rules.read(row, document, found)) and not row["unchecked"]
        found = "met, text not checked" if found == "met" and not read else found
        right = row["probability"] is None or abs(conform - row["probability"]) < 1e-6
        self.demand(right, f"{name}: the probability to conform is {conform:.4f}")
        self.demand(found == word or (row["sides"] and word == "not verified"), f"{name}: {found}, and it says {word}")

    def combined(self, parts, law):
        r = {frozenset((a, b)): r for a, b, r in self.said["shipped"]["correlations"]}
        effects = [(one["origin"], one["number"], one["by_law"].get(law, one["effect"])) for one in parts]
        models = [(number, effect) for origin, number, effect in effects if origin == "model"]
        both = sum(x * y * r.get(frozenset((a, b)), float(a == b)) for a, x in models for b, y in models)
        return math.sqrt(max(both, 0.0) + sum(x * x for kind, _, x in effects if kind == "input"))


def leave(code, *lines):
    print(*(ascii(one)[1:-1] for one in lines), sep="\n")
    sys.exit(code)


def main():
    given = re.split(r"[\s,;:]+", " ".join(sys.argv[2:]).lower())
    digits = "".join(one for one in given if not re.fullmatch(r"([a-z]{5}-){7}[a-z]{5}", one))
    if not re.fullmatch(r"([0-9a-f]{64})+", digits):
        leave(2, *__doc__.splitlines(), "no fingerprint: each has 64 digits, as covolt key list has them")
    try:
        found = Checked(Path(sys.argv[1]).read_bytes(), re.findall(r".{64}", digits))
    except OSError as error:
        leave(2, f"there is nothing to check: {error}")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        leave(1, f"REFUSED: this is no dossier: {type(error).__name__} {error}")
    lines = [f"shown: {one}" for one in found.shown] + [f"NOT CHECKED HERE: {one}" for one in found.unsure]
    lines += [f"WRONG: {one}" for one in found.wrong] + ["values are the signer's word: covolt verify computes them"]
    end = "REFUSED" if found.wrong else "IN PART: see what is not checked here" if found.unsure else "ACCEPTED"
    leave(1 if found.wrong else 3 if found.unsure else 0, *lines, end)


if __name__ == "__main__":
    main()
