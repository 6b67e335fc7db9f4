"""From a number that is tried to one that is merged: nothing is lost, nothing counts that has changed since."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from covolt.errors import Conflict, Forbidden, InputError, NotFound
from covolt.study.verdicts.unstated_number import Unstated
from covolt.words import text
from covolt.workspace.asking import Workspace
from covolt.workspace.auditing import audit
from covolt.workspace.feed import atom, event_shown
from covolt.workspace.moving import Moves
from covolt.workspace.repository import Repository
from covolt.workspace.tables import EventRow
from covolt.workspace.telling import turned_rows, verdict_row
from tests.workspace.conftest import Clock, of
from tests.workspace.unlocked import unlocked

HEAVIER = [("battery", "mass", "260 kg")]
NAME = "small-car"


def content(workspace, number, party):
    return workspace.proposals.shown(NAME, number, of(party)).content


def agree(workspace, number):
    for party in workspace.proposals.shown(NAME, number, of("battery-works"), 60.0).must_agree:
        workspace.proposals.answer(NAME, number, of(party), "accept", "", content(workspace, number, party))


def mass(workspace):
    [slot] = [one for one in workspace.programme(NAME, of("battery-works")).slots if one.id == "battery"]
    return next(one for one in slot.numbers if one.name == "mass").written


def test_a_number_is_tried_and_nothing_is_written(workspace):
    locked = workspace.verdicts(NAME, of("battery-works"), wait_s=60.0)
    tried = workspace.verdicts(NAME, of("battery-works"), HEAVIER, wait_s=60.0)
    assert locked.surely
    assert tried.surely
    row = {one.requirement: one for one in tried.turned}["I-MASS"]
    assert (row.value_before.said("en"), row.value_after.said("en")) == ("1150", "1175")
    assert row.worse
    was, now = ({one.requirement: one for one in each.verdicts}["I-MASS"] for each in (locked, tried))
    assert (was.value, now.value) == (1150.0, 1175.0)
    assert mass(workspace) == "235 kg"
    assert workspace.programme(NAME, of("")).state == locked.state


def test_a_bare_number_has_the_unit_that_stood_there(workspace):
    bare = workspace.verdicts(NAME, of("battery-works"), [("battery", "mass", "260")])
    assert bare.id == workspace.verdicts(NAME, of("battery-works"), HEAVIER).id


def test_every_fault_of_what_is_tried_is_told_with_its_number(workspace):
    wrong = [
        ("battery", "mas", "1 kg"),
        ("motor", "mass", "1 kg"),
        ("battery", "mass", "12 V"),
        ("tyre", "mass", "x kg"),
    ]
    with pytest.raises(InputError) as refused:
        workspace.verdicts(NAME, of("battery-works"), wrong)
    assert [one.where for one in refused.value.problems] == ["battery/mas", "motor/mass", "battery/mass", "tyre/mass"]
    with pytest.raises(InputError):
        workspace.verdicts(NAME, of("battery-works"), [("battery", "energy_usable", "50 kWh")])


SIGNED = "they weigh more\n\nAccepted-by: Drive <drive-works@covolt.invalid>"
"""A reason that would have others agree."""


def test_a_proposal_is_agreed_and_merged_and_found_in_git(workspace):
    number = workspace.proposals.make(NAME, of("integrator"), HEAVIER, "Certified cells", SIGNED)
    shown = workspace.proposals.shown(NAME, number, of("integrator"), 60.0)
    assert shown.must_agree == ("battery-works",), "whose part it is; the integrator proposes it"
    with pytest.raises(Conflict, match="has not answered"):
        workspace.proposals.merge(NAME, number, of("integrator"))
    with pytest.raises(Forbidden):
        workspace.proposals.answer(NAME, number, of("integrator"), "accept", "", shown.content)
    agree(workspace, number)
    commits = workspace.proposals.merge(NAME, number, of("integrator"))
    assert mass(workspace) == "260 kg"
    folders = workspace.folders(NAME)
    assert folders.heads().plain() == commits
    quoted = "> they weigh more\n> \n> Accepted-by: Drive <drive-works@covolt.invalid>"
    assert folders.shared.log(1)[0].message == f"Certified cells\n\n{quoted}\n\nProposal: {NAME}/{number}"
    assert "260 kg" in folders.own("battery-works").files(commits["battery-works"])["parts/pack-33/part.toml"].decode()
    assert "pack-33@1.1.0" in folders.shared.files(commits[""])["programme.lock"].decode()
    assert workspace.proposals.shown(NAME, number, of("")).proposal.state == "merged"
    with pytest.raises(Conflict, match="merged already"):
        workspace.proposals.merge(NAME, number, of("integrator"))
    [last, *_] = workspace.feed(NAME, of("battery-works")).events
    assert last.verb == "merged"
    assert "235" in last.effects[0].said("ru")
    assert "кг" in last.effects[0].said("ru")


def test_where_no_uncertainty_is_stated_that_is_said(workspace):
    computed = workspace.programmes.computed(NAME, workspace.programmes.heads(NAME))
    one = next(each for each in computed.nominal.verdicts if each.requirement == "I-MASS")
    number = Unstated("battery-works", "battery", "battery-works/pack-33@1.0.0", "mass", "estimate", "u = …")
    row = verdict_row(replace(one, unstated=(number,)), computed.programme)
    assert row.unstated
    assert "?" not in row.margin_text.said("en")
    plain = {"en": "10 ± ?", "ru": "10 ± ?"}
    effect = {"requirement": "I-MASS", "title": {"en": "Kerb mass"}, "unit": {"en": "kg"}, "after": {"en": "met"}}
    effect |= {"value_before": plain, "value_after": plain, "margin_after": plain}  # as entries had it at first
    entry = EventRow(
        sequence=1, at="", party="", person="", verb="merged", subject="proposal/1", hash="",
        told={"title": "Lighter", "effects": [effect]},
    )  # fmt: skip
    (said,) = event_shown(entry, computed.programme).effects
    assert said.said("en") == "Kerb mass: 10 to 10 kg, margin 10 kg (no ± stated), met"


def test_two_proposals_of_other_numbers_both_stand_and_of_the_same_number_the_later_is_told(workspace):
    make, merge = workspace.proposals.make, workspace.proposals.merge
    one = make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    other = make(NAME, of("integrator"), [("body", "mass", "560 kg")], "Lighter body", "")
    late = make(NAME, of("battery-works"), [("battery", "mass", "250 kg")], "Half as much", "")
    agree(workspace, one)
    merge(NAME, one, of("battery-works"))
    before = workspace.proposals.shown(NAME, other, of("integrator"), 60.0)
    for party in before.must_agree:
        workspace.proposals.answer(NAME, other, of(party), "accept", "", before.content)
    merge(NAME, other, of("integrator"))
    assert mass(workspace) == "260 kg"
    shown = workspace.proposals.shown(NAME, late, of("battery-works"), 60.0)
    assert "235 kg" in shown.stands_against[0].said("en")
    assert "260 kg" in shown.stands_against[0].said("en")
    with pytest.raises(Conflict):
        merge(NAME, late, of("battery-works"))


def written(workspace, mass):
    """The battery's party writes another mass into its own part, and pushes that alone."""
    folders = workspace.programmes.folders(NAME)
    heads, path = folders.heads(), "battery-works/parts/pack-33/part.toml"
    files = folders.files(heads)
    files = files | {path: files[path].replace(b"235 kg", mass)}
    folders.write(heads, files, workspace.programmes.author(of("battery-works")), "Written", workspace.clock())


