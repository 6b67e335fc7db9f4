"""What covolt asks beside numbers, for `check_dossier.py`: gates, sign-offs, criteria, and texts that were checked."""

import ast
import json
import math
import operator
from datetime import date

from check_dossier_keys import canonical, sha

COVERED = ("party", "slot", "contract", "scenario", "requirement", "checked", "negative", "table", "interests")
NAMES = {
    **dict.fromkeys(("charter", "gate", "party", "slot", "scenario", "requirement", "negative", "table"), "{id}"),
    **{
        "interests": "{party}",
        "lock": "programme.lock",
        "contract": "{id}@{revision}",
        "checked": "{party}/{id}",
        "signoff": "{gate}/{party}/{role}",
    },
    **{"revocation": "{key}/{by}/{reason}", "signature": "{subject}/{name}/{key}"},
}
KINDS = (*NAMES, "offer", "key")  # these two are held by their digests
LAWFUL = ("ownership", "well-to-wheel", "gtr-22", "life-cycle-contract")
"""Recipes in which published laws disagree; in others two ends stand in their place where a measure is open."""
STEPPED = ("state-money",)
"""Recipes in which an uncertain number decides on the side of a step."""
AS_STATED = dict.fromkeys(("approval.count", "approval.shown", "negatives.guarded"))
"""What criteria count that covolt alone can count: nothing stands there, whatever it is."""
LONGEST = 4000
"""Signs of a criterion."""
ROW = {"requirement", "verdict", "value", "unit", "expanded", "probability", "laws", "sides", "contributions"}
ROW |= {"unchecked", "sections", "evidence", "validation_level", "why"}
FOREIGN = {"foreign"}  # not there in a dossier of covolt before it told on which parts a verdict rests
BY_ITSELF = ("fmu", "python", "hosted")
"""Kinds of models that are not covolt's."""
UNMODELLED = ("declaration", "supply", "origin", "levels", "state-money", "charging-interface", "un-r85")
"""Recipes that need no model of a battery."""
NO_TEXT = ("covolt", "as required")
COMPARED = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt}
SUMMED = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
SIGNED = {ast.USub: operator.neg}
DOES = {**COMPARED, ast.GtE: operator.ge, **SUMMED}


def worth(node, of):
    """What a part of a criterion is worth, by what its names and functions mean: None where that hangs on what is only stated.

    LookupError where nothing answers.
    """
    match node:
        case ast.BoolOp(op, parts):
            found, ends = [worth(one, of) for one in parts], isinstance(op, ast.Or)
            sure = any(one is not None and bool(one) is ends for one in found)
            return ends if sure else None if None in found else not ends
        case ast.UnaryOp(op, one):
            found = worth(one, of)
            return None if found is None else not found if isinstance(op, ast.Not) else SIGNED[type(op)](found)
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
            two = worth(left, of), worth(right, of)
            if None in two:
                return None
            return DOES[type(op)](*(map(float, two) if isinstance(node, ast.BinOp) else two))
        case ast.Attribute(ast.Name(plural), name):
            return of[f"{plural}.{name}"]
        case ast.Call(ast.Name(function), [ast.Constant(name)]):
            return of[function][name]
        case ast.Constant(value):
            return value
    raise ValueError("a criterion is not in its language")


def holds(entry, recipe, clause, symbol):
    """Whether an entry of a checked text holds a line of a recipe or, without one, the numbers of an act."""
    if not recipe:
        plain = ["".join(filter(str.isalnum, one.lower())) for one in (clause, *entry["bounds"])]
        return plain[0] in plain[1:]
    named = clause in entry["clauses"] if entry["clauses"] else clause != "station normals"
    return recipe in entry["procedures"] and named and (not entry["symbols"] or symbol in entry["symbols"])


def parsed(check):
    """The expression of a criterion."""
    if len(check) > LONGEST or not "".join(check.split()).isprintable():
        raise ValueError("a criterion is not in its language")
    return ast.parse(check.strip(), mode="eval").body


