"""On which part that is not covolt's a verdict rests is told, shown to who signs, covered, and exported."""

from __future__ import annotations

import csv
import html
import importlib
import io
from collections.abc import Generator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from covolt.library.models import model_kinds
from covolt.programme.documents import Programme
from covolt.programme.reading import read_leniently
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.run import simulate
from covolt.study.gate.covered import before_words, covered_digest, covered_items
from covolt.study.gate.gates import gate_states
from covolt.study.gate.moved import moved_since
from covolt.study.gate.passing import passed_by
from covolt.study.procedures.conformance import open_shares_of
from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.foreign_use import ForeignUse
from covolt.study.procedures.given import Given
from covolt.study.procedures.record import Record
from covolt.study.procedures.registry import procedures
from covolt.study.procedures.segments import recharged_J
from covolt.study.report.dossier import dossier_of
from covolt.study.report.dossier_page import dossier_page
from covolt.study.result import plain
from covolt.study.verdicts.attribution import changes_between
from covolt.study.verdicts.conformance import Conformance, conformances
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.listed import junit_text, table_text
from covolt.study.verdicts.rests_on import RestsOn, covered_words, rests_on
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification, evidence_of, verify
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import ForeignBattery
from covolt.words import Words
from tests.hostile.joint import World, build, copied
from tests.house.source import ROOT
from tests.sample import with_leaf
from tests.simulation.test_joint import linked
from tests.study.procedures.sample import city_car

FMU = RestsOn(
    slot="battery",
    part="supplier/pack@1.0.0",
    party="supplier",
    door="sandboxed",
    name="supplier/pack@1.0.0",
    file="models/pack.fmu",
    digest="sha256:" + "ab" * 32,
    protections=("network", "files"),
    ways=("whole mission",),
    passes=5,
    rest_ratio=3e-10,
    unexplained_ratio=0.0042,
)
DECLARED = RestsOn(slot="battery", part="supplier/pack@1.0.0", party="supplier", door="declared")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    built = build(tmp_path_factory.mktemp("rests"))
    with copied(built, tmp_path_factory.mktemp("copy") / "copy") as one:
        yield one


@pytest.fixture(scope="module")
def read(world: World) -> Programme:
    return read_leniently(world.hub)


@pytest.fixture(scope="module")
def found(read: Programme) -> Verification:
    return verify(read)


def resting(found: Verification, *parts: RestsOn) -> tuple[Verification, str]:
    """The same with the first verdict resting on parts, and its requirement."""
    name = found.verdicts[0].requirement
    return replace(found, verdicts=(replace(found.verdicts[0], foreign=parts), *found.verdicts[1:])), name


def test_what_a_signature_covers_says_on_which_part_a_verdict_rests(read: Programme, found: Verification) -> None:
    gate = read.gates["trial"]
    digests: set[str] = set()
    (by_fmu, name), (by_declared, _) = resting(found, FMU), resting(found, DECLARED)
    for one in (found, by_fmu, by_declared, resting(found, replace(FMU, digest="sha256:" + "cd" * 32))[0]):
        digests.add(covered_digest(read, one, gate))
        assert before_words(read, one, gate) == before_words(read, found, gate)
    assert len(digests) == 4
    # What differs from machine to machine is told and not covered.
    other = resting(found, replace(FMU, passes=9, protections=()))[0]
    assert covered_digest(read, other, gate) in digests
    (said,) = moved_since(covered_items(read, by_declared, gate), covered_items(read, by_fmu, gate))
    assert said.said("en").startswith(
        f"foreign part behind {name}/battery: declared; supplier/pack@1.0.0 → sandboxed; "
    )


def test_who_signs_is_shown_the_part_its_file_and_what_it_leaves_open(read: Programme, found: Verification) -> None:
    lines = [one.said("en") for _, one in passed_by(read, resting(found, FMU)[0], read.gates["trial"], None)]
    told = "\n".join(lines)
    for words in (
        "supplier/pack@1.0.0, in the sandbox; models/pack.fmu; sha256:abab",
        FMU.digest,
        "kept apart: network, files",
        "settled in at most 5 passes, to 9 digits; all but 0.42 % of its energy explained",
        "that the model of supplier/pack@1.0.0 is the part: its party says so",
    ):
        assert words in told
    assert "not covolt's" not in "\n".join(
        one.said("en") for _, one in passed_by(read, found, read.gates["trial"], None)
    )


