"""A programme is the same wherever its files lie: in a folder, or as bytes from an archive."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from covolt.errors import CovoltError, InputError, NotFound, Unavailable
from covolt.programme.anchor import anchor_file
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_leniently, read_programme
from covolt.study.cases.verify import verify
from covolt.study.gate.check import check_programme
from covolt.study.gate.gates import gate_states
from covolt.study.verdicts.baseline import last_baseline
from covolt.study.verdicts.commit import committed_on
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify as verify_programme
from tests.signed import shipped_anchor

EXAMPLES = Path(__file__).parents[2] / "examples"


def archived(folder: Path) -> bytes:
    """A programme as an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".covolt" not in path.parts:
                archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
    return file.getvalue()


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The same, as a server has it in memory."""
    with zipfile.ZipFile(io.BytesIO(archived(folder))) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


@pytest.mark.whole
@pytest.mark.parametrize(
    ("name", "only"),
    [
        pytest.param("city-car", (), marks=pytest.mark.slow),
        ("city-bus", ("A-R13", "B-LIFE", "B-MASS", "O-RANGE")),
    ],
)
def test_an_example_from_memory_is_the_same_programme_with_the_same_verdicts(name, only):
    with shipped_anchor():
        folder, memory = read_programme(EXAMPLES / name), read_programme(bytes_of(EXAMPLES / name))
        assert memory.files.folder is None
        assert memory.lock == folder.lock
        assert memory.digests == folder.digests
        assert memory.digests["programme.lock"].startswith("sha256:")
        kinds = [one for one in vars(folder) if one not in {"files", "trust", "origin"}]
        assert {one: getattr(memory, one) for one in kinds} == {one: getattr(folder, one) for one in kinds}
        assert memory.origin == folder.origin
        found = verify(EXAMPLES / name, only=only).found
        again = verify(bytes_of(EXAMPLES / name), only=only).found
        assert again.verdicts == found.verdicts
        assert again.computed == 0
        assert gate_states(memory, again) == gate_states(folder, found)


def test_verdicts_are_made_without_any_folder(city_car):
    store = MemoryRecords()
    memory = read_programme(bytes_of(city_car))
    shutil.rmtree(city_car)
    first = verify_programme(memory, store, only=["I-MASS", "B-MASS"])
    assert first.computed > 0
    again = verify_programme(memory, store, only=["I-MASS", "B-MASS"])
    assert again.computed == first.computed
    assert again.verdicts == first.verdicts


BROKEN = {
    "not TOML": ("slots/battery.toml", b"schema = "),
    "UTF-16": ("slots/battery.toml", "schema = 'slot/1'".encode("utf-16")),
    "empty": ("slots/battery.toml", b""),
    "another schema": ("slots/battery.toml", b'schema = "slto/1"'),
    "out of its place": (
        "integrator/requirements/x.toml",
        b'schema = "party/1"\nid = "x"\ntitle = "X"\ncountry = "BY"',
    ),
    "too large": ("slots/large.toml", b"#" * (17 * 2**20)),
    "in a hidden folder": (".hidden/x.toml", b"no"),
    "attached": ("data/x.toml", b"no"),
    "an editor's mark": (".#x.toml", b"no"),
    "no document": ("slots/notes.txt", b"no"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_problems_are_the_same_and_stand_in_the_same_places(city_car, name):
    place, content = BROKEN[name]
    (city_car / place).parent.mkdir(exist_ok=True)
    (city_car / place).write_bytes(content)

    def told(source) -> list[str]:
        try:
            read_programme(source)
        except CovoltError as error:
            return [str(one) for one in error.problems]
        return []

    assert told(bytes_of(city_car)) == told(city_car)
    assert bool(told(city_car)) == (name not in {"in a hidden folder", "attached", "an editor's mark", "no document"})


def test_attached_files_are_held_against_their_digests(city_car):
    part = city_car / "battery-works" / "parts" / "pack-33"
    (part / "notes.txt").write_text("tested")
    sheet = part / "part.toml"
    sheet.write_text(re.sub(r'version = "[^"]+"', 'version = "9.0.0"', sheet.read_text(), count=1))
    publish_part(part, [part / "notes.txt"])
    whole = bytes_of(city_car)
    read_programme(whole)
    attached = next(one for one in whole if re.match(r"offers/.*/evidence/.*9\.0\.0", one))
    without = {one: content for one, content in whole.items() if one != attached}
    for changed, said in ((whole | {attached: b"other"}, "was changed"), (without, "is not there")):
        with pytest.raises(InputError, match=said):
            read_programme(changed)


OUTSIDE = ("../x.toml", "/x.toml", "a//b.toml", "slots/../x.toml", "a\\b.toml", "C:/x.toml", "", "slots/")


@pytest.mark.parametrize("place", OUTSIDE)
def test_what_leads_out_of_a_programme_is_refused(city_car, place):
    with pytest.raises(InputError, match="no place in a programme"):
        read_programme(bytes_of(city_car) | {place: b""})


def test_without_a_charter_there_is_no_programme(city_car):
    with pytest.raises(NotFound, match="no programme here"):
        read_programme({one: content for one, content in bytes_of(city_car).items() if one != "programme.toml"})


def test_there_is_no_history_and_nothing_can_be_written(city_car):
    memory = read_leniently(bytes_of(city_car))
    assert last_baseline(memory) is None
    assert committed_on(memory.files.folder, "programme.lock") == ""
    with pytest.raises(Unavailable, match="lies in no folder"):
        _ = memory.root
    known = anchor_file().exists()
    check_programme(bytes_of(city_car))
    assert anchor_file().exists() == known


def test_the_day_is_handed_in(city_car):
    path = next(city_car.rglob("requirements/*.toml"))
    assert read_programme(city_car, day="2026-11-27").day == "2026-11-27"
    assert path.is_file()
    with pytest.raises(InputError, match="to come"):
        read_programme(city_car, day="2020-01-01")
