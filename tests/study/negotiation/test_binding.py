"""What binds a settlement: the rows of its study, what a proposal is held against, and which answer of a party counts."""

import shutil

import pyarrow
import pytest

from covolt.cli import main
from covolt.errors import Conflict, CovoltError, Forbidden, InputError
from covolt.programme.anchor import trust_in
from covolt.programme.keys import in_groups
from covolt.programme.proposal import Answer, Proposal, digest_of_answer, digest_of_proposal
from covolt.programme.reading import read_programme
from covolt.study.cases.negotiate import NegotiationOptions, ProposalOptions, answer, negotiate, show
from covolt.study.cases.report_check import check_report
from covolt.study.cases.study import run
from covolt.study.cases.study_shown import show as study_shown
from covolt.study.designs.chunks import digest_of_rows
from covolt.study.negotiation import anew
from covolt.study.report.seal import sealed
from tests.signed import Holder, key_file, put_key
from tests.study.negotiation.conftest import edited, studies

A = "sha256:" + "a" * 64


def negotiated(home, **options):
    return negotiate(home / "car", studies(home), NegotiationOptions(output=home / "proposals", **options))


def standing(home, party):
    return next(one for one in negotiated(home, party=party).card.parties if one.party == party)


def test_the_digest_of_rows_is_of_what_stands_in_them_and_of_no_order():
    rows = pyarrow.table(
        {"design": [0, 1, 2], "X value [kg]": [1.0, float("nan"), 0.0], "X verdict": ["met", "open", "met"]}
    )
    digest = digest_of_rows(rows)
    parts = pyarrow.concat_tables([rows.slice(0, 1), rows.slice(1)])
    assert digest_of_rows(parts) == digest
    assert digest_of_rows(rows.take([2, 0, 1]).select(["X verdict", "design", "X value [kg]"])) == digest
    negative = rows.set_column(1, "X value [kg]", pyarrow.array([1.0, float("nan"), -0.0]))
    assert digest_of_rows(negative) == digest
    for at, name, values in (
        (1, "X value [kg]", [1.0, 2.0, 0.0]),
        (1, "X value [t]", [1.0, float("nan"), 0.0]),
        (2, "X verdict", ["met", "met", "open"]),
    ):
        assert digest_of_rows(rows.set_column(at, name, pyarrow.array(values))) != digest


def test_what_an_earlier_covolt_signed_keeps_its_digest():
    """Digests as covolt gave them before answers were numbered and proposals said on what they rest."""
    said = {"programme": "car", "party": "works", "lock": A, "settlement": A, "design": 3, "gain": 0.5}
    proposal = Proposal(**said, study=A, rule="nash", agree=("works",))
    old = Answer(**said, proposal=A, answer="accept", on="2026-11-29")
    assert digest_of_proposal(proposal) == "sha256:df237ba8e6710ec2c90746ed8c411707de4a2f33e7ec80186f9afa50fdb6644d"
    assert digest_of_answer(old) == "sha256:b79fc6bdef8386ac8132038960d2ce07ba4d44928931717681fb08725d51e4e8"
    assert digest_of_answer(old.model_copy(update={"number": 2, "follows": A})) != digest_of_answer(old)
    assert digest_of_proposal(proposal.model_copy(update={"rests_on": {"tables": A}})) != digest_of_proposal(proposal)


@pytest.mark.whole
def test_a_study_has_one_digest_however_it_is_written_and_another_once_it_is_edited(home):
    for name, chunk in (("one", 32), ("many", 3)):
        run(home / "car", home / "deeper" / name, designs=7, only=("I-MASS", "I-PARTS", "PARTS"), chunk=chunk)
    one, many = (study_shown(home / "deeper" / name).digest for name in ("one", "many"))
    assert one == many
    edited(home / "deeper" / "many", 5, **{"I-MASS": 1.0})
    assert study_shown(home / "deeper" / "many").digest != one


@pytest.mark.whole
def test_an_edited_row_of_the_settled_vehicle_or_of_today_s_is_refused(home):
    honest = negotiated(home).card
    edited(home / "shared", honest.design, concern__PARTS=1100.0, **{"I-PARTS": 1100.0})
    with pytest.raises(Conflict, match=r"concern/PARTS: the study says 1100 kRUB, judged anew it is .*, .* kRUB apart"):
        negotiated(home)
    edited(home / "battery-works", 0, **{"battery-works__ENERGY": 31.0})
    with pytest.raises(
        Conflict, match=r"design 0: battery-works/ENERGY: the study says 31 kWh, judged anew it is 30.5 kWh"
    ):
        negotiate(home / "car", [home / "battery-works", home / "shared"])


