"""What a study wrote is read as it was written: damage, strange files and a changed plan are told, and judged anew."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from covolt.cli import main
from covolt.errors import Conflict, CovoltError, InputError
from covolt.programme.documents import Programme
from covolt.study.cases.optimise import optimise
from covolt.study.cases.study import resume, run
from covolt.study.cases.study_shown import export, show
from covolt.study.designs.chunks import written
from covolt.study.designs.study_table import StudyTable, parquet_of

ONLY = ("I-MASS", "PARTS-PRICE")
CHUNK = 4


@pytest.fixture(scope="module")
def kept(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "kept"
    run(programme, folder, designs=11, only=ONLY, chunk=CHUNK)
    return folder


@pytest.fixture(scope="module")
def other(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of the same programme by another seed."""
    folder = tmp_path_factory.mktemp("studies") / "other"
    run(programme, folder, designs=11, only=ONLY, chunk=CHUNK, seed=1)
    return folder


@pytest.fixture
def copied(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "copied"))


def chunk(folder: Path, begin: int) -> Path:
    return folder / f"designs-{begin:08d}.parquet"


def test_a_flipped_bit_is_told_or_changes_nothing(copied: Path, kept: Path) -> None:
    whole, path = parquet_of(kept), chunk(copied, CHUNK)
    bytes_before = path.read_bytes()
    draw, told = random.Random(7), 0
    for _ in range(60):
        flipped = bytearray(bytes_before)
        flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        try:
            assert parquet_of(copied).equals(whole)
        except CovoltError as error:
            assert [one.where for one in error.problems] == [str(path)]
            told += 1
    assert told > 30


def emptied(copied: Path, other: Path) -> Path:
    chunk(copied, 4).write_bytes(b"")
    return chunk(copied, 4)


def a_folder(copied: Path, other: Path) -> Path:
    chunk(copied, 8).unlink()
    chunk(copied, 8).mkdir()
    return chunk(copied, 8)


def of_another_study(copied: Path, other: Path) -> Path:
    return Path(shutil.copy(chunk(other, 4), copied))


def twice(copied: Path, other: Path) -> Path:
    return Path(shutil.copy(chunk(copied, 4), chunk(copied, 8)))


def beyond(copied: Path, other: Path) -> Path:
    return chunk(copied, 4).rename(chunk(copied, 960))


def changed(copied: Path, other: Path) -> Path:
    """Rows that somebody wrote anew with another number in them, as any tool does."""
    path = chunk(copied, 4)
    table = pyarrow.parquet.read_table(path)
    margins = table.column_names.index("I-MASS margin [kg]")
    better = pyarrow.array(table.column(margins).to_numpy() + 1.0)
    pyarrow.parquet.write_table(table.set_column(margins, table.column_names[margins], better), path)
    return path


def without_checksums(copied: Path, other: Path) -> Path:
    path = chunk(copied, 0)
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).replace_schema_metadata(None), path)
    return path


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (emptied, "the file is empty"),
        (a_folder, "this is a folder"),
        (of_another_study, "it is of another study"),
        (twice, "another chunk than its name says: designs 4 to 7"),
        (beyond, "another chunk than its name says: designs 4 to 7"),
        (changed, "its rows are not those that were written"),
        (without_checksums, "it bears no checksums"),
    ],
)
def test_what_is_no_chunk_is_refused_then_set_apart_and_judged_anew(
    copied: Path,
    kept: Path,
    other: Path,
    programme: Programme,
    tmp_path: Path,
    wrong: Callable[[Path, Path], Path],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = wrong(copied, other)
    for read in (show, StudyTable.read, lambda folder: export(folder, tmp_path / "all.csv")):
        with pytest.raises(InputError, match=said) as raised:
            read(copied)
        assert [one.where for one in raised.value.problems] == [str(path)]
        assert f"covolt study resume {copied}" in str(raised.value.problems[0].hint)
    assert not (tmp_path / "all.csv").exists()
    with pytest.raises(SystemExit) as left:
        main(["study", "resume", str(copied), "--programme", str(programme.root), "--workers", "0"])
    assert not left.value.code
    assert f"Set apart as {path.name}.apart-1" in capsys.readouterr().out
    assert parquet_of(copied).equals(parquet_of(kept)) and path.with_name(f"{path.name}.apart-1").exists()
    assert resume(copied, programme=programme.root).judged == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [("designs = 11", "designs = 11\nseed = 4"), ("chunk = 4", "chunk = 2"), ('folder = "', 'folder = "x')],
)
def test_a_plan_that_was_changed_is_refused(copied: Path, programme: Programme, key: str, value: str) -> None:
    plan = copied / "study.toml"
    content = plan.read_text(encoding="utf-8")
    assert key in content
    plan.write_text(content.replace(key, value), encoding="utf-8")
    for read in (show, lambda folder: resume(folder, programme=programme.root)):
        with pytest.raises(Conflict, match="this plan was changed since designs were written") as raised:
            read(copied)
        assert [one.where for one in raised.value.problems] == [str(plan)]
    assert len(written(copied)) == 3


def test_designs_without_their_plan_are_not_gone_on_with(copied: Path, programme: Programme) -> None:
    (copied / "study.toml").unlink()
    with pytest.raises(Conflict, match="designs of another study lie here"):
        run(programme, copied, designs=3, only=ONLY)


def test_a_study_from_before_checksums_is_read_and_it_is_said(
    copied: Path, kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    plan = copied / "study.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("checksums = true\n", ""), encoding="utf-8")
    for path in written(copied):
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).replace_schema_metadata(None), path)
    assert parquet_of(copied).equals(parquet_of(kept))
    assert show(kept).checksums and not show(copied).checksums
    with pytest.raises(SystemExit):
        main(["study", "show", str(copied)])
    assert "Its files bear no checksums" in capsys.readouterr().out
    shutil.copy(chunk(copied, 4), chunk(copied, 8))
    with pytest.raises(InputError, match="its designs are not those that its name says"):
        show(copied)


def test_a_search_judges_anew_what_follows_on_damage(programme: Programme, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    optimise(programme, whole, objectives=("I-PARTS",), meet=("I-MASS",), population=6, generations=3)
    shutil.copytree(whole, cut)
    files = written(cut)
    assert len(files) == 4
    files[1].write_bytes(files[1].read_bytes()[:-100])
    with pytest.raises(InputError, match="it is damaged") as raised:
        StudyTable.read(cut)
    assert [one.where for one in raised.value.problems] == [str(files[1])]
    done = resume(cut, programme=programme.root)
    assert [one.file.name for one in done.set_apart] == [f"{one.name}.apart-1" for one in files[1:]]
    assert parquet_of(cut).equals(parquet_of(whole)) and np.array_equal(
        StudyTable.read(cut).design, np.arange(done.written)
    )