def test_a_gate_says_in_its_line_what_stands_by_declared_numbers(read: Programme, found: Verification) -> None:
    by_declared, name = resting(found, DECLARED)
    notes = [one.said("en") for state in gate_states(read, by_declared) for one in state.notes]
    assert f"rests on battery: supplier/pack@1.0.0, by what it declares, not by its own model: {name}" in notes
    told = [one.said("en") for _, one in passed_by(read, by_declared, read.gates["trial"], None)]
    assert "that supplier/pack@1.0.0 keeps what it declares: its own model was not asked" in told


def test_scripts_read_it_from_csv_and_junit(read: Programme, found: Verification) -> None:
    replayed = resting(found, replace(FMU, door="replayed", digest="sha256:" + "ef" * 32))[0]
    row: dict[str, Any] = next(csv.DictReader(io.StringIO(table_text(replayed, read))))
    assert (row["door"], row["file"], row["passes"], row["provisional"]) == ("replayed", "models/pack.fmu", "5", "yes")
    assert (row["part_digest"], float(row["unexplained_ratio"])) == ("sha256:" + "ef" * 32, 0.0042)
    case = ElementTree.fromstring(junit_text(replayed, read))[0]
    stated = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert (stated["door"], stated["provisional"]) == ("replayed", "yes")


def test_a_verdict_by_a_replayed_part_is_provisional() -> None:
    one = Verdict("R", "met", "maker", "law", foreign=(replace(FMU, door="replayed"),))
    assert (one.provisional, str(one.standing), one.standing.said("ru")) == (
        True,
        "met, provisional",
        "выполнено, предварительно",
    )
    assert str(replace(one, foreign=(FMU,)).standing) == "met"


def test_what_was_not_asked_stands_by_what_it_declares_where_models_count(read: Programme) -> None:
    sheets = locked_sheets(read)
    model = sheets["battery"].model.model_copy(update={"kind": "hosted", "entry": "battery"})
    sheets = {**sheets, "battery": sheets["battery"].model_copy(update={"model": model})}

    def behind(procedure: str, *uses: ForeignUse, unanswered: str = "") -> list[tuple[str, str]]:
        record = Record(procedure, {}, foreign=uses, unanswered=Words(unanswered))
        models = procedures()[procedure].models(Given())
        return [(one.slot, one.door) for one in rests_on(record, sheets, read.offers, (), models)]

    assert behind("wltp") == [("battery", "declared")]
    assert behind("wltp", ForeignUse("battery", "pack", "hosted", "ab")) == [("battery", "hosted")]
    assert behind("wltp", unanswered="it ended") == []
    # No model makes a mass, a supply, or power on the bench of the drive unit, whatever the battery is.
    for one in ("declaration", "supply", "un-r85"):
        assert behind(one) == []


def test_an_offers_file_is_told_by_its_own_digest(read: Programme) -> None:
    sheet = locked_sheets(read)["battery"]
    model = sheet.model.model_copy(update={"kind": "fmu", "entry": "models/pack.fmu"})
    sheet = sheet.model_copy(update={"model": model})
    offer = read.offers[sheet.reference]
    file = offer.files[0].model_copy(update={"path": "models/pack.fmu"}) if offer.files else None
    record = Record("wltp", {}, foreign=(ForeignUse("battery", "pack", "sandboxed", "ab"),))
    offers = read.offers if file is None else {sheet.reference: offer.model_copy(update={"files": (file,)})}
    (one,) = rests_on(record, {"battery": sheet}, offers, (), {"battery"})
    assert one.file == "models/pack.fmu"
    assert one.digest == ("sha256:ab" if file is None else file.digest)
    (linked,) = rests_on(record, {"battery": sheet}, offers, {"battery"}, {"battery"})
    assert (linked.file, linked.digest) == ("pack", "sha256:ab")