def test_what_its_party_has_written_already_is_merged(workspace):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    written(workspace, b"260 kg")
    agree(workspace, number)
    commits = workspace.proposals.merge(NAME, number, of("battery-works"))
    assert mass(workspace) == "260 kg"
    assert b"pack-33@1.1.0" in workspace.folders(NAME).shared.files(commits[""])["programme.lock"]


def test_what_its_party_writes_otherwise_stands_against_a_proposal_from_then_on(workspace):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    assert "no longer what is locked" not in str(workspace.proposals.shown(NAME, number, of("")).stands_against)
    written(workspace, b"250 kg")
    told = " ".join(one.said("en") for one in workspace.proposals.shown(NAME, number, of("")).stands_against)
    assert "battery: what battery-works writes of battery-works/pack-33@1.0.0 is no longer what is locked" in told
    agree(workspace, number)
    with pytest.raises(Conflict, match="no longer what is locked"):
        workspace.proposals.merge(NAME, number, of("battery-works"))


def test_an_answer_stays_when_a_party_writes_something_of_its_own_alone(workspace):
    first = workspace.proposals.make(NAME, of("integrator"), [("battery", "mass", "240 kg")], "A", "")
    workspace.proposals.answer(
        NAME, first, of("battery-works"), "accept", "", content(workspace, first, "battery-works")
    )
    folders = workspace.programmes.folders(NAME)
    heads = folders.heads()
    files = folders.files(heads) | {"drive-works/notes.txt": b"a draft"}
    author = workspace.programmes.author(of("drive-works"))
    assert folders.write(heads, files, author, "Notes", workspace.clock()) != heads
    shown = workspace.proposals.shown(NAME, first, of("integrator"), 60.0)
    assert [one.counts for one in shown.answers] == [True]
    assert workspace.proposals.merge(NAME, first, of("integrator"))


