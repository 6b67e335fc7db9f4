"""Keys made, trusted, used and revoked from the command line, as parties do."""

import json
import re
import shutil
from pathlib import Path

import pytest

from covolt.cli import exit_codes, key, main
from covolt.clock import today
from covolt.errors import InputError
from covolt.programme import pledging, reading
from covolt.programme.anchor import remember, trust_in, trust_of
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import in_words
from covolt.programme.locking import resolve
from covolt.programme.people import asked_of
from covolt.programme.reading import read_leniently, read_programme
from covolt.study.gate.check import trust_notices
from tests.signed import DIGEST, Holder, key_file, put, put_key, shipped_anchor

EXAMPLES = Path(__file__).parents[2] / "examples"

PACK = ("battery-works", "parts", "pack-33")
WORKS = Holder("works", party="battery-works", roles=("offers",))
OFFICER = Holder("officer")
RECOVERY = Holder("recovery", roles=("recovery",))


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)

    def told(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return leaving.value.code, re.sub(r"\s+", " ", captured.out + captured.err)

    return told


@pytest.fixture
def keys(tmp_path):
    return {
        seed: key_file(tmp_path / "own" / f"{seed}.pem", seed) for seed in ("works", "officer", "recovery", "second")
    }


def demanding(city_car):
    """The city car demands signatures; every locked offer but that of the battery has one."""
    path = city_car / "programme.toml"
    path.write_text(path.read_text().replace("[vehicle]", 'signatures_from = "concept"\n[vehicle]'))
    read = read_leniently(city_car)
    for name, offer in read.offers.items():
        party = offer.datasheet.party
        holder = Holder("works" if party == "battery-works" else party, party, ("offers",))
        put_key(city_car, holder)
        beside = read.file_of("offer", name)
        if party != "battery-works":
            put(beside.parent, holder.signs(name, offer.digest, "offer"), f"{beside.stem}.signed.toml")
    return city_car


def test_an_unsigned_offer_is_not_locked_where_signatures_are_demanded(city_car, run, keys):
    demanding(city_car)
    code, said = run("lock", city_car, "--upgrade")
    assert code == exit_codes.INPUT_WRONG
    assert "that of battery-works on it does not count: unsigned" in said
    assert "covolt offer PART --key FILE" in said
    code, said = run("check", city_car)
    assert code == exit_codes.INPUT_WRONG
    assert re.search(r"programme\.lock:\d+: battery-works/pack-33@1\.0\.0 cannot fill 'battery': signatures", said)
    for part in sorted((city_car / "battery-works" / "parts").iterdir()):
        code, said = run("offer", part)
        assert code == exit_codes.COMPLETED
        assert "only what battery-works has signed counts here" in said
        assert "covolt key new FILE PROGRAMME --party battery-works --role offers" in said
        code, said = run("offer", part, "--key", keys["works"])
        assert code == exit_codes.COMPLETED
        assert "only what battery-works has signed" not in said
    code, said = run("lock", city_car)
    assert code == exit_codes.COMPLETED
    assert "battery-works/pack-33@1.0.0: key not known here" in said
    assert "covolt key trust" in said
    listed = json.loads(run("key", "list", city_car, "--json")[1])["keys"]
    run("key", "trust", city_car, *(word for one in listed for word in ("--fingerprint", one["fingerprint"])))
    assert "key not known here: its party" not in run("lock", city_car)[1]
    trust = trust_of("city-car")
    assert (trust.signatures_from, trust.order, trust.form) == ("concept", 1, 2)
    assert trust.first["battery-works"] == WORKS.fingerprint


def test_a_stranger_cannot_offer_in_a_name_where_signatures_are_demanded(city_car, run, keys):
    """A self-made offer in the right folder, newer than any: it is passed over, with the reason."""
    demanding(city_car)
    for part in sorted((city_car / "battery-works" / "parts").iterdir()):
        run("offer", part, "--key", keys["works"])
    part = city_car.joinpath(*PACK) / "part.toml"
    part.write_text(part.read_text().replace('version = "1.0.0"', 'version = "999999.0.0"'))
    assert run("offer", part)[0] == exit_codes.COMPLETED
    code, said = run("lock", city_car, "--upgrade")
    assert code == exit_codes.COMPLETED
    assert "battery-works/pack-33@999999.0.0 cannot fill 'battery': signatures are demanded" in said
    assert read_programme(city_car).lock.slots["battery"].offer == "battery-works/pack-33@1.0.0"
    part.write_text(part.read_text().replace("999999.0.0", "999999.0.1"))
    code, said = run("offer", part, "--key", keys["officer"])
    assert code == exit_codes.INPUT_WRONG
    assert "battery-works has no such key in this programme" in said
    assert not (city_car / "offers" / "battery-works" / "pack-33@999999.0.1.toml").exists()


def test_an_owner_signs_what_it_published_whatever_calls_itself_so(city_car, run, keys):
    """Another party puts an offer of the same name into its own folder, which is read before the folder of offers."""
    put_key(city_car, WORKS)
    genuine = (city_car / "offers" / "battery-works" / "pack-33@1.0.0.toml").read_text()
    (city_car / "agency" / "pack.toml").write_text(genuine.replace("235 kg", "215 kg"))
    assert run("offer", city_car.joinpath(*PACK), "--key", keys["works"])[0] == exit_codes.COMPLETED
    (city_car / "agency" / "pack.toml").unlink()
    [signature] = read_programme(city_car).signatures.values()
    assert signature.digest == read_programme(city_car).offers["battery-works/pack-33@1.0.0"].digest


def test_what_speaks_out_of_place_is_not_asked_for(city_car, monkeypatch):
    put(city_car, Holder("forger").document, "drive-works/key.toml")
    assert not read_leniently(city_car).keys


def test_a_programme_without_keys_says_nothing_of_signatures(city_car, run):
    code, said = run("lock", city_car)
    assert code == exit_codes.COMPLETED
    assert "sign" not in said
    assert re.search(r"\bsign", run("check", city_car)[1]) is None


def test_nothing_of_a_party_that_left_is_offered_or_pinned_anew(city_car, run):
    part = city_car.joinpath(*PACK) / "part.toml"
    part.write_text(part.read_text().replace('version = "1.0.0"', 'version = "1.0.1"'))
    assert run("offer", part)[0] == exit_codes.COMPLETED
    path = city_car / "parties" / "battery-works.toml"
    path.write_text(path.read_text() + 'left = "2026-11-01"\n')
    code, said = run("lock", city_car)
    assert (code, "nothing moves" in said) == (exit_codes.COMPLETED, True), "what is pinned may outlast its party"
    for arguments in (("--upgrade",), ("--pin", "battery=battery-works/pack-33@1.0.1")):
        code, said = run("lock", city_car, *arguments)
        assert code == exit_codes.INPUT_WRONG
        assert "battery-works left on 2026-11-01: nothing of it is pinned anew" in said
    part.write_text(part.read_text().replace('version = "1.0.1"', 'version = "1.0.2"'))
    code, said = run("offer", part)
    assert code == exit_codes.INPUT_WRONG
    assert "battery-works left on 2026-11-01" in said


def test_checked_texts_are_signed_by_their_party(city_car, run, keys):
    put_key(city_car, OFFICER)
    file = city_car / "agency" / "checked.toml"
    code, said = run("sign", "--checked", file, "--party", "integrator")
    assert code == exit_codes.INPUT_WRONG
    assert "no key is named" in said
    assert "it speaks for agency" in said
    code, said = run("sign", "--checked", file, "--party", "agency", "--key", keys["officer"])
    assert code == exit_codes.COMPLETED, said
    [signature] = read_programme(city_car).signatures.values()
    assert (signature.subject, signature.key) == ("checked", OFFICER.fingerprint)
    assert read_programme(city_car).consistent.of(signature).counts
    file.write_text(file.read_text().replace("by = ", 'by = "another than "\n# ', 1))
    assert run("check", city_car)[0] == exit_codes.COMPLETED
    assert "signed with other content" in run("check", city_car)[1]


def test_who_begins_from_an_example_is_told_how(run, tmp_path):
    shutil.copytree(EXAMPLES / "city-car", tmp_path / "car", ignore=shutil.ignore_patterns(".covolt", "build"))
    with shipped_anchor():
        code, said = run(
            "key", "new", tmp_path / "own.pem", tmp_path / "car", "--party", "institute", "--role", "offers"
        )
    assert code == exit_codes.INPUT_WRONG
    assert "nobody holds the keys of an example" in " ".join(said.split())


def test_keys_follow_each_other_and_are_revoked(city_car, run, keys, tmp_path):
    common = (city_car, "--party", "agency", "--role")
    code, said = run("key", "new", tmp_path / "made.pem", *common, "type-approval-officer", "--role", "recovery")
    assert code == exit_codes.COMPLETED
    [first] = read_programme(city_car).keys
    assert in_words(first) in said
    code, said = run("key", "new", tmp_path / "rival.pem", *common, "type-approval-officer")
    assert code == exit_codes.INPUT_WRONG
    assert "has keys already" in said
    assert not (tmp_path / "rival.pem").exists()
    assert "begin anew: git rm -r keys/agency" in " ".join(said.split())
    code, said = run("key", "new", keys["second"], *common, "type-approval-officer", "--by", tmp_path / "made.pem")
    assert code == exit_codes.COMPLETED
    assert said.startswith("took")
    second = Holder("second").fingerprint
    code, said = run("key", "new", keys["officer"], *common, "offers", "--by", keys["second"])
    assert code == exit_codes.INPUT_WRONG
    assert "cannot bring in more" in said
    [(name, texts)] = read_programme(city_car).checked.items()
    made = Holder("second").signs(name, texts.digest, on=today())
    put(city_car, made, "agency/checked.signed.toml")
    code, said = run("key", "revoke", second[:12], city_car, "--by", tmp_path / "made.pem", "--reason", "replaced")
    assert code == exit_codes.COMPLETED
    [revocation] = read_programme(city_car).revocations.values()
    assert len(revocation.stands) == 1
    assert f"still stands: checked {name}" in said
    [signature] = read_programme(city_car).signatures.values()
    assert read_programme(city_car).consistent.of(signature).counts
    code, said = run(
        "key", "revoke", in_words(second), city_car, "--by", tmp_path / "made.pem", "--reason", "compromised"
    )
    assert code == exit_codes.COMPLETED
    assert "nothing that it signed stands" in said
    assert read_programme(city_car).consistent.of(signature).state == "revoked"
    code, said = run("sign", "--checked", city_car / "agency" / "checked.toml", "--key", keys["second"])
    assert code == exit_codes.INPUT_WRONG
    assert "the key does not count: revoked on" in said


def test_every_wrong_word_of_a_revocation_at_once(city_car, run, keys):
    put_key(city_car, OFFICER)
    code, said = run("key", "revoke", "1234", city_car, "--reason", "bored")
    assert code == exit_codes.INPUT_WRONG
    for words in ("no key '1234'", "'bored' is no reason", "no key is named that says so"):
        assert words in said
    code, said = run("key", "revoke", OFFICER.fingerprint, city_car, "--by", keys["officer"], "--reason", "lost",
                     "--keep", "sha256:" + "1" * 64)  # fmt: skip
    assert code == exit_codes.INPUT_WRONG
    assert "cannot say what of itself still stands" in said
    assert "no statement sha256:1111" in said


def test_a_clock_that_runs_backwards(city_car, run, keys, monkeypatch):
    put_key(city_car, OFFICER)
    monkeypatch.setattr(reading, "today", lambda: "2026-02-28")
    code, said = run("sign", "--checked", city_car / "agency" / "checked.toml", "--key", keys["officer"])
    assert code == exit_codes.INPUT_WRONG
    assert "by this clock it is 2026-02-28 (UTC), and something is signed on 2026-03-01 already" in said
    monkeypatch.setattr(reading, "today", lambda: "2026-03-01")
    assert (
        run("sign", "--checked", city_car / "agency" / "checked.toml", "--key", keys["officer"])[0]
        == exit_codes.COMPLETED
    )


def test_somebody_at_a_terminal_is_asked_for_each_key(city_car, run, monkeypatch):
    put_key(city_car, OFFICER)
    put_key(city_car, WORKS)
    asked = []

    def confirm(text, default):
        asked.append(text)
        assert default is False
        return len(asked) == 1

    monkeypatch.setattr(key, "can_ask", lambda: True)
    monkeypatch.setattr(key.typer, "confirm", confirm)
    code, said = run("key", "trust", city_car)
    assert code == exit_codes.COMPLETED
    assert len(asked) == 3, "the second key, and who signs before people ride"
    assert in_words(OFFICER.fingerprint) in said
    assert len(trust_of("city-car").first) == 1
    assert said.count("is trusted") == 1
    rival = next(one for one in (OFFICER, WORKS) if one.party in trust_of("city-car").first)
    (city_car / "keys" / rival.party / f"{rival.fingerprint[:16]}.toml").unlink()
    put_key(city_car, Holder("rival", rival.party, rival.roles))
    asked.extend(["", ""])
    assert "You trust ANOTHER first key of this party" in run("key", "trust", city_car)[1]
    assert trust_of("city-car").first == {rival.party: rival.fingerprint}


def test_a_script_names_whole_fingerprints(city_car, run):
    put_key(city_car, OFFICER)
    code, said = run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint[:16])
    assert code == exit_codes.INPUT_WRONG
    assert "no first key with the fingerprint" in said
    assert trust_of("city-car").first == {}


