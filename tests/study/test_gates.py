"""Gates: shut without evidence or signature, open with both, shut again as soon as something moves."""

import hashlib
import html
import re
import shutil
from dataclasses import replace

import pytest

from covolt.cli import gate as gate_command
from covolt.cli import key as key_command
from covolt.cli import main
from covolt.cli.gate import _print_gate
from covolt.clock import today
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.programme.anchor import anchor_file, trust_in, trust_of
from covolt.programme.expression import evaluate
from covolt.programme.keys import in_groups, in_words
from covolt.programme.people import NOBODY_SIGNS, asked_of, orders_of, others_of
from covolt.programme.pledging import sign_gate as pledge
from covolt.programme.reading import read_leniently, read_programme
from covolt.programme.signing import public_hex
from covolt.study.gate import criteria, gates
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.check import check_programme
from covolt.study.gate.covered import covered_digest, old_digest
from covolt.study.gate.criteria import Counted
from covolt.study.gate.gates import criteria_blocks, gate_states
from covolt.study.gate.unsigned import gate_notices
from covolt.study.verdicts import verification
from covolt.study.verdicts.checking import texts_checked
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verdict import UNCHECKED
from covolt.study.verdicts.verification import Verification, verify
from tests.signed import Holder, old_sign, private_key, put, put_key

pytestmark = pytest.mark.whole

WANTED = (
    ("concept", "integrator", "chief-engineer"),
    ("prototype", "integrator", "chief-engineer"),
    ("trial", "agency", "type-approval-officer"),
)


SEEN = {}
STORE = KeptRecords.own()
"""Remembers what it has made, whatever secret a test keeps its own records under."""
SIGNED = {"gates", "signoffs", "keys", ".covolt"}


def looked_at(folder):
    """The programme and its verdicts, which who signs does not move: those of the same documents and texts are driven once."""
    programme = read_programme(folder)
    paths = (path for path in sorted(folder.rglob("*")) if path.relative_to(folder).parts[0] not in SIGNED)
    files = [(path.relative_to(folder), path.read_bytes()) for path in paths if path.is_file()]
    about = repr((files, texts_checked(programme)))
    if about not in SEEN:
        SEEN[about] = verify(programme, STORE)
    return programme, SEEN[about]


def state(folder, name):
    programme, found = looked_at(folder)
    return next(one for one in gate_states(programme, found) if one.id == name)


def show_everything(folder):
    """Evidence for documents, bounds that the car meets, texts that the agency has read: then only signatures are missing,
    one at each gate: that of who makes it in series goes, with the negative that it guards."""
    (folder / "integrator" / "negatives" / "prototype-without-series.toml").unlink()
    gate = folder / "gates" / "prototype.toml"
    gate.write_text(gate.read_text().partition('\n[[signoffs]]\nparty = "integrator"\nrole = "series-maker"')[0])
    _, found = looked_at(folder)
    (folder / "agency" / "more.toml").write_text(
        'schema = "checked/1"\nid = "more"\nparty = "agency"\n[[text]]\nby = "officer"\non = "2026-11-27"\nedition = "all"\n'
        f"procedures = {sorted({one.procedure for one in found.verdicts if one.unchecked})}\n"
    )
    for one in found.verdicts:
        path = next(folder.rglob(f"requirements/{one.requirement}.toml"))
        text = path.read_text()
        if one.procedure == "document":
            report = path.parent / f"{one.requirement}.pdf"
            report.write_bytes(one.requirement.encode())
            digest = hashlib.sha256(report.read_bytes()).hexdigest()
            path.write_text(text + f'[[evidence]]\npath = "{report.name}"\ndigest = "sha256:{digest}"\n')
        elif one.verdict not in {"met", UNCHECKED}:
            bound = f"{one.value - 3.0 * one.uncertainty - 1.0:.6g}" if one.margin is not None else "0"
            side = "at_least" if "at_least" in text else "at_most"
            if side == "at_most":
                bound = f"{one.value + 3.0 * one.uncertainty + 1.0:.6g}"
            written = f"{side} = {float(bound)}" if one.unit == "1" else f'{side} = "{bound} {one.unit}"'
            path.write_text(re.sub(rf"{side} = .*", written, text))
    return folder


