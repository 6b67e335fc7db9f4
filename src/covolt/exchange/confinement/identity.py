"""Who a worker is: another user, or the same one in a user namespace of its own, without any right of root."""

from __future__ import annotations

import os
from pathlib import Path

from covolt.exchange.confinement import kernel

__all__ = ["become", "map_user"]

INSIDE = 1000
"""What a user who is no root is called in a user namespace of its own."""


def map_user(user: int, group: int) -> None:
    """In a new user namespace, say who of the old one is who.

    Raises:
        OSError: where the kernel or its owner does not allow it.
    """
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{INSIDE} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{INSIDE} {group} 1", encoding="ascii")


def become(user: int) -> None:
    """Be another user, where covolt runs as root, and give up every right for good."""
    kernel.forgo_capabilities()
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities()
    kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1)