class Rules:
    """What follows from the documents of a dossier beside its numbers."""

    def __init__(self, dossier):
        self.dossier, self.of, self.state = dossier, dossier.of, "open"
        said = dossier.said
        date.fromisoformat(said["date"])  # days are compared as texts
        for kind, found in self.of.items():
            for name, one in found.items():
                right = kind in KINDS and NAMES.get(kind, name).format_map(one) == name
                dossier.demand(
                    right or kind in {"offer", "key"}, f"{kind} {name}: a dossier has none that is called so"
                )
        dossier.demand(
            all({*one} - FOREIGN == ROW for one in said["assessment"]),
            "its assessment has other fields than a dossier's",
        )
        dossier.demand(
            [*self.of["charter"]] == [said["programme"]], "it does not hold the charter of its programme alone"
        )
        for slot, pin in self.of["lock"]["programme.lock"]["slots"].items():
            offer = self.of["offer"].get(pin["offer"], {"digest": ""})
            right = sha(canonical(offer, "digest")) == offer["digest"] == pin["digest"]
            dossier.demand(right, f"the offer that is locked in {slot} is not what its digest says")
        for one in self.of["requirement"].values() if said["kind"] == "requirement" else ():
            alien = one["party"] != said["party"]
            dossier.unsure += [f"{one['id']}: requirement of {one['party']}, not signed by it"] if alien else []
        self.hidden = sorted(dossier.rows.keys() - self.of["requirement"].keys())
        self.entries = [(True, one) for one in said["shipped"]["checked"]]
        for name, one in self.of["checked"].items():
            if "agency" in self.of["party"][one["party"]]["roles"]:
                heard = self.signed("checked", name, one["party"], sha(canonical(one)))
                self.entries += [(heard is True, each) for each in one["text"]]
        for name, one in self.of["requirement"].items():
            if one["verify"]["method"] == "document":
                self.by_papers(name, dossier.rows[name]["verdict"], one["evidence"])
        self.marks(said["calculation"])
        gates = self.of["gate"]
        last = gates[said["subject"]]["order"] if said["kind"] == "gate" else 0
        order = sorted((one["order"], name) for name, one in gates.items() if one["order"] <= last)
        stated = [one["id"] for one in said["gates"]]
        dossier.demand(
            stated == [name for _, name in order], "it does not hold each gate up to its own, in their order"
        )

    def marks(self, calculation):
        """Whether the lines of each protocol are marked as checked by the texts that stand here."""
        readings = [{name: one[name] for name in ("by", "on", "edition")} for _, one in self.entries]
        for protocol in calculation:
            cited = [one for one in protocol["lines"] if one["clause"] not in NO_TEXT]
            marked = [one for one in cited if one["checked"]]
            right = all(one in readings for one in protocol["checked"])
            right = right and (protocol["steps"], protocol["steps_checked"]) == (len(cited), len(marked))
            for one in marked:
                line = protocol["procedure"], one["clause"], one["symbol"]
                right = right and any(holds(entry, *line) for _, entry in self.entries)
            self.dossier.demand(right, f"{protocol['id']}: marked as checked otherwise than by the texts that are here")

    def by_papers(self, name, word, papers):
        """A requirement that is shown by documents, which nobody has here."""
        dated = papers and all(self.dossier.said["date"] <= (one["valid_until"] or "9999") for one in papers)
        self.dossier.demand(word != "met" or dated, f"{name}: met, and no paper is cited that holds on that day")
        cited = ", ".join(f"{one['digest']} (valid until {one['valid_until'] or 'no day'})" for one in papers)
        self.dossier.shown.append(f"{name}: {word}, as stated, by papers that are not in here: {cited}")
        late = [one["valid_until"] for one in papers if (one["valid_until"] or "9999") < self.dossier.today]
        if word == "met" and len(late) == len(papers):
            self.dossier.unsure.append(f"{name}: its paper ran out on {', '.join(late)}, before today")

    def signed(self, subject, name, party, digest):
        """Whether a party has signed an offer or its checked texts; None where nobody can tell."""
        about = [one for one in self.of["signature"].values() if (one["subject"], one["name"]) == (subject, name)]
        heard = [self.dossier.stands(one) for one in about if (one["party"], one["digest"]) == (party, digest)]
        return True if True in heard else None if None in heard else False

    def read(self, row, requirement, found):
        """Whether each text on which a number stands was checked; whether its laws, sides and lines can be those of it."""
        name, recipe, sides = row["requirement"], requirement["procedure"], [one["probability"] for one in row["sides"]]
        right = recipe in LAWFUL or {*row["laws"]} <= {"at least", "at most"}
        self.dossier.demand(right, f"{name}: {recipe} has no such laws")
        right = not sides or (recipe in STEPPED and abs(sum(sides) - 1.0) < 1e-6 and min(sides) >= 0.0)
        self.dossier.demand(right, f"{name}: {recipe} has no such sides")
        protocols = [one for one in self.dossier.said["calculation"] if name in one["requirements"]]
        right = (
            len(protocols) == 1
            and protocols[0]["procedure"] == recipe
            and protocols[0]["lines"]
            and row["sections"] > 0
        )
        self.dossier.demand(right, f"{name}: its calculation is not there once")
        lines = [line for one in protocols for line in one["lines"]]
        _, size, zero = self.dossier.said["shipped"]["units"]["".join(row["unit"].split())]
        sections = row["sections"]
        for line in lines:
            if name in line["gives"]:
                sections = max(sections, int(line["number"].partition(".")[0]))
                same = (
                    row["laws"]
                    or row["value"] is None
                    or math.isclose(line["value_si"], (row["value"] + zero) * size, rel_tol=1e-6, abs_tol=1e-9)
                )
                self.dossier.demand(same, f"{name}: its calculation gives another value")
        if found != "met":
            return True
        act = requirement["regulation"]
        texts = [("", act, "")] if act or requirement["kind"] == "law" else []
        held = [one for one in lines if int(one["number"].partition(".")[0]) <= sections]
        texts += [(recipe, one["clause"], one["symbol"]) for one in held if one["clause"] not in NO_TEXT]
        heard = {text: {signed for signed, entry in self.entries if holds(entry, *text)} for text in texts}
        if row["verdict"] == "met":
            unsigned = sorted({text[1] for text, by in heard.items() if by == {False}})
            said = "checked by an agency whose signature is not there or not trusted"
            self.dossier.unsure += [f"{name}: {said}: {', '.join(unsigned)}"] if unsigned else []
        return all(heard.values())

    def gate(self, stated):
        """How a gate stands: what holds it shut, and what of it cannot be told here."""
        dossier, gate, digest = self.dossier, self.of["gate"][stated["id"]], stated["digest"]
        name, before = f"gate {gate['id']}", self.state
        shut = ["the gate before it is shut"] if before == "shut" else []
        unsure = [f"requirements that are not shown: {', '.join(self.hidden)}"] if self.hidden else []
        unsure += ["the gate before it"] if before == "not checked here" else []
        dossier.demand(self.hidden or self.covered(gate) == digest, f"{name}: digest of what is covered")
        for wanted in gate["signoffs"]:
            called = f"{gate['id']}/{wanted['party']}/{wanted['role']}"
            said = self.of["signoff"].get(called, {"schema": ""})
            heard = said["schema"] == "signoff/2" and said["digest"] == digest and dossier.stands(said)
            shut += [f"signature {called}: it does not hold"] if heard is False else []
            unsure += [f"signature {called}"] if heard is None else []
            if said.get("remarks"):
                dossier.shown.append(f"signature {called}, with the remark: {said['remarks']}")
        promises = [one for one in dossier.said["conformances"] if not one["kept"] and one.get("asked", True)]
        shut += [f"{one['slot']}: {one['promise']} is not kept" for one in promises if not one.get("by_others")]
        lacking, open_ones = self.lacking(gate)
        shut, unsure = shut + lacking, unsure + open_ones + self.unsigned(gate)
        if not (gate["signoffs"] or shut):
            unsure += ["nobody is asked to sign it: whoever signs this dossier can have written it"]
        dossier.demand(not (stated["open"] and shut), f"{name}: it is open, and {'; '.join(shut)}")
        dossier.demand(stated["open"] == (not stated["blocks"]), f"{name}: it is not open or shut as it says")
        self.state = "shut" if shut or not stated["open"] else "not checked here" if unsure else "open"
        dossier.unsure += [f"{name}: open, as it says: {one}" for one in unsure if stated["open"]]
        dossier.shown.append(f"{name}: {self.state}, over {digest}")

    def unsigned(self, gate):
        """Locked offers whose party's signature is not there or not trusted, where the programme counts only what is signed."""
        charter = self.of["charter"][self.dossier.said["programme"]]
        first = self.of["gate"].get(charter.get("signatures_from"), {"order": math.inf})["order"]
        found = (
            {pin["offer"] for pin in self.of["lock"]["programme.lock"]["slots"].values()}
            if first <= gate["order"]
            else ()
        )
        offers = {one: self.of["offer"][one] for one in sorted(found)}
        return [
            f"offer {name}: not signed by a key that is trusted"
            for name, one in offers.items()
            if not self.signed("offer", name, one["datasheet"]["party"], one["digest"])
        ]

    def lacking(self, gate):
        """What of a gate's criteria, and of what holds for people, the verdicts here do not fulfil, and what they cannot tell."""
        trees = [parsed(one["check"]) for one in gate["criteria"]]
        counted = any(isinstance(one, ast.Attribute | ast.Call) for tree in trees for one in ast.walk(tree))
        unsure = ["its criteria ask for nothing: they name nothing that is counted"] if trees and not counted else []
        if self.hidden:
            return [], unsure
        said, of = [], self.counts(gate)
        if not (gate["criteria"] or gate["signoffs"] or gate["people"]):
            said.append("it asks for nothing")
        if gate["people"] and not gate["signoffs"]:
            said.append("people ride after it, and nobody is asked to sign")
        if gate["people"]:
            wanted = [one["id"] for one in self.of["requirement"].values() if one["kind"] == "law" or one["safety"]]
            said += [f"{one}: {of['verdict'][one]}" for one in sorted(wanted) if of["verdict"][one] != "met"]
        for tree in trees:
            both = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
            for half in tree.values if both else [tree]:
                text = ast.unparse(half)
                try:
                    fulfilled = worth(half, of)
                except (LookupError, ZeroDivisionError):
                    fulfilled = False
                unsure += [f"taken as stated: {text}"] if fulfilled is None else []
                said += [] if fulfilled or fulfilled is None else [f"not so: {text}"]
        return said, unsure

    def counts(self, gate):
        """What the names and functions of criteria mean at a gate: of its requirements and those of earlier ones."""
        order = {name: one["order"] for name, one in self.of["gate"].items()}
        every, rows = self.of["requirement"], self.dossier.rows
        due = [one for one in every.values() if order[one["verify"]["gate"]] <= gate["order"]]
        word = {name: row["verdict"] for name, row in rows.items()}
        shown = [name for name in self.dossier.margins if every[name]["visibility"] != "party"]
        found = {"verdict": word, "value": {one: rows[one]["value"] for one in shown}}
        found["margin"] = {one: self.dossier.margins[one] for one in shown}
        for plural, kind in (("laws", "law"), ("constraints", "constraint"), ("needs", "need")):
            own = [word[one["id"]] for one in due if one["kind"] == kind]
            met = [one for one in own if one == "met" or (one.startswith("met") and kind != "law")]
            found |= {f"{plural}.count": len(own), f"{plural}.met": len(met)}
        safe = [word[one["id"]] for one in due if one["safety"]]
        papers = [word[one["id"]] for one in due if one["verify"]["method"] == "document"]
        words = [word[one["id"]] for one in due]
        found |= {"safety.count": len(safe), "safety.met": safe.count("met"), "requirements.count": len(words)}
        found |= {"requirements.met": words.count("met"), "requirements.unverified": words.count("not verified")}
        found |= {
            "requirements.unchecked": words.count("met, text not checked"),
            "requirements.stale": words.count("stale"),
        }
        locked = self.of["lock"]["programme.lock"]["slots"]
        found |= {"evidence.missing": papers.count("not verified"), "slots.empty": len(self.of["slot"]) - len(locked)}
        found |= AS_STATED | {"negatives.count": len(self.of["negative"])}
        return found if found["negatives.count"] else found | {"negatives.guarded": 0}

    def words(self, part):
        """Slot of a part that is not covolt's, and what a sign-off covers of it."""
        share, ways = part["unexplained_ratio"], " and ".join(part["ways"])
        share = "" if share is None else f"{float(f'{share:.6g}'):.2g}"
        said = "; ".join((part["door"], part["part"], part["file"], part["digest"], ways, share))
        return part["slot"], said.rstrip("; ")

    def foreign(self, row, requirement):
        """On which parts that are not covolt's a number stands: each is a locked offer, and runs the file that it published."""
        name, locked = row["requirement"], self.of["lock"]["programme.lock"]["slots"].values()
        offers = {pin["offer"]: self.of["offer"].get(pin["offer"], {"datasheet": {}}) for pin in locked}
        models = {one: offer["datasheet"].get("model", {}) for one, offer in offers.items()}
        batteries = (one for one, offer in offers.items() if "battery" in offer["datasheet"].get("fills", ""))
        own = {one for one in batteries if models[one].get("kind") in BY_ITSELF}
        for part in row.get("foreign", ()):
            offer = offers.get(part["part"], {})
            published = {one["path"]: one["digest"] for one in offer.get("files", ())}
            right = part["door"] in {"sandboxed", "declared"} and models.get(part["part"], {}).get("kind") in BY_ITSELF
            right = right and (part["door"] == "declared" or published.get(part["file"]) == part["digest"])
            self.dossier.demand(right, f"{name}: {part['part']} is not locked with a model of its own that did run so")
            _, said = self.words(part)
            self.dossier.shown.append(f"{name}: rests on {part['slot']} of {part['party']}: {said}")
        if row["value"] is not None and requirement["procedure"] not in UNMODELLED:
            silent = sorted(own - {part["part"] for part in row.get("foreign", ())})
            self.dossier.unsure += [f"{name}: it does not say whether {one} was asked itself" for one in silent]

    def covered(self, gate):
        """The digest that sign-offs of a gate name, of the documents, verdicts and promises that stand here."""
        held = {(one["order"], name): one for name, one in self.of["gate"].items() if one["order"] <= gate["order"]}
        of, content, said = {**self.of, "gate": held}, b"covolt gate 2\n", self.dossier.said
        for kind in ("charter", "gate", *COVERED, "lock"):
            every = of.get(kind, {})
            content += b"".join(kind.encode() + b" " + canonical(every[name]) + b"\n" for name in sorted(every))
        rows = []
        for one in said["assessment"]:
            value = "" if one["value"] is None else f"{float(format(one['value'], '.9g')):.4g}"
            rows.append([one["requirement"], one["verdict"], value, one["unit"]])
        first = sorted([key["party"], name] for name, key in self.of["key"].items() if not key["follows"])
        kept = sorted([one["slot"], one["promise"], one["kept"]] for one in said["conformances"])
        beside = {"keys": first, "verdicts": sorted(rows), "promises": kept}
        foreign = [
            [one["requirement"], *self.words(part)] for one in said["assessment"] for part in one.get("foreign", ())
        ]
        beside |= {"foreign": sorted(foreign)} if foreign else {}
        return sha(content + json.dumps(beside, sort_keys=True).encode())
