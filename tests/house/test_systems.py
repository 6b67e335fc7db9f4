"""covolt is imported on every system, and what differs between them stands in few modules."""

import ast

import pytest

from tests.house.source import modules, short, tree

POSIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    "os": {
        "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "WNOHANG", "chown", "fchmod", "fchown", "fork", "forkpty", "getegid",
        "geteuid", "getgid", "getgroups", "getpgid", "getuid", "killpg", "mkfifo", "nice", "setsid", "sysconf", "uname", "wait4",
    },
    "signal": {"SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm", "setitimer"},
    "socket": {"AF_UNIX"},
    "time": {"tzset"},
}  # fmt: skip
WINDOWS_MODULES = {"msvcrt", "winreg", "winsound"}
MOVES = {"os": {"replace", "rename", "renames", "link", "symlink"}, "shutil": {"move"}}
MOVERS = {"files.py", "exchange/confinement/file_tree.py"}
"""Modules in which a name of a file changes: covolt's files, and the root that a worker gets."""
LOCKERS = {"locks.py"}
LINUX_ALONE = "exchange/confinement/"
"""Runs in processes that are started on Linux alone: `exchange/sandbox/worker.py` asks the system first."""


def guarded(node, above):
    """Whether a node stands where the system was asked first: by its name, or by whether it has that name."""
    while node in above:
        node = above[node]
        if isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.Compare):
            asked = ast.unparse(node.test if isinstance(node, ast.If | ast.IfExp) else node)
            if "sys.platform" in asked or "hasattr(" in asked or "WINDOWS" in asked:
                return True
    return False


def used(path):
    """Every module and every name of a module that a file uses, with the line, unless the system was asked first."""
    above = {inner: node for node in ast.walk(tree(path)) for inner in ast.iter_child_nodes(node)}
    for node in ast.walk(tree(path)):
        found = []
        if isinstance(node, ast.Import):
            found = [(alias.name.partition(".")[0], "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found = [(node.module, ""), *((node.module, alias.name) for alias in node.names)]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = [(node.value.id, node.attr)]
        yield from ((module, name, node.lineno) for module, name in found if not guarded(node, above))


@pytest.mark.parametrize("path", modules(), ids=short)
def test_nothing_needs_what_one_system_alone_has(path):
    if short(path).startswith(LINUX_ALONE):
        pytest.skip("runs on Linux alone, and whoever starts it asks first")
    found = [
        f"line {line}: {module}.{name}".rstrip(".")
        for module, name, line in used(path)
        if (not name and module in POSIX_MODULES | WINDOWS_MODULES) or name in POSIX_NAMES.get(module, ())
    ]
    assert not found, f"ask the system first, by sys.platform or hasattr: {found}"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_names_of_files_change_in_one_module(path):
    moved = [f"line {line}: {module}.{name}" for module, name, line in used(path) if name in MOVES.get(module, ())]
    methods = [
        f"line {node.lineno}: .{node.func.attr}()"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"rename", "symlink_to", "hardlink_to"}
    ]
    assert short(path) in MOVERS or not moved + methods, (
        f"let files.py do it, by the rules of both systems: {moved + methods}"
    )
    text = path.read_text(encoding="utf-8")
    assert short(path) in LOCKERS or not ("fcntl" in text or "msvcrt" in text), "locks.py holds files"


def test_the_rule_sees_what_it_forbids(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        "import os, fcntl\nfrom signal import SIGKILL\nos.getuid()\nif hasattr(os, 'fork'):\n    os.fork()\n"
    )
    assert {(module, name) for module, name, _ in used(path)} >= {
        ("fcntl", ""),
        ("signal", "SIGKILL"),
        ("os", "getuid"),
    }
    assert ("os", "fork") not in {(module, name) for module, name, _ in used(path)}
