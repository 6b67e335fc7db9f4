"""A new programme: the files of a joint vehicle that verifies at once, begun from the public figures of a car."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from pydantic import BaseModel

from covolt.contract.architecture import FIRST_AXLE, INTERFACES, SECOND_AXLE
from covolt.contract.datasheet import Datasheet, Declared, Model
from covolt.contract.document import dumps
from covolt.contract.standard import standard_interface
from covolt.errors import Conflict, InputError, Problem, system_said
from covolt.files import kind_of_refusal
from covolt.journal import HOME, Change, reading, write_together
from covolt.library.build import GENERIC, HEAVY_kg, car, pack_mass_kg, peak_power_W
from covolt.library.figures import CarFigures
from covolt.library.starting_demands import AGENCY, CRITERIA, INTEGRATOR, SUPPLIER, limits_of, requirements_of, title_of
from covolt.library.subject import DRIVER_kg
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, VehicleFrame
from covolt.programme.folder import CHARTER_FILE
from covolt.programme.gate import Gate, SignOffWanted
from covolt.programme.locking import resolve, write_lock
from covolt.programme.offering import publish_part
from covolt.programme.party import Party, Role
from covolt.programme.placing import name_problem
from covolt.programme.reading import read_programme
from covolt.programme.renaming import renaming, write_renaming
from covolt.programme.slot import Slot
from covolt.programme.text import IDENTIFIER, identifier_of, titled
from covolt.vehicle.assembly import Axle
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.drive_unit import PolynomialDriveUnit
from covolt.vehicle.gearbox import FixedGearbox
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.words import Phrase, text

__all__ = ["begin"]


@dataclass(frozen=True)
class _Place:
    """One slot of the new programme."""

    owner: str
    part: str
    kind: str
    title: Phrase


OFFICER = SignOffWanted(party=AGENCY, role="type-approval-officer")
_PLACES = {
    "battery": _Place(SUPPLIER, "pack", "equivalent-circuit", text("Traction battery")),
    "drive_unit": _Place(SUPPLIER, "motor", "six-term-losses", text("Drive unit")),
    "gearbox": _Place(SUPPLIER, "reducer", "fixed-ratio", text("Gearbox")),
    "charger": _Place(SUPPLIER, "charger", "on-board", text("On-board charger")),
    "body": _Place(INTEGRATOR, "body", "drag-area", text("Body")),
    "brake": _Place(INTEGRATOR, "brakes", "blended", text("Brakes")),
    "tyre": _Place(INTEGRATOR, "tyres", "rolling-coefficient", text("Tyres")),
    "cabin": _Place(INTEGRATOR, "climate", "lumped", text("Cabin climate")),
    "auxiliary": _Place(INTEGRATOR, "board-net", "constant-loads", text("Auxiliaries")),
}
_SECOND = {
    "second_drive_unit": _Place(SUPPLIER, "second-motor", "six-term-losses", text("Second drive unit")),
    "second_gearbox": _Place(SUPPLIER, "second-reducer", "fixed-ratio", text("Second gearbox")),
}
"""Further slots of a car that drives both axles."""
Numbers = Mapping[str, str | float]
NOBODY: Mapping[str, str] = MappingProxyType({})


def begin(folder: Path, figures: CarFigures, name: str = "", called: Mapping[str, str] = NOBODY) -> Path:
    """Write a programme of two parties and an agency whose parts make a car like this one, offered and locked.

    `name` is its id, else the folder's name in Latin letters; `called` says how the parties are called, by their roles.
    Raises where the folder is not empty or a name cannot be taken; nothing is written then.
    """
    parties_called = _called(name, called)
    name = name or identifier_of(folder.resolve().name) or "programme"
    if (folder / HOME).is_dir():
        # What was interrupted here is finished, or swept.
        with reading(folder.resolve()):
            pass
    if folder.exists() and (not folder.is_dir() or any(one.name != HOME for one in folder.iterdir())):
        raise Conflict(
            Problem(text("there is something here already"), str(folder), text("name a new or an empty folder"))
        )
    around = next((one for one in folder.resolve().parents if (one / CHARTER_FILE).is_file()), None)
    if around is not None:
        raise Conflict(
            Problem(
                text("this lies within the programme in {around}", around=str(around)),
                str(folder),
                text("begin it outside"),
            )
        )
    numbers = _numbers(figures)
    places = {slot: place for slot, place in {**_PLACES, **_SECOND}.items() if slot in numbers}
    documents: dict[str, BaseModel] = {CHARTER_FILE: _charter(name, folder.resolve().name, figures)}
    parties: tuple[tuple[str, str, Role, Phrase], ...] = (
        (INTEGRATOR, "RU", "integrator", text("Integrator")),
        (SUPPLIER, "BY", "supplier", text("Supplier")),
        (AGENCY, "RU", "agency", text("Type-approval agency")),
    )
    for identifier, country, role, name_of_party in parties:
        party = Party(id=identifier, title=title_of(name_of_party), country=country, roles=(role,))
        documents[f"parties/{identifier}.toml"] = party
    for slot, place in places.items():
        title = title_of(place.title)
        contract = slot.replace("_", "-")
        # One supplier has both drive units: each slot says which of them is meant.
        part = place.part if {slot, f"second_{slot}"} & places.keys() & _SECOND.keys() else ""
        documents[f"slots/{slot}.toml"] = Slot(
            id=slot, title=title, owner=place.owner, contract=f"{contract}@1", part=part
        )
        between = (place.owner, INTEGRATOR if place.owner == SUPPLIER else SUPPLIER)
        documents[f"contracts/{contract}.toml"] = Contract(
            id=contract,
            revision=1,
            title=title,
            interface=f"{INTERFACES[slot]}@1",
            between=between,
            limits=limits_of(numbers[slot]),
            tests=tuple(promise.name for promise in standard_interface(INTERFACES[slot]).promises),
        )
        documents[f"{place.owner}/parts/{place.part}/part.toml"] = _part(
            INTERFACES[slot], place, numbers[slot], figures
        )
    for order, (gate, stage) in enumerate((("concept", text("Concept")), ("trial", text("Trials"))), 1):
        asked, title = (OFFICER,) if order > 1 else (), title_of(stage)
        documents[f"gates/{gate}.toml"] = Gate(
            id=gate, title=title, order=order, people=order > 1, criteria=CRITERIA[gate], signoffs=asked
        )
    for requirement in requirements_of(figures):
        documents[f"{requirement.party}/requirements/{requirement.id}.toml"] = requirement
    try:
        _write(folder, documents, places.values(), parties_called)
    except OSError as error:
        what = text("cannot be written: {why}", why=system_said(error))
        raise kind_of_refusal(error)(Problem(what, str(folder), text("name a folder where you may write"))) from error
    return folder


def _called(name: str, called: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By role, the name and the title of a party that is called otherwise; raises every name that cannot be taken."""
    problems: list[Problem] = []
    if name and not re.fullmatch(IDENTIFIER, name):
        hint = text(
            "use Latin letters, digits, - and _, such as {identifier_of}", identifier_of=identifier_of(name) or "my-car"
        )
        problems.append(Problem(text("'{name}' is no id of a programme", name=name), "--id", hint))
    empty = [f"--{role}" for role, title in called.items() if not title.strip()]
    problems += [Problem(text("the name is empty"), one, text("write a name, such as volta")) for one in empty]
    found = {role: (identifier_of(title), title) for role, title in called.items() if title and title != role}
    taken = {role.casefold(): role for role in (INTEGRATOR, SUPPLIER, AGENCY)}
    for role, (identifier, title) in found.items():
        if not identifier:
            problems.append(
                Problem(
                    text("'{title}' has no letter of a name", title=title),
                    f"--{role}",
                    text("write a name, such as volta"),
                )
            )
            continue
        problems += [Problem(one.what, f"--{role}", one.hint) for one in name_problem(identifier)]
        if taken.setdefault(identifier.casefold(), role) != role:
            problems.append(
                Problem(
                    text("'{identifier}' is a party already", identifier=identifier),
                    f"--{role}",
                    text("give each party its own name"),
                )
            )
    if problems:
        raise InputError(problems)
    return {role: (identifier, "" if title == identifier else title) for role, (identifier, title) in found.items()}


