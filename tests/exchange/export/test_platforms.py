"""Libraries for platforms that this machine is not: made by Zig, with the functions of the FMI and nothing of the inside."""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile

import pytest

from covolt.exchange.export import PLATFORMS, About, fmu_of, own_platform
from covolt.exchange.own_battery import PortedBattery
from tests.exchange.export.test_export import battery

OTHERS = [one for one in PLATFORMS if one.name != own_platform()]
BEGINS = {".so": b"\x7fELF", ".dll": b"MZ", ".dylib": b"\xcf\xfa\xed\xfe"}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ziglang") is None, reason="ziglang is not installed")
@pytest.mark.parametrize("platform", OTHERS, ids=lambda one: one.name)
def test_a_library_for_another_platform(platform):
    content = fmu_of(PortedBattery(battery(), "power"), About("pack"), "3", [platform.name])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        library = archive.read(f"binaries/{platform.name}/pack{platform.ending}")
    assert library.startswith(BEGINS[platform.ending])
    functions = {name.decode() for name in re.findall(rb"fmi3[A-Za-z0-9]+", library)}
    assert {"fmi3InstantiateCoSimulation", "fmi3DoStep", "fmi3GetFMUState", "fmi3SetFloat64"} <= functions
    assert not re.search(rb"jax|polarisation|ohmic|kinetic|/tmp/|/root/|llvm", library, re.IGNORECASE)