def test_another_first_key_takes_no_place_without_a_word(city_car, run):
    put_key(city_car, OFFICER)
    put_key(city_car, WORKS)
    assert run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint)[0] == exit_codes.COMPLETED
    assert trust_of("city-car").first == {"agency": OFFICER.fingerprint}, "only what was named"
    assert trust_of("city-car").people["trial"] == ("agency/type-approval-officer",)
    (city_car / "keys" / "agency" / f"{OFFICER.fingerprint[:16]}.toml").unlink()
    rival = Holder("rival", "agency", OFFICER.roles)
    put_key(city_car, rival)
    code, said = run("key", "trust", city_car, "--fingerprint", rival.fingerprint)
    assert code == exit_codes.INPUT_WRONG
    assert OFFICER.fingerprint in said.replace("\n", "").replace(" ", "")
    assert trust_of("city-car").first == {"agency": OFFICER.fingerprint}
    code, said = run("key", "trust", city_car, "--fingerprint", rival.fingerprint, "--replace")
    assert code == exit_codes.COMPLETED
    assert in_words(OFFICER.fingerprint) in said
    assert in_words(rival.fingerprint) in said
    assert trust_of("city-car").first == {"agency": rival.fingerprint}


def test_other_signers_of_a_gate_with_people_are_taken_by_a_word_alone(city_car, run):
    put_key(city_car, OFFICER)
    run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint)
    path = city_car / "gates" / "trial.toml"
    path.write_text(path.read_text().replace('party = "agency"', 'party = "integrator"'))
    said = run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint)[1]
    assert "was not taken" in said
    assert trust_of("city-car").people["trial"] == ("agency/type-approval-officer",)
    said = run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint, "--replace")[1]
    assert "--gates takes it" in said
    assert trust_of("city-car").people["trial"] == ("agency/type-approval-officer",), "no key's party speaks for a gate"
    run("key", "trust", city_car, "--fingerprint", OFFICER.fingerprint, "--gates")
    assert trust_of("city-car").people["trial"] == ("integrator/type-approval-officer",)


