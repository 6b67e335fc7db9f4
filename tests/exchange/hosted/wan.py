"""A wide-area network on one machine: the party in a network namespace of its own, packets delayed and lost on the way.

Run as `python wan.py NAME DELAY_S LOSS`, it makes the namespace and both ends, and passes packets until its input ends.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

HUB, PARTY = "10.98.13.1", "10.98.13.2"
TUNSETIFF, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001


def obstacle():
    """Why there can be none here; empty where there can."""
    if os.geteuid() != 0:
        return "network namespaces need root here"
    if shutil.which("ip") is None:
        return "no ip command here"
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun here"
    name = f"covolt-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "no network namespace can be made here"
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return ""


def tunnel(name):
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH", name.encode(), TUN_WITHOUT_HEADER))
    return handle


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def passing(one, other, delay_s, loss):
    """Hand packets on, each later by the delay, some never; how many came and were lost."""
    queue, count, lost, chance = [], 0, 0, random.Random(1)
    while True:
        now = time.monotonic()
        wait_s = min(0.5, max(0.0, queue[0][0] - now)) if queue else 0.5
        for ready in select.select([one, other, sys.stdin], [], [], wait_s)[0]:
            if ready is sys.stdin:
                return count, lost
            packet = os.read(ready, 65536)
            count += 1
            if chance.random() < loss:
                lost += 1
            else:
                heapq.heappush(queue, (time.monotonic() + delay_s, count, other if ready == one else one, packet))
        while queue and queue[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(queue)
            os.write(to, packet)


def main(name, delay_s, loss):
    here, there = f"c{os.getpid()}a", f"c{os.getpid()}b"
    ip("netns", "add", name)
    try:
        one, other = tunnel(here), tunnel(there)
        ip("link", "set", there, "netns", name)
        ip("addr", "add", f"{HUB}/30", "dev", here)
        ip("link", "set", here, "up")
        ip("-n", name, "addr", "add", f"{PARTY}/30", "dev", there)
        ip("-n", name, "link", "set", there, "up")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdout.write("{} {}\n".format(*passing(one, other, delay_s, loss)))
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)


@contextmanager
def wan(delay_s, loss, told=None):
    """Words before a command that let it run on the far side; the hub is at HUB. `told` takes packets, and those lost."""
    name = f"covolt-{os.getpid()}"
    command = [sys.executable, __file__, name, str(delay_s), str(loss)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        yield ("ip", "netns", "exec", name)
    finally:
        process.stdin.close()
        process.wait(10)
        if told is not None:
            told += map(int, process.stdout.read().split())
        process.stdout.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
