"""Every sentence of the report in every language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from covolt.words import Phrase, text

__all__ = ["CHANGED", "COUNTRIES", "FLOWS", "TEXTS"]

TEXTS: Mapping[str, Phrase] = MappingProxyType(
    {
        "blocking": text("What stands in the way"),
        "nothing_blocks": text("No law or constraint written here."),
        "contradictions": text("Bounds that exclude one another: no vehicle can meet both"),
        "gap": text("gap"),
        "skip": text("To the content"),
        "contents": text("Contents"),
        "committed": text("committed"),
        "not_committed": text("not committed as it lies here"),
        "met": text("met"),
        "met, text not checked": text("met, text not checked"),
        "not met": text("not met"),
        "within uncertainty": text("within uncertainty"),
        "not verified": text("not verified"),
        "stale": text("stale"),
        "hidden": text("hidden"),
        "law": text("law"),
        "constraint": text("constraint"),
        "need": text("need"),
        "wish": text("wish"),
        "requirements": text("Requirements by party"),
        "requirement": text("Requirement"),
        "kind": text("Kind"),
        "value": text("Value"),
        "bound": text("Bound"),
        "margin": text("Margin ± U"),
        "share": text("of the bound"),
        "unit": text("Unit"),
        "report": text("report"),
        "name": text("Name"),
        "office": text("Office"),
        "day": text("Date"),
        "signature": text("Signature"),
        "verdict": text("Verdict"),
        "margin_note": text(
            "The bar shows the margin as a share of the bound, from −30 % to +30 %; the thin line is U = 2 "
            "u, two standard uncertainties. Where estimates disagree (ageing laws, prices of parts), value and margin "
            "span them all and the bar is that of the least margin. P is the probability to conform, by which the verdict "
            "is made."
        ),
        "text_checked": text("text checked"),
        "edition": text("edition"),
        "scenario": text("scenario"),
        "cycle": text("cycle"),
        "ambient": text("air"),
        "payload_carried": text("payload"),
        "state_of_health": text("state of health"),
        "state_of_charge": text("state of charge"),
        "start": text("start"),
        "soaked": text("soaked"),
        "preconditioned": text("preconditioned"),
        "climate": text("climate"),
        "yearly_distance": text("distance a year"),
        "charges_per_day": text("charges a day"),
        "market": text("market"),
        "date": text("day of sale"),
        "yearly_volume": text("vehicles a year"),
        "area": text("area"),
        "station_power": text("power of the station"),
        "station_voltage": text("voltage of the station"),
        "from_inputs": text("datasheets"),
        "from_models": text("generic numbers"),
        "next": text("What to measure next"),
        "next_note": text(
            "Which number, known twice as well at the same value, decides a requirement that is within "
            "uncertainty; where no single one does, the shortest list that does."
        ),
        "halve": text("Number, and whose"),
        "uncertainty": text("u now → then"),
        "foretold": text("Then"),
        "generic": text("generic so far"),
        "or": text("or"),
        "and": text("and"),
        "must_move": text("No measurement decides: the design must move, by"),
        "vehicle": text("The vehicle"),
        "energy": text("Where the energy goes"),
        "drawn": text("from the battery"),
        "recuperated": text("recuperated on the way"),
        "drive": text("The drive"),
        "curves": text("Curves"),
        "curves_note": text(
            "A red mark is the bound of a requirement, drawn where it holds; a dot beside it is what was reached."
        ),
        "comparison": text("Cost and climate, beside petrol, diesel and gas"),
        "comparison_note": text(
            "Compact cars over ten years of use; greenhouse gases from well to wheel, life cycle with "
            "production. Estimates by the dated tables that ship; grids of"
        ),
        "cost_ten": text("Cost of ten years"),
        "use_row": text("Use, well to wheel"),
        "life_row": text("Life cycle with production"),
        "break_even_row": text("Emissions repaid after"),
        "zoom": text(
            "Point at a chart, or reach it with Tab and move with the arrows, to read it; + and − zoom, "
            "Escape shows all; drag across a stretch to enlarge it."
        ),
        "parts": text("Parts and parties"),
        "slot": text("Slot"),
        "owner": text("Owner"),
        "offer": text("Offer"),
        "model": text("Model, validation level"),
        "promises": text("Promises kept"),
        "party": text("Party"),
        "country": text("Country"),
        "changes": text("What changed since an earlier state, and by whom"),
        "does_not_stand": text(
            "Compared with as it was left; of it these do not stand by today's keys and signatures:"
        ),
        "before": text("Before"),
        "after": text("After"),
        "baseline": text("Compared with"),
        "changes_note": text(
            "Each movement of a margin is divided among the parties by the Shapley value; the parts sum to "
            "the whole. Plus is towards meeting the requirement."
        ),
        "moved": text("Margins that moved"),
        "no_changes": text("Nothing changed."),
        "gates": text("Gates"),
        "criteria": text("Criteria as written"),
        "open": text("open", context="gate"),
        "moved_since": text("moved since"),
        "signed_digest": text("over"),
        "gate_digest": text("state of the gate today:"),
        "shut": text("shut", context="gate"),
        "approval": text("Approval"),
        "approval_note": text(
            "Acts that hold for this vehicle by category and market, as of the day of the table, bound to "
            "the requirements that cite them. “Computed: met” is covolt's word by what the parties declare, "
            "“document cited” that a file lies there; an act is shown when an agency has signed an open gate "
            "for it. Scope or numbers marked ◊ are not checked against the text."
        ),
        "act": text("Act"),
        "state": text("State"),
        "acts_hold": text("Acts that hold:"),
        "computed": text("computed"),
        "document": text("document"),
        "by": text("To be shown by"),
        "elsewhere": text("Not for this vehicle"),
        "law_on": text("Law on"),
        "what": text("what", context="head"),
        "source": text("source", context="head"),
        "law_note": text(
            "In force means under the agreement that the act belongs to. Which series a market asks for is said only where "
            "a row says so: for TR CU 018/2011 it is not known here."
        ),
        "series": text("series", context="head"),
        "on_that_day": text("on that day", context="head"),
        "new_types": text("new types", context="head"),
        "all_types": text("all types", context="head"),
        "types_yes": text("must", context="types"),
        "types_open": text("open", context="types"),
        "types_no": text("not yet", context="types"),
        "types_not known": text("not known", context="types"),
        "no_dates": text("No date is known of these: they may come on any day, or have come"),
        "dated_later": text("Dated later"),
        "no_start": text("The charter states no start of series: what turns red until then is not told."),
        "started": text("Series begin on"),
        "turns_red": text("Turns red until the start of series on"),
        "protocols": text("Protocols"),
        "protocols_note": text(
            "Every intermediate value by number, as the regulation's own steps. A formula marked ◊ is not "
            "checked against its text."
        ),
        "no_drive": text("The drive was not completed"),
        "number": text("No."),
        "quantity": text("Quantity"),
        "symbol": text("Symbol"),
        "clause": text("Clause"),
        "method": text("Method and sources"),
        "method_text": text(
            "The vehicle is joined from the offers that the lock pins, and driven through each procedure "
            "step by step; the energy account of every drive closes to one part in a million. Uncertainty of "
            "a result follows from the standard uncertainties that the datasheets state, and from those of "
            "the generic numbers that stand for what they leave open: each number is moved up and down alone "
            "(JCGM 100:2008, 5.1.2 and 5.2.2). A requirement is met where the probability to conform is at "
            "least 95 %, not met where it is at most 5 %, within uncertainty between (JCGM 106:2012). What "
            "is printed behind ± is two standard uncertainties. Met by a bound or a formula that nobody has "
            "held against its text is “met, text not checked”. Levels of validation: 0 parameterised, 1 "
            "energy per cycle, 2 time resolved, 3 thermal."
        ),
        "level": text("Validation level"),
        "not_used": text("declared, not used by the model"),
        "charged_by": text("charged by"),
        "digest": text("Digest"),
        "lock": text("Lock"),
        "made": text("Made by covolt"),
        "on": text("on"),
        "kerb_mass": text("Kerb mass"),
        "payload": text("Payload"),
        "usable": text("Usable energy"),
        "power": text("Peak power"),
        "torque": text("Peak torque"),
        "drag": text("Drag area"),
        "private": text("A party's own: value and margin are not shown."),
    }
)
FLOWS: tuple[Phrase, ...] = (
    text("battery", context="flow"),
    text("vehicle", context="flow"),
    text("drive", context="flow"),
    text("wheels", context="flow"),
    text("charger", context="flow"),
    text("battery loss", context="flow"),
    text("remainder of the battery", context="flow"),
    text("auxiliaries", context="flow"),
    text("cabin climate", context="flow"),
    text("battery conditioning", context="flow"),
    text("not served", context="flow"),
    text("drive unit loss", context="flow"),
    text("declared less real", context="flow"),
    text("gearbox loss", context="flow"),
    text("air drag", context="flow"),
    text("rolling", context="flow"),
    text("bearings and rest of road load", context="flow"),
    text("friction brakes", context="flow"),
    text("height gained", context="flow"),
    text("kinetic energy gained", context="flow"),
    text("fuel of the heater", context="flow"),
    text("fuel heat to the cabin", context="flow"),
    text("exhaust of the heater", context="flow"),
)
"""Names of the ledger's flows."""
COUNTRIES: Mapping[str, Phrase] = MappingProxyType(
    {"RU": text("Russia"), "BY": text("Belarus"), "KZ": text("Kazakhstan")}
)

CHANGED = (
    text("programme", context="change"),
    text("vehicle", context="change"),
    text("scenario", context="change"),
    text("slot", context="change"),
    text("contract", context="change"),
    text("party", context="change"),
    text("empty", context="change"),
    text("absent", context="change"),
    text("present", context="change"),
    text("at least", context="change"),
    text("at most", context="change"),
    text("by document", context="change"),
)
"""Words with which a change of the programme begins, as `covolt.study.verdicts.attribution` has them."""
