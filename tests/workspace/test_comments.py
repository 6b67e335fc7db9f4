"""Comments: read by those for whom they are and who see what they are about, and known to nobody else."""

import json

import pytest
from fastapi.testclient import TestClient

from covolt.errors import Forbidden, InputError, NotFound
from covolt.programme.documents import Programme
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.comments import MOST_TEXT
from covolt.workspace.feed import feed, log, newer
from tests.workspace.conftest import of

NAME = "small-car"
ABOUT = ("battery/mass", "slot/battery", "requirement/I-MASS", "gate/concept")


def add(workspace, party, said="Why so heavy?", about="battery/mass", to=(), answers=""):
    return workspace.comments.add(NAME, of(party), about, said, to, answers)


def read(workspace, party, about="battery/mass"):
    return [one.text for one in workspace.comments.listed(NAME, of(party), about).comments]


@pytest.mark.parametrize("about", ABOUT)
def test_what_is_for_all_is_read_by_all_and_told_with_its_text(workspace, about):
    add(workspace, "battery-works", about=about)
    assert read(workspace, "integrator", about) == ["Why so heavy?"]
    [told, *_] = feed(workspace.programmes, NAME, of("integrator")).events
    assert (told.verb, told.subject) == ("commented", about)
    assert [one.said("en") for one in told.effects] == ["Why so heavy?"]
    assert workspace.comments.counted(NAME, of("agency")).comments == {about: 1}


def test_what_is_for_some_is_known_to_them_alone(workspace):
    add(workspace, "battery-works", "only between us", to=["integrator"])
    add(workspace, "battery-works", "our own", to=["battery-works"])
    assert read(workspace, "integrator") == ["only between us"]
    assert read(workspace, "battery-works") == ["only between us", "our own"]
    for party in ("agency", "drive-works", ""):
        assert read(workspace, party) == []
        assert workspace.comments.counted(NAME, of(party)).comments == {}
        told = json.dumps([str(one) for one in feed(workspace.programmes, NAME, of(party)).events])
        assert "between" not in told
        assert "battery/mass" not in told


def test_what_one_does_not_see_is_neither_commented_nor_told_apart_from_what_is_not_there(workspace, monkeypatch):
    hidden = "A-GRADE"

    def hides(programme, party, beside=None, slots=None, real=Programme.seen_by):
        from dataclasses import replace

        found = real(programme, party, beside, slots)
        return found if party == "agency" else replace(found, hidden=found.hidden | {hidden})

    monkeypatch.setattr(Programme, "seen_by", hides)
    add(workspace, "agency", "the secret of it", about=f"requirement/{hidden}")
    assert not [one for one in feed(workspace.programmes, NAME, of("integrator")).events if one.verb == "commented"]
    assert not [one for one in newer(workspace.programmes, NAME, of("integrator"), 0) if one.verb == "commented"]
    assert [one for one in feed(workspace.programmes, NAME, of("agency")).events if one.verb == "commented"]
    [told, *_] = log(
        workspace.programmes, NAME, of("integrator")
    ).events  # where the chain is whole, without a word of it
    assert (told.subject, told.effects) == ("comment", ())
    refused = []
    for about in (f"requirement/{hidden}", "requirement/NONE"):
        with pytest.raises(NotFound) as error:
            add(workspace, "integrator", about=about)
        refused.append(error.value.problems[0].what)
        with pytest.raises(NotFound):
            read(workspace, "integrator", about)
    assert refused[0] == refused[1]
    assert workspace.comments.counted(NAME, of("integrator")).comments == {}
    with pytest.raises(InputError):  # nobody waits for an answer of who cannot see it
        add(workspace, "agency", "@integrator look", about=f"requirement/{hidden}")


@pytest.mark.parametrize(
    "about", ["battery/nothing", "nothing/mass", "gate/none", "proposal/1", "proposal/x", "", "slot/x"]
)
def test_nothing_is_said_about_nothing(workspace, about):
    with pytest.raises(NotFound):
        add(workspace, "battery-works", about=about)


