"""Offers never change."""

import pytest
from pydantic import ValidationError
from tests.contract.test_document import PACK

from covolt.contract import AttachedFile, Datasheet, Offer, dumps, loads, publish, standard_interface
from covolt.errors import ContractError

BATTERY = standard_interface("battery")
DIGEST = "sha256:" + "ab" * 32


def offer(text=PACK, files=()):
    return publish(loads(text, Datasheet), BATTERY, files)


def test_a_published_offer_verifies_and_survives_its_file():
    published = offer(files=[AttachedFile(path="model/pack.fmu", digest=DIGEST)])
    published.verify()
    again = loads(dumps(published), Offer)
    again.verify()
    assert again == published
    assert published.reference == "battery-works/pack-33@1.2.0"


def test_the_same_content_has_the_same_digest():
    assert offer().digest == offer().digest
    assert offer().digest != offer(PACK.replace("235 kg", "236 kg")).digest
    assert offer().digest != offer(files=[AttachedFile(path="a", digest=DIGEST)]).digest


@pytest.mark.parametrize(("old", "new"), [("235 kg", "230 kg"), ("280 V", "281 V"), ("simulated", "supplier")])
def test_a_changed_offer_is_refused(old, new):
    text = dumps(offer())
    assert old in text
    with pytest.raises(ContractError, match="changed after it was published"):
        loads(text.replace(old, new, 1), Offer).verify()


def test_what_does_not_keep_the_interface_cannot_be_published():
    bad = PACK.replace('"finite"', '"finte"').replace('"403 V"', '"1800 V"')
    with pytest.raises(ContractError) as caught:
        offer(bad)
    text = str(caught.value)
    assert "promises.finite" in text
    assert "0 V … 1500 V" in text
    with pytest.raises(ContractError, match=r"\(declared\.mas\): no such number[^✗]*did you mean 'mass'"):
        offer(PACK.replace("mass =", "mas ="))


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../b", "C:/x", "a\\b", ""])
def test_attached_files_stay_inside(path):
    with pytest.raises(ValidationError, match="leaves the folder"):
        AttachedFile(path=path, digest=DIGEST)
