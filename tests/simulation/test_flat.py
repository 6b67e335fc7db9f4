"""The flat setting has the order of the structured one."""

from dataclasses import replace

import numpy as np
from tests.sample import mission

from covolt.simulation.core import pack_setting
from covolt.simulation.flat import setting_vector
from covolt.simulation.mission import Conditions
from covolt.simulation.run import setting_of


def test_every_number_of_the_setting_stands_in_its_place():
    conditions = Conditions(
        ambient_temperature_K=260.0, pressure_Pa=9e4, wind_m_per_s=3.0, sun_W_per_m2=500.0, payload_kg=120.0,
        on_dynamometer=True, comforts_on=True, lights_on=True, preconditioning=True, state_of_charge=0.4,
        battery_temperature_K=281.0, cabin_temperature_K=282.0, vehicle_temperature_K=283.0,
    )  # fmt: skip
    drive = replace(mission(), conditions=conditions, start_speed_m_per_s=7.0)
    setting = setting_of(drive)
    assert tuple(setting.ambient) == (260.0, 9e4, 3.0, 500.0)
    assert (setting.payload_kg, setting.dynamometer, setting.dt_s) == (120.0, 1.0, drive.dt_s)
    assert tuple(setting.comfort) == (1.0, 1.0, 1.0, 1.0)
    assert tuple(setting.soak) == (0.4, 281.0, 282.0, 283.0, 7.0)
    assert np.array_equal(pack_setting(setting), setting_vector(drive))
