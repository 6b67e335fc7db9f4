"""Git as a party has it on its own machine: its settings are those of nobody, its words come back."""

import subprocess
from pathlib import Path

from covolt.workspace.repository import environment


def git(folder: Path, *words: str, party: str = "", ok: bool | None = True) -> str:
    """What Git prints, both streams together; `party` is whose name it brings; `ok` None takes any end."""
    own = ["-c", "user.name=An engineer", "-c", "user.email=engineer@example.org", "-c", "commit.gpgsign=false"]
    own += ["-c", f"http.extraHeader=Covolt-Party: {party}"] if party else []
    done = subprocess.run(
        ["git", *own, *words],
        cwd=folder,
        env=environment() | {"GIT_TERMINAL_PROMPT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    assert ok is None or (done.returncode == 0) == ok, said
    return said


def everything(repository: Path) -> bytes:
    """Every object of a repository, one after another, its refs and its packs' content among them."""
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    done = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=repository,
        input=listed.encode(),
        env=environment(),
        capture_output=True,
        check=True,
    )
    return done.stdout + git(repository, "for-each-ref").encode()


def packed(folder: Path, commit: str, before: str) -> bytes:
    """The pack that a push of a commit after another one brings."""
    command = ["git", "pack-objects", "--revs", "--stdout", "--quiet"]
    given = f"{commit}\n^{before}\n".encode()
    return subprocess.run(command, cwd=folder, input=given, env=environment(), capture_output=True, check=True).stdout
