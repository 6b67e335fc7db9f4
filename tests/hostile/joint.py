"""A small signed programme of four parties, whose verdicts need no drive, and a copy of it that somebody may attack."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from covolt.cli import main
from covolt.errors import CovoltError
from covolt.files import digest_of
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.programme.anchor import trust_in
from covolt.programme.baselines import freeze
from covolt.programme.checked import CheckedText, CheckedTexts
from covolt.programme.gate import Criterion, Gate, SignOffWanted
from covolt.programme.offering import publish_part
from covolt.programme.party import Party
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently, read_programme
from covolt.programme.requirement import Evidence, Requirement, Verify
from covolt.programme.text import Title
from covolt.study.gate.check import read_whole
from covolt.study.gate.covered import covered_digest
from covolt.study.gate.gates import gate_states
from covolt.study.verdicts.verification import verify
from tests.signed import Holder, key_file, private_key, put, put_key

ACT = "TR CU 018/2011"
OFFICER = "type-approval-officer"
INTEGRATOR = Holder("integrator", "integrator", ("chief-engineer", "offers"), programme="joint")
SUPPLIER = Holder("supplier", "supplier", ("offers",), programme="joint")
RIVAL = Holder("rival", "rival", ("offers",), programme="joint")
ROOT = Holder("agency", "agency", ("recovery",), programme="joint")
AGENCY = Holder("officer", "agency", (OFFICER,), programme="joint", by=ROOT)
FIRST = (INTEGRATOR, SUPPLIER, RIVAL, ROOT)
SIGNERS = {"concept": (INTEGRATOR, "chief-engineer"), "trial": (AGENCY, OFFICER)}
OFFERERS = {one.party: one for one in (INTEGRATOR, SUPPLIER, RIVAL)}


@dataclass(frozen=True)
class World:
    """A hub that all parties write to, what this user has settled, and a folder beside both."""

    hub: Path
    own: Path
    aside: Path

    def at(self, place: str) -> Path:
        return self.hub / place

    def edit(self, place: str, before: str, after: str, count: int = 1) -> None:
        """Other words in a file."""
        text = self.at(place).read_text(encoding="utf-8")
        assert before in text, (place, before)
        self.at(place).write_text(text.replace(before, after, count), encoding="utf-8")

    def move(self, before: str, after: str) -> None:
        """A file in another place."""
        self.at(after).parent.mkdir(parents=True, exist_ok=True)
        self.at(before).rename(self.at(after))

    def put(self, place: str, document: object) -> Path:
        return put(self.hub, document, place)

    def key(self, holder: Holder) -> Path:
        """File of a private key, outside the hub."""
        return key_file(self.aside / f"{holder.seed}.pem", holder.seed)

    def sign(self, *gates: str, by: Holder | None = None) -> None:
        """Sign gates as they stand now, as who signs them in earnest or by another key in his name."""
        for gate in gates:
            read = read_leniently(self.hub)
            digest = covered_digest(read, verify(read), read.gates[gate])
            party, role = SIGNERS[gate][0].party, SIGNERS[gate][1]
            made = sign_gate(read, private_key((by or SIGNERS[gate][0]).seed), gate, party, role, digest, "")
            self.put(f"signoffs/{gate}/{party}.toml", made)

    def agree(self) -> str:
        """Everybody signs what stands now, and what covolt says then."""
        self.sign("concept", "trial")
        return self.gates()

    def sign_offer(self, reference: str, holder: Holder | None = None) -> None:
        """The signature of an offer beside it."""
        offer = read_leniently(self.hub).offers[reference]
        by = holder or OFFERERS[offer.datasheet.party]
        name = reference.partition("/")[2]
        self.put(f"offers/{by.party}/{name}.signed.toml", by.signs(reference, offer.digest, "offer", "offers"))

    def sign_texts(self, holder: Holder = AGENCY) -> None:
        """The agency's signature over the texts that it has checked."""
        digest = read_leniently(self.hub).checked["agency/texts"].digest
        self.put("agency/checked.signed.toml", holder.signs("agency/texts", digest))

    def part(self, party: str, name: str, version: str, like: str = "supplier/parts/pack", claims: str = "") -> Path:
        """A part folder of a party whose part is as another, in its name or in that of whom it claims to be."""
        text = self.at(f"{like}/part.toml").read_text(encoding="utf-8")
        text = text.replace('party = "supplier"', f'party = "{claims or party}"').replace('"1.0.0"', f'"{version}"')
        path = self.at(f"{party}/parts/{name}-{version}/part.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path.parent

    def trust(self) -> None:
        """This user knows the first key of every party."""
        trust_in(
            "joint",
            {one.party: one.fingerprint for one in FIRST},
            "concept",
            1,
            {"trial": (f"{SIGNERS['trial'][0].party}/{SIGNERS['trial'][1]}",)},
            {"concept": (f"{SIGNERS['concept'][0].party}/{SIGNERS['concept'][1]}",)},
            {"concept": 1, "trial": 2},
        )

    def run(self, *arguments: object) -> str:
        """A command of covolt: its exit code and all that it says."""
        said = io.StringIO()
        code: object = 0
        with redirect_stdout(said), redirect_stderr(said):
            try:
                main([str(one) for one in arguments])
            except SystemExit as leaving:
                code = leaving.code
        return f"exit code {code}\n{said.getvalue()}"

    def read(self) -> str:
        """What covolt says of the files."""
        try:
            read_whole(self.hub)
        except CovoltError as error:
            return "\n".join(f"{one.where}: {one.what} ({one.hint})" for one in error.problems)
        return "every file is in order"

    def gates(self) -> str:
        """What covolt says of the files, else of every verdict and gate."""
        try:
            read = read_whole(self.hub)
        except CovoltError:
            return self.read()
        found = verify(read)
        lines = [
            f"{one.requirement}: {one.verdict}{f' ({one.why})' if one.why.said('en') else ''}" for one in found.verdicts
        ]
        for one in gate_states(read, found):
            lines.append(f"{one.id}: {'open' if one.open else 'shut'}")
            lines += [f"  {one.id} lacks {block.said('en')}" for block in one.blocks]
            lines += [f"  {one.id} signed by {row.party} as {row.role}: {row.state}" for row in one.signatures]
        return "\n".join(lines)


def build(folder: Path) -> World:
    """The programme, with every gate open by signatures of keys that this user trusts."""
    hub = begin(folder / "joint", figures("city-car"))
    world = World(hub, folder / "own", folder / "aside")
    world.aside.mkdir()
    with settled(world.own):
        _write(world)
        world.trust()
        assert "trial: open" in world.agree(), world.gates()
    return world


@contextmanager
def copied(world: World, folder: Path) -> Generator[World]:
    """A copy of a world in an empty folder, as the only one that covolt knows."""
    made = World(folder / "joint", folder / "own", folder / "aside")
    shutil.copytree(world.hub, made.hub, symlinks=True)
    shutil.copytree(world.own, made.own)
    made.aside.mkdir()
    with settled(made.own):
        yield made


@contextmanager
def settled(own: Path) -> Generator[None]:
    settled = {"COVOLT_CONFIG_DIR": str(own), "COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb"}
    before = {name: os.environ.get(name) for name in settled}
    os.environ.update(settled)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _write(world: World) -> None:
    """What the programme has beside what `covolt new` begins."""
    hub = world.hub
    for one in read_programme(hub).requirements.values():
        if one.verify.method != "declaration":
            read_programme(hub).file_of("requirement", one.id).unlink()
    world.edit("programme.toml", 'id = "joint"', 'id = "joint"\nsignatures_from = "concept"')
    world.put("parties/rival.toml", Party(id="rival", title=Title(en="Rival"), country="BY", roles=("supplier",)))
    report = b"The report of a trial.\n"
    world.at("agency/requirements/evidence").mkdir(parents=True)
    world.at("agency/requirements/evidence/report.txt").write_bytes(report)
    law = Requirement(
        id="LAW",
        party="agency",
        title=Title(en="Mass by law"),
        kind="law",
        procedure="declaration",
        measure="vehicle.kerb_mass",
        at_most="2000 kg",
        regulation=ACT,
        verify=Verify(method="declaration"),
    )
    document = Requirement(
        id="REPORT",
        party="agency",
        title=Title(en="Report of a trial"),
        kind="constraint",
        safety=True,
        verify=Verify(method="document", gate="trial"),
        evidence=(Evidence(path="evidence/report.txt", digest=digest_of(report)),),
    )
    for one in (law, document):
        world.put(f"agency/requirements/{one.id}.toml", one)
    entry = CheckedText(by="officer", on="2026-02-01", edition="first", bounds=(ACT,), procedures=("declaration",))
    world.put("agency/checked.toml", CheckedTexts(id="texts", party="agency", text=(entry,)))
    for order, (gate, check) in enumerate(
        (("concept", "constraints.met >= 1"), ("trial", "laws.met == laws.count and safety.met == safety.count")), 1
    ):
        criterion = Criterion(id="shown", title=Title(en="What is due is shown"), check=check)
        wanted = SignOffWanted(party=SIGNERS[gate][0].party, role=SIGNERS[gate][1])
        made = Gate(
            id=gate,
            title=Title(en=gate.capitalize()),
            order=order,
            people=order > 1,
            criteria=(criterion,),
            signoffs=(wanted,),
        )
        world.put(f"gates/{gate}.toml", made)
    for one in (*FIRST, AGENCY):
        put_key(hub, one)
    publish_part(world.part("rival", "pack", "1.0.0"))
    world.part("rival", "draft", "9.0.0")
    for reference in read_leniently(hub).offers:
        world.sign_offer(reference)
    world.sign_texts()
    freeze(read_programme(hub), "first")
