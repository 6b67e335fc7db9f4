"""A programme's authority lets a party in, its battery is hosted by `covolt host`, and nobody else gets in."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from covolt.cli import main
from covolt.errors import ComponentFailed, Conflict, Forbidden, InputError, NotFound
from covolt.exchange.hosted import Deadlines, HostedComponent, Hub
from covolt.exchange.hosted.authority import Authority, Invitation, key_folder
from covolt.exchange.hosted.certificates import certificate_from, issued, new_authority, new_key, requested
from covolt.programme import anchor
from covolt.programme.keys import in_words
from covolt.study.cases import hosting
from covolt.study.cases.host import HostOptions, _own, host
from covolt.study.cases.trusting import trust
from covolt.study.cases.verify import verify
from tests.house.source import ROOT
from tests.signed import Holder, copy_unsigned, key_file, put_key

NOW = datetime.now(UTC)
PARTY = "battery-works"
pytestmark = pytest.mark.whole


@pytest.fixture
def programme(tmp_path):
    folder = copy_unsigned(ROOT / "examples" / "city-car", tmp_path / "city-car")
    hosting.new_authority(folder, ["127.0.0.1", "localhost:7443"], NOW)
    return folder


@pytest.fixture
def holder(programme, tmp_path):
    holder = Holder("works", PARTY, ("offers",))
    put_key(programme, holder)
    trust(programme, [holder.fingerprint])
    return key_file(tmp_path / "keys" / "works.pem", "works")


def invited(programme, holder, tmp_path, hub="127.0.0.1:7443"):
    hosting.request_invitation(programme, PARTY, tmp_path / "request.json", NOW, by=holder)
    hosting.invite_party(PARTY, programme, tmp_path / "request.json", hub, tmp_path / "invitation.json", NOW)
    return tmp_path / "invitation.json"


def test_private_keys_stay_outside_and_what_is_in_the_programme_is_public(programme):
    assert anchor.anchor_file() is not None
    inside = b"".join(one.read_bytes() for one in programme.rglob("*.pem"))
    assert b"PRIVATE" not in inside
    keys = sorted(one.name for one in key_folder("city-car").iterdir())
    assert keys == ["authority.key", "authority.pem", "hub.key", "revoked.pem"]
    assert all(one.stat().st_mode & 0o077 == 0 for one in key_folder("city-car").iterdir())
    with pytest.raises(Conflict, match="has an authority"):
        hosting.new_authority(programme, ["127.0.0.1"], NOW)
    with pytest.raises(InputError, match="no address"):
        hosting.renew_hub(programme, [], NOW)
    hosting.renew_hub(programme, ["localhost"], NOW)


def test_a_request_is_of_whom_it_says_or_refused(programme, holder, tmp_path):
    request = tmp_path / "request.json"
    done = hosting.request_invitation(programme, PARTY, request, NOW, by=holder)
    told = json.loads(request.read_text())
    arguments = (programme, request, "localhost:1", tmp_path / "i.json", NOW)
    for change, says in (
        ({"on": "2020-01-01"}, "its signature is not by the key"),
        ({"key": "ab" * 32}, "no key of battery-works"),
        ({"key": "", "signature": ""}, "nothing shows"),
        ({"party": "motor-works"}, "of motor-works for city-car"),
        ({"programme": "truck"}, "for truck"),
        ({"request": "x"}, "no request for a certificate"),
        ({"signature": "zz"}, "its signature is not by the key"),
    ):
        request.write_text(json.dumps({**told, **change}))
        with pytest.raises(InputError, match=says):
            hosting.invite_party(PARTY, *arguments)
    request.write_text(json.dumps({**told, "key": "", "signature": ""}))
    with pytest.raises(Forbidden, match="are not those of this request") as refused:
        hosting.invite_party(PARTY, *arguments, fingerprint="0" * 16)
    assert not [one for one in in_words(done.fingerprint).split("-")[1:] if one in str(refused.value)]
    assert done.fingerprint[:8] not in str(refused.value)
    hosting.invite_party(PARTY, *arguments, fingerprint=done.fingerprint[:16])
    request.write_text(json.dumps(told))
    hosting.invite_party(PARTY, *arguments)
    rows = hosting.listed_certificates(programme, NOW).certificates
    assert [(one.party, one.standing) for one in rows] == [(PARTY, "counts"), (PARTY, "counts"), ("hub", "counts")]
    with pytest.raises(Conflict, match="private key here already"):
        hosting.request_invitation(programme, PARTY, request, NOW)
    with pytest.raises(NotFound, match="no party 'nobody'"):
        hosting.request_invitation(programme, "nobody", request, NOW)


def test_certificates_expire_and_are_revoked(programme, holder, tmp_path):
    file = invited(programme, holder, tmp_path)
    found = Invitation.read(file.read_bytes(), str(file))
    judged = Authority(programme, "city-car").trust().judged
    assert judged(found.certificate.encode(), NOW) == (PARTY, None)
    assert judged(found.certificate.encode(), NOW + timedelta(days=91)) == (PARTY, "expired")
    assert judged(found.certificate.encode(), NOW - timedelta(days=1)) == (PARTY, "early")
    serial = f"{certificate_from(found.certificate.encode(), '').serial_number:040x}"
    [gone] = hosting.revoke_certificates(serial[:10], programme, NOW)
    assert (gone.party, gone.standing) == (PARTY, "revoked")
    assert Authority(programme, "city-car").trust().judged(found.certificate.encode(), NOW) == (PARTY, "revoked")
    with pytest.raises(NotFound, match="no certificate that counts is of 'battery-works'"):
        hosting.revoke_certificates(PARTY, programme, NOW)


def test_an_authority_of_its_own_speaks_for_its_party_alone(programme, tmp_path):
    key = new_key()
    own = new_authority("works", key, NOW)
    (tmp_path / "own.pem").write_bytes(own)
    hosting.admit_authority(PARTY, programme, tmp_path / "own.pem", NOW)
    judged = Authority(programme, "city-car").trust().judged
    for name, expected in ((PARTY, None), ("motor-works", "foreign")):
        made = issued(key, own, requested(name, new_key()), name, NOW)
        assert judged(made, NOW) == (name, expected)


def test_a_forged_list_of_revocations_lets_nobody_in(programme, holder, tmp_path):
    found = Invitation.read(invited(programme, holder, tmp_path).read_bytes(), "")
    other = new_key()
    forged = hosting_list(other, new_authority("city-car", other, NOW))
    (programme / "hosting" / "revoked.pem").write_bytes(forged)
    assert Authority(programme, "city-car").trust().judged(found.certificate.encode(), NOW)[1] == "stale"


def test_whoever_can_write_the_programme_lets_nobody_in(programme, holder, tmp_path):
    """The programme's folder is shared; what the hub trusts lies beside its keys."""
    found = Invitation.read(invited(programme, holder, tmp_path).read_bytes(), "")
    authority, folder = Authority(programme, "city-car"), programme / "hosting"
    assert authority.hub()
    before = (folder / "revoked.pem").read_bytes()
    hosting.revoke_certificates(PARTY, programme, NOW)
    (folder / "revoked.pem").write_bytes(before)  # an earlier list, signed as it should be
    assert authority.trust().judged(found.certificate.encode(), NOW) == (PARTY, "revoked")

    key = new_key()
    own = new_authority("intruder", key, NOW)
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / f"{PARTY}.pem").write_bytes(own)
    forged = issued(key, own, requested(PARTY, new_key()), PARTY, NOW)
    assert authority.trust().judged(forged, NOW) == (PARTY, "foreign")
    (folder / "authority.pem").write_bytes(own)
    assert authority.trust().judged(forged, NOW) == (PARTY, "foreign")
    with pytest.raises(Forbidden, match="nobody has admitted this authority here") as refused:
        authority.hub()
    assert len(refused.value.problems) == 2