HOLDERS = {party: Holder(party, party, (role,)) for _, party, role in WANTED}


@pytest.fixture
def shown(verified_car):
    """Everything is shown, every party that signs has a key, and all are trusted."""
    folder = show_everything(verified_car)
    for one in HOLDERS.values():
        put_key(folder, one)
    for name, texts in read_programme(folder).checked.items():
        beside = read_programme(folder).file_of("checked", name)
        put(beside.parent, HOLDERS["agency"].signs(name, texts.digest), f"{beside.stem}.signed.toml")
    trust(folder)
    return folder


def trust(folder, holders=HOLDERS):
    charter = read_programme(folder).charter
    gates = [found(read_programme(folder)) for found in (asked_of, others_of, orders_of)]
    order = read_programme(folder).gates[charter.signatures_from].order if charter.signatures_from else None
    first = {party: one.fingerprint for party, one in holders.items()}
    trust_in("city-car", first, charter.signatures_from, order, *gates)


def sign_gate(folder, gate, party, role, seed=""):
    programme, found = looked_at(folder)
    digest = covered_digest(programme, found, programme.gates[gate])
    made = pledge(programme, private_key(seed or party), gate, party, role, digest, "")
    put(folder, made, f"signoffs/{gate}/{party}-{role}.toml")


def sign_all(folder):
    for gate, party, role in WANTED:
        sign_gate(folder, gate, party, role)


def states(folder):
    return {one.id: one for one in gate_states(*looked_at(folder))}


def opened(folder):
    return [one.open for gate, one in states(folder).items() if gate in {name for name, *_ in WANTED}]


def test_acts_are_asked_once_for_all_gates_of_a_state(programme, verification, monkeypatch):
    asked = []

    def counted(*given):
        asked.append(given)
        return approval_rows(*given)

    monkeypatch.setattr(gates, "approval_rows", counted)
    monkeypatch.setattr(criteria, "approval_rows", counted)
    found = gate_states(programme, verification)
    assert len(asked) == 1
    alone = [criteria_blocks(programme, verification, programme.gates[one.id]) for one in found]
    assert len(asked) == 1 + len(found)
    assert all(set(blocks) <= set(one.blocks) for blocks, one in zip(alone, found, strict=True))


def test_no_trial_with_people_without_evidence(programme, verification):
    blocks = [str(one) for one in criteria_blocks(programme, verification, programme.gates["trial"])]
    unshown = {
        one.requirement
        for one in verification.verdicts
        if one.verdict != "met" and (programme.requirements[one.requirement].safety or one.kind == "law")
    }
    orders = {programme.gates[programme.requirements[name].verify.gate].order for name in unshown}
    assert max(orders) > programme.gates["trial"].order, "one that is due later holds it shut too"
    for name in unshown:
        assert any(block.startswith(name) for block in blocks), name


def test_a_gate_opens_and_shuts_again(shown):
    for gate, party, role in WANTED:
        programme = read_programme(shown)
        [wanted] = programme.gates[gate].signoffs
        who = f"{programme.parties[party].named}, {wanted.words}"
        assert [str(one) for one in state(shown, gate).blocks] == [f"signature missing: {who}"]
        sign_gate(shown, gate, party, role)
        assert state(shown, gate).open
    requirement = next((shown / "agency" / "requirements").glob("A-R13H.toml"))
    requirement.write_text(requirement.read_text().replace("UN R13-H", "UN R13-H/01"))
    for gate, _, _ in WANTED:
        after = state(shown, gate)
        assert not after.open
        assert any("signature stale" in str(block) for block in after.blocks)


