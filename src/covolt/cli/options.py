"""What the command line asks beside a case: files that may be written, the language of a page, a database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from covolt.catalogues import ENGLISH, Language
from covolt.cli.language import chosen_language
from covolt.errors import Problem
from covolt.study.cases.options import Findings
from covolt.words import text

ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "--csv": (".csv",),
        "--parquet": (".parquet", ".pq"),
        "--plot": (".html", ".htm"),
        "--junit": (".xml",),
    }
)
"""How the names of files end that an option writes; a name without an ending is taken as it is."""
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="ADDRESS",
        envvar="COVOLT_DATABASE",
        help="PostgreSQL, such as postgresql://covolt@/covolt.",
        show_default="as workspace.toml says, else a file in the folder",
        show_envvar=False,
    ),
]
"""Where the database of a workspace is, where that is not as its folder says; see `database_of`."""


def language_of(findings: Findings, option: str | None) -> Language:
    """The language that an option names, else that of the environment; English where covolt does not speak it, which is found."""
    return findings.take(lambda: chosen_language(option)) or ENGLISH


def check_outputs(
    findings: Findings,
    outputs: Iterable[tuple[str, Path | None]],
    inputs: Iterable[Path] = (),
    *,
    make_folders: bool = False,
    endings: Mapping[str, tuple[str, ...]] = ENDINGS,
) -> None:
    """Find what would keep the asked-for files from being written, or would write them over an input."""
    read = {_same(path) for path in inputs if path.exists()}
    seen: dict[Path, str] = {}
    for option, path in outputs:
        if path is None:
            continue
        where = f"{option} {path}"
        meant = endings.get(option, ())
        if meant and path.suffix and path.suffix.lower() not in meant:
            hint = text("write {name}", name=path.with_suffix(meant[0]).name)
            findings.add(
                Problem(
                    text(
                        "{option} writes {meant}, and this name ends in {suffix}",
                        option=option,
                        meant=meant[0],
                        suffix=path.suffix,
                    ),
                    where,
                    hint,
                )
            )
        if path.is_dir():
            findings.add(Problem(text("a folder of this name is there"), where, text("give the name of a file")))
        elif (link := _link_of_a_programme(path)) is not None:
            findings.add(
                Problem(
                    text("{link} is a link out of the programme", link=str(link)),
                    where,
                    text("put the folder itself there"),
                )
            )
        elif _same(path) in read:
            findings.add(Problem(text("this file is an input"), where, text("give the output a name of its own")))
        else:
            _check_folder(findings, path, where, make_folders=make_folders)
        first = seen.setdefault(_same(path), option)
        if first != option:
            findings.add(
                Problem(text("{first} writes the same file", first=first), where, text("give each its own file"))
            )


def _link_of_a_programme(path: Path) -> Path | None:
    """A link on the way from the folder of a programme to a file in it."""
    from covolt.programme.folder import CHARTER_FILE

    steps = Path(os.path.abspath(path)).parents  # noqa: PTH100  a link is not to be resolved, it is looked for
    inner = list(takewhile(lambda folder: not (folder / CHARTER_FILE).is_file(), steps))
    return next((one for one in reversed(inner) if one.is_symlink()), None) if len(inner) < len(steps) else None


def _same(path: Path) -> Path:
    """One path for one file, whatever links lead to it."""
    return Path(os.path.realpath(path))


def _check_folder(findings: Findings, path: Path, where: str, *, make_folders: bool) -> None:
    folder = path.absolute().parent
    while make_folders and not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        findings.add(
            Problem(
                text("there is no folder {folder}", folder=str(folder)),
                where,
                text("make the folder first, or name another"),
            )
        )
    elif not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        findings.add(Problem(text("no permission to write there"), where, text("name a folder in which you may write")))
    elif path.exists() and not path.is_file():
        findings.add(Problem(text("this is no ordinary file"), where, text("give the name of a file")))
