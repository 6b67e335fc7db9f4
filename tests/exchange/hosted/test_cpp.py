"""The example host in C++ is built and serves as one of covolt's own does."""

import shutil
import subprocess

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.hosted import Deadlines, HostedComponent
from covolt.exchange.missions import AskedMission
from tests.exchange.hosted.parts import Lag
from tests.exchange.hosted.world import world
from tests.house.source import PACKAGE, ROOT

PROTO = PACKAGE / "exchange" / "hosted"
SOURCE = ROOT / "docs" / "how-to" / "hosts" / "host.cpp"
INPUTS = np.round(np.sin(np.arange(60) * 0.37) * 3.0, 6).reshape(-1, 1)


def libraries():
    """Flags of gRPC's C++ library, or a reason why there are none."""
    for tool in ("protoc", "grpc_cpp_plugin", "pkg-config", "c++"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} here: libgrpc++-dev, protobuf-compiler-grpc and a C++ compiler build the example")
    found = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], check=False, capture_output=True, text=True
    )
    if found.returncode:
        pytest.skip(f"no C++ library of gRPC here: {found.stderr.strip()}")
    return found.stdout.split()


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    flags, at = libraries(), tmp_path_factory.mktemp("cpp")
    plugin = f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}"
    made = ["protoc", f"-I{PROTO}", "--cpp_out=.", "--grpc_out=.", plugin, "hosted.proto"]
    subprocess.run(made, check=True, cwd=at)
    sources = [str(SOURCE), "hosted.pb.cc", "hosted.grpc.pb.cc"]
    command = ["c++", "-std=c++17", "-O1", "-ffp-contract=off", "-Wall", "-I.", *sources, *flags, "-o", "host"]
    subprocess.run(command, check=True, cwd=at)
    return at / "host"


def driven(component):
    component.wire(("input",), ("output", "slope"))
    first = component.start({"gain": 2.5}, INPUTS[0])
    rows = [component.step(float(at), 1.0, INPUTS[at]) for at in range(20)]
    return np.vstack([first, rows, component.window(20.0, np.ones(40), INPUTS[20:])])


@pytest.mark.slow
def test_a_part_in_cpp_is_one_as_any_other(host, tmp_path):
    with world(tmp_path) as here, here.hub() as hub:
        identity = here.identity("battery-works")
        files = []
        for name in ("key", "certificate", "authorities"):
            (tmp_path / name).write_bytes(getattr(identity, name))
            files.append(str(tmp_path / name))
        process = subprocess.Popen([str(host), f"127.0.0.1:{hub.port}", *files], stdout=subprocess.PIPE, text=True)
        try:
            one = HostedComponent(hub, "battery-works", "lag", Deadlines(step_s=2.0))
            assert driven(one).tobytes() == driven(Lag()).tobytes()
            state = one.save()
            expected = one.window(60.0, np.ones(5), INPUTS[:5])
            one.restore(state)
            assert one.window(60.0, np.ones(5), INPUTS[:5]).tobytes() == expected.tobytes()
            asked = [AskedMission({"gain": 2.5}, INPUTS[0], 0.0, np.ones(n), INPUTS[:n]) for n in (60, 30, 60)]
            for some in (asked, asked[::2]):
                for mission, rows in zip(some, one.missions(some), strict=True):
                    assert rows.tobytes() == driven(Lag())[: len(mission.steps_s) + 1].tobytes()
            with pytest.raises(InputError, match="no such port: 'nothing'"):
                one.wire(("nothing",), ())
            with pytest.raises(ComponentFailed, match="cannot do this"):
                one.get_values(["gain"])
            process.wait(timeout=10)
        finally:
            process.kill()
            process.communicate()
