"""What who signs a gate is shown before, and what is told to have moved since."""

import re
from dataclasses import replace

import pytest

from covolt.cli import exit_codes, main
from covolt.cli import gate as gate_command
from covolt.programme.gate import Criterion
from covolt.programme.keys import in_groups, in_words
from covolt.programme.reading import read_programme
from covolt.programme.text import Title
from covolt.study.gate import passing
from covolt.study.gate.covered import covered_digest, covered_items
from covolt.study.gate.moved import MOST_NAMED, moved_since
from covolt.study.gate.passing import NOT_COVERED, passed_by, records_digest

pytestmark = pytest.mark.whole


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


def with_one(programme, kind, name, **changes):
    """The programme with one document of a kind changed."""
    documents = getattr(programme, kind)
    return replace(programme, **{kind: {**documents, name: documents[name].model_copy(update=changes)}})


def moved(was, now, gate="trial"):
    """What moved between two states, each a programme with its verdicts, and whether the digest did."""
    items = [covered_items(programme, found, programme.gates[gate]) for programme, found in (was, now)]
    digests = [covered_digest(programme, found, programme.gates[gate]) for programme, found in (was, now)]
    assert (items[0] == items[1]) == (digests[0] == digests[1]), "the items tell of every move that the digest sees"
    return moved_since(*items)


def with_verdict(verification, name, **changes):
    verdicts = tuple(replace(one, **changes) if one.requirement == name else one for one in verification.verdicts)
    return replace(verification, verdicts=verdicts)


def test_nothing_moved_where_nothing_did(programme, verification):
    assert moved((programme, verification), (programme, verification)) == ()


def test_a_text_that_is_taken_for_checked_moves_the_verdict(programme, verification):
    """A sign-off over "met, text not checked" serves no "met": the gate would open by it."""
    texts = with_verdict(verification, "A-GTR22-8", verdict="met")
    [said] = moved((programme, verification), (programme, texts))
    assert said.said("en").startswith("verdict A-GTR22-8: met, text not checked, ")


def test_interests_that_change_are_named_by_their_party(programme, verification):
    name, one = next(iter(programme.interests.items()))
    now = with_one(programme, "interests", name, weight=99.0)
    [said] = moved((programme, verification), (now, verification))
    assert said.said("en") == f"interests changed: {one.party}"
    assert said.said("ru") == f"интересы изменены: {one.party}"
    left = replace(programme, interests={})
    assert moved((programme, verification), (left, verification))[0].said("en").startswith("interests taken out: ")


def test_a_verdict_that_moved_is_named_with_both_words_and_values(programme, verification):
    [one] = [one for one in verification.verdicts if one.requirement == "A-GRADE"]
    now = with_verdict(verification, "A-GRADE", verdict="within uncertainty", value=40.0)
    [said] = moved((programme, verification), (programme, now))
    was = f"{one.value:.4g} {one.unit}"
    assert said.said("en") == f"verdict A-GRADE: met, {was} → within uncertainty, 40 %"
    assert said.said("ru") == (
        f"заключение A-GRADE: выполнено, {was.replace('.', ',')} → в пределах неопределённости, 40 %"
    )
    [said] = moved((programme, verification), (programme, with_verdict(verification, "A-GRADE", value=40.0)))
    assert said.said("en") == f"values moved: A-GRADE ({was} → 40 %)"


def test_the_value_of_a_party_s_own_requirement_is_not_told(programme, verification):
    own = with_one(programme, "requirements", "A-GRADE", visibility="party")
    [said] = moved((own, verification), (own, with_verdict(verification, "A-GRADE", value=40.0)))
    assert said.said("en") == "values moved: A-GRADE"
    now = with_verdict(verification, "A-GRADE", verdict="not met", value=1.0)
    assert moved((own, verification), (own, now))[0].said("en") == "verdict A-GRADE: met → not met"