def test_a_law_met_by_a_text_that_nobody_has_checked_holds_gates_shut(verified_car):
    (verified_car / "agency" / "checked.toml").unlink()
    programme, found = looked_at(verified_car)
    verdicts = {one.requirement: one for one in found.verdicts}
    assert verdicts["A-GRADE"].verdict == UNCHECKED
    assert not verdicts["A-GRADE"].passes
    assert "TR CU 018/2011" in verdicts["A-GRADE"].unchecked
    assert any(str(one).startswith("A-GRADE") for one in criteria_blocks(programme, found, programme.gates["trial"]))
    laws = [one for one in found.verdicts if one.kind == "law"]
    last = max(programme.gates.values(), key=lambda one: one.order)
    scope = Counted.at(programme, verdicts, last).scope
    assert evaluate(f"laws.met == {sum(one.verdict == 'met' for one in laws)} and requirements.unchecked > 0", scope)
    unchecked = [one for one in found.verdicts if one.verdict == UNCHECKED and one.kind == "constraint"]
    assert all(one.passes for one in unchecked)


def test_a_signature_by_a_wrong_key_does_not_open(shown):
    sign_gate(shown, *WANTED[0])
    path = shown / "signoffs" / "concept" / "integrator-chief-engineer.toml"
    path.write_text(path.read_text().replace('signature = "', 'signature = "0000')[:-6] + '"\n')
    found = state(shown, "concept")
    assert not found.open
    assert "signature invalid" in str(found.blocks[0])


def test_a_key_that_is_not_known_here_opens_nothing(shown, monkeypatch, tmp_path):
    sign_gate(shown, *WANTED[0])
    assert state(shown, "concept").open
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "another"))
    found = state(shown, "concept")
    assert not found.open
    assert "key not known here" in str(found.blocks[0])
    assert found.signatures[0].fingerprint == HOLDERS["integrator"].fingerprint


def test_a_replaced_key_is_told_and_opens_nothing(shown):
    """The forger removes the key, brings in his own as a first one, and signs anew."""
    sign_all(shown)
    genuine = HOLDERS["agency"]
    (shown / "keys" / "agency" / f"{genuine.fingerprint[:16]}.toml").unlink()
    forged = Holder("forger", "agency", genuine.roles)
    put_key(shown, forged)
    sign_gate(shown, *WANTED[2], seed="forger")
    found = state(shown, "trial")
    assert not found.open
    assert "another first key of its party is trusted here" in " ".join(map(str, found.blocks))


GUTTED = {
    "criteria cut": lambda text: text[: text.index("[[criteria]]")] + text[text.index("[[signoffs]]") :],
    "signoffs cut": lambda text: text[: text.index("[[signoffs]]")],
    "order": lambda text: text.replace("order = 1", "order = 9"),
    "title": lambda text: text.replace("Concept", "Conception"),
}


@pytest.mark.parametrize("how", GUTTED)
def test_a_signature_covers_every_gate_up_to_its_own(shown, how):
    sign_all(shown)
    assert opened(shown) == [True, True, True]
    path = shown / "gates" / "concept.toml"
    path.write_text(GUTTED[how](path.read_text()))
    found = states(shown)
    assert [one.state for gate in ("prototype", "trial") for one in found[gate].signatures] == ["stale", "stale"]
    assert not any(one.open for one in found.values())


def test_what_means_nothing_leaves_signatures_standing(shown):
    sign_all(shown)
    for path in shown.rglob("*.toml"):
        path.write_text("# a comment\n\n" + path.read_text())
    later = shown / "gates" / "type-approval.toml"
    later.write_text(later.read_text().replace("laws.met", "laws.count - 0 == laws.count and laws.met"))
    assert opened(shown) == [True, True, True]


@pytest.mark.parametrize("columns", [60, 80])
def test_a_gate_is_told_in_a_terminal(shown, columns, monkeypatch, capsys):
    sign_gate(shown, *WANTED[0])
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    for one in gate_states(*looked_at(shown)):
        _print_gate(one)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    said = " ".join(" ".join(lines).split())
    key = HOLDERS["integrator"].fingerprint
    assert (
        f'signed: integrator "Integrator", chief-engineer "chief engineer", {today()}: stands {in_words(key)} {in_groups(key)}'
        in said
    )


