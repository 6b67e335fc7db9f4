"""The parts and offers of a folder."""

import pytest
from tests.contract.test_document import PACK

from covolt.contract import Datasheet, dumps, loads, publish, read_folder, standard_interface
from covolt.errors import InputError


@pytest.fixture
def folder(tmp_path):
    offer = publish(loads(PACK, Datasheet), standard_interface("battery"))
    for name, text in {"works/pack/part.toml": PACK, "works/pack/offer.toml": dumps(offer)}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_gives_its_parts_and_offers(folder):
    catalogue = read_folder(folder)
    reference = "battery-works/pack-33@1.2.0"
    assert set(catalogue.datasheets) == {reference}
    assert catalogue.offers_for("battery") == (catalogue.offer(reference),)
    assert catalogue.offers_for("body") == ()
    with pytest.raises(InputError, match="did you mean"):
        catalogue.offer("battery-works/pack-33@1.2.1")


def test_problems_of_all_files_are_told_together(folder):
    offer = folder / "works/pack/offer.toml"
    offer.write_text(offer.read_text(encoding="utf-8").replace("235 kg", "200 kg"), encoding="utf-8")
    (folder / "a.toml").write_text("x = 1\n")
    (folder / "b.toml").write_text('schema = "prt/1"\n')
    (folder / "c.toml").write_text("")
    (folder / "twin.toml").write_text(PACK)
    with pytest.raises(InputError) as caught:
        read_folder(folder)
    text = str(caught.value)
    for expected in (
        "changed after",
        "'schema' is missing",
        "did you mean 'part/1'",
        "file is empty",
        "already given by",
    ):
        assert expected in text
    assert len(caught.value.problems) == 5


def test_a_missing_folder_is_a_problem(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        read_folder(tmp_path / "absent")
