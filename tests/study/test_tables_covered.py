"""Tables of a programme under its sign-offs: one that changes shuts the gate and is named; without any, nothing is new."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Generator
from pathlib import Path

import pytest

from covolt.contract.document import canonical_json
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently, read_programme
from covolt.study.cases.dossier import DossierOptions, dossier
from covolt.study.cases.options import Findings
from covolt.study.gate.covered import covered_digest, covered_items, without_tables
from covolt.study.gate.gates import GateState, gate_states
from covolt.study.verdicts.verification import verify
from tests.hostile.joint import FIRST, INTEGRATOR, SIGNERS, World, build, copied
from tests.house.source import ROOT
from tests.signed import private_key

pytestmark = pytest.mark.whole

RATES = """schema = "rates/1"
id = "assumed"
title = { en = "Assumed rate", ru = "Принятый курс" }
source = "assumption"
assumed = true

[[rate]]
currency = "BYN"
per = "RUB"
value = 30
valid_from = "2026-01-01"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def world(built: World, tmp_path: Path) -> Generator[World]:
    with copied(built, tmp_path / "copy") as one:
        yield one


def states(world: World) -> dict[str, GateState]:
    read = read_programme(world.hub)
    return {one.id: one for one in gate_states(read, verify(read))}


def sign(world: World, *, tables: bool) -> None:
    """Every gate signed by who signs it, as covolt signs it now, or as it did before it covered tables."""
    for gate, (who, role) in SIGNERS.items():
        read = read_leniently(world.hub)
        found = verify(read)
        take, items = (covered_digest if tables else without_tables), covered_items(read, found, read.gates[gate])
        items = {name: one for name, one in items.items() if tables or not name.startswith("table ")}
        digest = take(read, found, read.gates[gate])
        world.put(
            f"signoffs/{gate}/{who.party}.toml",
            sign_gate(read, private_key(who.seed), gate, who.party, role, digest, "", items),
        )


def put_rates(world: World, text: str = RATES) -> None:
    world.at("tables").mkdir(exist_ok=True)
    world.at("tables/rates.toml").write_text(text, encoding="utf-8")


def test_a_table_that_changes_after_the_sign_off_shuts_the_gate_and_is_named(world: World) -> None:
    put_rates(world)
    sign(world, tables=True)
    assert all(one.open for one in states(world).values())
    put_rates(world, RATES.replace("value = 30", "value = 3"))
    for one in states(world).values():
        assert not one.open
        assert [moved.said("en") for moved in one.signatures[0].moved] == ["tables changed: assumed"]
        assert [moved.said("ru") for moved in one.signatures[0].moved] == ["таблицы изменены: assumed"]
    world.at("tables/rates.toml").unlink()
    assert states(world)["trial"].signatures[0].moved[0].said("en") == "tables taken out: assumed"


def test_a_dossier_carries_the_tables_and_is_refused_without_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    checker = importlib.import_module("check_dossier")
    put_rates(world)
    sign(world, tables=True)
    asked = DossierOptions("trial", world.hub, "integrator", "chief-engineer", world.key(INTEGRATOR))
    content = json.loads(dossier(asked, Findings()).file)
    trusted = [one.fingerprint for one in FIRST]
    assert checker.Checked(checker.canonical(content) + b"\n", trusted).wrong == []
    [said] = [one for one in content["documents"] if one["kind"] == "table"]
    assert said["name"] == "assumed"
    assert said["content"]["rate"][0]["value"] == 30

    def wrong() -> list[str]:
        """After whoever holds the key of the dossier has signed what he changed."""
        del content["signature"]
        content["signature"] = (
            private_key("integrator").sign(f"covolt {content['schema']}\n".encode() + checker.canonical(content)).hex()
        )
        return checker.Checked(checker.canonical(content) + b"\n", trusted).wrong

    said["content"]["rate"][0]["value"] = 3
    assert "digest of table assumed" in wrong()
    content["documents"].remove(said)
    assert wrong() == [f"gate {one}: digest of what is covered" for one in ("concept", "trial")]


def test_a_comment_in_a_table_or_another_name_of_its_file_moves_nothing(world: World) -> None:
    put_rates(world, "# by whom and why\n" + RATES)
    sign(world, tables=True)
    put_rates(world)
    world.move("tables/rates.toml", "tables/other.toml")
    assert all(one.open for one in states(world).values())


def test_a_sign_off_from_before_tables_were_covered_says_so_and_must_be_given_anew(world: World) -> None:
    put_rates(world)
    sign(world, tables=False)
    for one in states(world).values():
        [row] = one.signatures
        assert row.state == "stale", "it stays readable, and opens nothing"
        assert "it does not cover the tables (assumed): sign it anew" in one.blocks[-1].said("en")
        assert "она не охватывает таблицы (assumed): подпишите заново" in one.blocks[-1].said("ru")
    sign(world, tables=True)
    assert all(one.open for one in states(world).values())


def test_a_programme_without_tables_has_the_digest_that_it_had(world: World) -> None:
    """By the formula of covolt before it covered tables, written out: a sign-off over such a programme stays valid."""
    read = read_programme(world.hub)
    found, gate = verify(read), read.gates["concept"]
    assert without_tables(read, found, gate) == ""
    content = b"covolt gate 2\ncharter " + canonical_json(read.charter) + b"\ngate " + canonical_json(gate) + b"\n"
    kinds = ("parties", "slots", "contracts", "scenarios", "requirements", "checked", "negatives")
    names = ("party", "slot", "contract", "scenario", "requirement", "checked", "negative")
    for kind, name in zip(kinds, names, strict=True):
        for one in sorted(getattr(read, kind)):
            content += name.encode() + b" " + canonical_json(getattr(read, kind)[one]) + b"\n"
    assert read.lock is not None
    content += b"lock " + canonical_json(read.lock) + b"\n"
    said = {
        "keys": sorted((key.party, name) for name, key in read.keys.items() if not key.follows),
        "verdicts": sorted(
            (
                one.requirement,
                one.verdict,
                f"{float(f'{one.value:.9g}'):.4g}" if one.value is not None else "",
                one.unit,
            )
            for one in found.verdicts
        ),
        "promises": sorted((one.slot, one.promise, one.kept) for one in found.conformances),
    }
    content += json.dumps(said, sort_keys=True).encode()
    assert covered_digest(read, found, gate) == "sha256:" + hashlib.sha256(content).hexdigest()
    assert states(world)["concept"].signatures[0].counts
