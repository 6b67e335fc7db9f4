"""What FMI-LS-WASM adds to an FMU: its manifest is demanded and judged, and its resources end at their folder."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from covolt.errors import InputError, NotFound
from covolt.exchange.archive import opened_archive
from covolt.exchange.wasm.layer import MANIFEST, Folder, Layer, component_name, read_layer

GOOD = """<?xml version="1.0"?>
<fmiLayeredStandardManifest xmlns:fmi-ls="namespace-of-manifests"
  fmi-ls:fmi-ls-name="org.modelica.fmi-ls-wasm" fmi-ls:fmi-ls-version="0.1.0" fmi-ls:fmi-ls-description="components"/>"""


def layer(folder: Path, manifest: str | None) -> Layer:
    path = folder / "one.fmu"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("modelDescription.xml", "<x/>")
        if manifest is not None:
            archive.writestr(MANIFEST, manifest)
    with opened_archive(path) as archive:
        return read_layer(archive)


def test_manifest_says_its_version(tmp_path: Path) -> None:
    assert layer(tmp_path, GOOD) == Layer("0.1.0", "components")


def test_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=MANIFEST):
        layer(tmp_path, None)


@pytest.mark.parametrize(
    "manifest", [GOOD.replace("-wasm", "-xcp"), GOOD.replace('fmi-ls-version="0.1.0"', ""), "<broken", "<x/>"]
)
def test_other_manifest_is_refused(tmp_path: Path, manifest: str) -> None:
    with pytest.raises(InputError):
        layer(tmp_path, manifest)


def test_component_lies_where_the_standard_says() -> None:
    assert component_name("Lag") == "binaries/wasm32-wasip2/Lag.wasm"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    inside = tmp_path / "resources"
    (inside / "deep").mkdir(parents=True)
    (inside / "a.txt").write_bytes(b"a")
    (inside / "deep/b.bin").write_bytes(bytes(256))
    (tmp_path / "secret").write_bytes(b"secret")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "out").symlink_to(tmp_path)
    os.mkfifo(inside / "pipe")
    return Folder(inside)


def test_files_are_read_by_their_path(folder: Folder) -> None:
    assert folder.read("a.txt") == b"a"
    assert folder.read("deep/b.bin") == bytes(256)


@pytest.mark.parametrize(
    "path",
    ["", ".", "/", "/etc/passwd", "../secret", "deep/../a.txt", "deep/../../secret", "link", "out/secret", "pipe", "deep",
     "a.txt/x", "a.txt\0", "..\\secret", "none", "x" * 5000, "deep//b.bin"],
)  # fmt: skip
def test_nothing_else_is_read(folder: Folder, path: str) -> None:
    with pytest.raises(InputError):
        folder.read(path)


def test_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Folder(tmp_path / "none").read("a.txt")
