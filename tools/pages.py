"""Pages that teach by doing, done as a reader does them: commands, files and Python in their order, beside what they show.

`python -m tools.pages docs/tutorials/the-engineer.md` does one page in a folder of its own and says what the page shows
otherwise; with `--write` the page shows what came out. On a page

- a block `sh` is run, and a block `toml` or `csv` with a title is written to the file of that name; all `python` is one process;
- a line of `sh` that ends in `# answers: y, y` is run at a terminal, where a person answers what is asked;
- a block `text` after one of these is what it shows. `…` stands for signs of the line that differ each time, a line `…` for lines
  that are left out; a line that does not come out, in its order, is told.

A command that shows nothing has to end with 0, or with 6, which is a verdict and no mistake.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covolt.own_files import config_folder
from covolt.simulation.kept import SECRET

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r'^```(sh|text|python|toml|csv)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
ANSWERS = re.compile(r"# answers: (.+)$", re.MULTILINE)
VERDICT, WRONG_USE = 6, (1, 126, 127)
LEFT_OUT = "…"
COLUMNS = "100"


@dataclass(frozen=True)
class Block:
    """One block of a page, and where its text stands in it."""

    language: str
    title: str | None
    text: str
    start: int
    end: int

    @classmethod
    def all_of(cls, page: str) -> list[Block]:
        """The blocks of a page that are done, in their order."""
        return [cls(one[1], one[2], one[3], one.start(3), one.end(3)) for one in BLOCK.finditer(page)]


def _environment(folder: Path) -> dict[str, str]:
    """That of a person who has activated covolt, has a home of his own and a terminal of 100 columns."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    person = {f"GIT_{who}_{what}": "you@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {
        "HOME": str(home),
        "COLUMNS": COLUMNS,
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    config = home / "config"
    config.mkdir(mode=0o700, exist_ok=True)
    if (sealing := config_folder() / SECRET).exists():  # what was compiled before is taken as one's own
        shutil.copy2(sealing, config)
    return {**os.environ, **person, **own, "COVOLT_CONFIG_DIR": str(config)}


class Reader:
    """Who does a page, block by block, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = _environment(folder)
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def do(self, block: Block) -> tuple[int, str]:
        """How a block ended, and what it showed."""
        if block.title is not None:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return 0, ""
        return self._python(block.text) if block.language == "python" else self._shell(block.text)

    def _shell(self, text: str) -> tuple[int, str]:
        if asked := ANSWERS.search(text):
            return self._answered(text, [one.strip() for one in asked[1].split(",")])
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def _answered(self, text: str, answers: list[str]) -> tuple[int, str]:
        """The same at a terminal, each question answered when it stands there."""
        ours, theirs = pty.openpty()
        running = subprocess.Popen(
            ["bash", "-c", text], cwd=self.folder, env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal is gone when nobody writes to it any more
            while piece := os.read(ours, 4096):
                shown += piece
                if answers and shown.endswith(b": "):
                    os.write(ours, answers.pop(0).encode() + b"\n")
        os.close(ours)
        return running.wait(), shown.decode().replace("\r", "")

    def _python(self, text: str) -> tuple[int, str]:
        shown = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(shown):
            try:
                exec(compile(text, "page", "exec"), self.names)
            except Exception:
                return 1, shown.getvalue() + traceback.format_exc()
        return 0, shown.getvalue()


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in line.rstrip().split(LEFT_OUT)))


def missing_lines(shown: str, came: str) -> list[str]:
    """The lines of a page that did not come out in their order; where none is left out, one stands below the other."""
    lines = [line.rstrip() for line in came.strip("\n").splitlines()]
    at, close, missing = 0, False, []
    for line in shown.strip("\n").splitlines():
        if line.strip() == LEFT_OUT:
            close = False
            continue
        where = range(at, min(at + 1, len(lines))) if close else range(at, len(lines))
        found = next((index for index in where if _pattern(line).fullmatch(lines[index])), None)
        if found is None:
            missing.append(line)
        else:
            at, close = found + 1, True
    return missing


def _without_digits(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\d+", "0", line)).strip()


def renewed(shown: str, came: str) -> str:
    """What a page shows, with the lines that came out: those alike but for digits, in order; all where nothing is left out."""
    lines = [line.rstrip() for line in came.strip("\n").splitlines()]
    if LEFT_OUT not in shown:
        return "\n".join(lines) + "\n"
    at, made = 0, []
    for line in shown.splitlines():
        alike = next((i for i in range(at, len(lines)) if _without_digits(lines[i]) == _without_digits(line)), None)
        if LEFT_OUT in line or alike is None:
            made.append(line)
        else:
            made.append(lines[alike])
            at = alike + 1
    return "\n".join(made) + "\n"


def do_page(page: Path, folder: Path, *, write: bool = False) -> list[str]:
    """What a page shows otherwise than it came out; with `write` the page is mended where it can be."""
    text = page.read_text(encoding="utf-8")
    reader, problems = Reader(folder), list[str]()
    code, came, done = 0, "", ""
    blocks, mended = Block.all_of(text), list[tuple[Block, str]]()
    for index, block in enumerate(blocks):
        if block.language == "text":
            new = renewed(block.text, came) if write else block.text
            mended.append((block, new))
            if missing := missing_lines(new, came):
                problems.append(f"{done}\nshown and not come:\n" + "\n".join(missing) + f"\ncame:\n{came}")
        else:
            code, came = reader.do(block)
            done = block.text.strip()
            shows = index + 1 < len(blocks) and blocks[index + 1].language == "text"
            if code in WRONG_USE or not (shows or code in (0, VERDICT)):
                problems.append(f"{done}\nended with {code}:\n{came}")
    for block, new in reversed(mended):
        text = text[: block.start] + new + text[block.end :]
    if write:
        page.write_text(text, encoding="utf-8")
    return problems


def main() -> int:
    """Do the pages that are named, else all tutorials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path, default=sorted((ROOT / "docs/tutorials").glob("the-*.md")))
    parser.add_argument("--write", action="store_true", help="let the pages show what came out")
    asked = parser.parse_args()
    bad = 0
    for page in asked.pages:
        with tempfile.TemporaryDirectory(prefix="covolt-page-") as folder:
            (Path(folder) / "work").mkdir()
            for problem in do_page(page, Path(folder) / "work", write=asked.write):
                bad += 1
                print(f"{page.name}: {problem}\n")  # noqa: T201  it is what the command says
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