def test_a_key_beside_the_programme_lies_outside_it(city_car, run, monkeypatch):
    monkeypatch.chdir(city_car)
    code, said = run("key", "new", "../keys/x.pem", ".", "--party", "agency", "--role", "recovery")
    assert code == exit_codes.COMPLETED, said
    code, said = run("key", "new", "../city-car/x.pem", ".", "--party", "agency", "--role", "recovery")
    assert code == exit_codes.INPUT_WRONG


def test_the_newest_offer_of_those_that_stay_is_taken(city_car):
    """The honest twin: nobody has left, and the newest is pinned."""
    assert resolve(read_programme(city_car), upgrade=True).lock.slots.keys() == read_programme(city_car).slots.keys()


def test_check_tells_what_the_programme_says_otherwise_than_is_trusted(city_car):
    heir = Holder("heir", by=OFFICER)
    for one in (OFFICER, WORKS, heir):
        put_key(city_car, one)
    trust_in("city-car", {"agency": OFFICER.fingerprint, "battery-works": WORKS.fingerprint}, "concept", 1)
    remember("city-car", None, {heir.fingerprint: [DIGEST]})
    (city_car / "keys" / "battery-works" / f"{WORKS.fingerprint[:16]}.toml").unlink()
    put_key(city_car, Holder("rival", "battery-works", ("offers",)))
    path = city_car / "programme.toml"
    path.write_text(path.read_text().replace("[vehicle]", 'signatures_from = "trial"\n[vehicle]'))
    said = " ".join(f"{one.where}: {one.what}" for one in trust_notices(read_leniently(city_car)))
    for words in (
        f"the key {in_words(heir.fingerprint)}: it was seen revoked, and its revocation is gone",
        "another first key of its party is trusted here",
        "the first key of battery-works that is trusted here is gone",
        "only what is signed counted from the gate concept on; now it asks for less",
    ):
        assert words in said


