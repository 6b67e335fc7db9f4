"""Forged proposals and settlements: whatever they say otherwise than each other or themselves is told, and not accepted."""

import json
import re
import shutil
import sys

import pyarrow.parquet
import pytest

from covolt.cli import main
from covolt.errors import Conflict, Forbidden, InputError, Unavailable
from covolt.study.cases.negotiate import NegotiationOptions, ProposalOptions, answer, negotiate, show
from covolt.study.report.seal import sealed
from tests.study.negotiation.conftest import write_bus

pytestmark = pytest.mark.whole
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="it limits the size of files")


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """The bus with two laws that no pack changes, one of them shown by documents alone, and its settlement."""
    home = tmp_path_factory.mktemp("forged")
    folder = write_bus(home, "A-R85", "A-R100")
    found = negotiate(folder, [home / "packs"], NegotiationOptions(output=home / "proposals"))
    return folder, found.folder


@pytest.fixture
def forged(settled, tmp_path):
    """The programme and a copy of the settlement's folder for a test to change."""
    folder, proposals = settled
    shutil.copytree(proposals, tmp_path / "proposals" / proposals.name)
    return folder, tmp_path / "proposals" / proposals.name


def changed(path, was, now, *, after=""):
    """A text of a file, from a place on, changed once."""
    written = path.read_text(encoding="utf-8")
    at = written.index(was, written.index(after))
    path.write_text(written[:at] + now + written[at + len(was) :], encoding="utf-8")


def resealed(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(sealed(json.dumps(content, ensure_ascii=False, indent=1)), encoding="utf-8")


def told(folder, proposals, party="bus-works"):
    return " | ".join(str(one.what) for one in show(proposals / f"{party}.toml", folder).stale)


VERDICTS = "[[verdicts]]"
R85, R100 = 'requirement = "A-R85"', 'requirement = "A-R100"'


def test_what_was_written_is_held_without_a_word(forged):
    folder, proposals = forged
    assert not told(folder, proposals)
    assert not told(folder, proposals, "battery-works")
    (proposals / "settlement.json").unlink()
    assert not told(folder, proposals)


@pytest.mark.parametrize(
    ("was", "now", "after", "said"),
    [
        ("value_after = 250.0", "value_after = 240.0", R85, "A-R85, value_after: the proposal says 240, and the settl"),
        ("margin_after = 5.0", "margin_after = 15.0", R85, "A-R85, margin_after: it says 15, and .* gives 5"),
        ('verdict_after = "met"', 'verdict_after = "open"', R85, "A-R85, verdict_after: the proposal says open"),
        (
            'verdict_after = "not verified"',
            'verdict_after = "met"',
            R100,
            "A-R100, verdict_after: the proposal says met",
        ),
        ('owner = "agency"', 'owner = "institute"', R85, "A-R85, owner: the proposal says institute"),
        (R85, 'requirement = "A-R100"', VERDICTS, "A-R100 stands there twice"),
        ("needed = 2183.0", "needed = 2150.0", "", "needed: it says 2150, and what stands beside that gives 2183"),
        ("bound = 2100.0", "bound = 2150.0", "", "bound: it says 2150, and what stands beside that gives 2100"),
        ("margin_before = ", "margin_before = 1", VERDICTS, "margin_before: the proposal says"),
    ],
)
def test_whatever_a_proposal_says_otherwise_is_not_accepted(forged, was, now, after, said):
    folder, proposals = forged
    proposal = proposals / "bus-works.toml"
    changed(proposal, was, now, after=after)
    assert re.search(said, told(folder, proposals))
    with pytest.raises(SystemExit) as left:
        main(["proposal", "show", str(proposal), str(folder)])
    assert left.value.code == 6
    with pytest.raises(Conflict, match=said):
        answer(ProposalOptions(proposal, folder), "accept")
    assert not list(proposals.glob("*answer*"))


def test_a_number_that_is_left_out_or_added_is_told(forged):
    folder, proposals = forged
    changed(proposals / "battery-works.toml", 'number = "mass"', 'number = "life"')
    said = told(folder, proposals, "battery-works")
    assert "it has battery life, which the settlement beside it leaves out" in said
    assert "it leaves battery mass out, which the settlement beside it has" in said


def test_a_proposal_is_held_against_itself_where_nothing_lies_beside_it(forged):
    folder, proposals = forged
    (proposals / "settlement.json").unlink()
    changed(proposals / "bus-works.toml", "needed = 2183.0", "needed = 2150.0")
    assert "needed: it says 2150, and what stands beside that gives 2183" in told(folder, proposals)


def test_nothing_is_accepted_without_its_settlement_and_a_refusal_needs_none(forged):
    folder, proposals = forged
    (proposals / "settlement.json").unlink()
    with pytest.raises(Conflict, match=r"there is no settlement.json beside it: without the settlement nothing is"):
        answer(ProposalOptions(proposals / "bus-works.toml", folder), "accept")
    answer(ProposalOptions(proposals / "bus-works.toml", folder), "refuse")


@pytest.mark.parametrize(
    ("now", "said"), [("km/kW", "unknown unit 'km/kW'"), ("", "a number stands here without its unit")]
)
def test_a_unit_that_is_none_is_told_with_its_line(forged, now, said):
    folder, proposals = forged
    proposal = proposals / "bus-works.toml"
    changed(proposal, 'unit = "kW"', f'unit = "{now}"', after=R85)
    with pytest.raises(InputError, match=re.escape(said)) as found:
        show(proposal, folder)
    assert re.search(r"bus-works\.toml:\d+ \(verdicts\.\d\.unit\)", str(found.value.problems[0].where))


def test_a_settlement_tells_who_gets_no_proposal_and_which_study_bears_no_checksums(settled, tmp_path):
    folder = settled[0]
    packs = shutil.copytree(settled[0].parent / "packs", tmp_path / "packs")

    def said():
        found = negotiate(folder, [packs], NegotiationOptions(output=tmp_path / "new"))
        return [
            str(one["what"]) for one in json.loads((found.folder / "settlement.json").read_text("utf-8"))["notices"]
        ]

    assert any("no proposal goes to agency, " in one and "battery-works" not in one for one in said())
    assert not any("bear no checksums" in one for one in said())
    plan = packs / "study.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("checksums = true\n", ""), encoding="utf-8")
    for path in packs.glob("designs-*.parquet"):
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).replace_schema_metadata(None), path)
    assert any("its files bear no checksums" in one for one in said())
    plan.write_text("checksums = false\n" + plan.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="write one of: true"):
        said()


