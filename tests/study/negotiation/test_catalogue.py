"""A settlement among offers of a catalogue names the offer that was settled, in whatever order its owner lists them."""

import pytest

from covolt.study.cases.negotiate import negotiate
from covolt.study.cases.study import run
from tests.signed import copy_unsigned
from tests.study.negotiation.conftest import CITY_CAR, leave, write_interest

TODAY, OTHER = "battery-works/pack-33@1.0.0", "battery-works/pack-33@0.9.0"


@pytest.fixture
def car(tmp_path):
    """A vehicle of which only the battery is chosen, 235 kg of it today and 248 kg of the other."""
    folder = copy_unsigned(CITY_CAR, tmp_path / "car")
    leave(folder, set())
    for path in folder.glob("gates/*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace("margin('I-PRICE') >= -140", "laws.count >= 0"))
    return folder


def chosen(car, offers, worst, aspiration, study):
    """What the settlement changes, and the design that it is."""
    path = car / "battery-works" / "designs" / "PACK.toml"
    path.parent.mkdir(exist_ok=True)
    listed = ", ".join(f'"{one}"' for one in offers)
    path.write_text(
        'schema = "design-space/1"\nid = "PACK"\nparty = "battery-works"\nslot = "battery"\ntitle = "which"\n'
        f"offers = [{listed}]\n",
        encoding="utf-8",
    )
    write_interest(car, "integrator", "MASS", "declaration", "battery.mass", worst, aspiration, "programme", "{}")
    run(car, study, method="full")
    card = negotiate(car, [study]).card
    return {one.number: (one.before, one.after) for one in card.numbers}, card


@pytest.mark.parametrize("offers", [(TODAY, OTHER), (OTHER, TODAY)], ids=["as it came", "by name"])
def test_the_offer_that_is_settled_is_the_one_that_is_named(car, offers, tmp_path):
    numbers, card = chosen(car, offers, "300 kg", "200 kg", tmp_path / "light")
    assert (card.design, numbers, card.interests[0].after) == (0, {}, 235.0)
    numbers, card = chosen(car, offers, "200 kg", "300 kg", tmp_path / "heavy")
    assert numbers["offer"] == (TODAY, OTHER)
    assert numbers["mass"] == ("235 kg", "248 kg")
    assert card.interests[0].after == 248.0
