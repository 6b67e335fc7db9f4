"""A cell written and read is the same cell; a bad file is told with all its problems."""

import numpy as np
import pytest
import tomlkit

from covolt.errors import InputError
from covolt.library.cell_file import read_cell, write_cell
from covolt.vehicle.cell import EquivalentCircuitCell, arrhenius_table
from covolt.vehicle.lookup import table


def cell():
    kelvin, z = [263.15, 283.15, 298.15], [0.1, 0.5, 0.9]
    resistance = np.array([[3.0, 2.8, 2.9], [1.8, 1.6, 1.7], [1.2, 1.1, 1.1]]) * 1e-3
    return EquivalentCircuitCell(
        capacity_C=18000.0,
        open_circuit_voltage_V=table([0.0, 0.5, 1.0], [3.0, 3.65, 4.2]),
        ohmic_resistance_Ohm=arrhenius_table(kelvin, z, resistance),
        exchange_current_A=arrhenius_table(kelvin, z, 1.0 / resistance),
        pairs=((arrhenius_table(kelvin, z, 0.5 * resistance), arrhenius_table(kelvin, z, np.full((3, 3), 28.0))),),
        surface_per_V=1.5,
        surface_fraction=0.7,
        electrode_ratio=1.7,
        double_layer_C_per_V=4.9,
    )


def test_a_cell_survives_its_file(tmp_path):
    path = tmp_path / "cell.toml"
    write_cell(cell(), path, source="pulses.csv")
    again = read_cell(path).cell()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cell.toml"]
    for z, kelvin in ((0.2, 265.0), (0.5, 298.15), (0.77, 290.0)):
        old, new = cell().parameters(z, kelvin, -0.05), again.parameters(z, kelvin, -0.05)
        np.testing.assert_allclose(np.array(new[:4], dtype=float), np.array(old[:4], dtype=float), rtol=1e-7)
        assert new.electrode_ratio == 1.7
        assert new.double_layer_C_per_V == 4.9
        assert again.surface_fraction == 0.7
        assert float(new.emptying_V) == pytest.approx(float(old.emptying_V))
        np.testing.assert_allclose(np.array(new.pairs, dtype=float), np.array(old.pairs, dtype=float), rtol=1e-7)


def test_all_problems_of_a_cell_file_are_told(tmp_path):
    path = tmp_path / "cell.toml"
    write_cell(cell(), path, source="")
    text = path.read_text().replace("capacity_C = 18000.0", "capacity_C = -1.0\ncolour = 3")
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_cell(path)
    told = str(raised.value)
    assert "colour" in told
    assert "capacity_C" in told


def test_what_contradicts_itself_is_told_at_once(tmp_path):
    path = tmp_path / "cell.toml"
    write_cell(cell(), path, source="")
    written = tomlkit.parse(path.read_text())
    del written["exchange_current_A"]
    written["minimum_voltage_V"] = 4.3
    path.write_text(tomlkit.dumps(written))
    with pytest.raises(InputError) as raised:
        read_cell(path)
    assert len(raised.value.problems) == 2
    told = str(raised.value)
    assert "a double layer without kinetics" in told
    assert "nothing lies between" in told


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("state_of_charge = [0.0, 0.5, 1.0]", "state_of_charge = [0.5, 0.0, 1.0]", "state_of_charge", "do not rise"),
        ("state_of_charge = [0.0, 0.5, 1.0]", "state_of_charge = [0, 50, 100]", "state_of_charge", "do not rise"),
        ("values = [3.0, 3.65, 4.2]", "values = [3.0, 4.2]", "values", "2 values"),
        ("values = [3.0, 3.65, 4.2]", "values = [-3.0, 3.65, 4.2]", "open_circuit_voltage_V.values", "not above zero"),
        ("values = [3.0, 3.65, 4.2]", "values = [3.0, 3.65, nan]", "open_circuit_voltage_V.values", "finite"),
        ("temperature_K = [263.15,", "temperature_K = [-20.0,", "temperature_K", "absolute zero"),
        ("[[0.003, ", "[[-0.003, ", "ohmic_resistance_Ohm.values", "not above zero"),
        ("[[0.003, 0.0028, 0.0029], ", "[", "ohmic_resistance_Ohm.values", "3 rows"),
        ("capacity_C", "minimum_voltage_V = 4.3\ncapacity_C", "cell.toml", "nothing lies between"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_place(tmp_path, old, new, place, words):
    path = tmp_path / "cell.toml"
    write_cell(cell(), path, source="")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as raised:
        read_cell(path)
    (problem,) = raised.value.problems
    assert place in problem.where and str(path) in problem.where
    assert words in problem.what
    assert problem.hint


def test_a_third_relaxation_is_refused_not_forgotten(tmp_path):
    path = tmp_path / "cell.toml"
    write_cell(cell(), path, source="")
    head, found, pair = path.read_text().partition("[[relaxation]]")
    path.write_text(head + 3 * (found + pair))
    with pytest.raises(InputError, match="relaxation"):
        read_cell(path)