def test_the_program_that_checks_dossiers_holds_each_part_against_its_offer(
    monkeypatch: pytest.MonkeyPatch, found: Verification
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    rules = importlib.import_module("check_dossier_gates")
    without = {name for name, one in procedures().items() if "battery" not in one.models(Given())}
    assert {*rules.UNMODELLED} == without
    assert {kind for (_, kind), one in model_kinds().items() if one.foreign} == {*rules.BY_ITSELF}

    def told(
        part: RestsOn | None, procedure: str = "wltp", kind: str = "fmu"
    ) -> tuple[list[str], list[str], list[str]]:
        sheet = {"fills": "battery@1", "model": {"kind": kind}}
        files = [{"path": FMU.file, "digest": FMU.digest}]
        lock = {"programme.lock": {"slots": {"battery": {"offer": FMU.part}}}}
        dossier = SimpleNamespace(wrong=[], shown=[], unsure=[])
        dossier.demand = lambda holds, what: None if holds else dossier.wrong.append(what)
        one = object.__new__(rules.Rules)
        one.dossier, one.of = dossier, {"lock": lock, "offer": {FMU.part: {"datasheet": sheet, "files": files}}}
        row = {"requirement": "R", "value": 1.0, **({} if part is None else {"foreign": [plain(part)]})}
        one.foreign(row, {"procedure": procedure})
        assert part is None or one.words(plain(part)) == ("battery", covered_words(part))
        return dossier.wrong, dossier.unsure, dossier.shown

    wrong, unsure, (line,) = told(FMU)
    assert (wrong, unsure) == ([], [])
    assert (
        line
        == f"R: rests on battery of supplier: sandboxed; {FMU.part}; {FMU.file}; {FMU.digest}; whole mission; 0.0042"
    )
    assert told(replace(FMU, digest="sha256:" + "cd" * 32))[0]
    assert told(replace(DECLARED))[0] == told(DECLARED, kind="hosted")[0] == []
    assert told(replace(DECLARED), kind="equivalent-circuit")[0]
    # A dossier of before says nothing of it: it is read, and what it does not say is named.
    assert told(None)[1] == [f"R: it does not say whether {FMU.part} was asked itself"]
    assert told(None, procedure="supply")[1] == told(None, kind="equivalent-circuit")[1] == []
    assert found.verdicts


def test_the_page_of_a_dossier_and_of_a_report_show_it(world: World, read: Programme, found: Verification) -> None:
    by_fmu, name = resting(found, FMU)
    states = tuple(gate_states(read, by_fmu))
    said, shown = dossier_of(read, by_fmu, states, ("gate", "trial"), ("integrator", "chief-engineer", "ab" * 32))
    page = dossier_page(said, shown, "{}", "trial.json")
    for words in (
        "battery: supplier/pack@1.0.0, in the sandbox; models/pack.fmu",
        "all but 0.42 % of its energy explained",
        "Not computed by covolt's own models",
        FMU.digest,
        "kept apart: network, files",
    ):
        assert words in html.unescape(page)
    assert next(one for one in said.assessment if one.requirement == name).foreign == (FMU,)
    (slot,) = [one for one in shown.model if one.foreign]
    assert (slot.id, slot.foreign) == ("battery", (FMU,))
    before = dossier_page(
        *dossier_of(read, found, states, ("gate", "trial"), ("a", "b", "ab" * 32)), "{}", "trial.json"
    )
    assert "Not computed by covolt's own models" not in html.unescape(before)
    assert world.hub.is_dir()


def test_records_behind_verdicts_differ_by_whose_model_answered(found: Verification) -> None:
    record = Record("wltp", {"range": 300e3})
    evidence = {evidence_of(record, parts) for parts in ((), (FMU,), (DECLARED,), (replace(FMU, door="hosted"),))}
    assert len(evidence) == 4
    assert found.verdicts


def with_model(read: Programme, kind: str, entry: str) -> Programme:
    """The same with a model of its own in the locked battery."""
    assert read.lock is not None
    pin = read.lock.slots["battery"]
    sheet = read.offers[pin.offer].datasheet
    model = sheet.model.model_copy(update={"kind": kind, "entry": entry})
    offer = read.offers[pin.offer].model_copy(update={"datasheet": sheet.model_copy(update={"model": model})})
    return replace(read, offers={**read.offers, pin.offer: offer})


def test_a_part_that_was_not_asked_shows_no_promise_and_a_black_box_keeps_none_by_its_remainder(
    read: Programme,
) -> None:
    slots = {read.vehicle_slot(one) for one in read.slots.values()}
    tests = {one for each in read.contracts.values() for one in each.tests} or {"energy_closes"}
    contracts = {name: one.model_copy(update={"tests": tuple(sorted(tests))}) for name, one in read.contracts.items()}
    whole = {f"{slot}_{promise}": 0.0 for slot in slots for promise in tests}
    kept = Record("conformance", whole)
    read = replace(read, contracts=contracts)
    assert all(one.kept for one in conformances(read, kept))
    hosted = conformances(with_model(read, "hosted", "battery"), kept)
    assert {one.slot for one in hosted if not one.kept} == {"battery"}
    assert not any(one.broken for one in hosted)
    assert {str(one.why) for one in hosted if not one.kept} == {"its own model was not asked"}
    open_one = Record("conformance", {**whole, "battery_energy_closes": 0.094})
    (broken,) = [one for one in conformances(with_model(read, "fmu", "pack.fmu"), open_one) if one.broken]
    assert (broken.slot, broken.found_ratio) == ("battery", 0.094)
    # Where the battery ends the test, no tyre has broken a promise.
    ended = Record("conformance", {}, unanswered=Words("the battery ended"))
    found = conformances(with_model(read, "fmu", "pack.fmu"), ended)
    assert {one.slot for one in found if one.broken} == {"battery"}
    assert {str(one.why) for one in found} == {"the battery ended"}


def test_no_gate_opens_over_a_broken_promise_that_verify_does_not_accept(read: Programme, found: Verification) -> None:
    promise = Conformance("battery", "battery@1", FMU.part, "energy_closes", 0.094, 1e-6)
    broken = replace(found, conformances=(promise,))
    assert not broken.acceptable
    for state in gate_states(read, broken):
        assert not state.open
        assert f"promises not kept: battery, {FMU.part}: energy_closes" in [one.said("en") for one in state.blocks]
    others = replace(found, conformances=(replace(promise, found_ratio=None, by_others=True),))
    assert others.acceptable is found.acceptable


def test_what_a_black_box_leaves_open_is_no_energy_that_closes() -> None:
    shares = open_shares_of(Coupling("whole mission", (ForeignPart("battery", "p", "hosted", "", None, -0.59),)))
    assert shares == {"battery": 0.59}
    assert open_shares_of(Coupling("stepwise", (ForeignPart("battery", "p", "hosted", "", None, 1e-9),))) == {}
    assert open_shares_of(None) == {}


def test_diff_says_that_a_part_went_over_to_a_program(read: Programme) -> None:
    assert read.lock is not None
    after = with_model(read, "fmu", "pack.fmu")
    pin = read.lock.slots["battery"]
    moved = read.lock.model_copy(
        update={"slots": {**read.lock.slots, "battery": pin.model_copy(update={"digest": "sha256:" + "0" * 64})}}
    )
    (one,) = [each for each in changes_between(read, replace(after, lock=moved)) if each.kind == "part"]
    kind = read.offers[pin.offer].datasheet.model.kind
    assert (one.before, one.after) == (f"{pin.offer}, {kind}", f"{pin.offer}, fmu pack.fmu")


@pytest.mark.slow  # a charge of a foreign battery compiles its own code
def test_the_energy_from_the_mains_is_that_of_the_battery_that_was_driven() -> None:
    """Of the pack itself by another door as without one; of one with more resistance than it declares, more."""
    subject = city_car()
    mission = follow(standard("udds"), Conditions(state_of_charge=0.6))

    def recharged(vehicle: Vehicle) -> float:
        one = replace(subject, vehicle=vehicle)
        return carry_out(recharged_J(one, simulate(vehicle, mission)))

    own = recharged(subject.vehicle)
    assert recharged(linked(subject.vehicle)) == pytest.approx(own, rel=1e-5)
    weak = with_leaf(subject.vehicle, lambda v: v.battery.resistance_ratio, 4.0)
    behind = linked(weak).battery
    assert isinstance(behind, ForeignBattery)
    joined = replace(subject.vehicle, battery=replace(behind, declared=subject.vehicle.battery))
    assert recharged(joined) > 1.005 * own