WANTS = re.compile(r"\[\[signoffs\]\][^\[]*")


def test_a_gate_with_people_that_asks_nobody_never_opens(shown):
    path = shown / "gates" / "prototype.toml"
    text = WANTS.sub("", path.read_text())
    sign_gate(shown, *WANTED[0])
    path.write_text(text)
    assert not any("nobody's signature" in str(one) for one in state(shown, "prototype").blocks)
    path.write_text(text.replace("people = false", "people = true"))
    found = state(shown, "prototype")
    assert not found.open
    assert NOBODY_SIGNS in found.blocks
    assert any("nobody's signature" in one.what for one in check_programme(shown)[1])


OPENS = "this gate asks for nobody's signature: whoever can write here can open it"


def test_a_gate_between_parties_that_asks_nobody_is_told(tmp_path, capsys):
    """Whoever edits its criteria opens it; one engineer alone is not told of it, nor where somebody must sign."""

    def told():
        read = read_leniently(folder)
        notes = {one.id: OPENS in map(str, one.notes) for one in gate_states(read, Verification((), {}, 0, 0))}
        [*found] = gate_notices(read)
        assert [one for one in notes if notes[one]] == [
            name for one in found for name in one.what.partition(": ")[0].split(", ")
        ]
        assert all(OPENS in one.what and one.where == "gates/concept.toml" for one in found)
        return [one for one in notes if notes[one]]

    folder = begin(tmp_path / "joint", figures("city-car"))
    assert told() == ["concept"], "a gate with people has a rule of its own"
    for path in folder.glob("*/requirements/*.toml"):
        if "declaration" not in path.read_text():
            path.unlink()
    for words in (["verify"], ["gate"], ["report"]):
        with pytest.raises(SystemExit):
            main([*words, str(folder)])
        said = "".join(path.read_text() for path in folder.rglob("build/*.html")) + capsys.readouterr().out
        assert OPENS in html.unescape(" ".join(said.split()))
    gate, charter = folder / "gates" / "concept.toml", folder / "programme.toml"
    open_to_all, plain = gate.read_text(), charter.read_text()
    gate.write_text(open_to_all + '[[signoffs]]\nparty = "integrator"\nrole = "chief-engineer"\n')
    assert told() == []
    gate.write_text(open_to_all)
    charter.write_text(plain.replace('id = "joint"', 'id = "joint"\nsignatures_from = "concept"'))
    assert told() == [], "it is shut"
    charter.write_text(plain.replace('id = "joint"', 'id = "joint"\nsignatures_from = "trial"'))
    assert told() == ["concept"]


def test_one_engineer_alone_is_not_told(tmp_path):
    folder = begin(tmp_path / "alone", figures("city-car"))
    for path in [*folder.glob("agency/requirements/*.toml"), folder / "gates" / "trial.toml"]:
        path.unlink()
    for name in ("supplier", "agency"):
        (folder / "parties" / f"{name}.toml").unlink()
    read = replace(read_leniently(folder), lock=None)
    assert len(read.parties) == 1 and not gate_notices(read)
    assert not gate_states(read, Verification((), {}, 0, 0))[0].notes


SWAPPED = {
    "another signer": lambda text: text.replace('"agency"', '"integrator"').replace(
        "type-approval-officer", "chief-engineer"
    ),
    "mark gone": lambda text: text.replace("people = true", "people = false"),
    "nobody": lambda text: WANTS.sub("", text),
}