def _write(
    folder: Path, documents: Mapping[str, BaseModel], places: Iterable[_Place], called: Mapping[str, tuple[str, str]]
) -> None:
    """Everything in a draft elsewhere first; offered and locked it is written into its folder, all or nothing."""
    with TemporaryDirectory(prefix="covolt-new-") as made:
        draft = Path(made)
        for path, document in documents.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_text(dumps(document), encoding="utf-8")
        (draft / ".gitignore").write_text("# What covolt makes again.\n.covolt/\nbuild/\n", encoding="utf-8")
        readme = (files("covolt") / "library" / "new_programme.md").read_text(encoding="utf-8")
        for role, (identifier, _) in called.items():
            readme = readme.replace(f"/{role}.pem", f"/{identifier}.pem").replace(
                f"--party {role} ", f"--party {identifier} "
            )
        (draft / "README.md").write_text(readme, encoding="utf-8")
        for place in places:
            publish_part(draft / place.owner / "parts" / place.part)
        programme = read_programme(draft)
        write_lock(draft, resolve(programme).lock)
        for role, (identifier, title) in called.items():
            write_renaming(renaming(read_programme(draft), role, identifier, title))
        shutil.rmtree(draft / HOME)
        made_files = sorted(path.relative_to(draft) for path in draft.rglob("*") if path.is_file())
        # The charter first: what is begun is then found, and finished.
        made_files.sort(key=lambda path: path.name != CHARTER_FILE)
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        write_together(root, [Change(root / path, (draft / path).read_bytes(), before="") for path in made_files])


