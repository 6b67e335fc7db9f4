"""Baselines: kept once, never changed, found by name and by age."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from covolt.errors import InputError
from covolt.programme.anchor import anchor_file, trust_in
from covolt.programme.baselines import freeze, read_lock
from covolt.programme.files import InFolder
from covolt.programme.locking import write_lock
from covolt.programme.reading import read_leniently, read_programme
from covolt.study.gate.check import check_programme, read_whole
from covolt.study.verdicts.baseline import earlier_state, last_baseline

GIT = ("git", "-c", "user.name=engineer", "-c", "user.email=engineer@example.org", "-c", "commit.gpgsign=false")


def test_a_lock_is_kept_under_a_name_and_compared_with_by_it(city_car):
    programme = read_programme(city_car)
    path = freeze(programme, "concept")
    assert path == city_car / "baselines" / "concept.lock"
    assert read_lock(path).slots == programme.lock.slots
    assert read_lock(path).frozen
    with earlier_state(programme, "concept") as was:
        assert was.state.lock.slots == programme.lock.slots
    assert read_programme(city_car).lock == programme.lock


def test_a_baseline_never_changes(city_car):
    programme = read_programme(city_car)
    path = freeze(programme, "concept")
    before = path.read_bytes()
    with pytest.raises(InputError, match="already kept"):
        freeze(programme, "concept")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "../out", "a b", "a/b", ".hidden"])
def test_a_name_stays_in_its_folder(city_car, name):
    with pytest.raises(InputError, match="no name of a baseline"):
        freeze(read_programme(city_car), name)


def test_the_last_is_the_one_kept_last(city_car):
    lock = read_programme(city_car).lock
    shutil.rmtree(city_car / "baselines")
    for name, day in (("b", "2021-02-01"), ("a", "2021-03-01"), ("c", "2021-01-01")):
        write_lock(city_car, lock.model_copy(update={"frozen": day}), f"baselines/{name}.lock")
    assert last_baseline(read_leniently(city_car)).stem == "a"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('schema = "lock/1"\nfrozen = "9999-99-99"\n', "'9999-99-99' is no day"),
        ('schema = "lock/1"\nfrozen = "2999-01-01"\n', "kept on 2999-01-01, which is still to come"),
        ("schema = ", "not TOML"),
        (None, "this is a link"),
    ],
)
def test_one_that_cannot_be_is_told_by_whatever_reads_the_programme(city_car, written, told):
    programme = read_programme(city_car)
    freeze(programme, "concept")
    assert read_whole(city_car).lock == programme.lock
    path = city_car / "baselines" / "zzz.lock"
    if written is None:
        path.symlink_to(city_car / "programme.lock")
    else:
        path.write_text(written)
    for reader in (read_whole, check_programme, lambda path: last_baseline(read_leniently(path))):
        with pytest.raises(InputError) as refused:
            reader(city_car)
        (problem,) = refused.value.problems
        assert told in problem.what and "baselines/zzz.lock" in problem.where
    path.unlink()
    assert last_baseline(read_leniently(city_car)).stem == "concept"


def test_one_whose_pins_no_longer_hold_is_told_by_check(city_car):
    path = freeze(read_programme(city_car), "concept")
    assert not [one for one in check_programme(city_car)[1] if "concept" in one.where]
    text = path.read_text()
    digest = re.search(r"sha256:[0-9a-f]{64}", text)[0]
    path.write_text(text.replace(digest, f"{digest[:-4]}{'0000' if digest[-4:] != '0000' else '1111'}"))
    (told,) = [one for one in check_programme(city_car)[1] if "concept" in one.where]
    assert "is not what the lock pinned" in told.what


def test_a_name_that_is_several_things_is_refused(city_car, monkeypatch):
    """Whoever may write gives a baseline, a folder or a file the name of the commit that others compare with."""
    monkeypatch.chdir(city_car)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "agreed"], ["tag", "v1"]):
        subprocess.run([*GIT, *words], cwd=city_car, check=True)
    programme = read_programme(city_car)
    with earlier_state(programme, "v1") as was:
        assert (was.kind, was.name, len(was.commit)) == ("commit", "v1", 40)
    path = freeze(programme, "v1")
    for name in ("v1", "HEAD", was.commit, was.commit[:7]):
        path = path.replace(path.with_stem(name))
        with pytest.raises(InputError, match="is the name of a baseline and a commit"), earlier_state(programme, name):
            pass
        for said, kind in ((str(path), "baseline"), (f"{name}~0", "commit")):
            with earlier_state(programme, said) as was:
                assert was.kind == kind
    path.unlink()
    (city_car / "v1").mkdir()
    with earlier_state(programme, "v1") as was:
        assert was.kind == "commit", "a folder without a charter is no programme"
    (city_car / "v1" / "programme.toml").write_bytes((city_car / "programme.toml").read_bytes())
    with pytest.raises(InputError, match="is the name of a folder and a commit"), earlier_state(programme, "v1"):
        pass
    shutil.rmtree(city_car / "v1")
    (city_car / "v1").write_bytes((city_car / "programme.lock").read_bytes())
    with pytest.raises(InputError, match="is the name of a lock file and a commit"), earlier_state(programme, "v1"):
        pass
    with earlier_state(programme, "./v1") as was:
        assert was.kind == "lock file"


def test_what_is_compared_with_is_not_kept_in_mind(city_car):
    """Neither the folders in which earlier states are looked at, nor who had left in them."""
    trust_in("city-car", {"agency": "0" * 64}, None, None)
    read_programme(city_car)
    kept = anchor_file().read_bytes()
    other = city_car.with_name("other")
    shutil.copytree(city_car, other)
    party = other / "parties" / "institute.toml"
    party.write_text(party.read_text() + '\nleft = "2020-01-01"\n')
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "left"]):
        subprocess.run([*GIT, *words], cwd=other, check=True)
    party.write_text(party.read_text().replace('\nleft = "2020-01-01"\n', ""))
    head = read_programme(city_car)
    with earlier_state(head, str(other)):
        pass
    with earlier_state(replace(head, files=InFolder(other)), "HEAD") as was:
        assert was.state.parties["institute"].left == "2020-01-01"
    assert anchor_file().read_bytes() == kept


def test_a_programme_without_baselines_has_none(city_car):
    shutil.rmtree(city_car / "baselines", ignore_errors=True)
    assert last_baseline(read_programme(city_car)) is None


def test_a_stated_day_makes_no_baseline_the_last_where_others_are_committed(city_car):
    lock = read_programme(city_car).lock
    shutil.rmtree(city_car / "baselines")

    def keep(name: str, day: str, *, commit: bool) -> None:
        write_lock(city_car, lock.model_copy(update={"frozen": day}), f"baselines/{name}.lock")
        for words in (("add", "-Af"), ("commit", "-qm", name)) if commit else ():
            subprocess.run([*GIT, *words], cwd=city_car.parent, check=True)

    def last() -> str:
        return last_baseline(read_leniently(city_car)).stem

    subprocess.run([*GIT, "init", "-q"], cwd=city_car.parent, check=True)
    keep("z-agreed", "2021-03-01", commit=True)
    keep("b-forged", "2021-04-01", commit=False)
    assert last() == "z-agreed"
    (city_car / "baselines" / "b-forged.lock").unlink()
    keep("a-later", "2021-01-01", commit=True)
    assert last() == "a-later"
    path = city_car / "baselines" / "a-later.lock"
    path.write_text(path.read_text() + "# edited\n")
    assert last() == "z-agreed"