def test_a_gate_and_its_criteria_are_told_apart(programme, verification):
    first, *rest = programme.gates["concept"].criteria
    softer = with_one(
        programme, "gates", "concept", criteria=(first.model_copy(update={"check": "laws.met >= 0"}), *rest)
    )
    [said] = moved((programme, verification), (softer, verification))
    assert said.said("en") == f"criterion concept/{first.id}: {first.check} → laws.met >= 0"
    assert said.said("ru").startswith("критерий concept/")
    [said] = moved((programme, verification), (with_one(programme, "gates", "concept", signoffs=()), verification))
    assert said.said("en") == "gates changed: concept"
    more = (first, *rest, Criterion(id="more", title=Title(en="More"), check="safety.count > 0"))
    said = moved((programme, verification), (with_one(programme, "gates", "concept", criteria=more), verification))
    assert [one.said("en") for one in said] == [
        "gates changed: concept",
        "criterion concept/more: none → safety.count > 0",
    ]
    later = with_one(programme, "gates", "type-approval", criteria=())
    assert moved((programme, verification), (later, verification)) == (), "a later gate is not covered"
    gone = replace(programme, gates={name: one for name, one in programme.gates.items() if name != "concept"})
    [said] = moved((programme, verification), (gone, verification))
    assert said.said("en") == "gates taken out: concept", "and not each of its criteria"


def test_another_offer_a_first_key_and_documents_are_named(programme, verification):
    slot, pin = next(iter(programme.lock.slots.items()))
    name, version = pin.offer.split("@")
    pins = {**programme.lock.slots, slot: pin.model_copy(update={"offer": f"{name}@9.0.0"})}
    other = replace(programme, lock=programme.lock.model_copy(update={"slots": pins}))
    [said] = moved((programme, verification), (other, verification))
    assert said.said("en") == f"offer in slot {slot}: {name}@{version} → {name}@9.0.0"
    pins[slot] = pin.model_copy(update={"digest": "sha256:" + "0" * 64})
    other = replace(programme, lock=programme.lock.model_copy(update={"slots": pins}))
    [said] = moved((programme, verification), (other, verification))
    assert said.said("en").count(pin.offer) == 2, "the same name with another content is told as such"
    root = next(name for name, one in programme.keys.items() if one.party == "agency" and not one.follows)
    keys = {name: one for name, one in programme.keys.items() if name != root}
    [said] = moved((programme, verification), (replace(programme, keys=keys), verification))
    assert said.said("en") == f"first key of agency: {root[:16]} → none"
    charter = programme.charter.model_copy(update={"currency": "BYN"})
    [said] = moved((programme, verification), (replace(programme, charter=charter), verification))
    assert "the programme's own file" in said.said("en")
    for kind, plural in (("parties", "parties"), ("slots", "slots"), ("scenarios", "scenarios")):
        document = next(iter(getattr(programme, kind)))
        changed = with_one(programme, kind, document, title=Title(en="another"))
        assert [one.said("en") for one in moved((programme, verification), (changed, verification))] == [
            f"{plural} changed: {document}"
        ]


def test_many_moves_are_counted():
    was = {f"requirement R-{at}": "a" for at in range(9)}
    now = dict.fromkeys(was, "b")
    [said] = moved_since(was, now)
    assert said.plain() == {
        "en": "requirements changed: R-0, R-1, R-2, R-3, R-4, and 4 more",
        "ru": "требования изменены: R-0, R-1, R-2, R-3, R-4 и ещё 4",
    }
    promises = {f"promise battery/{at}": "kept" for at in range(9)}
    said = moved_since(promises, dict.fromkeys(promises, "broken"))
    assert len(said) == MOST_NAMED + 1
    assert said[0].said("ru") == "обещание battery/0: выполнено → нарушено"
    assert moved_since({}, {"verdict X": "met"})[0].said("en") == "verdict X: none → met"


def test_who_signs_is_shown_all_that_he_passes(programme, verification):
    gate = programme.gates["trial"]
    lines = passed_by(programme, verification, gate, gate.signoffs[0], "only on closed ground")
    said = {language: [words.said(language) for _, words in lines] for language in ("en", "ru")}
    for language, whole in said.items():
        text = "\n".join(whole)
        for one in ("concept", "prototype", "trial"):
            titles = [programme.gates[one].title.words, *(each.title.words for each in programme.gates[one].criteria)]
            assert all(title.said(language) in text for title in titles)
        assert programme.gates["type-approval"].title.words.said(language) not in text, "a later gate is not passed"
        assert "only on closed ground" in text
        digest = covered_digest(programme, verification, gate)
        for each in (digest, records_digest(verification), programme.digests["programme.lock"]):
            assert in_groups(each.removeprefix("sha256:")) in text
        counting = [name for name, one in programme.standings.keys.items() if one.standing.counts]
        assert counting and all(in_words(name) in text for name in counting)
        assert all(one.said(language) in text for one in NOT_COVERED)
    counted = {}
    for one in verification.verdicts:
        counted[one.verdict] = counted.get(one.verdict, 0) + 1
    [line] = [one for one in said["en"] if "verdicts: " in one]
    assert all(f"{count} {word}" in line for word, count in counted.items())
    for _, words in lines:
        assert words.said("en") and words.said("ru")
    latin = re.compile(r"[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}")
    assert not [one for one in said["ru"] if latin.search(one) and "Signed with" not in one], (
        "nothing is left in English"
    )


