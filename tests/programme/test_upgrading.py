"""A programme of covolt 0.1.0 comes over: its documents move into their places whole, and nothing else is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.files import digest_of
from covolt.journal import Change, reading, write_together
from covolt.programme.reading import read_programme
from covolt.programme.upgrading import carry_out, misplaced, steps
from covolt.study.gate.signatures import signature_rows

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """As covolt 0.1.0 wrote and signed it at 43ca27d (`key`, `sign concept`), with documents where only 0.1.0 took them."""
    folder = Path(shutil.copytree(DATA / "programme-0.1.0", tmp_path / "programme"))
    shutil.copytree(DATA / "programme-0.1.0-signed", folder, dirs_exist_ok=True)
    (folder / "agency" / "requirements" / "R13-H.toml").rename(folder / "r13.toml")
    (folder / "signoffs" / "concept" / "agency-type-approval-officer.toml").rename(folder / "signed.toml")
    (folder / "supplier" / "parts" / "pack").rename(folder / "pack")
    (folder / "gates" / "trial.toml").rename(folder / "integrator" / "trial.toml")
    return folder


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): digest_of(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and ".covolt" not in path.parts
    }


MOVED = {
    "r13.toml": "agency/r13.toml",
    "signed.toml": "signoffs/concept/signed.toml",
    "pack/part.toml": "supplier/pack/part.toml",
    "integrator/trial.toml": "gates/trial.toml",
}


def test_it_is_shown_then_made_and_nothing_else_moves(before: Path) -> None:
    with pytest.raises(InputError):
        read_programme(before)
    was = files(before)
    moves = misplaced(before)
    assert {one.source: one.target for one in moves} == MOVED
    assert files(before) == was, "shown is not made"
    carry_out(before, moves)
    assert files(before) == {MOVED.get(name, name): digest for name, digest in was.items()}
    read_programme(before)
    assert misplaced(before) == []


class Killed(BaseException):
    """Stands for the end of the process: nothing is tidied up after it."""


@pytest.mark.parametrize("moment", [*range(1, 30, 3), *range(30, 40)])
def test_a_kill_leaves_all_moved_or_nothing(before: Path, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    was, calls = files(before), 0

    def counted(genuine: Callable[..., object]) -> Callable[..., object]:
        def called(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls >= moment:
                raise Killed
            return genuine(*arguments, **named)

        return called

    with monkeypatch.context() as patch, suppress(Killed):
        for name in ("replace", "link", "unlink", "fsync", "mkdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        carry_out(before, misplaced(before))
    assert calls >= moment
    with reading(before):
        found = files(before)
    moved = {MOVED.get(name, name): digest for name, digest in was.items()}
    assert found == was if moment < 10 else found in (was, moved)
    carry_out(before, misplaced(before))
    assert files(before) == moved
    assert not (before / "pack").exists(), "an emptied folder goes"


def test_what_was_changed_meanwhile_is_not_taken_away(before: Path) -> None:
    moves = misplaced(before)
    genuine = digest_of((before / "r13.toml").read_bytes())
    (before / "gates" / "trial.toml").write_text("theirs")
    with pytest.raises(InputError, match="another document stands"):
        carry_out(before, moves)
    assert digest_of((before / "r13.toml").read_bytes()) == genuine
    with pytest.raises(InputError, match="meanwhile"):
        write_together(before, [Change(before / "r13.toml", None, before=digest_of(b"what was read"))])
    assert digest_of((before / "r13.toml").read_bytes()) == genuine


@pytest.mark.parametrize("linked", ["report.pdf", "report"])
def test_nothing_is_copied_along_through_a_link(before: Path, tmp_path: Path, linked: str) -> None:
    secret = tmp_path / "keys" / "report.pdf"
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    cited = "report.pdf" if linked == "report.pdf" else "report/report.pdf"
    requirement = before / "r13.toml"
    text = f'{requirement.read_text()}\n[[evidence]]\npath = "{cited}"\ndigest = "{digest_of(b"secret")}"\n'
    requirement.write_text(text)
    copy = before / "agency" / cited
    (before / linked).symlink_to(secret if linked == "report.pdf" else secret.parent)
    was = files(before)
    with pytest.raises(InputError, match="this is a link") as told:
        misplaced(before)
    assert [one.where for one in told.value.problems] == [linked]
    assert files(before) == was and not copy.exists()
    (before / linked).unlink()
    (before / cited).parent.mkdir(exist_ok=True)
    (before / cited).write_bytes(b"secret")
    carry_out(before, misplaced(before))
    assert copy.read_bytes() == b"secret", "the file itself comes along"


def test_a_link_that_comes_at_the_last_moment_is_not_read(before: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    moves = misplaced(before)
    (before / "r13.toml").unlink()
    (before / "r13.toml").symlink_to(secret)
    with pytest.raises(InputError, match="cannot be read"):
        carry_out(before, moves)
    assert not (before / "agency" / "r13.toml").exists()


def test_what_an_older_covolt_left_half_moved_ends_the_same(before: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(before, tmp_path / "twin"))
    carry_out(twin, misplaced(twin))
    for source, target in MOVED.items():
        (before / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(before / source, before / target)
    carry_out(before, misplaced(before))
    assert files(before) == files(twin)


def test_another_partys_word_is_not_moved_but_asked_for(before: Path) -> None:
    forged = before / "integrator" / "offer.toml"
    (before / "offers" / "supplier" / "pack@1.0.0.toml").rename(forged)
    [one] = [one for one in misplaced(before) if one.asks]
    assert (one.source, one.target, one.asks) == ("integrator/offer.toml", "offers/supplier/offer.toml", "supplier")
    carry_out(before, misplaced(before))
    assert forged.is_file()
    assert [one.source for one in misplaced(before)] == ["integrator/offer.toml"]


def test_what_a_document_cites_comes_along(before: Path) -> None:
    requirement = before / "r13.toml"
    (before / "report.pdf").write_bytes(b"report")
    cited = f'\n[[evidence]]\npath = "report.pdf"\ndigest = "{digest_of(b"report")}"\n'
    requirement.write_text(requirement.read_text() + cited)
    carry_out(before, misplaced(before))
    assert (before / "agency" / "report.pdf").read_bytes() == b"report"


def test_two_of_one_name_both_find_a_place(before: Path) -> None:
    (before / "data-of-agency").mkdir()
    text = (before / "r13.toml").read_text().replace('id = "R13-H"', 'id = "R13-I"')
    (before / "agency" / "r13.toml").write_text(text)
    carry_out(before, misplaced(before))
    assert {"R13-H", "R13-I"} <= read_programme(before).requirements.keys()


def test_what_only_people_can_do_is_named_with_its_command(before: Path, capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(before, misplaced(before))
    said = [(one.why.said("en"), one.command) for one in steps(read_programme(before), "car")]
    assert (
        "agency has no key",
        "covolt key new ~/keys/agency.pem car --party agency --role type-approval-officer",
    ) in said
    assert any("genuine" in why and "none before it" in why and "sign concept" in command for why, command in said)
    assert sum(command.startswith("covolt offer") for _, command in said) == 9
    assert all(one.why.said("ru") != one.why.said("en") for one in steps(read_programme(before), "car"))
    path = before / "signoffs" / "concept" / "signed.toml"
    path.write_text(path.read_text().replace("as far", "so far"))
    assert any("not genuine" in one.why.said("en") for one in steps(read_programme(before), "car"))
    with pytest.raises(SystemExit) as leaving:
        main(["upgrade", str(before), "--write"])
    assert leaving.value.code == exit_codes.COMPLETED
    assert "every document stands where it speaks" in capsys.readouterr().out


def test_a_sign_off_of_0_1_0_is_shown_as_genuine_and_of_what_it_covered(before: Path) -> None:
    carry_out(before, misplaced(before))
    read = read_programme(before)
    for digest, state in (
        ("sha256:" + "0" * 64, "stale"),
        (read.signoffs["concept/agency/type-approval-officer"].digest, "old form"),
    ):
        [row] = signature_rows(read, read.gates["concept"], "", digest)
        assert (row.state, row.counts) == (state, False)
        assert "genuine" in row.why.said("en") and "this gate, none before it" in row.why.said("en")


def test_one_engineer_alone_needs_no_key() -> None:
    assert steps(read_programme(DATA / "programme-0.1.0"), "car") == []
