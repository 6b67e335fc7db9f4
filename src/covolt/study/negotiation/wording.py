"""How a settlement, what had to give way for it and how parties stand to it are said to people."""

from __future__ import annotations

from covolt.words import text

__all__ = ["AGREEMENTS", "ANSWERED", "GAIN", "RULES", "STAGES", "STATES", "WORDS"]

STATES = {
    "agreed": text("every party accepts it"),
    "open": text("not every party has accepted it yet"),
    "none left": text("none of the designs that were judged is acceptable to all"),
}
AGREEMENTS = {
    "by what it states": text("accepts, by what it states"),
    "accepted": text("has accepted"),
    "refused": text("has refused"),
    "asked": text("is asked"),
}
ANSWERED = {"accept": text("accepted", context="answer"), "refuse": text("refused", context="answer")}
STAGES = {
    "kept": text("Every requirement that is known is kept."),
    "accepted": text("No design keeps every requirement: bounds move as far as their owners state that they accept."),
    "fewest": text("No design keeps every need and wish: as few as can be are missed, and their owners are asked."),
    "least": text(
        "No design keeps every constraint: their bounds move as little as can be, and their owners are asked."
    ),
}
RULES = {
    "kalai-smorodinsky": text("Kalai-Smorodinsky: all get the same share of the best that each could have"),
    "nash": text("Nash: the product of the gains is the greatest"),
    "egalitarian": text("egalitarian: who gains least gains most"),
}
WORDS = {
    "met": text("met"),
    "not met": text("not met"),
    "not verified": text("not verified"),
    "open": text("open", context="verdict"),
}
GAIN = text("A gain is 0 at the worst that the party accepts and 1 at what it hopes for; – is its own affair.")
