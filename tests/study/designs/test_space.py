"""What owners let move: read, refused where it is wrong, and turned into datasheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from covolt.cli import main
from covolt.cli.exit_codes import INPUT_WRONG
from covolt.errors import InputError
from covolt.programme.design_space import rate_of
from covolt.programme.reading import read_programme
from covolt.study.cases.rename import rename
from covolt.study.designs.space import DesignSpace
from covolt.study.gate.check import check_programme
from tests.study.designs.conftest import put

BOUNDS = 'number = "energy_usable"\nlowest = "25 kWh"\nhighest = "40 kWh"\n'


def problems(root: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        check_programme(root)
    return [f"{one.where}: {one.what}" for one in raised.value.problems]


def test_shipped_space_names_what_moves_by_party(space: DesignSpace) -> None:
    assert space.names == ("PACK-SIZE", "GEAR-RATIO", "MOTOR-POWER", "MOTOR-TORQUE", "DRAG")
    assert [one.unit for one in space.variables] == ["kWh", "1", "kW", "Nm", "1"]
    assert space.variables[0].kind == "stepped" and space.variables[0].count == 41
    np.testing.assert_allclose(space.at_locked, [30.5, 9.3, 80.0, 220.0, 0.32])


def test_todays_values_are_the_locked_datasheets_themselves(space: DesignSpace) -> None:
    found = space.sheets(space.at_locked)
    assert all(found[slot] is one for slot, one in space.locked.items())


def test_coupled_numbers_move_by_their_rate(space: DesignSpace) -> None:
    found = space.sheets([32.5, 9.3, 80.0, 220.0, 0.30])
    pack, body = found["battery"], found["body"]
    assert pack.declared["energy_usable"].value_si == pytest.approx(32.5 * 3.6e6)
    assert pack.declared["mass"].value_si == pytest.approx(235.0 + 2.0 * 7.0)
    assert pack.declared["mass"].uncertainty_si == pytest.approx(4.0)
    assert pack.declared["energy_nominal"].value_si == pytest.approx((33.0 + 2.0 * 1.082) * 3.6e6)
    assert pack.supply is not None and space.locked["battery"].supply is not None
    prices = [
        one.price - before.price
        for one, before in zip(pack.supply.price, space.locked["battery"].supply.price, strict=True)
    ]
    assert prices == pytest.approx([22000.0] * 3)
    assert body.declared["mass"].value_si == pytest.approx(742.0 + 0.02 * 150.0)
    assert found["gearbox"] is space.locked["gearbox"]


def test_nearest_designs_lie_on_steps_and_within_bounds(space: DesignSpace) -> None:
    found = space.nearest(np.array([[30.7, 12.0, 80.2, 150.0, 0.3], [99.0, 9.3, 200.0, 220.0, 0.3]]))
    np.testing.assert_allclose(found, [[30.5, 10.0, 80.0, 180.0, 0.3], [45.0, 9.3, 120.0, 220.0, 0.3]])


def test_two_variables_add_up_in_one_coupled_number(city_car: Path) -> None:
    mass = '[[coupled]]\nnumber = "mass"\nper = "{}"\n'
    put(city_car, BOUNDS + mass.format("7 kg/kWh"))
    other = 'number = "discharge_power_peak"\nlowest = "80 kW"\nhighest = "120 kW"\n'
    put(city_car, other + mass.format("0.2 kg/kW"), "Y")
    space = DesignSpace.of(read_programme(city_car))
    moved = space.sheets([31.5, 105.0])["battery"]
    assert moved.declared["mass"].value_si == pytest.approx(235.0 + 7.0 + 2.0)


def test_a_choice_takes_whole_datasheets(city_car: Path) -> None:
    here = read_programme(city_car)
    assert here.lock is not None
    pins = {name: pin.offer for name, pin in here.lock.slots.items()}
    offers = sorted(one for one in here.offers if one.startswith("battery-works/"))
    put(city_car, f"offers = {offers}".replace("'", '"'))
    space = DesignSpace.of(read_programme(city_car))
    (one,) = space.variables
    assert one.kind == "choice" and one.choices[int(one.locked)] == pins["battery"]
    assert space.sheets([0.0])["battery"].reference == offers[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('number = "energy_usable"\nlowest = "40 kWh"\nhighest = "25 kWh"\n', "above highest"),
        ('number = "energy_usable"\nlowest = "25 kWh"\nhighest = "25 kWh"\n', "nothing moves"),
        ('number = "energy_usable"\nlowest = "25 kWh"\nhighest = "25 kg"\n', "highest is 25 kg"),
        (BOUNDS + 'step = "0 kWh"\n', "step is 0 kWh"),
        (BOUNDS + 'step = "16 kWh"\n', "beyond highest"),
        (BOUNDS + 'step = "1e-320 kWh"\n', "makes too many values"),
        (BOUNDS.replace('"40 kWh"', '"1e308 kWh"'), "1e308 kWh is too far from 0"),
        (BOUNDS + '[[coupled]]\nnumber = "mass"\nper = "1e300 kg/kWh"\n', "too far from 0"),
        (BOUNDS + 'step = "1 km"\n', "step is 1 km"),
        ('number = "energy_usable"\nlowest = "25 kWh"\n', "no highest"),
        ("", "names nothing that moves"),
        (BOUNDS + 'offers = ["a/b@1.0.0", "a/c@1.0.0"]\n', "both given"),
        ('offers = ["battery-works/pack-33@1.0.0"]\n', "nothing to choose"),
        ('offers = ["battery-works/pack-99@1.0.0", "drive-works/pm-80@1.0.0"]\n', "no offer 'battery-works/pack-99"),
        ('offers = ["battery-works/pack-33@1.0.0", "drive-works/pm-80@1.0.0"]\n', "cannot fill 'battery'"),
        ('number = "energy_used"\nlowest = "25 kWh"\nhighest = "40 kWh"\n', "states no number 'energy_used'"),
        ('number = "energy_usable"\nlowest = "25 kW"\nhighest = "40 kW"\n', "is 30.5 kWh"),
        (BOUNDS + '[[coupled]]\nnumber = "mass"\nper = "7 kg/km"\n', "does not move by 7 kg/km"),
        (BOUNDS + '[[coupled]]\nnumber = "mass"\nper = "heavy"\n', "'heavy'"),
        (BOUNDS + '[[coupled]]\nnumber = "mass"\nper = "70 kg/kWh"\n', "nothing or less at lowest"),
        (BOUNDS + '[[coupled]]\nnumber = "price"\nper = "100 BYN/kWh"\n', "does not move by"),
        (BOUNDS + '[[coupled]]\nnumber = "energy_usable"\nper = "1 kWh/kWh"\n', "moved twice"),
        (BOUNDS + '[[coupled]]\nnumber = "mass"\nslot = "body"\nper = "1 kg/kWh"\n', "is integrator's"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(city_car: Path, written: str, said: str) -> None:
    put(city_car, written)
    found = problems(city_car)
    assert any(said in one and "battery-works/designs/X.toml" in one for one in found), found


def test_everything_that_is_wrong_is_told_at_once(city_car: Path) -> None:
    put(
        city_car,
        BOUNDS + '[[coupled]]\nnumber = "price"\nper = "1 kg/kWh"\n[[coupled]]\nnumber = "no"\nper = "1 kg/kWh"\n',
    )
    put(city_car, BOUNDS, "Y")
    found = problems(city_car)
    assert len(found) == 3 and any("'X' moves battery energy_usable too" in one for one in found), found


def test_every_wrong_file_is_told_with_its_line_in_one_go(city_car: Path) -> None:
    backwards = put(city_car, 'number = "energy_usable"\nlowest = "40 kWh"\nhighest = "25 kWh"\n')
    put(city_car, 'offers = ["battery-works/pack-33@1.0.0", "drive-works/pm-80@1.0.0"]\n', "Y")
    put(city_car, 'number = "discharge_power_peak"\nlowest = "80 kW"\nhighest = "80 kW"\n', "Z")
    line = 1 + backwards.read_text(encoding="utf-8").splitlines().index('lowest = "40 kWh"')
    found = problems(city_car)
    for name, said in (("X", "above highest"), ("Y", "cannot fill 'battery'"), ("Z", "nothing moves")):
        assert any(f"battery-works/designs/{name}.toml:" in one and said in one for one in found), found
    assert any(f"X.toml:{line} " in one for one in found), found
    with pytest.raises(SystemExit) as left:
        main(["study", "run", str(city_car), "--designs", "3", "-o", str(city_car.parent / "study")])
    assert left.value.code == INPUT_WRONG and not (city_car.parent / "study").exists()


def test_what_one_party_lets_move_stops_no_other_command(city_car: Path) -> None:
    put(city_car, 'number = "energy_used"\nlowest = "25 kWh"\nhighest = "40 kWh"\n')
    here = read_programme(city_car)
    with pytest.raises(InputError, match="states no number 'energy_used'"):
        DesignSpace.of(here)


def test_no_party_moves_parts_of_another(city_car: Path) -> None:
    put(city_car, BOUNDS, "Y", "integrator")
    assert any("the slot 'battery' is battery-works's" in one for one in problems(city_car))


def test_a_space_in_which_nothing_moves_is_refused(city_car: Path) -> None:
    put(city_car, BOUNDS).unlink()
    with pytest.raises(InputError, match="the design space is empty"):
        DesignSpace.of(read_programme(city_car))


def test_a_private_variable_moves_for_its_party_alone(city_car: Path) -> None:
    put(city_car, BOUNDS + 'visibility = "party"\n')
    whole = read_programme(city_car)
    assert not whole.seen_by(None).designs and not whole.seen_by("integrator").designs
    assert list(whole.seen_by("battery-works").designs) == ["X"]


def test_a_renamed_party_keeps_what_it_lets_move(city_car: Path) -> None:
    put(city_car, BOUNDS)
    rename(city_car, "battery-works", "cell-works")
    assert read_programme(city_car).designs["X"].party == "cell-works"


def test_rates_are_read_in_si() -> None:
    assert rate_of("7.0 kg/kWh").value_si == pytest.approx(7.0 / 3.6e6)
    assert rate_of("-150 kg").per_unit == "1"
    assert rate_of("2 USD/kWh").unit == "USD"
    assert rate_of(1.5).unit == "1"
