"""FMUs that bring sources alone: compiled and run as any other, or what is missing named."""

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.exchange.fmu import open_in_worker, unpacked
from tests.exchange.fmu.built import SOURCES, compiler, reals, structure
from tests.exchange.fmu.written import packed, three, two


def sources(version, broken=""):
    files = {
        f"sources/{name}": (SOURCES / name).read_text() for name in (f"frame{version}.c", "model.h", "vanderpol.h")
    }
    files["sources/all.c"] = f'#define MODEL "vanderpol.h"\n{broken}\n#include "frame{version}.c"\n'
    return files


BUILD = """<fmiBuildDescription fmiVersion="3.0"><BuildConfiguration modelIdentifier="model"><SourceFileSet language="C99">
<SourceFile name="{file}"/><PreprocessorDefinition name="UNUSED" value="1"/><IncludeDirectory name="{folder}"/></SourceFileSet>
</BuildConfiguration></fmiBuildDescription>"""


def made(path, version, broken="", files=None, file="all.c", folder="inner"):
    compiler()
    content = sources(version, broken) | (files or {})
    if version == 3:
        content["sources/buildDescription.xml"] = BUILD.format(file=file, folder=folder)
        content["sources/inner/empty.h"] = ""
        return packed(path, three(reals("vanderpol", 3), structure=structure("vanderpol", 3)), content)
    text = two(reals("vanderpol", 2), structure=structure("vanderpol", 2))
    text = text.replace(
        'canHandleVariableCommunicationStepSize="true" />',
        f'canHandleVariableCommunicationStepSize="true"><SourceFiles><File name="{file}"/></SourceFiles></CoSimulation>',
    )
    return packed(path, text, content)


@pytest.mark.parametrize("version", [2, 3])
def test_sources_are_compiled_and_run(tmp_path, version):
    (tmp_path / "out").mkdir()
    _, form = unpacked(made(tmp_path / "a.fmu", version), tmp_path / "out")
    one = open_in_worker(tmp_path / "out", {"form": form})
    one.wire([], ["x0"])
    assert one.start({}, np.zeros(0))[0] == 2.0
    assert one.step(0.0, 1.0, np.zeros(0))[0] == pytest.approx(1.508, abs=2e-3)
    one.close()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"broken": "int x = ;"}, r"its sources do not compile: .*all.c:2"),
        ({"file": "gone.c"}, r"names sources/gone\.c, which is not there"),
        ({"file": "../modelDescription.xml"}, r"names sources/\.\./modelDescription\.xml, which is not there"),
        ({"folder": "../.."}, "which is not there"),
    ],
)
def test_what_keeps_sources_from_being_compiled_is_told(tmp_path, more, said):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match=said):
        unpacked(made(tmp_path / "a.fmu", 3, **more), tmp_path / "out")


def test_a_function_that_nothing_has_is_named(tmp_path):
    (tmp_path / "out").mkdir()
    broken = "double absent_function(double);\nstatic double (*kept)(double) = absent_function;\n__attribute__((constructor)) static void use(void) { volatile double x = kept(1); (void)x; }"
    unpacked(made(tmp_path / "a.fmu", 2, broken), tmp_path / "out")
    with pytest.raises(InputError, match="needs the function absent_function, which nothing here has"):
        open_in_worker(tmp_path / "out", {})


@pytest.mark.parametrize("line", ['#include "{path}"', '__asm__(".incbin \\"{path}\\"");'])
def test_nothing_outside_is_compiled_in(tmp_path, line):
    (tmp_path / "out").mkdir()
    secret = tmp_path / "secret.h"
    secret.write_text("/* nobody reads this */")
    with pytest.raises(InputError, match=r"its sources do not compile: .*secret\.h"):
        unpacked(made(tmp_path / "a.fmu", 2, line.format(path=secret)), tmp_path / "out")