@pytest.mark.parametrize("how", SWAPPED)
def test_the_signer_of_a_gate_with_people_is_not_swapped_by_an_edit(shown, how):
    sign_all(shown)
    assert opened(shown) == [True, True, True]
    path = shown / "gates" / "trial.toml"
    path.write_text(SWAPPED[how](path.read_text()))
    (shown / "signoffs" / "trial" / "agency-type-approval-officer.toml").unlink()
    if how == "another signer":
        sign_gate(shown, "trial", "integrator", "chief-engineer")
    elif how == "mark gone":
        sign_gate(shown, *WANTED[2])
    found = state(shown, "trial")
    assert not found.open
    said = {"mark gone": "gate trial no longer says that people ride after it"}.get(
        how, "gate trial no longer needs the signature of agency/type-approval-officer"
    )
    assert said in " ".join(map(str, found.blocks))
    assert any(said in one.what for one in check_programme(shown)[1])
    trust(shown)
    assert not any(said in str(one) for one in state(shown, "trial").blocks), "trusted again"


def test_a_gate_with_people_under_another_name_is_not_the_one_that_was_trusted(shown):
    path = shown / "gates" / "trial.toml"
    text = path.read_text()
    path.write_text(text.replace("people = true", "people = false"))
    (shown / "gates" / "ride.toml").write_text(
        text.replace('id = "trial"', 'id = "ride"').replace("order = 3", "order = 2")
    )
    blocks = " ".join(map(str, state(shown, "ride").blocks))
    assert "who must sign gate ride, after which people ride, was not yet confirmed here" in blocks
    assert "gate trial no longer says that people ride after it" in blocks


def test_whom_a_gate_with_people_asks_is_not_trusted_where_it_asked_nobody(shown):
    """Who trusts a gate that never opens has not said whose word opens it."""
    path = shown / "gates" / "trial.toml"
    asking = path.read_text()
    path.write_text(asking[: asking.index("[[signoffs]]")])
    trust(shown)
    path.write_text(asking)
    assert "not yet confirmed here: covolt key trust" in " ".join(map(str, state(shown, "trial").blocks))
    trust(shown)
    assert "not yet confirmed" not in " ".join(map(str, state(shown, "trial").blocks))


def test_an_anchor_of_before_is_read_and_asked_to_be_trusted_again(shown):
    sign_all(shown)
    path = anchor_file()
    path.write_text(re.sub(r"(?ms)^people = .*?$|^\[programme\.city-car\.people\].*?(?=^\[|\Z)", "", path.read_text()))
    assert trust_of("city-car").people is None
    assert opened(shown) == [True, True, False]
    assert "not yet confirmed here: covolt key trust" in " ".join(map(str, state(shown, "trial").blocks))


DEMANDED = 'signatures_from = "concept"\n[vehicle]'


def demand(folder):
    """The programme demands signatures, and its offers and texts have them."""
    path = folder / "programme.toml"
    path.write_text(path.read_text().replace("[vehicle]", DEMANDED))
    programme = read_programme(folder, locked=False)
    holders = dict(HOLDERS)
    for name, offer in programme.offers.items():
        party = offer.datasheet.party
        holders[party] = Holder(party, party, (*(HOLDERS[party].roles if party in HOLDERS else ()), "offers"))
        beside = programme.file_of("offer", name)
        made = holders[party].signs(name, offer.digest, "offer", "offers")
        put(beside.parent, made, f"{beside.stem}.signed.toml")
    for one in holders.values():
        put_key(folder, one)
    for name, texts in programme.checked.items():
        beside = programme.file_of("checked", name)
        put(beside.parent, holders["agency"].signs(name, texts.digest), f"{beside.stem}.signed.toml")
    trust(folder, holders)


def test_where_signatures_are_demanded(shown, monkeypatch, tmp_path):
    demand(shown)
    sign_all(shown)
    assert opened(shown) == [True, True, True]
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "another"))
    blocks = " ".join(map(str, state(shown, "concept").blocks))
    assert "offers of battery-works do not count: key not known here" in blocks
    found = {one.requirement: one.verdict for one in looked_at(shown)[1].verdicts}
    assert found["A-GRADE"] == UNCHECKED, "a text that is signed by a key not known here is not checked here"