def test_what_is_as_it_was_trusted_is_told_nothing(city_car):
    put_key(city_car, OFFICER)
    asked = asked_of(read_programme(city_car))
    trust_in("city-car", {"agency": OFFICER.fingerprint}, None, None, asked)
    assert trust_notices(read_programme(city_car)) == []


def forged(programme, **how):
    """A sign-off that nobody's key has made."""
    said = {"role": "clerk", "key": "a" * 64, **how}
    what = {"gate": "trial", "party": "agency", "date": "2999-01-01", "digest": DIGEST}
    return KeyedSignOff(programme=programme, signature="0" * 128, **what, **said)


def test_what_no_known_key_signed_sets_no_clock(city_car, run, keys, tmp_path):
    """A forged day to come is a problem of its file, and keeps nobody from signing or from taking a key out."""
    put_key(city_car, OFFICER)
    trust_in("city-car", {"agency": OFFICER.fingerprint}, None, None)
    put(city_car, forged("city-car"), "signoffs/trial/clerk.toml")
    put(city_car, forged("city-car", role="type-approval-officer", key=OFFICER.fingerprint), "signoffs/trial/a.toml")
    put_key(city_car, Holder("stranger", "battery-works", ("offers",), on="2999-01-01"))
    with pytest.raises(InputError) as found:
        read_programme(city_car)
    told = {one.where.partition(":")[0]: one.what for one in found.value.problems}
    assert "2999-01-01, a day to come" in told["signoffs/trial/clerk.toml"]
    assert "not by this key" in told["signoffs/trial/a.toml"]
    read = read_leniently(city_car)
    assert pledging.clock_problems(read) == []
    common = (city_car, "--party", "agency", "--role", "type-approval-officer", "--by", keys["officer"])
    assert run("key", "new", tmp_path / "next.pem", *common)[0] == exit_codes.COMPLETED
    genuine = Holder("officer").signs("agency/checked", DIGEST, on="2999-01-01")
    put(city_car, genuine, "agency/late.signed.toml")
    [problem] = pledging.clock_problems(read_leniently(city_car))
    assert "something is signed on 2999-01-01 already: agency/late.signed.toml" in problem.what