def _charter(name: str, folder: str, figures: CarFigures) -> Charter:
    limit = None if figures.top_speed is None else f"{figures.top_speed * 3.6:.0f} km/h"
    category = "M3" if figures.test_mass >= HEAVY_kg else "M1"
    load = "5000 kg" if category == "M3" else "375 kg"
    axle = "rear" if figures.layout == "all" else figures.layout
    frame = VehicleFrame(category=category, maximum_load=load, speed_limit=limit, driven_axle=axle)
    return Charter(id=name, title=titled(folder or name), vehicle=frame)


def _numbers(figures: CarFigures) -> dict[str, Numbers]:
    """What each part declares so that together they are the car: masses of the class, the body takes the rest."""
    vehicle = car(figures)
    driven: dict[str, Numbers] = {}
    driven_kg = 0.0
    for slots, axle in zip((FIRST_AXLE, SECOND_AXLE), vehicle.axles, strict=False):
        numbers = _driven(axle, figures)
        driven |= dict(zip(slots, numbers, strict=True))
        driven_kg += float(axle.drive_unit.mass_kg()) + float(axle.gearbox.mass_kg)
    kerb_kg = figures.test_mass - DRIVER_kg
    masses = {
        "battery": pack_mass_kg(figures),
        "charger": 10.0,
        "brake": 40.0,
        "cabin": 30.0,
        "auxiliary": 15.0,
    }
    drag, rolling = _road_load(figures)
    radius_m = float(vehicle.tyre.radius_m)
    area_m2 = 8.0 if figures.test_mass >= HEAVY_kg else 2.2
    return {
        "battery": {
            "mass": f"{masses['battery']:.0f} kg",
            "energy_usable": f"{figures.battery_energy / 3.6e6:.2f} kWh",
            "voltage_nominal": f"{figures.battery_voltage or 360.0:.0f} V",
            "discharge_power_peak": f"{1.25 * peak_power_W(figures) / 1e3:.0f} kW",
            **_battery(figures),
        },
        **driven,
        "charger": {
            "mass": "10 kg",
            "power_maximum": f"{(figures.ac_power or 7400.0) / 1e3:.1f} kW",
            "efficiency": GENERIC.charger_efficiency,
        },
        "body": {
            "mass": f"{kerb_kg - driven_kg - sum(masses.values()):.0f} kg",
            "drag_coefficient": round(drag / area_m2, 4),
            "frontal_area": f"{area_m2:.1f} m2",
        },
        "brake": {"mass": "40 kg", "deceleration_maximum": "9 m/s2"},
        "tyre": {"rolling_resistance_coefficient": round(rolling, 5), "rolling_radius": f"{radius_m:.3f} m"},
        "cabin": {"mass": "30 kg", **_cabin(figures)},
        "auxiliary": {"mass": "15 kg", "power_driving": f"{figures.auxiliary_power or 270.0:.0f} W"},
    }