@pytest.mark.whole
def test_a_verification_that_says_otherwise_is_no_settlement(home, monkeypatch):
    before = negotiated(home).card
    edited(home / "shared", before.design, concern__PARTS=1100.0, **{"I-PARTS": 1100.0})
    monkeypatch.setattr(anew, "row_problems", lambda *_: [])
    assert negotiated(home).card.settlement != before.settlement, "the rows are in its digest"
    with pytest.raises(Conflict, match="concern/PARTS: the study says 1100 kRUB, and its verification"):
        negotiated(home, surely=True)


@pytest.mark.whole
def test_a_proposal_is_held_against_the_programme_as_it_is(home):
    found = negotiated(home).proposals["concern"]
    assert not show(found, home / "car").stale
    path = home / "car" / "integrator" / "requirements" / "I-MASS.toml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace('at_most = "', 'at_most = "1'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != written
    assert [str(one.what) for one in show(found, home / "car").stale] == [
        "I-MASS is another than when this was proposed"
    ]
    for word in ("accept", "refuse"):
        with pytest.raises(Conflict, match="I-MASS is another than when this was proposed"):
            answer(ProposalOptions(found, home / "car"), word)


@pytest.mark.whole
@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("design = ", "design = 1", "its design, study or rule is not that of the settlement"),
        ("after = ", "after = 1", "the proposal says"),
        ("gain = 0.", "gain = 0.9", "is not that of its interests"),
        ("worst_acceptable = ", "worst_acceptable = 1", "worst_acceptable: the proposal says"),
    ],
)
def test_a_forged_proposal_is_refused(home, was, now, said):
    found = negotiated(home).proposals["concern"]
    written = found.read_text(encoding="utf-8")
    found.write_text(written.replace(was, now, 1), encoding="utf-8")
    assert found.read_text(encoding="utf-8") != written
    with pytest.raises(Conflict, match=said):
        answer(ProposalOptions(found, home / "car"), "accept")


@pytest.mark.whole
def test_a_refusal_counts_for_the_design_of_its_settlement_alone(home, tmp_path, monkeypatch):
    first = negotiated(home)
    proposal = first.proposals["battery-works"]
    answer(ProposalOptions(proposal, home / "car"), "refuse")
    said = proposal.with_name("battery-works.answer.toml")
    refused, honest = negotiated(home), said.read_text(encoding="utf-8")
    assert refused.card.design != first.card.design
    # The mediator works elsewhere: it has not seen what was answered here.
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "mediator"))
    # As if the party had hoped for more when it refused: what it gets by its interests as they are now counts.
    forged = [line if not line.startswith("gain") else "gain = 0.999" for line in honest.splitlines()]
    said.write_text("\n".join(forged) + "\n", encoding="utf-8")
    again = negotiated(home).card
    assert again.design == refused.card.design, [str(one.what) for one in again.notices]
    # The place in the table may be another vehicle in another study.
    said.write_text(honest.replace(f"design = {first.card.design}\n", "design = 3\n"), encoding="utf-8")
    found = negotiated(home).card
    assert found.design == first.card.design
    assert any("it refuses design 3 of another study" in str(one.what) for one in found.notices)


def test_a_superseded_settlement_is_refused_by_its_name(home):
    first = negotiated(home)
    answer(ProposalOptions(first.proposals["battery-works"], home / "car"), "refuse")
    second = negotiated(home)
    assert first.folder != second.folder
    with pytest.raises(
        Conflict, match=f"settlement {first.folder.name} is superseded by settlement {second.folder.name}"
    ):
        answer(ProposalOptions(first.proposals["concern"], home / "car"), "accept")
    assert not show(second.proposals["concern"], home / "car").stale


@pytest.mark.whole
def test_the_newest_answer_counts_and_an_older_one_that_is_put_back_is_told(home):
    proposal = negotiated(home).proposals["concern"]
    asked = ProposalOptions(proposal, home / "car")
    first = answer(asked, "accept")
    again = answer(asked, "accept")
    assert (first.already, again.already, again.path) == (False, True, first.path)
    assert standing(home, "concern").agreement == "accepted"
    old = first.path.read_text(encoding="utf-8")
    second = answer(asked, "refuse")
    assert first.path.read_text(encoding="utf-8") == old, "no answer is lost"
    assert second.path.name == "concern.answer-2.toml"
    assert show(proposal, home / "car").answered == "refuse"
    second.path.unlink()
    # The first settlement comes again, since the refusal is gone; whoever has seen that refusal is not taken in.
    row = standing(home, "concern")
    assert row.agreement == "asked"
    assert row.why.said("en").startswith("an older answer than number 2 of ")
    first.path.unlink()
    assert "is gone" in standing(home, "concern").why.said("en")
    third = answer(asked, "accept")
    assert third.path.name == "concern.answer-3.toml"
    assert standing(home, "concern").agreement == "accepted"