def test_a_theft_is_told_by_names_before_and_after(city_car, run, keys, monkeypatch):
    officer = Holder("second", by=RECOVERY)
    child = Holder("child", by=officer)
    for one in (RECOVERY, officer, child):
        put_key(city_car, one)
    [(name, texts)] = read_programme(city_car).checked.items()
    put(city_car, officer.signs(name, texts.digest, on="2026-03-05"), "agency/checked.signed.toml")
    word = in_words(officer.fingerprint).split("-")[0]
    theft = ("key", "revoke", word, city_car, "--by", keys["recovery"], "--reason", "compromised")
    monkeypatch.setattr(key, "can_ask", lambda: True)
    monkeypatch.setattr(key.typer, "confirm", lambda *_, **__: False)
    code, said = run(*theft)
    assert code == exit_codes.INTERRUPTED
    assert f"falls: checked {name}" in said
    assert f"falls: the key {in_words(child.fingerprint)}" in said
    assert "nothing that it signed stands" in said
    assert not read_programme(city_car).revocations
    monkeypatch.setattr(key, "can_ask", lambda: False)
    code, said = run(*theft, "--keep", "agency/another", "--since", "yesterday")
    assert code == exit_codes.INPUT_WRONG
    assert "'yesterday' is no day" in said
    code, said = run(*theft, "--keep", "agency/another")
    assert code == exit_codes.INPUT_WRONG
    assert f"they are: checked {name}, the key {in_words(child.fingerprint)}" in said
    code, said = run(*theft, "--since", "2026-03-05")
    assert f"falls: checked {name}" in said, "it is of that day, and not of one before"
    assert f"still stands: the key {in_words(child.fingerprint)}" in said
    assert code == exit_codes.COMPLETED
    code, said = run(*theft, "--keep", name)
    assert code == exit_codes.INPUT_WRONG
    assert "was revoked by this one already" in said
    assert len(read_programme(city_car).revocations) == 1, "who saw the first word still finds it"


