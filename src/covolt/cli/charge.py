"""`covolt charge`: one car at a post or a socket, from one state of charge to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli import exit_codes
from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import (
    console,
    fixed,
    heading,
    known_text,
    pairs,
    print_outcome,
    print_result,
    print_written,
    table,
    unit_text,
    with_unit,
)
from covolt.digits import number_text
from covolt.study.cases import remarks
from covolt.study.cases.charge import STOPS, ChargeOptions, carry_out, limit_of, read_options, write_csv
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.cli.fitting_table import FittingTable
    from covolt.library.figures import CarFigures
    from covolt.library.spread import Interval
    from covolt.simulation.charging import ChargingSession

HELP = """Charge a car at a direct-current post or at a socket, and say how long it takes and what holds it back.

Examples:

  covolt charge leaf-40 --post "50 kW"

  covolt charge city-car --post "150 kW" --ambient "-20 degC" --no-heating

  covolt charge model-3-rwd --socket "11 kW" --from "0 %" --to "100 %" --csv session.csv
"""
ZERO_CELSIUS_K = 273.15
SPELLED = {
    "post": "--post",
    "socket": "--socket",
    "begin": "--from",
    "end": "--to",
    "ambient": "--ambient",
    "battery": "--battery",
}
"""How the options of the case are called here."""


def charge(
    car: Annotated[str, typer.Argument(metavar="CAR", help="Shipped car, or path of a TOML file.")],
    post: Annotated[str | None, typer.Option(help='Power of a DC post, such as "150 kW".')] = None,
    socket: Annotated[str | None, typer.Option(help='Power of an AC wall box or socket, such as "11 kW".')] = None,
    begin: Annotated[str, typer.Option("--from", help="State of charge that the dashboard shows first.")] = "10 %",
    end: Annotated[str, typer.Option("--to", help="State of charge at which the session ends.")] = "80 %",
    ambient: Annotated[str, typer.Option(help='Air temperature, such as "-20 degC".')] = "23 degC",
    battery: Annotated[str | None, typer.Option(help="Battery's temperature at the start; else the air's.")] = None,
    heating: Annotated[
        bool, typer.Option("--heating/--no-heating", help="The battery warms itself from the supply.")
    ] = True,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every signal as CSV.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Charge one car and print the session: time, energies and powers, with what limited them."""
    from covolt.library.cars import car_files

    findings = Findings(SPELLED)
    language_of(findings, language)
    check_outputs(findings, (("--csv", csv),), car_files(car))
    order = read_options(ChargeOptions(car, post, socket, begin, end, ambient, battery, heating), findings)
    done = carry_out(order, lambda: console(stderr=True).status(say(text("Charging"))))
    session, figures, known = done.session, done.figures, done.known
    if csv is not None:
        write_csv(session, csv)
    if json:
        from covolt.study.cases.drive_document import of_charge

        print_result(of_charge(done))
    else:
        print_report(session, figures, known, csv)
    if not session.outcome.completed:
        raise typer.Exit(exit_codes.DRIVE_NOT_COMPLETED)


def print_report(
    session: ChargingSession, figures: CarFigures, known: Mapping[str, Interval], written: Path | None
) -> None:
    """Print the session for a person."""
    mission, out = session.mission, console()
    quickest_s, most_W = _possible(session, figures, known)
    power = with_unit(_number(float(mission.supply.power_max_W) / 1e3), "kW")
    supply = (
        text("post of {power}", power=power) if _kind(session) == "post" else text("socket of {power}", power=power)
    )
    where = joined((supply, _celsius(mission.ambient_temperature_K)), ", ")
    heading(out, joined((figures.title or figures.id, where), " · "))

    def number(name: str, unit: str, factor: float = 1.0, by: float = 0.0, ends: Sequence[float] = (-inf, inf)) -> str:
        return with_unit(known_text(known[name], factor, by=by, ends=ends), unit)

    def span(begin: str, end: str) -> Phrase:
        return text("{begin} to {end}", context="range", begin=begin, end=end)

    shown = [_number(100.0 * one) for one in (mission.from_displayed_fraction, session.displayed_fraction)]
    warmth = number("battery_temperature_K", "degC", by=-ZERO_CELSIUS_K)
    stored, share = number("stored_energy_J", "kWh", 1.0 / 3.6e6), number("efficiency_ratio", "%", 100.0)
    rows: list[tuple[Phrase, str | Phrase]] = [
        (text("State of charge"), span(shown[0], f"{shown[1]} %")),
        (text("Time"), number("time_s", "min", 1.0 / 60.0, ends=(quickest_s, inf))),
        (text("Energy at the plug"), number("plug_energy_J", "kWh", 1.0 / 3.6e6)),
        (text("Energy kept"), f"{stored} ({share})"),
        (text("Mean power"), number("mean_power_W", "kW", 1e-3, ends=(0.0, most_W))),
        (text("Battery temperature"), span(_celsius(mission.soaked_battery_K), warmth)),
    ]
    out.print(pairs(rows))
    out.print()
    out.print(_curve(session, figures, known))
    print_outcome(out, session.outcome.said, completed=session.outcome.completed)
    for remark in remarks.of_charge(session, figures):
        out.print(remark)
    if written:
        print_written(out, written)


def _possible(session: ChargingSession, figures: CarFigures, known: Mapping[str, Interval]) -> tuple[float, float]:
    """The shortest time and the highest mean power that post and stated power allow, whatever else is uncertain."""
    if _kind(session) == "socket":
        return 0.0, inf
    post_W = float(session.mission.supply.power_max_W)
    stated_W = max(power_W for _, power_W in figures.dc_curve) if figures.dc_curve else figures.dc_power or post_W
    most_W = max(min(post_W, stated_W), float(session["mains_power_W"].max()))
    energy = known["plug_energy_J"]
    return (energy.value - energy.expanded) / most_W, most_W


def _curve(session: ChargingSession, figures: CarFigures, known: Mapping[str, Interval]) -> FittingTable:
    """Power at every tenth of the charge, and what bound it."""
    from covolt.simulation.charging import LIMITS

    made = table(
        [
            (text("charge", context="head"), "right"),
            (joined((text("time", context="head"), unit_text("min")), ", "), "right"),
            (text("power", context="head"), "right"),
            (text("battery", context="flow"), "right"),
            (text("bound by", context="head"), "left"),
        ]
    )
    shown, quickest_s = session["displayed_fraction"], _possible(session, figures, known)[0]
    for stop in STOPS:
        if not shown[0] <= stop <= shown[-1] + 1e-3:
            continue
        reached = known[f"time_at_{stop:g}_s"]
        row = min(int(shown.searchsorted(stop)), len(shown) - 1)
        made.add_row(
            f"{100.0 * stop:.0f} %",
            known_text(reached, 1.0 / 60.0, ends=(reached.value * quickest_s / session.time_s, inf)),
            with_unit(fixed(float(session["mains_power_W"][row]) / 1e3, 1), "kW"),
            _celsius(float(session["battery_temperature_K"][row])),
            limit_of(LIMITS[int(session["limit"][row])], figures),
        )
    return made


def _kind(session: ChargingSession) -> str:
    from covolt.simulation.charging import Socket

    return "socket" if isinstance(session.mission.supply, Socket) else "post"


def _number(value: float) -> str:
    return number_text(value, 4, speaking(), grouped=False)


def _celsius(temperature_K: float) -> str:
    return with_unit(fixed(temperature_K - ZERO_CELSIUS_K, 1).replace("-", "\N{MINUS SIGN}"), "degC")
