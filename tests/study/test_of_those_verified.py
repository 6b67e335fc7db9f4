"""What is verified alone is not told as the whole, and prices are told and fit wherever they are asked for."""

import pytest

import covolt
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.study.report.content import content
from covolt.study.report.marks import marks
from covolt.words import Words

pytestmark = pytest.mark.whole

SUPPLY = """
schema = "requirement/1"
id = "I-{name}"
party = "integrator"
title = "Supply"
kind = "{kind}"
procedure = "supply"
measure = "{measure}"
at_{bound}
conditions = {{ date = "2027-01-01", yearly_volume = 200 }}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = begin(tmp_path_factory.mktemp("those") / "prog", figures("city-car"))
    place = made / "integrator/requirements"
    place.mkdir(exist_ok=True)
    for name, kind, measure, bound in (
        ("COVERED", "wish", "covered", 'least = "100 %"'),
        ("PRICE", "constraint", "price", 'most = "45000 kRUB"'),
    ):
        (place / f"{name}.toml").write_text(SUPPLY.format(name=name, kind=kind, measure=measure, bound=bound))
    return made


def test_a_wish_alone_says_nothing_of_laws(folder):
    said = str(covolt.verify(folder, only=["I-COVERED"]))
    assert "no law or constraint among those verified" in said
    assert "every law" not in said


def test_a_price_that_any_procedure_is_asked_for_is_a_main_figure(folder):
    found = covolt.verify(folder, only=["I-PRICE"])
    assert "a law or a constraint is not shown to be met" in str(found)  # no offer here states a price
    price = next(one for one in content(found.programme, found.found).director.figures if one.id == "price")
    assert (price.requirement, price.state) == ("I-PRICE", "required")


def test_money_may_part_from_its_number_and_nothing_else_does(folder):
    found = covolt.verify(folder, only=["I-PRICE"])
    with_unit = marks(content(found.programme, found.found))["with_unit"]
    assert "45000 thousand\N{NO-BREAK SPACE}RUB" in str(with_unit(Words("45000"), "kRUB"))
    assert "16.1\N{NO-BREAK SPACE}kWh" in str(with_unit(Words("16.1"), "kWh/100 km"))