def test_an_answer_falls_when_the_programme_under_it_changes(workspace):
    first = workspace.proposals.make(NAME, of("integrator"), [("battery", "mass", "240 kg")], "A", "")
    workspace.proposals.answer(
        NAME, first, of("battery-works"), "accept", "", content(workspace, first, "battery-works")
    )
    second = workspace.proposals.make(NAME, of("integrator"), [("body", "mass", "560 kg")], "B", "")
    agree(workspace, second)
    workspace.proposals.merge(NAME, second, of("integrator"))
    shown = workspace.proposals.shown(NAME, first, of("integrator"), 60.0)
    assert [one.counts for one in shown.answers] == [False]
    with pytest.raises(Conflict, match="changed since"):
        workspace.proposals.merge(NAME, first, of("integrator"))


def test_a_refusal_and_a_withdrawal_hold_it(workspace):
    number = workspace.proposals.make(NAME, of("integrator"), HEAVIER, "A", "")
    with pytest.raises(Conflict, match="changed since you looked"):
        workspace.proposals.answer(NAME, number, of("battery-works"), "refuse", "", "sha256:other")
    workspace.proposals.answer(NAME, number, of("battery-works"), "refuse", "no", content(workspace, number, "x" * 0))
    with pytest.raises(Conflict, match="refuses"):
        workspace.proposals.merge(NAME, number, of("integrator"))
    with pytest.raises(Forbidden):
        workspace.proposals.withdraw(NAME, number, of("battery-works"))
    workspace.proposals.withdraw(NAME, number, of("integrator"))
    with pytest.raises(Conflict, match="withdrawn"):
        workspace.proposals.merge(NAME, number, of("integrator"))


def test_what_is_proposed_wrongly_is_refused_with_all_its_faults(workspace):
    make = workspace.proposals.make
    with pytest.raises(InputError) as refused:
        make(NAME, of("integrator"), [("battery", "mas", "1 kg")], " ", "x" * 20_000)
    assert [one.where for one in refused.value.problems] == ["title", "reason", "battery/mas"]
    with pytest.raises(InputError, match="nothing is changed"):
        make(NAME, of("integrator"), [("battery", "mass", "235 kg")], "Same", "")
    with pytest.raises(Forbidden):
        make(NAME, of(""), HEAVIER, "For nobody", "")
    with pytest.raises(NotFound):
        make(NAME, of("nobody"), HEAVIER, "For nobody", "")
    with pytest.raises(NotFound):
        workspace.programme("other", of(""))
    with pytest.raises(NotFound):
        workspace.proposals.shown(NAME, 7, of(""))


def dies(*_):
    raise KeyboardInterrupt


def sound(workspace, database_address):
    """That log, rows and repositories say the same."""
    found = audit(workspace.programmes.home, address=database_address)
    assert found.problems == ()
    return workspace.folders(NAME).heads()


