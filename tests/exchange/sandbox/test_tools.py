"""A compiler runs in the sandbox: it makes what it is asked for, and includes nothing from outside."""

import shutil
from pathlib import Path

import pytest

from covolt.errors import ComponentFailed, Unavailable
from covolt.exchange.sandbox import run_tool

CC = next((one for one in ("cc", "gcc", "clang") if shutil.which(one)), "")
pytestmark = [pytest.mark.whole, pytest.mark.skipif(not CC, reason="no C compiler is here")]


def run(command, folder, *results, **settings):
    try:
        return run_tool(command, folder, results, **settings)
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")


def compiled(folder, source):
    (folder / "model.c").write_text(source)
    return run([shutil.which(CC), "-shared", "-fPIC", "-o", "model.so", "model.c", "-lm"], folder, "model.so")


def test_sources_are_compiled_and_the_library_comes_back(tmp_path):
    done = compiled(tmp_path, "#include <math.h>\ndouble root(double x) { return sqrt(x); }\n")
    assert done.code == 0, done.words
    assert done.files["model.so"].startswith(b"\x7fELF")
    assert b"root" in done.files["model.so"]
    assert [one.name for one in tmp_path.iterdir()] == ["model.c"]


@pytest.mark.parametrize("line", ['#include "{path}"', '__asm__(".incbin \\"{path}\\"");'])
def test_no_file_from_outside_is_taken_in(tmp_path, line):
    secret = tmp_path / "secret.h"
    secret.write_text("/* nobody reads this */")
    folder = tmp_path / "part"
    folder.mkdir()
    done = compiled(folder, line.format(path=secret))
    assert done.code != 0
    assert "secret.h" in done.words
    assert not done.files


def test_a_tool_that_does_not_end_is_ended(tmp_path):
    with pytest.raises(ComponentFailed, match="no answer within 1 s"):
        run([shutil.which("sleep"), "60"], tmp_path, deadline_s=1.0)


def test_the_folder_is_not_written_to_and_links_lead_nowhere(tmp_path):
    secret, folder = tmp_path / "secret", tmp_path / "part"
    secret.write_text("hidden")
    folder.mkdir()
    (folder / "here").write_text("seen")
    (folder / "link").symlink_to(secret)
    done = run(["/bin/sh", "-c", "cat here link; echo made > made; ls /home /root /work"], folder, "made", "absent")
    assert "seen" in done.words
    assert "hidden" not in done.words
    assert done.files == {"made": b"made\n"}
    assert sorted(one.name for one in folder.iterdir()) == ["here", "link"]
    assert Path(secret).read_text() == "hidden"