def hosting_list(key, certificate):
    from covolt.exchange.hosted.certificates import revocation_list

    return revocation_list(key, certificate, {}, NOW)


def host_process(*arguments):
    command = [sys.executable, "-m", "covolt", "host", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)


def test_the_battery_of_a_programme_is_hosted_by_its_owner(programme, holder, tmp_path):
    authority = Authority(programme, "city-car")
    with Hub("127.0.0.1:0", authority.hub(), authority.trust, lambda: datetime.now(UTC)) as hub:
        invitation = invited(programme, holder, tmp_path, f"127.0.0.1:{hub.port}")
        log = tmp_path / "left.log"
        process = host_process("battery", programme, "--invitation", invitation, "--log", log, "--budget", "500")
        try:
            deadlines = Deadlines(step_s=20.0, call_s=60.0, joining_s=90.0)
            one = HostedComponent(hub, PARTY, "battery", deadlines)
            inputs = np.stack([3e4 * np.sin(np.arange(40) * 0.3), np.zeros(40), np.full(40, 290.0)], axis=1)
            found = driven(one, inputs)
            here = driven(_own(HostOptions("battery", invitation, programme=programme), NOW), inputs)
            assert found.tobytes() == here.tobytes()
            with pytest.raises(ComponentFailed, match="the budget is spent"):
                one.window(40.0, np.ones(500), np.tile(inputs[:1], (500, 1)))
            out, _ = process.communicate(timeout=30)
            assert process.returncode == 2
            assert "0 of 500 steps of battery are spent, since" in " ".join(out.split())
            assert "the budget of battery is spent: 41 of 500 steps" in " ".join(out.split())
            options = HostOptions("battery", invitation, programme=programme, log=log, budget=41)
            with pytest.raises(Forbidden, match="the budget of battery is spent: 41 of 41 steps"):
                host(options, NOW, print, ended=lambda: True)
            host(replace(options, budget=42), NOW, print, ended=lambda: True)
            with pytest.raises(InputError, match="is not written over"):
                host(HostOptions("", invitation, replay=log, log=log), NOW, print, ended=lambda: True)
            hosting.revoke_certificates(PARTY, programme, NOW)
            with pytest.raises(Forbidden, match="its certificate was revoked"):
                host(replace(options, budget=None), NOW, print, ended=lambda: False)
            with pytest.raises(ComponentFailed, match="is not let in: its certificate was revoked"):
                hub.wait_for(PARTY, "battery", 0.1)
        finally:
            process.kill()
            process.communicate()
    text = log.read_text()
    assert '"call":"window"' in text
    assert "cell" not in text.partition("\n")[2]


