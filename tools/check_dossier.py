"""Checks a dossier of covolt offline, by itself: `python check_dossier.py FILE FINGERPRINT...`, of the first keys that you trust.

What is asked for it reads from the documents in the file. It ends with ACCEPTED and 0; IN PART and 3, where nothing is wrong and
not all can be checked here; REFUSED and 1; 2 where there was nothing to check. Beside it lie check_dossier_keys.py (who
signed), check_dossier_gates.py (gates, and texts that were checked) and check_dossier_tokens.py (keys not of Ed25519).
"""

import json
import math
import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from check_dossier_keys import Keys, canonical, sha, signs, statement

__all__ = ["Checked", "canonical", "sha", "signs", "statement"]

SECTIONS = "assessment calculation conformances date documents gates key kind party programme reader role schema "
SECTIONS += "shipped signature software subject"
SHIPPED = "sha256:9eb92df474bb07878333488896cf748985a460fc8ba240675ee2857057fb766a"  # what ships with covolt 0.1.0
HUMBLE = ("not met", "within uncertainty", "not verified")
MOST_BYTES = 50_000_000
WORD = (
    "values, and which texts a number stands on, are the signer's word: covolt verify computes them",
    "a revocation that was left out is not seen here: ask each party whether its keys still count",
)


def below(margin, spread):
    return float(margin >= 0.0) if spread <= 0.0 else 0.5 * math.erfc(-margin / (spread * math.sqrt(2.0)))


class Checked(Keys):
    """One dossier: what is wrong with it, what of it cannot be checked here, and what it shows."""

    def __init__(self, raw, trusted):
        self.wrong, self.unsure, self.shown, self.unheld = [], [], [], set()
        self.of, self.keys, self.revoked, self.margins = defaultdict(dict), {}, {}, {}
        self.today = datetime.now(UTC).date().isoformat()
        said = self.said = json.loads(raw)
        if said["schema"] != "dossier/2":
            raise ValueError(f"this program takes dossier/2, and this is {said['schema']}: let its maker write it anew")
        written = canonical(said) + b"\n" == raw and set(said) == set(SECTIONS.split())
        self.demand(written, "the file is not as covolt writes a dossier: something was added, moved or taken out")
        self.demand(said["date"] <= self.today, f"it is of {said['date']}, and today is {self.today}")
        self.shown.append(f"of {said['date']}, by {said['party'] or 'nobody'}, {said['role'] or 'no role'}")
        self.demand(sha(canonical(said["shipped"])) == SHIPPED, "shipped: it is not what ships with this covolt")
        for one in said["documents"]:
            kind, name, content = one["kind"], one["name"], one["content"]
            self.demand(name not in self.of[kind], f"{kind} {name}: it is there twice")
            self.demand(sha(canonical(content)) == one["digest"], f"digest of {kind} {name}")
            self.of[kind][name] = content
        self.find_keys(set(trusted))
        unsigned = said["signature"] == "" == said["key"]
        untrusted = "nobody has signed this" if unsigned else "it is not signed by a key that you trust to speak so"
        self.demand(not unsigned and self.stands(said), untrusted)
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

    def verdict(self, row):
        """The verdict of a number again: P = mean of Phi(margin / u), met from 0.95 on, not met up to 0.05."""
        name, word, value, expanded = row["requirement"], row["verdict"], row["value"], row["expanded"]
        document, conform = self.of["requirement"].get(name), None
        if document is None or document["verify"]["method"] == "document":
            words = {"met", "stale", "not verified"} if document else {"hidden"}
            self.demand(value is None and word in words, f"{name}: it says {word} without its requirement")
            self.unsure += [] if document else [f"{name}: hidden, its requirement is not in here"]
            return
        if self.rules:
            self.rules.foreign(row, document)
        sign, side = (1, "at_least") if "at_least" in document else (-1, "at_most")
        number, unit = re.fullmatch(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)(.*)", str(document[side])).groups()
        two = [self.said["shipped"]["units"]["".join(one.split()) or "1"] for one in (row["unit"], unit)]
        (si, size, zero), (kind, times, start) = two
        bound = (float(number) + start) * times / size - zero
        least = 1e-9 * abs(bound + zero)
        self.demand(kind == si, f"{name}: its unit is not one of its bound")
        spread = "? (what it rests on states none)" if expanded == 0 and row["probability"] is None else expanded
        self.shown.append(f"{name}: {word}: {side} {document[side]}: {value} +- {spread} {row['unit']}")
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
        with Path(sys.argv[1]).open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            leave(1, f"REFUSED: the file has more than {MOST_BYTES} bytes")
        found = Checked(raw, re.findall(r".{64}", digits))
    except OSError as error:
        leave(2, f"there is nothing to check: {error}")
    except Exception as error:  # whatever the file brings about, it is told by this program and not by Python
        leave(1, f"REFUSED: this is no dossier: {type(error).__name__} {error}"[:500])
    lines = [f"shown: {one}" for one in found.shown] + [f"NOT CHECKED HERE: {one}" for one in found.unsure]
    lines += [f"WRONG: {one}" for one in found.wrong] + [*WORD]
    end = "REFUSED" if found.wrong else "IN PART: see what is not checked here" if found.unsure else "ACCEPTED"
    leave(1 if found.wrong else 3 if found.unsure else 0, *lines, end)


if __name__ == "__main__":
    main()