def _driven(axle: Axle, figures: CarFigures) -> tuple[Numbers, Numbers]:
    """What the drive unit and the gearbox of an axle declare."""
    if not (isinstance(axle.drive_unit, PolynomialDriveUnit) and isinstance(axle.gearbox, FixedGearbox)):
        raise InputError(
            Problem(
                text("{figures} has a drive of its own kind", figures=figures.id),
                "--like",
                text("begin from another car"),
            )
        )
    unit = axle.drive_unit
    return (
        {
            "mass": f"{float(unit.mass_kg()):.0f} kg",
            "torque_peak": f"{float(unit.peak_torque_Nm()):.0f} Nm",
            "power_peak": f"{float(unit.peak_power_W()) / 1e3:.1f} kW",
            "speed_maximum": f"{float(unit.maximum_speed_rad_per_s()):.0f} rad/s",
        },
        {"mass": f"{float(axle.gearbox.mass_kg):.0f} kg", "ratio": round(float(axle.gearbox.ratio), 3)},
    )


def _road_load(figures: CarFigures) -> tuple[float, float]:
    """Drag area and rolling coefficient; of a coast-down its quadratic and constant terms, bearings taken off."""
    if figures.drag_and_tyres is not None:
        return figures.drag_and_tyres.drag_area, figures.drag_and_tyres.rolling_coefficient
    coast_down = figures.coast_down
    if coast_down is None:
        return 0.6, 0.009
    at_m_per_s, gravity_m_per_s2 = 20.0, 9.80665
    drag_m2 = 2.0 * (coast_down.quadratic + coast_down.linear / (2.0 * at_m_per_s)) / coast_down.density_kg_per_m3
    rolling = (coast_down.constant + 0.5 * coast_down.linear * at_m_per_s) / (figures.test_mass * gravity_m_per_s2)
    return drag_m2, max(rolling - GENERIC.bearing_coefficient_of(figures.test_mass), 0.004)


def _part(slot: str, place: _Place, numbers: Numbers, figures: CarFigures) -> Datasheet:
    source = f"derived from the public figures of {figures.id} and the generic set"
    declared = {name: Declared(value=value, basis="estimate", source=source) for name, value in numbers.items()}
    return Datasheet(
        id=place.part,
        party=place.owner,
        fills=slot,
        version="1.0.0",
        title=str(place.title),
        chemistry=figures.chemistry if slot == "battery" else None,
        declared=declared,
        promises=tuple(promise.name for promise in standard_interface(slot).promises),
        model=Model(kind=place.kind, parameters=_parameters(slot, figures, source)),
    )


def _parameters(slot: str, figures: CarFigures, source: str) -> dict[str, Declared]:
    """What only the model takes: a heater of the battery, a heat pump."""
    given: Numbers = {}
    if slot == "battery" and figures.battery_heater:
        given = {"heater_power": "5 kW"}
    if slot == "cabin" and figures.heat_pump:
        given = {"heat_pump": 1.0}
    return {name: Declared(value=value, basis="estimate", source=source) for name, value in given.items()}


def _battery(figures: CarFigures) -> Numbers:
    """What the cells hold and take, as far as the car's file states it."""
    most_W = max((power_W for _, power_W in figures.dc_curve), default=0.0) if figures.dc_curve else figures.dc_power
    numbers: dict[str, str | float] = {}
    if most_W:
        numbers["charge_power_peak"] = f"{most_W / 1e3:.1f} kW"
    if figures.battery_gross_energy:
        numbers["energy_nominal"] = f"{figures.battery_gross_energy / 3.6e6:.2f} kWh"
    return numbers


def _cabin(figures: CarFigures) -> Numbers:
    """Machines and conductance of the car's own cabin."""
    cabin = car(figures).cabin
    if not isinstance(cabin, Cabin):
        return {}
    here = cabin.at(ZERO_CELSIUS_K)
    return {
        "heat_transfer": f"{float(cabin.conductance_W_per_K):.1f} W/K",
        "heating_power_maximum": f"{float(here.heater.capacity_W) / 1e3:.2f} kW",
        "cooling_power_maximum": f"{float(here.air_conditioner.capacity_W) / 1e3:.2f} kW",
    }
