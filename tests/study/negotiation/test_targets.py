"""Target cascading by files alone: Sellar's problem is solved, stale files and what is no answer are refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from covolt.cli import main
from covolt.contract.document import dumps, loads
from covolt.errors import ComponentFailed, Conflict, InputError, NotFound
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
    with pytest.raises(Conflict, match="it is stale"):
        targets.show(folder)


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
