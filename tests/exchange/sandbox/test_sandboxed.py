"""A component in a worker answers as it does in process, to the bit, and whoever gives no answer that counts is ended."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError, Unavailable
from covolt.exchange.sandbox import Bounds, Deadlines, SandboxedComponent
from tests.exchange.sandbox.conftest import program
from tests.exchange.sandbox.lag import Lag

SOURCE = Path(__file__).with_name("lag.py").read_text(encoding="utf-8")
STEPS_S = np.array([0.1, 0.25, 1.0 / 3.0, 2.0, 1e-9])
INPUTS = np.array([[1.0], [np.pi], [-1e300], [5e-324], [0.1]])


def changed(method, body):
    """The class with another body of one method."""
    head, mark, rest = SOURCE.partition(f"    def {method}(")
    arguments, _, rest = rest.partition("\n")
    _, _, rest = rest.partition("\n    def ")
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"{head}{mark}{arguments}\n{lines}\n\n    def {rest}"


def steps(component):
    component.wire(["u"], ["y"])
    rows, time_s = [component.start({"time_constant": 0.7}, np.array([1.0]))], 0.0
    for step_s, row in zip(STEPS_S, INPUTS, strict=True):
        rows.append(component.step(time_s, step_s, row))
        time_s += step_s
    return np.array(rows)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def processes_of(component):
    """The launcher and everything below it, by their numbers here."""
    return below_of(component._worker._process.pid)


def below_of(process):
    found, last = {process}, set()
    while found != last:
        last = set(found)
        for one in (each.name for each in Path("/proc").iterdir()):
            if one.isdecimal():
                try:
                    parent = int(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[1])
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if parent in found:
                    found.add(int(one))
    return found


def test_it_computes_as_in_process_to_the_bit(sandboxed):
    component = sandboxed()
    assert steps(component).tobytes() == steps(Lag()).tobytes()
    component.start({"time_constant": 0.7}, np.array([1.0]))
    rows = component.window(0.0, STEPS_S, INPUTS)
    assert rows.tobytes() == steps(Lag())[1:].tobytes()


def test_it_describes_itself_as_in_process(sandboxed):
    said, own = sandboxed().description, Lag().description
    assert said.variables[-1].start.tolist() == own.variables[-1].start.tolist()
    assert said.variables[:-1] == own.variables[:-1]
    assert (said.name, said.form, said.digest, said.capabilities) == (own.name, own.form, own.digest, own.capabilities)
    assert said.feedthrough == own.feedthrough


def test_values_of_every_kind_cross_without_loss(sandboxed):
    component = sandboxed()
    values = component.get_values(["count", "label", "raw", "whole", "named", "table"])
    assert values["count"] == 2**63 + 1
    assert values["label"] == "a b"
    assert values["raw"] == b"\x00\x01"
    assert values["whole"].dtype == np.int64
    assert values["whole"].tolist() == [-1, 2**62]
    assert values["named"].tolist() == ["a", "bc"]
    assert values["table"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


def test_states_are_kept_and_taken_elsewhere(sandboxed):
    component = sandboxed()
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    component.step(0.0, 1.0, np.ones(1))
    state = component.save()
    after = component.step(1.0, 1.0, np.ones(1))
    component.restore(state)
    assert component.step(1.0, 1.0, np.ones(1)) == after
    other = sandboxed()
    other.wire(["u"], ["y"])
    other.start({}, np.zeros(1))
    other.restore(other.deserialise(component.serialise(state)))
    assert other.step(1.0, 1.0, np.ones(1)) == after
    component.forget(state)
    with pytest.raises(ComponentFailed, match="KeyError"):
        component.restore(state)


def test_every_protection_is_active_here(sandboxed):
    component = sandboxed()
    assert component.protections.complete, component.protections.missing


def test_one_that_hangs_is_ended_by_its_deadline_with_all_it_started(sandboxed):
    component = sandboxed(changed("step", "while True:\n    pass"), deadlines=Deadlines(step_s=0.5))
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    below = processes_of(component)
    assert len(below) == 3
    began_s = time.monotonic()
    with pytest.raises(ComponentFailed, match=r"component lag, call step at 7.5 s: no answer within 0.5 s"):
        component.step(7.5, 0.1, np.zeros(1))
    assert time.monotonic() - began_s < 5.0
    assert not [one for one in below if alive(one)]
    with pytest.raises(ComponentFailed, match="the worker has ended"):
        component.step(7.6, 0.1, np.zeros(1))


def test_nothing_is_left_when_it_is_closed(sandboxed):
    component = sandboxed()
    below = processes_of(component)
    assert len(below) == 3
    component.close()
    component.close()
    assert not [one for one in below if alive(one)]


@pytest.mark.whole
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no such point')", "ValueError: no such point"),
        ("import os; os._exit(3)", "ended by itself, code 3"),
        ("import os; os.abort()", "SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("x = bytearray(1 << 40)", "its memory, 2147483648 bytes, is used up"),
        ("return np.zeros(5)", "40 bytes long, where 1 numbers belong"),
        ("import os\nfor one in range(3, 1024):\n    try: os.close(one)\n    except OSError: pass", "ended by itself"),
    ],
)
def test_whoever_gives_no_answer_that_counts_is_named(sandboxed, body, said):
    component = sandboxed(changed("step", body), deadlines=Deadlines(step_s=10.0))
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    with pytest.raises(ComponentFailed, match="component lag, call step at 2 s") as caught:
        component.step(2.0, 0.1, np.zeros(1))
    assert said in str(caught.value)


def test_processor_time_is_bounded(sandboxed):
    component = sandboxed(changed("step", "while True:\n    pass"), bounds=Bounds(processor_time_s=1.0))
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    with pytest.raises(ComponentFailed, match=r"its processor time, 1 s, is used up"):
        component.step(0.0, 0.1, np.zeros(1))


def test_a_file_without_the_class_says_what_it_has(sandboxed):
    with pytest.raises(InputError, match="no class is called Leg here") as caught:
        sandboxed(name="Leg")
    assert "it has: Lag" in str(caught.value)


def test_a_class_that_is_no_component_says_what_it_lacks(sandboxed):
    with pytest.raises(InputError, match="it lacks description, wire, start"):
        sandboxed("class Lag:\n    pass\n")


def test_a_file_that_does_not_load_says_why(sandboxed):
    with pytest.raises(InputError, match="ModuleNotFoundError: No module named 'nowhere'"):
        sandboxed("import nowhere\n")


def test_without_a_way_that_protects_it_is_refused_unless_told_otherwise_and_the_record_says_so(tmp_path):
    (tmp_path / "lag.py").write_text(SOURCE, encoding="utf-8")
    with pytest.raises(Unavailable, match="no way of keeping foreign code apart"):
        SandboxedComponent(program(tmp_path), ways=())
    component = SandboxedComponent(program(tmp_path), ways=(), unprotected=True)
    try:
        assert component.protections.way == "none"
        assert {"files", "user"} <= set(component.protections.missing)
        assert steps(component).tobytes() == steps(Lag()).tobytes()
    finally:
        component.close()


def test_one_that_failed_begins_anew_in_a_new_worker(sandboxed):
    component = sandboxed(changed("step", "import os\nif step_s > 1: os._exit(1)\nreturn np.array([step_s])"))
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    with pytest.raises(ComponentFailed, match="ended by itself, code 1"):
        component.step(0.0, 2.0, np.zeros(1))
    assert component.start({}, np.zeros(1)) == 0.0
    assert component.step(0.0, 0.5, np.zeros(1)) == 0.5
    component.close()
    with pytest.raises(ComponentFailed, match="the worker has ended"):
        component.start({}, np.zeros(1))


def test_many_steps_in_one_call_are_cut_in_pieces_that_fit(sandboxed, monkeypatch):
    monkeypatch.setattr("covolt.exchange.sandbox.sandboxed._CHUNK_BYTES", 64)
    component = sandboxed()
    component.wire(["u"], ["y"])
    component.start({"time_constant": 0.7}, np.array([1.0]))
    assert component.window(0.0, STEPS_S, INPUTS).tobytes() == steps(Lag())[1:].tobytes()


LYING = """
import os, stat, struct
conversation = next(one for one in range(3, 1024) if _is_socket(one))
{said}
while True:
    pass
