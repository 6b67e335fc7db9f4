"""The shipped city bus negotiated in a draft where every party has a key: a refusal, the next settlement, and what all sign.

The keys of the shipped programme are gone, so that nobody signs in it any more. Part of `make demo`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.sign_examples import MADE_AGAIN, anchored, pledge, statements

from covolt.programme.keys import RECOVERY
from covolt.programme.pledging import bring_in
from covolt.programme.reading import read_leniently
from covolt.programme.signing import new_key, read_key

ROOT = Path(__file__).parents[1]
BUS = ROOT / "examples" / "city-bus"
LAWS = ("A-GRADE", "A-R13", "A-R13-MFDD", "A-R85")
ASKED = (
    *("B-MASS", "W-BATTERY", "W-MASS", "C-PRICE", "U-SHARE"),
    *("O-FROST", "O-WARM", "O-FULL-CHARGE", "O-PRICE", "O-LIFE-CYCLE"),
    *("CERTIFIED", "FROST-RANGE", "FULL-CHARGE", "LIFE-CYCLE", "PARTS-PRICE", "UNION-SHARE"),
)
"""What the parties argue about, and the laws: the settled vehicle is verified by these with every uncertainty, in seconds."""
REFUSED = ("battery-works", "CERTIFIED=2200 kg")


def drafted(folder: Path, own: Path) -> dict[str, Path]:
    """A draft of the shipped bus with a key for every party, trusted by this process alone; the files of the keys, by party."""
    shutil.copytree(BUS, folder, ignore=MADE_AGAIN)
    for path in statements(folder):
        path.unlink()
    own.mkdir(parents=True, exist_ok=True)
    pledge(folder, own)
    parties = read_leniently(folder).parties
    files = {party: own / f"{party}.pem" for party in parties}
    for party, file in files.items():
        new_key(file)
        senior = own / f"{party}-{RECOVERY}.pem"
        by = read_key(senior) if senior.is_file() else None
        bring_in(read_leniently(folder), read_key(file), party, ["negotiator"], by)
    config = own / "config"
    config.mkdir(mode=0o700)
    (config / "trusted.toml").write_text(anchored([read_leniently(folder)]), encoding="utf-8")
    (config / "trusted.toml").chmod(0o600)
    os.environ["COVOLT_CONFIG_DIR"] = str(config)
    return files


def said(*arguments: str) -> None:
    """What a command says, called as people call it."""
    from covolt.cli import main

    first, *others = " ".join(arguments).split(" --only ")
    names = f" --only {others[0]} …, {len(others)} in all" if others else ""
    print(f"\n$ covolt {first}{names}", flush=True)  # noqa: T201  it is what the demonstration shows
    try:
        main(list(arguments))
    except SystemExit as left:
        if left.code:
            raise


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """In a folder, so that what is shown has short names."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


def proposals_of(folder: Path) -> dict[str, Path]:
    """Proposals of the settlement that was written last, by party."""
    newest = max((one for one in folder.glob("[!.]*") if one.is_dir()), key=lambda one: one.stat().st_mtime_ns)
    return {path.stem: path for path in sorted(newest.glob("*.toml")) if ".answer" not in path.stem}


def main() -> None:
    """Study, negotiate, refuse, negotiate, accept, and the page of what all have signed."""
    page = (ROOT / "build" / "demo" / "city-bus-settlement.html").resolve()
    page.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="covolt-negotiation-") as made, inside(Path(made)):
        keys = drafted(Path("city-bus"), Path("keys").resolve())
        only = [part for name in (*LAWS, *ASKED) for part in ("--only", name)]
        said("study", "run", "city-bus", "--method", "full", "--output", "designs", *only)
        negotiate = ("negotiate", "city-bus", "--study", "designs", "--output", "proposals")
        said(*negotiate)
        party, bound = REFUSED
        first = proposals_of(Path("proposals"))
        said("proposal", "refuse", str(first[party]), "city-bus", "--bound", bound, "--key", f"keys/{party}.pem")
        said(*negotiate)
        for party, path in proposals_of(Path("proposals")).items():
            said("proposal", "accept", str(path), "city-bus", "--key", os.path.relpath(keys[party]))
        said(*negotiate, "--report", str(page))


if __name__ == "__main__":
    main()
