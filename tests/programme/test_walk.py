"""What a signature speaks of is what was read: a document that moved meanwhile keeps it from being written."""

import pytest

from covolt.errors import InputError
from covolt.programme.pledging import write_pledge
from covolt.programme.reading import read_programme


def edit(path):
    path.write_text(path.read_text() + "\n# read once more\n")


def add(path):
    (path.parent / "more.toml").write_text("")


@pytest.mark.parametrize("how", [edit, add, lambda path: path.unlink()])
def test_nothing_is_signed_over_what_has_moved(city_car, how):
    read = read_programme(city_car)
    place = city_car / "signoffs" / "concept" / "agency.toml"
    how(read.file_of("requirement", next(iter(read.requirements))))
    with pytest.raises(InputError, match="changed since it was read"):
        write_pledge(read, place, read.gates["concept"], over_all=True)
    assert not place.exists()


def test_another_sign_off_moves_nothing(city_car):
    read = read_programme(city_car)
    for role in ("first", "second"):
        write_pledge(
            read, city_car / "signoffs" / "concept" / f"agency-{role}.toml", read.gates["concept"], over_all=True
        )
    with pytest.raises(InputError, match="written this meanwhile"):
        write_pledge(read, city_car / "signoffs" / "concept" / "agency-first.toml", read.gates["trial"], over_all=True)