def test_a_criterion_is_fulfilled_or_lacking(programme, verification):
    [lines] = [passed_by(programme, verification, programme.gates["concept"], None)]
    said = [words.said("en") for _, words in lines]
    assert "fulfilled: Every slot is filled" in said
    assert [one for one in said if one.startswith("lacking: not yet so: Nine tenths of the constraints are met: ")]
    assert not [one for one in said if "Every slot is filled" in one and "lacking" in one]


@pytest.fixture
def narrow(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_dry_run_shows_within_60_columns_and_signs_nothing(capsys, narrow, verified_car, language):
    code, out, err = run(capsys, "sign", "trial", verified_car, "--dry-run", "--language", language)
    assert (code, err) == (exit_codes.COMPLETED, "")
    assert max(map(len, out.splitlines())) <= 60
    assert ("Nothing was signed" if language == "en" else "Ничего не подписано") in out
    assert not (verified_car / "signoffs").exists()


def test_what_a_dry_run_cannot_show_is_told_at_once(capsys, narrow, verified_car):
    arguments = (
        "sign",
        "trial",
        verified_car,
        "--dry-run",
        "--party",
        "institute",
        "--role",
        "clerk",
        "--language",
        "by",
    )
    code, _, err = run(capsys, *arguments)
    assert code == exit_codes.INPUT_WRONG
    said = " ".join(err.split())
    assert "does not ask for 'institute' as 'clerk'" in said
    assert "no language 'by'" in said
    checked = verified_car / "agency" / "checked.toml"
    code, _, err = run(capsys, "sign", "--checked", checked, "--dry-run", "--party", "agency")
    assert code == exit_codes.INPUT_WRONG
    assert "--dry-run shows gates alone" in err
    assert not list(verified_car.rglob("*.signed-*"))


def test_at_a_terminal_who_signs_is_asked_after_he_was_shown(capsys, narrow, verified_car, verification, monkeypatch):
    role = ("--party", "integrator", "--role", "chief-engineer")
    assert run(capsys, "key", "new", "key.pem", verified_car, *role)[0] == exit_codes.COMPLETED
    monkeypatch.setattr("covolt.study.verdicts.verification.verify", lambda *_, **__: verification)
    monkeypatch.setattr(gate_command, "can_ask", lambda: True)
    answers = iter([False, True])

    def answered(text, default):
        assert not default
        assert "The signature does not cover" in capsys.readouterr().out, "it is shown before the question"
        return next(answers)

    monkeypatch.setattr(gate_command.typer, "confirm", answered)
    arguments = ("sign", "concept", verified_car, *role, "--key", "key.pem", "--remarks", "seen")
    assert run(capsys, *arguments)[0] == exit_codes.INTERRUPTED
    assert not (verified_car / "signoffs").exists()
    assert run(capsys, *arguments)[0] == exit_codes.COMPLETED
    [made] = read_programme(verified_car).signoffs.values()
    now = read_programme(verified_car)
    assert made.covers == covered_items(now, verification, now.gates["concept"])


def test_what_is_not_covered_is_said_in_few_lines():
    assert all(len(one.said(language)) <= 2 * 58 for one in passing.NOT_COVERED for language in ("en", "ru"))


def test_names_in_what_a_sign_off_covers_stand_for_no_other_line():
    """The names are the signer's word: a party may write what it likes into its own file, and sign it."""
    forged = {"criterion x\nTrials: open\n  signed: agency: stands": "a", "requirement a\nagency: APPROVED": "b"}
    for words in moved_since(forged, {}):
        assert "\n" not in words.said("en")
        assert "\n" not in words.said("ru")
