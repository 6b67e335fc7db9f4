"""A component that tries to get out: each value that is asked of it is an attempt, answered by what the system said to it."""

import ctypes
import errno
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from covolt.exchange.component import Description

LIBC = ctypes.CDLL(None, use_errno=True)
THROUGH = "went through"


def call(number, *arguments):
    """A call of the kernel by its number; raises what it says."""
    LIBC.syscall.restype = ctypes.c_long
    result = LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(one) for one in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


class Escape:
    description = Description("escape", "a test's own", "0" * 64)

    def __init__(self, targets=""):
        self.targets = json.loads(targets)

    def wire(self, inputs, outputs):
        pass

    def start(self, parameters, inputs, start_s=0.0, stop_s=None):
        return np.zeros(0)

    def step(self, time_s, step_s, inputs):
        return np.zeros(0)

    def window(self, start_s, steps_s, inputs):
        return np.zeros((len(steps_s), 0))

    def set_values(self, values):
        pass

    def get_values(self, names):
        return {name: self.tried(name) for name in names}

    def close(self):
        pass

    def tried(self, name):
        try:
            return str(getattr(self, f"try_{name}")())
        except OSError as error:
            return errno.errorcode.get(error.errno, str(error))
        except (MemoryError, RuntimeError, ValueError) as error:
            return type(error).__name__

    # The network

    def try_udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"out", ("127.0.0.1", self.targets["udp"]))
        return THROUGH

    def try_tcp(self):
        with socket.socket(socket.AF_INET) as one:
            one.connect(("127.0.0.1", self.targets["tcp"]))
        return THROUGH

    def try_tcp_6(self):
        with socket.socket(socket.AF_INET6) as one:
            one.connect(("::1", self.targets["tcp"]))
        return THROUGH

    def try_raw(self):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, 1):
            return THROUGH

    def try_packet(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW):
            return THROUGH

    def try_netlink(self):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
            return THROUGH

    def try_vsock(self):
        with socket.socket(40, socket.SOCK_STREAM):
            return THROUGH

    def try_abstract(self):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect("\0" + self.targets["abstract"])
        return THROUGH

    def try_unix(self):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(self.targets["unix"])
        return THROUGH

    def try_pair(self):
        one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.sendto(b"out", "\0" + self.targets["abstract"])
        return THROUGH

    def try_inherited(self):
        """Whether an inherited descriptor is anything but the three standard ones and the conversation."""
        found = []
        for one in range(1024):
            try:
                mode = os.fstat(one).st_mode
            except OSError:
                continue
            found.append((one, stat.S_IFMT(mode)))
        sockets = [one for one, kind in found if kind == stat.S_IFSOCK]
        others = [one for one, kind in found if one > 2 and kind != stat.S_IFSOCK]
        return "nothing more" if len(sockets) == 1 and not others else f"{THROUGH}: {found}"

    # Files

    def try_place(self):
        """Whether anything of this process says where the part lies outside."""
        place, own = self.targets["place_backwards"][::-1], Path("/proc/self")
        frame, held, told = sys._getframe(), [], []
        for one in ("cmdline", "environ", "mountinfo", "maps", "comm"):
            with suppress(PermissionError):
                told.append((own / one).read_text(errors="replace"))
        while frame is not None:
            held.append("" if frame.f_code is self.try_place.__code__ else str(frame.f_locals))
            frame = frame.f_back
        found = [one for one in (*told, *held) if place in one]
        return f"{THROUGH}: {found}" if found else "nothing more"

    def try_shadow(self):
        return THROUGH + Path("/etc/shadow").read_text()

    def try_passwd(self):
        return THROUGH + Path("/etc/passwd").read_text()

    def try_home(self):
        """Whether anything is seen of it but the way to Python, where that lies in it."""
        way = [Path(one) for one in (*sys.path, sys.executable, np.__file__)]
        seen = [
            one for one in Path(self.targets["home"]).iterdir() if not any(each.is_relative_to(one) for each in way)
        ]
        return f"{THROUGH}: {seen}" if seen else "only its own"

    def try_canary(self):
        return THROUGH + Path(self.targets["canary"]).read_text()

    def try_other_part(self):
        return THROUGH + Path(self.targets["other"]).read_text()

    def try_write_outside(self):
        Path(self.targets["made"]).write_text("out")
        return THROUGH

    def try_write_part(self):
        Path("/component/made").write_text("out")
        return THROUGH

    def try_write_root(self):
        Path("/made").write_text("out")
        return THROUGH

    def try_write_packages(self):
        Path(np.__file__).write_text("")
        return THROUGH

    def try_symbolic_link(self):
        link = Path("link")
        link.symlink_to(self.targets["canary"])
        return THROUGH + link.read_text()

    def try_write_through_link(self):
        link = Path("link-out")
        link.symlink_to(self.targets["made"])
        link.write_text("out")
        return THROUGH

    def try_hard_link(self):
        os.link(self.targets["canary"], "hard")
        return THROUGH + Path("hard").read_text()

    def try_part_link(self):
        return THROUGH + Path("/component/planted").read_text()

    def try_climb(self):
        return THROUGH + Path("/", *[".."] * 20, self.targets["canary"].lstrip("/")).read_text()

    def try_root_of_first(self):
        return THROUGH + Path(f"/proc/1/root{self.targets['canary']}").read_text()

    def try_root_of_parent(self):
        return THROUGH + Path(f"/proc/{os.getppid()}/root{self.targets['canary']}").read_text()

    def try_memory_of_first(self):
        with Path("/proc/1/mem").open("r+b"):
            return THROUGH

    def try_change_root(self):
        os.chroot(".")
        return THROUGH

    def try_device(self):
        os.mknod("disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))
        return THROUGH

    def try_handle(self):
        return f"{THROUGH} {call(303, 0, 0, 0, 0, 0)}"

    def try_mount(self):
        call(
            165, *(ctypes.addressof(ctypes.create_string_buffer(one)) for one in (b"none", b"/scratch", b"tmpfs")), 0, 0
        )
        return THROUGH

    # Other processes

    def try_see_others(self):
        seen = (
            [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal()] if Path("/proc").exists() else []
        )
        return "only its own" if not [one for one in seen if one > 4] else f"{THROUGH}: {seen}"

    def try_kill_sister(self):
        os.kill(self.targets["sister"], signal.SIGKILL)
        return THROUGH

    def try_kill_all(self):
        os.kill(-1, signal.SIGKILL)
        return THROUGH

    def try_kill_parent(self):
        os.kill(os.getppid(), signal.SIGSTOP)
        return THROUGH

    def try_trace(self):
        return f"{THROUGH} {call(101, 16, self.targets['sister'], 0, 0)}"

    def try_read_memory(self):
        into = ctypes.create_string_buffer(8)
        near = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(into), 8))
        far = ctypes.create_string_buffer(struct.pack("QQ", 0x400000, 8))
        return f"{THROUGH} {call(310, self.targets['sister'], ctypes.addressof(near), 1, ctypes.addressof(far), 1, 0)}"

    def try_process_descriptor(self):
        return f"{THROUGH} {os.pidfd_open(1)}"

    def try_fork(self):
        if os.fork() == 0:
            os._exit(0)
        return THROUGH

    def try_spawn(self):
        os.posix_spawn("/usr/bin/true", ["true"], {})
        return THROUGH

    def try_run(self):
        os.execv("/proc/self/exe", ["python"])
        return THROUGH

    def try_new_user(self):
        return f"{THROUGH} {call(272, 0x10000000)}"

    def try_clone_new_user(self):
        return f"{THROUGH} {call(56, 0x10000000 | 17, 0, 0, 0, 0)}"

    def try_clone_3(self):
        arguments = ctypes.create_string_buffer(struct.pack("11Q", 0x10000000, *[0] * 10))
        return f"{THROUGH} {call(435, ctypes.addressof(arguments), 88)}"

    def try_become_root(self):
        os.setuid(0)
        return THROUGH

    # The kernel

    def try_io_uring(self):
        return f"{THROUGH} {call(425, 8, ctypes.addressof(ctypes.create_string_buffer(120)))}"

    def try_bpf(self):
        return f"{THROUGH} {call(321, 0, 0, 0)}"

    def try_counters(self):
        return f"{THROUGH} {call(298, 0, 0, -1, -1, 0)}"

    def try_keys(self):
        return f"{THROUGH} {call(250, 0, -3, 0)}"

    def try_page_faults(self):
        return f"{THROUGH} {call(323, 1)}"

    def try_nameless_file(self):
        return f"{THROUGH} {os.memfd_create('x')}"

    def try_shared_memory(self):
        return f"{THROUGH} {call(29, 0, 1 << 20, 0o1600)}"

    def try_old_numbers(self):
        """A call of the x32 table, whose numbers a filter that knows the others alone lets pass."""
        return f"{THROUGH} {call(0x40000000 | 41, 2, 2, 0)}"

    def try_clock(self):
        return f"{THROUGH} {call(227, 0, ctypes.addressof(ctypes.create_string_buffer(16)))}"

    def try_name(self):
        socket.sethostname("x")
        return THROUGH

    # Bounds

    def try_raise_bounds(self):
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return THROUGH

    def try_memory(self):
        held = [bytearray(64 << 20) for _ in range(64)]
        return f"{THROUGH} {len(held)}"

    def try_threads(self):
        gate, made = threading.Event(), []
        try:
            for _ in range(500):
                one = threading.Thread(target=gate.wait)
                one.start()
                made.append(one)
        finally:
            gate.set()
            for one in made:
                one.join()
        return THROUGH

    def try_disk(self):
        whole = 0
        try:
            for number in range(64):
                with Path(f"full-{number}").open("wb") as file:
                    while file.tell() < 60 << 20:
                        whole += file.write(bytes(1 << 20))
        finally:
            for one in Path().glob("full-*"):
                one.unlink()
        return f"{THROUGH} {whole}"

    def try_large_file(self):
        with Path("large").open("wb") as file:
            file.truncate(1 << 40)
        return THROUGH

    def try_many_files(self):
        held = [Path("/dev/null").open("rb") for _ in range(1000)]  # noqa: SIM115
        return f"{THROUGH} {len(held)}"


ATTEMPTS = [name.removeprefix("try_") for name in vars(Escape) if name.startswith("try_")]
NOTHING = ("nothing more", "only its own")
"""Answers of attempts that look, and find nothing."""
