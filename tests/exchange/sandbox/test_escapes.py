"""Nothing gets out: every attempt is refused by name, and from outside nothing is seen of it; as root and as another user."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from covolt.errors import Unavailable
from tests.exchange.sandbox import attempts
from tests.exchange.sandbox.escape import ATTEMPTS, NOTHING

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the attempts name kernel calls by their x86-64 numbers"),
]
HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SECRET = "nobody inside reads this"
OTHER_USER = 54321
NEW_USERS = """
import ctypes, os, sys
assert ctypes.CDLL(None).unshare(0x10020000) == 0
input()  # whoever started this says first who is who
os.setgroups([])
os.execvp(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def outside():
    """What an attempt would reach: sockets that listen, files, a folder of another part, a process."""
    with ExitStack() as stack:
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        name = f"covolt-test-{os.getpid()}"
        abstract.bind(f"\0{name}")
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="covolt-")))
        base.chmod(0o755)
        path = base / "s"
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(path))
        for one in (abstract, unix):
            one.listen()
        for one in (udp, tcp, abstract, unix):
            one.setblocking(False)
        canary, other = base / "canary", base / "other" / "secret"
        other.parent.mkdir()
        for one in (canary, other):
            one.write_text(SECRET)
        folder = base / "part"
        folder.mkdir()
        (folder / "escape.py").write_text((HERE / "escape.py").read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "planted").symlink_to(canary)
        sister = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        stack.callback(sister.wait)
        stack.callback(sister.kill)
        stack.callback(sister.stdin.close)
        targets = {
            "udp": udp.getsockname()[1], "tcp": tcp.getsockname()[1], "abstract": name, "unix": str(path),
            "canary": str(canary), "other": str(other), "made": str(base / "made"), "sister": sister.pid,
            "home": str(Path.home()), "place_backwards": str(folder)[::-1],
        }  # fmt: skip

        def untouched():
            for one in (udp, tcp, abstract, unix):
                with pytest.raises(BlockingIOError):
                    one.recv(1) if one is udp else one.accept()
            assert canary.read_text() == other.read_text() == SECRET
            assert not (base / "made").exists()
            assert sister.poll() is None
            assert sorted(each.name for each in folder.iterdir()) == ["escape.py", "planted"]

        yield folder, targets, untouched


def judged(answers):
    assert set(answers) == set(ATTEMPTS)
    assert not {name: said for name, said in answers.items() if "went through" in said or SECRET in said}
    refused = {name: said for name, said in answers.items() if said not in NOTHING}
    known = {"MemoryError", "RuntimeError", "ValueError"}
    assert not {name: said for name, said in refused.items() if not (said in known or said.startswith("E"))}


@pytest.mark.parametrize("way", ["namespaces", "bubblewrap"])
def test_nothing_gets_out_of_a_worker_of_this_user(way, outside):
    folder, targets, untouched = outside
    try:
        answers = attempts.refusals(folder, way, targets, ATTEMPTS)
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart by {way}: {error}")
    judged(answers)
    untouched()
    for name in (
        "udp",
        "tcp",
        "raw",
        "abstract",
        "pair",
        "io_uring",
        "fork",
        "trace",
        "read_memory",
        "new_user",
        "keys",
        "bpf",
    ):
        assert answers[name] == "EPERM", name
    assert answers["clone_3"] == answers["old_numbers"] == "ENOSYS"
    assert answers["canary"] == answers["shadow"] == answers["part_link"] == "ENOENT"
    assert answers["write_part"] == answers["write_root"] == "EROFS"
    assert answers["disk"] == "ENOSPC"
    assert answers["large_file"] == "EFBIG"
    assert answers["memory"] == "MemoryError"


def as_another_user(order, *, spaces=("unshare", "-m"), before=()):
    """Run a module as a user who is nobody; where Python lies in a folder closed to others, it is shown to them first."""
    if os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("unshare"):
        pytest.skip("only root can be another user, by setpriv and unshare")
    python = Path(sys.executable).resolve()
    prefix = Path(sys.base_prefix).resolve()
    lines = ["set -e", *before]
    if any(not one.stat().st_mode & 0o001 for one in python.parents):
        top = Path("/", prefix.parts[1])
        lines += [
            "mkdir -p /mnt && mount -t tmpfs tmpfs /mnt && mkdir /mnt/kept",
            f"mount --bind {prefix} /mnt/kept && mount -t tmpfs -o mode=0755 tmpfs {top}",
            f"mkdir -p {prefix} && mount --bind /mnt/kept {prefix}",
        ]
    lines.append(
        f'exec setpriv --reuid {OTHER_USER} --regid {OTHER_USER} --clear-groups {sys.executable} -m {order[0]} "$1"'
    )
    running = subprocess.Popen(
        [*spaces, "sh", "-c", "\n".join(lines), "sh", order[1]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    if NEW_USERS in spaces:
        own = Path("/proc/self/ns/user").stat().st_ino
        while Path(f"/proc/{running.pid}/ns/user").stat().st_ino == own:
            time.sleep(0.01)
        for one in ("uid_map", "gid_map"):
            Path(f"/proc/{running.pid}/{one}").write_text("0 0 65536")
    out, told = running.communicate("go\n", timeout=300)
    done = subprocess.CompletedProcess((), running.returncode, out, told)
    if before:
        return done.stderr
    if "Unavailable" in done.stderr:
        pytest.skip(f"this machine keeps nothing apart for another user: {done.stderr[-600:]}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", ["namespaces", "bubblewrap"])
def test_nothing_gets_out_of_a_worker_of_another_user(way, outside):
    folder, targets, untouched = outside
    for one in (folder.parent / "other", folder):
        one.chmod(0o755)
    for one in (folder / "escape.py", folder.parent / "canary", folder.parent / "other" / "secret"):
        os.chown(one, OTHER_USER, OTHER_USER) if os.geteuid() == 0 else None
    answers = as_another_user(("tests.exchange.sandbox.attempts", json.dumps([str(folder), way, targets, ATTEMPTS])))
    judged(answers)
    untouched()
    for name in ("udp", "tcp", "raw", "abstract", "io_uring", "fork", "trace", "new_user"):
        assert answers[name] == "EPERM", name


def test_where_users_may_make_no_namespaces_foreign_code_is_refused_and_both_ways_say_why(outside):
    folder, targets, untouched = outside
    told = as_another_user(
        ("tests.exchange.sandbox.attempts", json.dumps([str(folder), "both", targets, ["udp"]])),
        spaces=(sys.executable, "-c", NEW_USERS),
        before=("echo 0 > /proc/sys/user/max_user_namespaces",),
    )
    untouched()
    assert "covolt.errors.Unavailable: the worker for foreign code did not start: [Errno 28] unshare" in told
    assert "covolt sandbox check" in told
    assert "bwrap" in told or "bubblewrap" in told