"""
IS_SOCKET = """
def _is_socket(one):
    import os, stat
    try:
        return stat.S_ISSOCK(os.fstat(one).st_mode)
    except OSError:
        return False
"""


@pytest.mark.whole
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("os.write(conversation, b'x' * 64)", "no kind of answer has the number 120"),
        ("os.write(conversation, struct.pack('<B7xII', 1, 1, 8) + bytes(8))", "an answer to call 1, where"),
        (
            "os.write(conversation, struct.pack('<B7xII', 1, 4, 4294967295))",
            "an answer of 4294967295 bytes, where at most 65536 are one",
        ),
        ("os.write(conversation, struct.pack('<B7xII', 1, 4, 8) + bytes(16))", "8 bytes that nobody asked for"),
        (
            "os.write(conversation, struct.pack('<B7xII', 1, 4, 16) + bytes(16))",
            "16 bytes long, where 1 numbers belong",
        ),
        ("os.write(conversation, struct.pack('<B7xII', 2, 4, 1) + b'n')", "1 bytes long, where 1 numbers belong"),
        ("os.write(conversation, struct.pack('<B7xII', 3, 4, 1) + b'n')", "a refusal without a kind"),
        ("os.write(conversation, struct.pack('<B7xII', 1, 4, 8))", "no answer within 2 s"),
        ("os.close(conversation); raise SystemExit", "the worker ended by itself"),
    ],
)
def test_a_worker_that_lies_past_its_server_is_found_out_and_ended(sandboxed, said, reason):
    source = IS_SOCKET + changed("step", LYING.format(said=said))
    component = sandboxed(source, deadlines=Deadlines(step_s=2.0))
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    below = processes_of(component)
    with pytest.raises(ComponentFailed, match="component lag, call step at 3 s") as caught:
        component.step(3.0, 0.1, np.zeros(1))
    assert reason in str(caught.value)
    assert not [one for one in below if alive(one)]


NATIVE = """
#include <stddef.h>
int old_table(void) {          /* socketcall of the 32-bit table: the numbers of a filter for 64 bits mean other calls there */
    int result;
    unsigned arguments[3] = {2, 2, 0};
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(1), "c"((unsigned)(size_t)arguments) : "memory");
    return result;
}
int recursion(int depth) { volatile char room[4096]; room[0] = (char)depth; return recursion(depth + 1) + room[0]; }
int division(int by) { return 7 / by; }
"""


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """A library compiled from C."""
    if platform.machine() != "x86_64":
        pytest.skip("the source speaks to an x86-64 processor")
    folder = tmp_path_factory.mktemp("native")
    (folder / "native.c").write_text(NATIVE)
    compilers = [[one] for one in ("cc", "gcc", "clang") if shutil.which(one)]
    if importlib.util.find_spec("ziglang"):
        compilers.append([sys.executable, "-m", "ziglang", "cc"])
    if not compilers:
        pytest.skip("no C compiler is here")
    command = [*compilers[0], "-O0", "-shared", "-fPIC", "-o", "native.so", "native.c"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "native.so").read_bytes()


@pytest.mark.whole
@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("library.old_table()", "it called the kernel in a way that is refused"),
        ("library.recursion(0)", "SIGSEGV"),
        ("library.division(0)", "SIGFPE"),
    ],
)
def test_native_code_that_crashes_or_takes_an_old_door_ends_alone(sandboxed, native, expression, said):
    body = f"import ctypes\nlibrary = ctypes.CDLL('/scratch/native.so')\nreturn np.array([{expression}])"
    # Written by the class itself into its scratch folder: the part's folder holds sources alone here.
    source = changed("step", body).replace(
        "        self.kept = {}\n",
        f"        self.kept = {{}}\n        open('/scratch/native.so', 'wb').write(bytes.fromhex('{native.hex()}'))\n",
    )
    component = sandboxed(source)
    component.wire(["u"], ["y"])
    component.start({}, np.zeros(1))
    with pytest.raises(ComponentFailed, match="component lag, call step at 0 s") as caught:
        component.step(0.0, 0.1, np.zeros(1))
    assert said in str(caught.value)


ORPHANING = """
import sys
from pathlib import Path
import numpy as np
from covolt.exchange.sandbox import Program, SandboxedComponent
from covolt.exchange.sandbox.python_class import FACTORY
options = {"file": "lag.py", "class": "Lag", "arguments": {}}
component = SandboxedComponent(Program("lag", FACTORY, Path(sys.argv[1]), options), ways=(sys.argv[2],))
component.wire(["u"], ["y"])
component.start({}, np.zeros(1))
print("started", flush=True)
component.step(0.0, 1.0, np.zeros(1))
"""


@pytest.mark.whole
@pytest.mark.parametrize("way", ["namespaces", "bubblewrap"])
def test_when_covolt_is_killed_its_workers_end(tmp_path, way):
    (tmp_path / "lag.py").write_text(changed("step", "while True:\n    pass"), encoding="utf-8")
    command = [sys.executable, "-c", ORPHANING, str(tmp_path), way]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if running.stdout.readline() != "started\n":
        pytest.skip(f"this machine cannot keep foreign code apart by {way}: {running.communicate()[1][-500:]}")
    below = below_of(running.pid) - {running.pid}
    assert len(below) >= 3
    running.kill()
    running.communicate()
    end_s = time.monotonic() + 20.0
    while [one for one in below if alive(one)] and time.monotonic() < end_s:
        time.sleep(0.05)
    assert not [one for one in below if alive(one)]