def driven(component, inputs):
    component.wire(("power", "heating", "ambient_temperature"), ("voltage", "current", "state_of_charge"))
    begun = component.start({"state_of_charge_start": 0.6}, inputs[0])
    steps = [component.step(float(at), 1.0, inputs[at]) for at in range(10)]
    return np.vstack([begun, steps, component.window(10.0, np.ones(30), inputs[10:])])


def test_a_drive_unit_of_a_programme_is_hosted_and_a_body_is_not(programme, tmp_path):
    from covolt.library.component_drive_unit import ComponentDriveUnit

    component = _own(HostOptions("drive_unit", tmp_path / "i.json", programme=programme), NOW)
    assert ComponentDriveUnit(component, "hosted").tells == "power"
    with pytest.raises(InputError, match="hosts no part of this kind yet"):
        _own(HostOptions("body", tmp_path / "i.json", programme=programme), NOW)


def test_a_host_says_why_it_does_not_get_in(programme, holder, tmp_path):
    invitation = invited(programme, holder, tmp_path)
    told = json.loads(invitation.read_text())
    (tmp_path / "bad.json").write_text(json.dumps({**told, "schema": "x"}))
    for arguments, says in (
        (("battery", programme, "--invitation", tmp_path / "bad.json"), "this is no invitation"),
        (("batery", programme, "--invitation", invitation), "no slot and no offer 'batery'"),
        (("motor", programme, "--invitation", invitation), "no slot and no offer|no part of this kind"),
        (("battery", programme, "--invitation", invitation, "--key", tmp_path / "none"), "no private key here"),
        (("--invitation", invitation), "one thing is served"),
        (("--replay", invitation, "--invitation", invitation), "no log of a host"),
    ):
        process = host_process(*arguments)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 2, out
        assert any(one in " ".join(out.split()) for one in says.split("|")), out


def test_the_commands_of_the_authority(programme, holder, tmp_path, capsys):
    from covolt.cli import main

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        return ended.value.code, capsys.readouterr().out

    request, invitation = tmp_path / "r.json", tmp_path / "i.json"
    code, out = run("authority", "request", programme, "--party", PARTY, "--by", holder, "-o", request)
    assert code == 0
    assert "readable by you alone" in " ".join(out.split())
    hub = ("--hub", "127.0.0.1:7443", "-o", invitation)
    assert run("authority", "invite", PARTY, programme, "--request", request, *hub)[0] == 0
    code, out = run("authority", "list", programme, "--json")
    assert {one["party"] for one in json.loads(out)["certificates"]} == {PARTY, "hub"}
    code, out = run("authority", "revoke", PARTY, programme)
    assert "revoked:" in out
    assert "its certificate was revoked" in " ".join(run("authority", "list", programme)[1].split())
    assert run("authority", "invite", PARTY, programme)[0] == 2
    assert run("authority", "new", programme, "--address", "localhost", "--renew")[0] == 0


def test_addresses_and_a_hub_that_is_revoked_are_told_at_once(programme, holder, tmp_path, capsys):
    invitation = invited(programme, holder, tmp_path)
    request = tmp_path / "request.json"
    for hub, says in (("127.0.0.1", "write HOST:PORT"), ("other.host:7443", "not made for other.host: it names 127")):
        with pytest.raises(InputError) as refused:
            hosting.invite_party(PARTY, programme, request, hub, tmp_path / "i.json", NOW)
        assert says in str(refused.value)
    options = HostOptions("battery", invitation, programme=programme, to="localhost:x")
    with pytest.raises(InputError, match="'localhost:x' is no address"):
        host(options, NOW, print, ended=lambda: True)
    told = json.loads(invitation.read_text())
    invitation.write_text(json.dumps({**told, "hub": "nowhere"}))
    with pytest.raises(InputError, match="'nowhere' is no address"):
        host(HostOptions("battery", invitation, programme=programme), NOW, print, ended=lambda: True)
    for address in ("127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:abc"):
        with pytest.raises(InputError, match=r"write HOST:PORT, the port from 1 to 65535"):
            verify(programme, stand_ins=[f"battery=hosted@{address}"], now=lambda: NOW)
    with pytest.raises(SystemExit):
        main(["authority", "revoke", "hub", str(programme)])
    assert "listens no more until it is renewed" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(Forbidden, match="cannot be trusted: its certificate was revoked"):
        verify(programme, stand_ins=["battery=hosted@127.0.0.1:7443"], now=lambda: NOW)
    with pytest.raises(InputError, match=r"no party is named\n.*name one of: .*battery-works"):
        hosting.request_invitation(programme, "", request, NOW)