@pytest.mark.whole
def test_who_accepted_by_which_key_stands_on_the_card(home, tmp_path):
    holder = Holder("battery", "battery-works", ("chief-engineer",))
    put_key(home / "car", holder)
    put_key(home / "car", Holder("safe", "battery-works", ("recovery",), by=holder))
    trust_in("city-car", {"battery-works": holder.fingerprint}, None, None)
    proposal = negotiated(home).proposals["battery-works"]
    with pytest.raises(Forbidden, match="the key signs as recovery, and in neither role does a party answer"):
        answer(ProposalOptions(proposal, home / "car", key=key_file(tmp_path / "safe.pem", "safe")), "accept")
    answer(ProposalOptions(proposal, home / "car", key=key_file(tmp_path / "own.pem", "battery")), "accept")
    row = standing(home, "battery-works")
    assert (row.agreement, row.key, row.role) == ("accepted", holder.fingerprint, "chief-engineer")
    assert row.on


@pytest.mark.whole
def test_a_bound_that_cannot_be_is_refused(home):
    found = negotiated(home).proposals["concern"]
    for bound, said in (("PARTS=-5 kRUB", "has the other sign"), ("PARTS=1600 kRUB", "it refuses nothing")):
        with pytest.raises(InputError, match=said):
            answer(ProposalOptions(found, home / "car", bounds=(bound,)), "refuse")


@pytest.mark.whole
def test_an_edited_page_or_card_of_a_settlement_is_found(home, tmp_path):
    page, party = tmp_path / "page.html", Holder("battery", "battery-works", ("chief-engineer",))
    put_key(home / "car", party)
    trust_in("city-car", {"battery-works": party.fingerprint}, None, None)
    proposal = negotiated(home).proposals["battery-works"]
    answer(ProposalOptions(proposal, home / "car", key=key_file(tmp_path / "own.pem", "battery")), "accept")
    found = negotiated(home, report=page)
    html = page.read_text(encoding="utf-8")
    assert f"as chief-engineer by key {in_groups(party.fingerprint[:16])}" in html
    card = found.folder / "settlement.json"
    for path in (page, card):
        assert check_report(path, read_programme(home / "car")).answer == "in order"
        written = path.read_text(encoding="utf-8")
        path.write_text(written.replace("chief-engineer", "chief-engineers", 1), encoding="utf-8")
        assert check_report(path, read_programme(home / "car")).answer == "altered"
        path.write_text(sealed(path.read_text(encoding="utf-8")), encoding="utf-8")
        again = check_report(path, read_programme(home / "car"))
        assert again.answer == "altered"
        assert "has no key" in again.where.said("en")
        path.write_text(written, encoding="utf-8")
    mass = home / "car" / "integrator" / "requirements" / "I-MASS.toml"
    mass.write_text(mass.read_text(encoding="utf-8").replace('at_most = "', 'at_most = "1'), encoding="utf-8")
    since = check_report(page, read_programme(home / "car"))
    assert since.answer == "earlier state"
    assert [one.said("en") for one in since.changed] == ["I-MASS is another than when this was proposed"]


@pytest.mark.whole
def test_at_a_terminal_what_no_longer_holds_ends_with_6(home, capsys):
    proposal = negotiated(home).proposals["concern"]
    called = ["proposal", "show", str(proposal), str(home / "car")]
    with pytest.raises(SystemExit) as left:
        main(called)
    assert left.value.code == 0
    negotiated(home, rule="egalitarian")
    for more in ((), ("--json",)):
        with pytest.raises(SystemExit) as left:
            main([*called, *more])
        assert left.value.code == 6
    assert "is superseded by settlement" in capsys.readouterr().out


def test_a_link_in_place_of_a_settlement_s_folder_is_refused(home, tmp_path):
    found = negotiated(home)
    name = found.folder.name
    shutil.rmtree(found.folder)
    behind = tmp_path / "behind"
    behind.mkdir()
    (behind / "concern.toml").write_text("theirs", encoding="utf-8")
    (home / "proposals" / name).symlink_to(behind)
    with pytest.raises(CovoltError):
        negotiated(home)
    assert (behind / "concern.toml").read_text(encoding="utf-8") == "theirs" and len(list(behind.iterdir())) == 1
