"""The kernel calls that a worker is refused, each group with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

__all__ = ["REFUSED", "Refusal"]


@final
@dataclass(frozen=True)
class Refusal:
    """Calls that are refused for one reason."""

    reason: str
    calls: tuple[str, ...]
    of_children: bool = False
    """Whether they are allowed where a worker may have processes of its own."""


REFUSED: tuple[Refusal, ...] = (
    Refusal(
        "no network of any kind, and no descriptor handed to another process",
        ("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendmsg", "sendmmsg"),
    ),
    Refusal(
        "queues in which the kernel works for the caller, past this filter",
        ("io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup"),
    ),
    Refusal(
        "looking into another process, or steering it",
        (
            "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "process_madvise", "pidfd_open", "pidfd_getfd",
            "pidfd_send_signal", "process_mrelease",
        ),
    ),
    Refusal(
        "another root, another tree of files, a device",
        (
            "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "move_mount",
            "mount_setattr", "statmount", "listmount", "mknod", "mknodat",
        ),
    ),
    Refusal("a namespace in which rights begin anew", ("unshare", "setns")),
    Refusal("programs in the kernel and its counters", ("bpf", "perf_event_open")),
    Refusal("keys of the session", ("add_key", "request_key", "keyctl")),
    Refusal("page faults held up while the kernel waits, with which its races are won", ("userfaultfd",)),
    Refusal(
        "the machine as a whole: its kernel, modules, clock, name, ports, swap, log",
        (
            "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon", "swapoff",
            "acct", "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
            "iopl", "ioperm", "vhangup", "quotactl", "quotactl_fd", "lookup_dcookie",
        ),
    ),
    Refusal("old ways of addressing, seldom looked at", ("modify_ldt", "personality")),
    Refusal(
        "files by their handle, past the folders that lead to them",
        ("name_to_handle_at", "open_by_handle_at", "fanotify_init"),
    ),
    Refusal(
        "memory that no bound of a process counts, or that two processes share by name",
        (
            "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl",
            "semget", "semop", "semtimedop", "semctl", "mq_open", "mq_unlink",
        ),
    ),
    Refusal("signals to a thread whose process no filter knows", ("tkill",), of_children=True),
    Refusal("other processes and programs", ("fork", "vfork", "execve", "execveat"), of_children=True),
)  # fmt: skip
