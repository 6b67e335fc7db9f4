"""A programme of as many requirements as one wants, each of its own bound: for measuring what tables and doors take."""

import shutil

PARTIES = ("integrator", "battery-works", "drive-works", "institute")
MEASURES = (("battery.mass", 235.0, 4.0), ("vehicle.kerb_mass", 1150.0, 11.0), ("drive_unit.mass", 57.0, 2.0))
"""Each with its value in the shipped car and its standard uncertainty, in kg."""
GATES = ("concept", "prototype", "trial")


def many(small, made, count):
    """The small programme with so many requirements beside its own; a third of them within uncertainty."""
    shutil.copytree(small, made)
    for at in range(count):
        party = PARTIES[at % len(PARTIES)]
        measure, value_kg, u_kg = MEASURES[at % len(MEASURES)]
        bound_kg = value_kg + u_kg * (at % 19 - 9) * 0.7
        side = "at_most" if at % 2 else "at_least"
        name = f"M-{at:04d}"
        place = made / party / "requirements" / f"{name}.toml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            f'schema = "requirement/1"\nid = "{name}"\nparty = "{party}"\n'
            f'title = {{ en = "Mass, line {at}", ru = "Масса, строка {at}" }}\nkind = "{("need", "constraint")[at % 5 == 0]}"\n'
            f'firmness = "negotiable"\nprocedure = "declaration"\nmeasure = "{measure}"\n{side} = "{bound_kg:.2f} kg"\n'
            f'verify = {{ method = "declaration", gate = "{GATES[at % len(GATES)]}" }}\n',
            encoding="utf-8",
        )
    return made
