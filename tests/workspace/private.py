"""A programme in which whatever a party keeps as its own bears words and numbers that stand nowhere else: its canaries."""

import re
import shutil

from covolt.study.cases.publish import lock, offer

DAY = "2026-11-30"
MAKERS = ("battery-works", "drive-works", "institute", "integrator")
SLOT = "battery"
HEATER = "3.0732"
"""Kilowatts of a heater, in the part that battery-works shows nobody."""


def canary(party, kind):
    """A word that stands in one private field alone. Those of kinds `slot-…` concern the battery and nothing else."""
    return f"CANARY.{party}.{kind}.END"


def number(party, kind):
    """A number that is found nowhere else; no hash holds its decimal mark."""
    spread = sum(map(ord, party + kind)) * 7919
    return f"{spread % 9000 + 1000}.{spread % 9 + 1}"


CANARIES = {
    **{canary(party, kind): party for party in MAKERS for kind in ("requirement", "slot-requirement", "interest", "file")},
    **{number(party, kind): party for party in MAKERS for kind in ("requirement", "slot-requirement", "interest")},
    canary("battery-works", "slot-part"): "battery-works", canary("battery-works", "slot-source"): "battery-works",
    HEATER: "battery-works", canary("battery-works", "slot-design"): "battery-works",
    canary("integrator", "design"): "integrator",
}  # fmt: skip
"""Whose each of them is."""
BETWEEN = ("battery-works", "integrator")
CONTRACT = {canary("both", "slot-contract"), number("both", "slot-contract")}
"""Of a contract of the battery that these two keep between them (`kept_between`)."""
OF_SLOT = CONTRACT | {one for one in CANARIES if ".slot-" in one} | {
    *(number(party, "slot-requirement") for party in MAKERS), HEATER,
}  # fmt: skip


def private_programme(small, made, example):
    """The small programme with something private of every maker, in every kind of document that can be."""
    shutil.copytree(small, made)
    for party in MAKERS:
        place = made / party
        for kind, slots in (("requirement", ""), ("slot-requirement", f'slots = ["{SLOT}"]\n')):
            write(
                place / "requirements" / f"OWN-{kind.upper()}-{party.upper()}.toml",
                f'schema = "requirement/1"\nid = "OWN-{kind.upper()}-{party.upper()}"\nparty = "{party}"\n'
                f'title = "{canary(party, kind)}"\nkind = "need"\nfirmness = "negotiable"\nprocedure = "declaration"\n'
                f'measure = "battery.mass"\nat_least = "{number(party, kind)} kg"\n{slots}visibility = "party"\n'
                'verify = { method = "declaration", gate = "concept" }\n',
            )
        write(
            place / "interests" / f"OWN-INTEREST-{party.upper()}.toml",
            f'schema = "interest/1"\nid = "OWN-INTEREST-{party.upper()}"\nparty = "{party}"\n'
            f'title = "{canary(party, "interest")}"\nprocedure = "declaration"\nmeasure = "battery.mass"\n'
            f'worst_acceptable = "{number(party, "interest")} kg"\naspiration = "400 kg"\nweight = 1.0\nvisibility = "party"\n',
        )
        write(place / f"{canary(party, 'file')}.txt", canary(party, "file"))
    design = (example / "battery-works/designs/PACK-SIZE.toml").read_text(encoding="utf-8")
    write(
        made / "battery-works/designs/PACK-SIZE.toml",
        private(design).replace("Usable energy of the pack", canary("battery-works", "slot-design")),
    )
    design = (example / "integrator/designs/DRAG.toml").read_text(encoding="utf-8")
    title = re.sub(r"title = .*", f'title = "{canary("integrator", "design")}"', private(design))
    write(made / "integrator/designs/DRAG.toml", title)
    pack = made / "battery-works/parts/pack-33"
    text = (pack / "part.toml").read_text(encoding="utf-8").replace('version = "1.0.0"', 'version = "1.1.0"')
    text = re.sub(
        r"title = .*", f'title = "{canary("battery-works", "slot-part")}"\nvisibility = "party"', text, count=1
    )
    text = text.replace("98 cells in series", canary("battery-works", "slot-source")).replace("3 kW", f"{HEATER} kW")
    write(pack / "part.toml", text)
    lock(made, pins=[f"{SLOT}={offer(pack, day=DAY).offer.reference}"], day=DAY)
    return made


def kept_between(made):
    """The programme with the contract of the battery shown to its two parties alone."""
    place = made / "contracts/battery.toml"
    text = re.sub(
        r"title = .*", f'title = "{canary("both", "slot-contract")}"\nvisibility = "party"', place.read_text(), count=1
    )
    limit = f'minimum = "{number("both", "slot-contract")} Wh"'
    write(place, text.replace('minimum = "29 kWh"', limit))
    assert limit in place.read_text()
    lock(made, day=DAY)
    return made


def private(document):
    """A document that its party shows nobody."""
    return re.sub(r"visibility = .*", 'visibility = "party"', document)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