def test_the_demand_cannot_be_taken_back_by_an_edit(shown):
    demand(shown)
    charter = shown / "programme.toml"
    demanding = charter.read_text()
    for edit in ("[vehicle]", 'signatures_from = "trial"\n[vehicle]'):
        charter.write_text(demanding.replace(DEMANDED, edit))
        sign_all(shown)
        found = state(shown, "concept")
        assert not found.open
        assert "only what is signed counted from the gate concept on" in " ".join(map(str, found.blocks))


def test_checked_texts_lift_no_mark_without_a_signature(shown):
    demand(shown)
    (shown / "agency" / "checked.signed.toml").unlink()
    found = {one.requirement: one.verdict for one in looked_at(shown)[1].verdicts}
    assert found["A-GRADE"] == UNCHECKED


def sign_as_before(folder, gate, party, role):
    programme, found = looked_at(folder)
    digest = old_digest(programme, found, programme.gates[gate])
    put(folder, old_sign(gate, party, role, digest, private_key(party)), f"signoffs/{gate}/{party}-{role}.toml")


@pytest.fixture
def before(verified_car):
    """A programme of covolt 0.1.0, signed: its keys stand in the files of its parties."""
    folder = show_everything(verified_car)
    for party, one in HOLDERS.items():
        path = folder / "parties" / f"{party}.toml"
        public = public_hex(private_key(party))
        path.write_text(path.read_text() + f'\n[[keys]]\nrole = "{one.roles[0]}"\ned25519 = "{public}"\n')
    for gate, party, role in WANTED:
        sign_as_before(folder, gate, party, role)
    return folder


def test_a_sign_off_of_the_old_form_is_shown_and_opens_nothing(before):
    found = states(before)
    assert not any(one.open for one in found.values())
    assert {one.state for gate, _, _ in WANTED for one in found[gate].signatures} == {"old form"}
    [last] = found["trial"].signatures
    assert "this gate, none before it" in str(last.why)
    assert "this programme, 'city-car', is not trusted here: covolt key trust" in str(last.why)
    assert last.fingerprint == HOLDERS["agency"].fingerprint
    trust(before, {"agency": HOLDERS["agency"]})
    assert "sign it anew" in str(states(before)["trial"].signatures[0].why)


def test_a_programme_that_changes_its_name_opens_nothing_where_it_was_trusted(shown):
    sign_all(shown)
    assert opened(shown) == [True, True, True]
    path = shown / "programme.toml"
    said = path.read_text()
    path.write_text(said.replace('id = "city-car"', 'id = "City-car"', 1))
    shutil.rmtree(shown / "keys")
    shutil.rmtree(shown / "signoffs")
    for signed in shown.rglob("*.signed*.toml"):
        signed.unlink()
    blocks = [str(block) for one in states(shown).values() for block in one.blocks]
    assert opened(shown) == [False, False, False]
    assert any("trusted as the programme 'city-car', and calls itself 'City-car' now" in one for one in blocks)
    path.write_text(said)
    assert trust_of("City-car").first == trust_of("city-car").first, "capitals alone make no other programme"


def test_every_gate_is_told_in_both_languages(programme, verification):
    for one in gate_states(programme, verification):
        assert all(block.said("en") and re.search("[а-яА-Я]", block.said("ru")) for block in one.blocks)


def test_the_first_look_at_a_terminal_asks_whom_to_trust(shown, monkeypatch, capsys, tmp_path):
    sign_gate(shown, *WANTED[0])
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "another"))
    monkeypatch.setattr(gate_command, "can_ask", lambda: True)
    monkeypatch.setattr(key_command.typer, "confirm", lambda *_, **__: True)
    monkeypatch.setattr(verification, "verify", lambda *_, **__: looked_at(shown)[1])
    for times_asked in (2, 0):
        with pytest.raises(SystemExit) as leaving:
            main(["gate", str(shown), "--gate", "concept"])
        out = capsys.readouterr().out
        assert leaving.value.code == 0
        assert out.count(", first key of") == times_asked
