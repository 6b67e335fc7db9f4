"""Target cascading by files alone: Sellar's problem is solved, stale files and what is no answer are refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from covolt.cli import main
from covolt.contract.document import dumps, loads
from covolt.errors import ComponentFailed, Conflict, Forbidden, InputError, NotFound
from covolt.programme.targets import Coordination, Response, Target, digest_of_exchanged
from covolt.study.cases import targets
from tests.study.negotiation.sellar import NAMES, OPTIMUM, START, first, second, x_of

MODELS = {"first": first, "second": second}
MODEL = Path(__file__).with_name("sellar.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "sizing"
    place.mkdir()
    written = 'schema = "coordination/1"\nid = "sellar"\nparties = ["first", "second"]\n'
    for name, start in START.items():
        written += f'[[shared]]\nname = "{name}"\nunit = "1"\nstart = {start}\nweight = 0.5\ntolerance = 1e-5\n'
    (place / "coordination.toml").write_text(written, encoding="utf-8")
    return place


def answered(folder: Path) -> dict[str, Path]:
    """The next targets, answered by both parties in this process."""
    written = targets.new(folder)
    return {party: targets.answer(path, MODELS[party]) for party, path in written.items()}


@pytest.mark.slow
def test_sellars_problem_is_solved_by_files_alone(folder: Path) -> None:
    while answered(folder):
        assert len(list((folder / "first").iterdir())) < 600
    found = targets.show(folder)
    assert found.settled and not found.waiting
    ends = {one.name: one.target for one in found.iterations[-1].residuals}
    last = loads((folder / "first" / f"target-{found.iteration:04d}.toml").read_text(encoding="utf-8"), Target)
    own = x_of({"shared": {one.name: one.model_dump() for one in last.shared}})
    assert ends == pytest.approx(OPTIMUM, abs=1e-4) and own == pytest.approx(0.0, abs=1e-4)
    assert own**2 + ends["z2"] + ends["y1"] + math.exp(-ends["y2"]) == pytest.approx(3.18339, abs=1e-4)
    said = {one.name for one in (folder / "second").iterdir()}
    assert said == {f"{kind}-{at:04d}.toml" for kind in ("target", "response") for at in range(1, found.iteration + 1)}
    everything = "".join(one.read_text(encoding="utf-8") for one in folder.rglob("*.toml"))
    assert "objective" not in everything and "\nx " not in everything


def test_agreement_alone_is_not_the_end(folder: Path) -> None:
    """Responses that agree while targets still move do not settle: the dual residual counts."""
    targets.new(folder)
    for party in MODELS:
        targets.answer(folder / party / "target-0001.toml", lambda asked: dict.fromkeys(asked["shared"], 3.0))
    found = targets.show(folder)
    assert all(one.primal == 0.0 for one in found.iterations[0].residuals) and not found.settled
    assert [one.dual for one in found.iterations[0].residuals] == [2.0, 1.0, 7.0, 2.0]
    assert targets.new(folder)


def test_commands_run_the_models_in_processes_of_their_own(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    def said(*command: str) -> str:
        with pytest.raises(SystemExit) as left:
            main(["targets", *command])
        assert not left.value.code
        return capsys.readouterr().out

    assert "target-0001.toml" in said("new", str(folder))
    assert "Not answered yet by: first, second" in said("show", str(folder))
    for party, model in MODELS.items():
        path = folder / party / "target-0001.toml"
        assert "response-0001.toml" in said("answer", str(path), str(MODEL), party)
        target = loads(path.read_text(encoding="utf-8"), Target)
        own = model({"shared": {one.name: one.model_dump() for one in target.shared}})
        wrote = loads((folder / party / "response-0001.toml").read_text(encoding="utf-8"), Response)
        assert {one.name: one.response for one in wrote.shared} == pytest.approx(own, rel=1e-12)
    said("new", str(folder))
    shown = said("show", str(folder))
    assert "iteration 2" in shown and all(name in shown for name in NAMES)
    found = json.loads(said("show", str(folder), "--json"))
    assert found["schema"] == "cascade/1" and found["waiting"] == ["first", "second"]
    assert [one["iteration"] for one in found["iterations"]] == [1]


def test_a_stale_response_is_refused(folder: Path) -> None:
    answered(folder)
    old = (folder / "first" / "response-0001.toml").read_text(encoding="utf-8")
    answered(folder)
    late = folder / "first" / "response-0002.toml"
    late.write_text(old, encoding="utf-8")
    with pytest.raises(Conflict, match="it is stale: it answers other targets, of iteration 1"):
        targets.new(folder)
    late.write_text(old.replace("iteration = 1", "iteration = 2"), encoding="utf-8")
    with pytest.raises(Conflict, match="it answers other targets than these, which were changed"):
        targets.show(folder)


def test_targets_changed_at_the_coordinators_are_refused(folder: Path) -> None:
    answered(folder)
    path = targets.new(folder)["first"]
    sent = path.read_text(encoding="utf-8")
    path.write_text(sent.replace("weight = 0.5", "weight = 1e6"), encoding="utf-8")
    targets.answer(path, first)  # who answers cannot know
    for read in (targets.new, targets.show):
        with pytest.raises(Conflict, match="these targets were changed since they were written") as raised:
            read(folder)
        assert [one.where for one in raised.value.problems] == [str(path)]
    path.unlink()
    targets.new(folder)
    assert path.read_text(encoding="utf-8") == sent
    with pytest.raises(Conflict, match="it is stale"):
        targets.show(folder)
    (folder / "sent.toml").unlink()
    path.with_name("response-0002.toml").unlink()
    with pytest.raises(NotFound, match=r"there is no sent\.toml"):
        targets.show(folder)


def test_a_past_iteration_that_was_changed_is_refused(folder: Path) -> None:
    for _ in range(3):
        answered(folder)
    assert len(targets.show(folder).iterations) == 3
    target, said = folder / "first" / "target-0001.toml", folder / "first" / "response-0001.toml"
    target.write_text(target.read_text(encoding="utf-8").replace("weight = 0.5", "weight = 0.25"), encoding="utf-8")
    targets.answer(folder / "first" / "target-0003.toml", first)  # looks at the iteration before alone
    changed = loads(target.read_text(encoding="utf-8"), Target)
    response = loads(said.read_text(encoding="utf-8"), Response).model_copy(
        update={"answers": digest_of_exchanged(changed)}
    )
    said.write_text(dumps(response), encoding="utf-8")
    for read in (targets.show, targets.new):
        with pytest.raises(Conflict, match="not the response from which the next targets follow") as raised:
            read(folder)
        assert [one.where for one in raised.value.problems] == [str(said)]


def test_numbers_from_which_nothing_follows_are_refused_where_they_come_in(folder: Path) -> None:
    answered(folder)
    path = folder / "first" / "response-0001.toml"
    before = path.read_text(encoding="utf-8")
    said = loads(before, Response)
    far = tuple(one.model_copy(update={"response": 1e308}) for one in said.shared)
    path.write_text(dumps(said.model_copy(update={"shared": far})), encoding="utf-8")
    with pytest.raises(InputError, match=r"1e\+308 is too far from 0") as raised:
        targets.new(folder)
    assert all(one.where.startswith(f"{path}:") for one in raised.value.problems) and len(raised.value.problems) == 4
    path.write_text(before, encoding="utf-8")
    assert targets.new(folder)
    asked = folder / "coordination.toml"
    for weight in ("1e-200", "1e200"):
        asked.write_text(asked.read_text(encoding="utf-8").replace("0.5", weight, 1), encoding="utf-8")
        with pytest.raises(InputError, match=r"coordination\.toml:\d+ .*a weight of 1e"):
            targets.new(folder)
        asked.write_text(asked.read_text(encoding="utf-8").replace(weight, "0.5"), encoding="utf-8")


def test_weights_that_blow_targets_up_are_refused(folder: Path) -> None:
    """Multipliers of three parties add up to nothing but for rounding, which a much smaller weight then divides."""
    asked = folder / "coordination.toml"
    large = asked.read_text(encoding="utf-8").replace('"second"]', '"second", "third"]').replace("= 0.5", "= 1e15")
    asked.write_text(large, encoding="utf-8")
    said = {"first": 1e30, "second": -0.3e30, "third": 0.1e30}
    for weight in ("1e15", "1e-15"):
        asked.write_text(large.replace("weight = 1e15", f"weight = {weight}"), encoding="utf-8")
        for party, path in targets.new(folder).items():
            targets.answer(path, lambda one, party=party: dict.fromkeys(one["shared"], said[party]))
    with pytest.raises(InputError, match="the next target of 'z1' would be too far from 0"):
        targets.new(folder)


def test_digits_of_other_scripts_are_no_iteration(folder: Path) -> None:
    answered(folder)
    for party in MODELS:
        content = (folder / party / "target-0001.toml").read_text(encoding="utf-8")
        for name in ("target-\N{ARABIC-INDIC DIGIT ZERO}\N{ARABIC-INDIC DIGIT ZERO}09.toml", "target-00009.toml"):
            (folder / party / name).write_text(content, encoding="utf-8")
    assert targets.show(folder).iteration == 1


def test_no_targets_are_written_through_a_link(folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (folder / "second").symlink_to(away)
    with pytest.raises(Forbidden, match="this is a link to a folder"):
        targets.new(folder)
    assert not list(away.iterdir())


def test_a_party_whose_folder_some_system_could_not_hold_is_told(folder: Path) -> None:
    path = folder / "coordination.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"second"', f'"{"s" * 300}"'), encoding="utf-8")
    with pytest.raises(InputError, match=r"coordination\.toml:3 .*the name has 300 signs"):
        targets.new(folder)


def test_stale_targets_are_not_answered(folder: Path) -> None:
    answered(folder)
    answered(folder)
    with pytest.raises(Conflict, match="these targets are stale: there are those of iteration 2"):
        targets.answer(folder / "first" / "target-0001.toml", first)
    changed = folder / "second" / "response-0001.toml"
    changed.write_text(changed.read_text(encoding="utf-8").replace("response = ", "response = 1"), encoding="utf-8")
    with pytest.raises(Conflict, match=r"do not take response-0001.toml into account"):
        targets.answer(folder / "second" / "target-0002.toml", second)


def test_who_has_not_answered_is_named(folder: Path) -> None:
    targets.new(folder)
    with pytest.raises(NotFound) as raised:
        targets.new(folder)
    assert [one.where for one in raised.value.problems] == [str(folder / one) for one in MODELS]


def test_targets_that_were_written_in_part_are_written_again(folder: Path) -> None:
    answered(folder)
    written = targets.new(folder)
    content = {party: path.read_bytes() for party, path in written.items()}
    written["second"].unlink()
    assert {party: path.read_bytes() for party, path in targets.new(folder).items()} == content


@pytest.mark.parametrize(
    ("program", "kind", "said"),
    [
        ("raise SystemExit(3)", ComponentFailed, "it ended with 3 and gave no answer"),
        ("print('done')", InputError, "is no JSON object"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe{}')", InputError, "is no JSON object"),
        ("print('[' * 100_000)", InputError, "is no JSON object"),
        ("print('{\"z1\": 1' + '0' * 400 + '}')", InputError, "what it gives for 'z1' is too far from 0"),
        ('print(\'{"z1": 1, "z9": 2, "y1": NaN}\')', InputError, r"'z9'[\s\S]*'z2'[\s\S]*'y1'[\s\S]*'y2'"),
    ],
)
def test_what_is_no_answer_is_told(
    folder: Path, tmp_path: Path, program: str, kind: type[Exception], said: str
) -> None:
    targets.new(folder)
    model, target = tmp_path / "model.py", folder / "first" / "target-0001.toml"
    model.write_text(program, encoding="utf-8")
    with pytest.raises(kind, match=said):
        targets.answer(target, [str(model)])
    with pytest.raises(NotFound):
        targets.answer(target, [str(tmp_path / "nothing")])
    assert not target.with_name("response-0001.toml").exists()


def test_everything_wrong_in_a_coordination_is_told_with_its_line(folder: Path) -> None:
    path = folder / "coordination.toml"
    wrong = path.read_text(encoding="utf-8").replace('name = "z2"\nunit = "1"', 'name = "z1"\nunit = "kgs"')
    wrong = wrong.replace('name = "y1"', 'name = "y1"\nparties = ["first", "third"]')
    path.write_text(wrong + 'parties = ["second"]\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        targets.new(folder)
    told = [str(one) for one in raised.value.problems]
    for said in ("z1 is named twice", "kgs", "no party 'third' here", "shared with nobody"):
        assert any(said in one and "coordination.toml:" in one for one in told), told


def test_what_is_shared_stays_as_it_was_begun(folder: Path) -> None:
    answered(folder)
    path = folder / "coordination.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"y2"', '"y3"'), encoding="utf-8")
    with pytest.raises(Conflict, match=r"not of what coordination.toml shares") as raised:
        targets.new(folder)
    assert len(raised.value.problems) == 2


def test_documents_read_as_they_were_written(folder: Path) -> None:
    answered(folder)
    path = targets.new(folder)["first"]
    target = loads(path.read_text(encoding="utf-8"), Target, str(path))
    assert dumps(target) == path.read_text(encoding="utf-8")
    said = loads((folder / "first" / "response-0001.toml").read_text(encoding="utf-8"), Response)
    assert target.answers == digest_of_exchanged(said)
    assert loads((folder / "coordination.toml").read_text(encoding="utf-8"), Coordination).of("first")
