"""Words of the report's first page, stages, chains and tables, by key; the catalogues have the other languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from covolt.words import Text, text

__all__ = ["LABELS"]

LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "figures": text("The main figures"),
        "figure": text("Figure"),
        "asked_by": text("Asked by"),
        "no_requirement": text("no requirement"),
        "not_computed": text("not computed"),
        "holds_next": text("What holds the next gate:"),
        "no_gate": text("What stands in the way of acceptance"),
        "all_open": text("Every gate is open."),
        "numbers_missed": text("Numbers missed or not decided"),
        "papers_missing": text("Papers missing"),
        "texts_open": text("Met by a text that nobody has checked"),
        "acts_open": text("Acts not shown"),
        "unsigned": text("Signatures missing"),
        "also_before": text("Holding an earlier gate too, told there"),
        "waits_for": text("waits for"),
        "asked_since": text("asked for since"),
        "never_signed": text("nobody has signed"),
        "more": text("more"),
        "three_steps": text("Next steps, and whose"),
        "measure_next": text("What to measure next"),
        "nothing_next": text("No single step is known; see the requirements below."),
        "signatures": text("Signatures and fingerprints"),
        "evidence": text("Evidence"),
        "levels_are": text(
            "Level of validation: what of the model was compared with measurements: 0 nothing, its numbers come from their "
            "sources; 1 energy over a cycle; 2 the course over time; 3 temperatures too."
        ),
        "by_estimate": text("By each estimate"),
        "mean_of_estimates": text("P is the mean of theirs."),
        "estimate_for": text("estimate for"),
        "signed_last": text("latest signature"),
        "checked_last": text("latest check of a text"),
        "gives_value": text("value from"),
        "no_line": text("no single line; see the protocol"),
        "no_protocol": text("no protocol: a document shows it"),
        "weighs_most": text("Numbers that weigh most"),
        "stated": text("Stated"),
        "effect": text("Effect of u"),
        "weight": text("Weight"),
        "offer_of": text("Offer, with its digest and signature"),
        "signature": text("Signature"),
        "used_in": text("Weighs in"),
        "gives": text("value of"),
        "no_uncertainty": text("no uncertainty declared"),
        "checked_by": text("Checked against the text by"),
        "not_checked": text("not yet checked against the text"),
        "no_text": text("no regulation: covolt's own recipe"),
        "filter": text("Filter"),
        "find": text("Find"),
        "order": text("Order"),
        "worst_first": text("by party, least margin over U first"),
        "one_table": text("one table, least margin over U first"),
        "no_script": text("Without JavaScript everything is here; only filter, order and cursors are missing."),
        "reads_for": text("Shown as seen by"),
        "twin": text("All of this as data (JSON)"),
        "no_baseline": text(
            "Nothing to compare with: keep a baseline with `covolt lock --freeze NAME`, or name an earlier state with "
            "`covolt report --base STATE`; the next report then shows who moved what."
        ),
        "waterfall_note": text(
            "From the margin before to the margin now, what each party's changes did to it; right is towards meeting. "
            "The upright line is the bound, the thin bar U of now. Colours go by party, in the order of the programme:"
        ),
        "turned": text("Another verdict, or open now or before"),
        "crossed": text("Crossed the bound"),
        "stayed": text("Stayed on one side"),
        "terminals": text("at the terminals of the battery"),
        "inside": text("out of the cells, with the battery's own losses"),
        "in_all": text("in all"),
        "negatives": text("What went wrong before, and what watches it now"),
        "negative": text("What was promised"),
        "happened": text("What happened, and what would have shown it early"),
        "watched_by": text("What watches it now"),
        "cost_and_delay": text("Cost and delay"),
        "unguarded": text("unguarded"),
        "levels": text("Levels: what parties measure, and who gains"),
        "levels_note": text(
            "Each sum is over the parties below that have none under them, each once; "
            "± is U = 2 u where a party states u."
        ),
        "who": text("Level or party"),
        "measure": text("Measure"),
        "by_whom": text("By whose change"),
        "gains": text("Who gains and who loses, by the interests that may be read"),
        "gains_note": text(
            "Reached is 0 at the worst that its party accepts and 1 at what it hopes for; "
            "a gain is how far it moved, times its weight."
        ),
        "interest": text("Interest"),
        "reached": text("Reached"),
        "gain": text("Gain"),
        "with_below": text("With all below it"),
    }
)