def test_of_a_merge_that_was_interrupted_after_its_commits_nothing_stays(workspace, monkeypatch, database_address):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    agree(workspace, number)
    before = sound(workspace, database_address)
    with monkeypatch.context() as patched:
        patched.setattr(type(workspace.programmes), "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            workspace.proposals.merge(NAME, number, of("battery-works"))
    assert sound(workspace, database_address) == before
    assert mass(workspace) == "235 kg"
    assert workspace.proposals.listed(NAME, of("")).proposals[0].state == "open"
    commits = workspace.proposals.merge(NAME, number, of("battery-works"))
    assert commits == sound(workspace, database_address).plain()
    assert len(workspace.folders(NAME).shared.log()) == 2


@pytest.mark.parametrize("next_one", ["start", "merge"])
def test_what_a_killed_server_had_moved_is_put_back_by_whoever_comes_next(
    workspace, monkeypatch, tmp_path, database_address, next_one
):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    agree(workspace, number)
    before = workspace.folders(NAME).heads()
    with monkeypatch.context() as patched:  # a kill -9 lets nobody tidy up
        patched.setattr(type(workspace.programmes), "tell", dies)
        patched.setattr(Moves, "_settle_soon", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            workspace.proposals.merge(NAME, number, of("battery-works"))
    assert workspace.folders(NAME).heads() != before
    (workspace.folders(NAME).shared.folder / "refs/heads/main.lock").touch()  # Git was killed as well
    if next_one == "start":
        workspace.close()
        workspace = unlocked(Workspace(tmp_path / "home", workspace.clock, database_address))
        assert sound(workspace, database_address) == before
        assert mass(workspace) == "235 kg"
    commits = workspace.proposals.merge(NAME, number, of("battery-works"))
    assert commits == sound(workspace, database_address).plain()
    workspace.close()


def test_what_counts_is_not_put_back_where_a_mark_is_left(workspace, database_address):
    """Its writer was ended after its entry stood."""
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    agree(workspace, number)
    before = workspace.folders(NAME).heads()
    commits = workspace.proposals.merge(NAME, number, of("battery-works"))
    mark = workspace.folders(NAME).folder / "moving-x"
    for left in (json.dumps(before.plain()), "{"):
        mark.write_text(left, encoding="utf-8")
        workspace.programmes.put_back()
        assert not mark.exists()
        assert sound(workspace, database_address).plain() == commits


def test_what_was_done_is_there_after_a_restart(workspace, tmp_path, database_address):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    workspace.close()
    again = Workspace(tmp_path / "home", Clock(), database_address)
    try:
        assert again.proposals.listed(NAME, of("")).proposals[0].number == number
        assert mass(again) == "235 kg"
    finally:
        again.close()


def test_what_others_keep_as_their_own_is_told_nowhere(small_programme, tmp_path, database_address):
    import shutil

    folder = tmp_path / "private"
    shutil.copytree(small_programme, folder)
    file = folder / "battery-works/requirements/B-MASS.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("title =", 'visibility = "party"\ntitle =').replace("Room for", "CANARY for"), encoding="utf-8"
    )
    made = Workspace(tmp_path / "home", Clock(), database_address)
    try:
        made.begin(folder, of(""))
        number = made.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
        made.proposals.shown(NAME, number, of("battery-works"), 60.0)
        told = {}
        for party in ("integrator", "battery-works", ""):
            who = of(party)
            answers = [
                made.programme(NAME, who), made.verdicts(NAME, who, wait_s=60.0), made.verdicts(NAME, who, HEAVIER, wait_s=60.0),
                made.proposals.shown(NAME, number, who, 60.0), made.feed(NAME, who), made.gates(NAME, who),
            ]  # fmt: skip
            told[party] = json.dumps([str(one) for one in answers])
        assert "CANARY" in told["battery-works"]
        assert "CANARY" not in told["integrator"]
        assert "CANARY" not in told[""]
        hidden = {one.requirement: one for one in made.verdicts(NAME, of("integrator")).verdicts}["B-MASS"]
        assert (hidden.hidden, hidden.value, hidden.value_text.said("en")) == (True, None, "")
    finally:
        made.close()


def test_nominal_values_say_nothing_of_how_sure_they_are(workspace):
    """Until every ± is there, no verdict seems to rest on numbers that state none: to find that out costs drives."""
    name = workspace.programmes.names()[0]
    computed = workspace.programmes.computed(name, workspace.programmes.heads(name))
    assert not [one for one in computed.nominal.verdicts if one.unstated]


def test_what_was_tried_and_given_up_can_be_proposed(workspace):
    tried = [[("battery", "mass", f"{mass} kg")] for mass in (260, 265, 270)]
    for one in tried:  # each gives up the one before
        workspace.verdicts(NAME, of("battery-works"), one)
    for one in tried:
        number = workspace.proposals.make(NAME, of("battery-works"), one, "Heavier", "")
        assert workspace.proposals.shown(NAME, number, of("battery-works"), 60.0).surely
    assert workspace.verdicts(NAME, of("battery-works"), tried[0], wait_s=60.0).surely


def test_a_merge_that_was_interrupted_between_its_commits_is_made_by_the_next(workspace, monkeypatch):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier", "")
    agree(workspace, number)
    before, commit = workspace.folders(NAME).heads(), Repository.commit

    def dies(self, *given):
        if self.folder.name == "programme.git":
            raise KeyboardInterrupt
        return commit(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "commit", dies)
        patched.setattr(Moves, "_settle_soon", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            workspace.proposals.merge(NAME, number, of("battery-works"))
    assert workspace.folders(NAME).own("battery-works").head() != dict(before.parties)["battery-works"]
    assert workspace.folders(NAME).heads() == before
    assert mass(workspace) == "235 kg"
    workspace.programmes.put_back()  # as every start does
    assert workspace.folders(NAME).own("battery-works").head() == dict(before.parties)["battery-works"]
    workspace.proposals.merge(NAME, number, of("battery-works"))
    assert mass(workspace) == "260 kg"


def test_what_is_written_has_no_sign_that_nobody_sees_and_an_old_one_breaks_no_feed(workspace):
    for title, reason in (
        ("red \x1b[31m", ""),
        ("two\nlines", ""),
        ("T", "bell \x07"),
        ("T", "turned \u202e"),
        ("\u2800", ""),
        ("T", "\u00ad"),
    ):
        with pytest.raises(InputError, match="nobody sees"):
            workspace.proposals.make(NAME, of("battery-works"), HEAVIER, title, reason)
    with workspace.programmes.database.writing() as session:
        workspace.programmes.tell(
            session, NAME, of("battery-works"), "withdrew", "proposal/9", {"title": "red \x1b[31m"}
        )
    shown = workspace.feed(NAME, of(""))
    found = ElementTree.fromstring(atom(shown, text("feed"), "http://x", "en", workspace.clock()))
    assert any("red" in (one.text or "") for one in found.iter())


def test_one_number_is_proposed_once(workspace):
    with pytest.raises(InputError, match="named twice"):
        workspace.proposals.make(NAME, of("battery-works"), [*HEAVIER, ("battery", "mass", "250 kg")], "T", "")


def test_what_is_proposed_twice_or_overtaken_is_told(workspace):
    party = of("battery-works")
    first = workspace.proposals.make(NAME, party, HEAVIER, "Certified cells", "")
    with pytest.raises(Conflict, match=f"proposal {first} of battery-works asks the same"):
        workspace.proposals.make(NAME, party, HEAVIER, "Once more", "")
    second = workspace.proposals.make(NAME, party, [("battery", "mass", "238 kg")], "Lighter", "")
    agree(workspace, second)
    workspace.proposals.merge(NAME, second, party)
    rows = {one.number: one for one in workspace.proposals.listed(NAME, of("institute")).proposals}
    assert [(rows[one].state, rows[one].overtaken) for one in (first, second)] == [("open", True), ("merged", False)]
    assert workspace.proposals.shown(NAME, first, party).proposal.overtaken


@pytest.mark.parametrize(
    ("words", "margins", "worse"),
    [
        (("met", "within uncertainty"), (21.0, 23.0), True),
        (("not met", "within uncertainty"), (-3.0, -4.0), False),
        (("met", "met"), (21.0, 23.0), False),
        (("met", "met"), (23.0, 21.0), True),
    ],
)
def test_what_turns_worse_is_told_by_its_word_and_else_by_its_margin(workspace, words, margins, worse):
    heads = workspace.programmes.heads(NAME)
    found = workspace.programmes.computed(NAME, heads).nominal
    one = next(each for each in found.verdicts if each.requirement == "I-MASS")
    then, now = (replace(one, verdict=word, margin=margin) for word, margin in zip(words, margins, strict=True))
    before, after = (replace(found, verdicts=(each,)) for each in (then, now))
    [row] = turned_rows(before, after, workspace.programmes.read(NAME, heads))
    assert row.worse == worse
