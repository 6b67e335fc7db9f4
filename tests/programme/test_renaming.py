"""A party is called otherwise in every file or in none; nobody's signature is touched."""

import shutil
from pathlib import Path

import pytest

from covolt import journal
from covolt.errors import Conflict, Forbidden, InputError, NotFound
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.programme.baselines import freeze, read_lock
from covolt.programme.reading import read_programme
from covolt.programme.renaming import renaming, write_renaming
from covolt.programme.text import identifier_of
from tests.house.source import ROOT

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    folder = begin(tmp_path_factory.mktemp("begun") / "p", figures("city-car"))
    (folder / "supplier/reports").mkdir()
    (folder / "supplier/reports/mass.pdf").write_bytes(b"\x00\x01 supplier")
    slot = folder / "slots/battery.toml"
    slot.write_text("# agreed on 3 May\n" + slot.read_text())
    freeze(read_programme(folder), "first")
    return folder


@pytest.fixture
def folder(begun, tmp_path) -> Path:
    return Path(shutil.copytree(begun, tmp_path / "p"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (one for one in folder.rglob("*") if one.is_file() and ".covolt" not in one.parts)
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in files}


def rename(folder: Path, old: str, new: str, title: str = "") -> None:
    write_renaming(renaming(read_programme(folder), old, new, title))


def test_every_file_says_the_new_name_and_remarks_stay(folder):
    before = read_programme(folder)
    rename(folder, "supplier", "volta", "Volta Batteries")
    read = read_programme(folder)
    assert set(read.parties) == {"agency", "integrator", "volta"}
    assert read.parties["volta"].title.words.en == "Volta Batteries"
    assert not (folder / "supplier").exists()
    assert not (folder / "offers/supplier").exists()
    assert (folder / "volta/reports/mass.pdf").read_bytes() == b"\x00\x01 supplier"
    assert (folder / "slots/battery.toml").read_text().startswith("# agreed on 3 May\n")
    assert {slot: pin.offer for slot, pin in read.lock.slots.items()} == {
        slot: pin.offer.replace("supplier/", "volta/") for slot, pin in before.lock.slots.items()
    }
    old, new = before.offers["supplier/pack@1.0.0"], read.offers["volta/pack@1.0.0"]
    assert new.datasheet.declared == old.datasheet.declared
    assert read_lock(folder / "baselines/first.lock").slots == read.lock.slots


def test_a_name_there_and_back_gives_the_same_files(folder):
    before = contents(folder)
    rename(folder, "supplier", "volta")
    assert contents(folder) != before
    rename(folder, "volta", "supplier")
    assert contents(folder) == before


def test_the_programme_itself_is_called_otherwise(folder):
    rename(folder, "p", "city-e")
    assert read_programme(folder).charter.id == "city-e"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("suplier", "volta", NotFound),
        ("supplier", "agency", Conflict),
        ("supplier", "Supplier", Conflict),
        ("supplier", "slots", Conflict),
        ("supplier", "data", InputError),
        ("supplier", "a b", InputError),
        ("supplier", "../out", InputError),
    ],
)
def test_a_name_that_cannot_be_taken_changes_nothing(folder, old, new, kind):
    before = contents(folder)
    with pytest.raises(kind) as refused:
        rename(folder, old, new)
    assert all(one.hint for one in refused.value.problems)
    assert contents(folder) == before


def test_what_is_signed_is_nobodys_to_rename(tmp_path):
    folder = Path(shutil.copytree(ROOT / "examples/city-car", tmp_path / "city-car"))
    before = contents(folder)
    for old in ("battery-works", "city-car"):
        with pytest.raises(Forbidden, match="keys and signatures name"):
            rename(folder, old, "volta")
    assert contents(folder) == before


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", ["_write_journal", "_carry_out"])
def test_who_is_killed_has_renamed_all_or_nothing(folder, monkeypatch, moment):
    before = contents(folder)
    made = renaming(read_programme(folder), "supplier", "volta")

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(journal, moment, killed)
        write_renaming(made)
    read = read_programme(folder)
    if moment == "_write_journal":
        assert contents(folder) == before
    assert ("volta" in read.parties) == (moment == "_carry_out")
    assert not list(folder.rglob("*.part"))


def test_what_has_changed_meanwhile_is_not_overwritten(folder):
    made = renaming(read_programme(folder), "supplier", "volta")
    (folder / "slots/battery.toml").write_text((folder / "slots/battery.toml").read_text() + "# theirs\n")
    before = contents(folder)
    with pytest.raises(InputError, match="changed this meanwhile"):
        write_renaming(made)
    assert contents(folder) == before


def test_a_new_programme_takes_names_in_any_letters(tmp_path):
    called = {"supplier": "Вольта", "agency": "inspectorate"}
    read = read_programme(begin(tmp_path / "Мой автобус", figures("city-car"), called=called))
    assert read.charter.id == "Moy-avtobus"
    assert read.charter.title.words.ru == "Мой автобус"
    assert set(read.parties) == {"Volta", "inspectorate", "integrator"}
    assert read.parties["Volta"].title.words.ru == "Вольта"
    assert identifier_of("Žluťoučký kůň Щука-7") == "Zlutoucky-kun-Shchuka-7"
    assert identifier_of("车") == ""