def test_who_is_called_has_it_on_the_desk_until_the_answer(workspace):
    asked = add(workspace, "integrator", "Can @battery-works save 10 kg?")
    few = add(workspace, "agency", "And by when?", to=["battery-works"])
    add(workspace, "integrator", "mail@drive-works is nobody called")
    assert [one.id for one in workspace.comments.waiting(NAME, of("battery-works")).comments] == [asked, few]
    assert workspace.comments.waiting(NAME, of("drive-works")).comments == ()
    assert workspace.comments.waiting(NAME, of("integrator")).comments == ()
    add(workspace, "battery-works", "Yes.", answers=asked)
    assert [one.id for one in workspace.comments.waiting(NAME, of("battery-works")).comments] == [few]
    # Who may not read what it answers to is not told that there is such a comment.
    add(workspace, "battery-works", "By May.", answers=few)
    said = {one.text: one for one in workspace.comments.listed(NAME, of("drive-works"), "battery/mass").comments}
    assert said["Yes."].answers == asked
    assert said["By May."].answers == ""
    with pytest.raises(InputError):
        add(workspace, "drive-works", "What?", answers=few)


def test_a_comment_is_taken_back_by_who_wrote_it(workspace):
    mine = add(workspace, "battery-works")
    with pytest.raises(Forbidden):
        workspace.comments.hide(NAME, of("integrator"), mine)
    few = add(workspace, "battery-works", to=["battery-works"])
    with pytest.raises(NotFound):  # as for one that is not there
        workspace.comments.hide(NAME, of("integrator"), few)
    workspace.comments.hide(NAME, of("battery-works"), mine)
    assert read(workspace, "integrator") == []
    [told] = [one for one in feed(workspace.programmes, NAME, of("integrator")).events if one.verb == "commented"]
    assert told.effects == ()
    with pytest.raises(NotFound):
        workspace.comments.hide(NAME, of("battery-works"), mine)


def test_for_some_slots_one_reads_what_is_for_the_party_alone_about_these(workspace):
    about = {"slot/battery", "battery/mass", "slot/drive_unit", "requirement/I-MASS"}
    for one in about:
        add(workspace, "battery-works", f"of {one}", about=one, to=["battery-works"])
    some = Reader("someone", "battery-works", frozenset({"battery"}))
    assert set(workspace.comments.counted(NAME, some).comments) == {"slot/battery", "battery/mass"}
    assert set(workspace.comments.counted(NAME, of("battery-works")).comments) == about


def test_every_fault_is_told_at_once(workspace):
    with pytest.raises(InputError) as refused:
        add(workspace, "battery-works", "@agency" + "x" * MOST_TEXT, to=["nobody", "integrator"])
    assert sorted(one.where for one in refused.value.problems) == ["text", "to"]
    with pytest.raises(InputError) as refused:
        add(workspace, "battery-works", "@agency, look", to=["integrator"])
    assert [one.where for one in refused.value.problems] == ["to"]
    for said in ("", " \n", "a\0b", "a\ud800b"):
        with pytest.raises(InputError):
            add(workspace, "battery-works", said)
    with pytest.raises(Forbidden):
        add(workspace, "")


def test_html_stays_text_and_signs_that_nobody_sees_are_refused(workspace):
    said = "<script>alert(1)</script>\n& so on"
    doors = TestClient(application(workspace))
    made = doors.post(
        f"/api/v1/programmes/{NAME}/comments",
        json={"address": "battery/mass", "text": said},
        headers={"Covolt-Party": "battery-works"},
    )
    assert made.status_code == 201
    for unseen in ("\x1b[31mred", "\0", "\u202eback", "\x07", "\u3164", "soft\u00adened", "z" + "\u0335" * 9):
        refused = doors.post(
            f"/api/v1/programmes/{NAME}/comments",
            json={"address": "battery/mass", "text": unseen},
            headers={"Covolt-Party": "battery-works"},
        )
        assert refused.status_code == 422, repr(unseen)
    found = doors.get(f"/api/v1/programmes/{NAME}/comments?address=battery/mass&party=integrator").json()
    assert [one["text"] for one in found["comments"]] == [said]
    assert [one["mine"] for one in found["comments"]] == [False]
