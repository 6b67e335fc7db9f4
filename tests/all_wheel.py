"""A joint programme that drives both axles: the shipped city car with a second drive unit by a party of its own."""

from __future__ import annotations

from pathlib import Path

from covolt.programme.locking import resolve, write_lock
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme
from tests.signed import copy_unsigned

CITY_CAR = Path(__file__).parents[1] / "examples" / "city-car"
SECOND_kg = 35.0 + 18.0
DRIVE_UNIT = {
    "drive-works": "axle-works",
    '"pm-80"': '"im-40"',
    "Permanent-magnet drive unit, 80 kW": "Induction drive unit, 40 kW",
    '"62 kg"': '"35 kg"',
    '"220 Nm"': '"110 Nm"',
    '"80 kW"': '"40 kW"',
    '"42 kW"': '"20 kW"',
    "loss_ratio = { value = 1.0": "loss_ratio = { value = 1.1",
}
GEARBOX = {"drive-works": "axle-works", '"reducer-93"': '"reducer-90"', "9.3": "9.0", '"28 kg"': '"18 kg"'}


def copied(folder: Path) -> Path:
    """The shipped city car in a folder that a test may change."""
    return copy_unsigned(CITY_CAR, folder)


def write(root: Path, name: str, source: str, changes: dict[str, str]) -> Path:
    """A file of the programme made from another one by exchanging texts, each of which must be there."""
    text = (root / source).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text, f"{before} is not in {source}"
        text = text.replace(before, after)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add_party(root: Path, party: str) -> None:
    """A further party like the supplier of the first drive unit."""
    write(root, f"parties/{party}.toml", "parties/drive-works.toml", {"drive-works": party})


def add_slot(root: Path, kind: str, party: str) -> Path:
    """The slot of a second drive unit or gearbox, owned by a party, with a contract of its own."""
    name, title = f"second-{kind}", kind.replace("-", "_")
    changes = {f'id = "{kind}"': f'id = "{name}"', "drive-works": party}
    if kind == "drive-unit":
        changes['power_peak = { minimum = "75 kW" }'] = 'power_peak = { minimum = "30 kW" }'
    write(root, f"contracts/{name}.toml", f"contracts/{kind}.toml", changes)
    changes = {f'id = "{title}"': f'id = "second_{title}"', f"{kind}@1": f"{name}@1", "drive-works": party}
    return write(root, f"slots/{name}.toml", f"slots/{title}.toml", changes)


def lock(root: Path) -> None:
    """Pin the offers of the programme."""
    write_lock(root, resolve(read_programme(root, locked=False)).lock)


def all_wheel(folder: Path, gearbox_party: str = "axle-works") -> Path:
    """The programme in a folder, offered and locked; the gearbox of the second axle may be another party's."""
    root = copied(folder)
    for party in sorted({"axle-works", gearbox_party}):
        add_party(root, party)
    add_slot(root, "drive-unit", "axle-works")
    add_slot(root, "gearbox", gearbox_party)
    part = write(root, "axle-works/parts/im-40/part.toml", "drive-works/parts/pm-80/part.toml", DRIVE_UNIT)
    publish_part(part)
    changes = GEARBOX | {"drive-works": gearbox_party}
    source = "drive-works/parts/reducer-93/part.toml"
    publish_part(write(root, f"{gearbox_party}/parts/reducer-90/part.toml", source, changes))
    lock(root)
    return root