@UNIX
@pytest.mark.parametrize("name", ["bus-works.toml", "settlement.json", "bus-works.answer.toml", "../settlements.json"])
def test_no_file_of_a_settlement_is_read_through_a_link(forged, tmp_path, capsys, name):
    folder, proposals = forged
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0:root\n", encoding="utf-8")
    (proposals / name).unlink(missing_ok=True)
    (proposals / name).symlink_to(secret)
    for word in ("show", "accept"):
        with pytest.raises(SystemExit) as left:
            main(["proposal", word, str(proposals / "bus-works.toml"), str(folder)])
        assert left.value.code not in {0, 1}
    printed = capsys.readouterr()
    assert "this is a link" in printed.out + printed.err
    assert "root" not in (printed.out + printed.err).replace("pytest-of-root", "")


@UNIX
def test_answers_are_read_through_no_link(settled, forged, tmp_path):
    folder, proposals = forged
    options = NegotiationOptions(output=proposals.parent)
    away = tmp_path / "away"
    away.mkdir()
    (away / "bus-works.answer.toml").write_text("root:x:0:0\n", encoding="utf-8")
    (proposals.parent / "planted").symlink_to(away)
    with pytest.raises(Forbidden, match="planted: this is a link"):
        negotiate(folder, [settled[0].parent / "packs"], options)


@UNIX
def test_a_disk_that_is_full_leaves_no_proposal_and_what_lay_there(settled, forged, tmp_path):
    import resource

    folder, proposals = forged
    studies = [settled[0].parent / "packs"]
    size = (proposals / "settlement.json").stat().st_size
    assert max(one.stat().st_size for one in proposals.glob("*.toml")) < size // 2, "the settlement is written last"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = {one.name: one.read_bytes() for one in proposals.iterdir()}
    for name in ("new", "proposals"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, hard))
        try:
            with pytest.raises(Unavailable, match="nothing was changed"):
                negotiate(folder, studies, NegotiationOptions(rule="nash", output=tmp_path / name))
            with pytest.raises(Unavailable, match="nothing was changed"):
                negotiate(folder, studies, NegotiationOptions(output=tmp_path / name))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((tmp_path / "new").glob("[!.]*"))
    assert [one.name for one in (tmp_path / "proposals").glob("[!.]*")] == [proposals.name]
    assert {one.name: one.read_bytes() for one in proposals.iterdir()} == before


def test_a_settlement_is_held_against_its_digest_and_against_itself(forged):
    folder, proposals = forged
    card = proposals / "settlement.json"
    written = card.read_text(encoding="utf-8")
    changed(card, '"value": 250.0', '"value": 251.0')
    assert "the digest that it bears is not that of its content" in told(folder, proposals)

    def edited(change):
        card.write_text(written, encoding="utf-8")
        resealed(card, change)
        return told(folder, proposals)

    def law(name, **fields):
        return lambda found: next(one for one in found["laws"] if one["requirement"] == name).update(fields)

    def moved(**fields):
        return lambda found: next(one for one in found["requirements"] if one["requirement"] == "W-BATTERY").update(
            fields
        )

    assert not edited(lambda found: None)
    assert "A-R85, shown: it says True" in edited(law("A-R85", shown=True))
    assert "A-R85, bound: it says 100, and what stands beside that gives 245" in edited(law("A-R85", bound=100.0))
    assert "A-R85, unit: it says xx" in edited(law("A-R85", unit="xx"))
    assert "W-BATTERY, moves: it says 1, and what stands beside that gives 83" in edited(moved(moves=1.0))
    assert "W-BATTERY, needed: it says 2101, and what" in edited(moved(needed=2101.0))
    assert "which the settlement beside it leaves out" in edited(lambda found: found.update(laws=[{"requirement": []}]))
