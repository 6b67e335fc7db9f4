"""An offer is seen before it is published, and rivals of a slot stand side by side until somebody who may chooses."""

import json
import re

import pytest

from covolt.cli import exit_codes, main
from covolt.library.cars import figures
from covolt.library.starting import begin

pytestmark = pytest.mark.whole


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    made = begin(tmp_path / "prog", figures("city-car"))
    rival = made / "volta/parts/lfp/part.toml"
    rival.parent.mkdir(parents=True)
    text = (made / "supplier/parts/pack/part.toml").read_text()
    rival.write_text(text.replace("supplier", "volta").replace('"pack"', '"lfp"').replace("236 kg", "210 kg"))
    party = (made / "parties/supplier.toml").read_text()
    (made / "parties/volta.toml").write_text(party.replace('id = "supplier"', 'id = "volta"'))
    return made


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(one) for one in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_offer_is_shown_whole_before_it_is_published(capsys, folder):
    part, before = folder / "volta/parts/lfp", contents(folder)
    (part / "notes.txt").write_text("ours")
    before[part / "notes.txt"] = b"ours"
    code, out, _ = run(capsys, "offer", part, "--dry-run")
    assert (code, contents(folder)) == (exit_codes.COMPLETED, before)
    for told in ("210 kg", "33.00 kWh", "heater_power", "Seen by: every party", "1 other file of its folder"):
        assert told in out, told
    assert re.search(r"mass +at most 259\.6 kg +210 kg +kept", out)
    digest = re.search(r"sha256:[0-9a-f]{64}", out)[0]
    assert digest in run(capsys, "offer", part)[1]
    assert "volta/lfp@1.0.0 is published already, with this content" in run(capsys, "offer", part)[1]
    assert "published already" in run(capsys, "offer", part, "--dry-run")[1]


def test_a_limit_that_an_offer_breaks_is_told_by_its_line(capsys, folder):
    part = folder / "volta/parts/lfp/part.toml"
    part.write_text(part.read_text().replace("210 kg", "2700 kg"))
    line = next(at for at, text in enumerate(part.read_text().splitlines(), 1) if "2700 kg" in text)
    for options in (["--dry-run"], []):
        code, out, _ = run(capsys, "offer", part, *options)
        assert code == exit_codes.COMPLETED
        assert f"part.toml:{line} (declared.mass): it cannot fill 'battery'" in out


def test_the_offer_of_another_party_waits_until_the_slot_is_agreed(capsys, folder):
    run(capsys, "offer", folder / "volta/parts/lfp")
    lock = folder / "programme.lock"
    locked = lock.read_bytes()
    _, out, _ = run(capsys, "lock", folder)
    assert "volta/lfp@1.0.0 waits" in out
    assert "verify --with battery=volta/lfp@1.0.0" in out
    listed = json.loads(run(capsys, "offers", folder, "--json")[1])["slots"]["battery"]
    assert [(one["offer"], one["locked"], one["of_the_owner"]) for one in listed] == [
        ("supplier/pack@1.0.0", True, True),
        ("volta/lfp@1.0.0", False, False),
    ]
    compared = run(capsys, "offers", folder, "--slot", "battery")[1]
    assert re.search(r"mass +236 kg, estimate +210 kg, estimate", compared)
    assert "waits; volta does not own the slot, supplier does" in compared
    code, _, err = run(capsys, "verify", folder, "--with", "battery=volta/lpf@1.0.0")
    assert (code, "did you mean 'volta/lfp@1.0.0'?" in err) == (exit_codes.INPUT_WRONG, True)
    assert "known: supplier/pack@1.0.0, volta/lfp@1.0.0\n" in run(capsys, "verify", folder, "--with", "battery=zz")[2]
    masses = [
        json.loads(run(capsys, "verify", folder, "--only", "MASS", "--json", *tried)[1])["verdicts"][0]["value"]
        for tried in ([], ["--with", "battery=volta/lfp@1.0.0"])
    ]
    assert masses[0] - masses[1] == pytest.approx(26.0)
    code, _, err = run(capsys, "lock", folder, "--pin", "battery=volta/lfp@1.0.0")
    assert (code, lock.read_bytes()) == (exit_codes.INPUT_WRONG, locked)
    assert "volta does not own the slot" in err
    assert re.search(r"slots/battery\.toml:\d+ and on volta in between of contracts/battery\.toml:\d+", err)
    for path, old, new in (
        ("slots/battery.toml", 'owner = "supplier"', 'owner = "volta"'),
        ("contracts/battery.toml", '"integrator"]', '"integrator", "volta"]'),
    ):
        (folder / path).write_text((folder / path).read_text().replace(old, new))
    code, out, _ = run(capsys, "lock", folder)
    assert "battery: supplier/pack@1.0.0 → volta/lfp@1.0.0" in out
    assert "supplier/pack@1.0.0 waits" in out


@pytest.mark.parametrize("options", [["--dry-run"], []])
def test_a_part_is_offered_by_its_own_party_alone(capsys, folder, options):
    part = folder / "volta/parts/lfp/part.toml"
    part.write_text(part.read_text().replace('"volta"', '"supplier"'))
    before = contents(folder)
    code, _, err = run(capsys, "offer", part.parent, *options)
    assert (code, contents(folder)) == (exit_codes.INPUT_WRONG, before)
    assert "it speaks for supplier, and does not stand in the folder supplier" in err
    assert "move it: supplier/parts/lfp/part.toml" in err


def test_a_baseline_is_called_in_latin_letters(capsys, folder):
    _, _, err = run(capsys, "lock", folder, "--freeze", "первый")
    assert "use Latin letters, digits, - and _, such as pervyy" in err


def test_an_older_version_does_not_wait(capsys, folder):
    part = folder / "supplier/parts/pack/part.toml"
    part.write_text(part.read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    run(capsys, "offer", part)
    assert "supplier/pack@1.1.0 waits (covolt lock --upgrade)" in run(capsys, "lock", folder)[1]
    _, out, _ = run(capsys, "lock", folder, "--upgrade")
    assert "→ supplier/pack@1.1.0" in out
    assert "waits" not in out