def test_a_graver_reason_is_added_and_takes_no_word_away(city_car, run, keys):
    officer = Holder("second", by=RECOVERY)
    for one in (RECOVERY, officer):
        put_key(city_car, one)
    trust_in("city-car", {"agency": RECOVERY.fingerprint}, None, None)
    common = ("key", "revoke", officer.fingerprint, city_car, "--by", keys["recovery"], "--reason")
    for reason in ("lost", "compromised"):
        assert run(*common, reason)[0] == exit_codes.COMPLETED
        assert str(read_programme(city_car).standings.keys[officer.fingerprint].standing.why).startswith("revoked on")
    assert len(read_programme(city_car).revocations) == 2
    for reason in ("lost", "compromised"):
        assert run(*common, reason)[0] == exit_codes.INPUT_WRONG
    code, said = run(*common, "stolen")
    assert code == exit_codes.INPUT_WRONG
    assert "say compromised" in said


def test_which_key_a_file_holds_is_told(city_car, run, keys, tmp_path):
    code, said = run("key", "show", keys["officer"])
    assert code == exit_codes.COMPLETED
    assert in_words(OFFICER.fingerprint) in said
    assert "not in the programme" in run("key", "show", keys["officer"], city_car)[1]
    put_key(city_car, OFFICER)
    assert "agency, " in run("key", "show", keys["officer"], city_car)[1]
    code, said = run("key", "show", tmp_path / "none.pem")
    assert code == exit_codes.INPUT_WRONG
