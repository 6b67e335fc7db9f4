"""Attacks by files: records, baselines, links, attributes, names, the order of writing, and inputs without end."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from covolt.errors import CovoltError
from covolt.files import Folder
from covolt.programme.reading import read_leniently
from covolt.programme.requirement_files import rows_of, write_excel
from covolt.programme.text import Title
from covolt.simulation.kept import DIGEST_BYTES, HEADER, cache_folder
from covolt.simulation.route import read_route
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_documents import COVERED, OPEN, ORDER, PINS, STALE
from tests.hostile.attacks_of_signatures import both
from tests.hostile.joint import World

REPORT = "agency/requirements/evidence/report.txt"
LAW = "agency/requirements/LAW.toml"
NO_LINKS = ("pathlib:Path.is_symlink", lambda _: False)
FOLDER_LINK = "this is a link to a folder"


# records


def unmet(world: World) -> None:
    """The integrator asks for a mass that the car does not keep."""
    world.edit("integrator/requirements/MASS.toml", "1173 kg", "900 kg")


def unmet_as_it_is(world: World) -> str:
    unmet(world)
    return world.gates()


def met_as_it_is(world: World) -> str:
    return world.gates()


def plain_digest(digest: str, content: bytes) -> bytes:
    """A seal that anybody can compute."""
    return hashlib.sha256(digest.encode() + content).digest()


def records_forged(world: World, sealed: Callable[[str, bytes], bytes] = plain_digest) -> str:
    """Every record that covolt keeps, with another mass and a seal over it: where it keeps them, and in a programme."""
    unmet(world)
    genuine, folder = cache_folder(), world.aside / "cache"
    assert genuine is not None
    folder.mkdir(mode=0o700)
    for path in genuine.glob("record-*.bin"):
        raw = path.read_bytes()
        content = raw[len(HEADER) + DIGEST_BYTES :]
        try:
            record = json.loads(content)
        except ValueError:
            # Kept by another covolt.
            continue
        if "vehicle.kerb_mass" in record["measures"]:
            record["measures"]["vehicle.kerb_mass"] = 600.0
            content = json.dumps(record, sort_keys=True, ensure_ascii=False).encode()
            raw = HEADER + sealed(path.stem.partition("-")[2], content) + content
        for place in (folder / path.name, world.at(f".covolt/records/{path.name}")):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(raw)
            place.chmod(0o600)
    with patch.dict(os.environ, {"COVOLT_CACHE_DIR": str(folder)}):
        return world.gates()


def evidence_changed(world: World) -> str:
    world.at(REPORT).write_bytes(b"The report of another trial.\n")
    return world.gates()


def evidence_cited_anew(world: World, after: bytes = b"The report of another trial.\n") -> None:
    before = world.at(REPORT).read_bytes()
    world.at(REPORT).write_bytes(after)
    digests = [hashlib.sha256(one).hexdigest() for one in (before, after)]
    world.edit("agency/requirements/REPORT.toml", *digests)


def evidence_and_digest_changed(world: World) -> str:
    evidence_cited_anew(world)
    return world.gates()


def evidence_renewed(world: World) -> str:
    evidence_cited_anew(world)
    return world.agree()


class AnyDigest(str):
    """A digest that is equal to every other one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


RECORDS = [
    Attack(
        "records edited and sealed anew with what anybody can compute",
        "records",
        "stranger",
        records_forged,
        "MASS: not met",
        met_as_it_is,
        "MASS: met",
        (("hmac:compare_digest", lambda *_: True),),
        found=5,
    ),
    Attack(
        "a cited report changed",
        "records",
        "stranger",
        evidence_changed,
        "REPORT: stale.*is not the file that was cited",
        evidence_renewed,
        OPEN,
        (("covolt.programme.files:InFolder.digest", lambda *_: AnyDigest()), COVERED),
    ),
    Attack(
        "a cited report and its digest changed",
        "records",
        "stranger",
        evidence_and_digest_changed,
        STALE,
        evidence_renewed,
        OPEN,
        (COVERED,),
    ),
    Attack(
        "the day until which a report holds put off",
        "records",
        "stranger",
        *(acts := both("agency/requirements/REPORT.toml", "[[evidence]]", '[[evidence]]\nvalid_until = "2099-12-31"'))[
            :1
        ],
        STALE,
        acts[1],
        OPEN,
        (COVERED,),
    ),
]


# baselines and attributes


def git(world: World, *arguments: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=world.hub, check=True, capture_output=True)


def committed(world: World, attributes: str = "") -> None:
    git(world, "init", "-q")
    if attributes:
        world.at(".gitattributes").write_text(attributes, encoding="utf-8")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "base")


def compared(world: World, base: str = "HEAD") -> str:
    return world.run("diff", base, world.hub)


def archived(folder: Path, commit: str, to: Path) -> None:
    """A commit as covolt once took it: as an archive, which obeys the attributes of the other side."""
    made = subprocess.run(
        ["git", "archive", "--format=tar", commit, "--", "."], cwd=folder, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
        archive.extractall(to, filter="data")


ARCHIVE = ("covolt.study.verdicts.commit:written_out", archived)


def hidden_from_base(world: World) -> str:
    """The law is loosened, and the base made to lack it, so that it looks new."""
    committed(world, "/agency/requirements/LAW.toml export-ignore\n")
    world.edit(LAW, "2000 kg", "5000 kg")
    return compared(world)


def unhidden(world: World) -> str:
    committed(world, "/agency/requirements/LAW.toml export-ignore\n")
    return compared(world)


def substituted(world: World) -> str:
    """A remark of the base that Git would replace by a line of its own."""
    committed_with_remark(world, "/agency/requirements/LAW.toml export-subst\n")
    return compared(world)


def committed_with_remark(world: World, attributes: str = "") -> None:
    path = world.at(LAW)
    text = path.read_text(encoding="utf-8")
    path.write_text("# $Format:%x0asafety = true$\n" + text, encoding="utf-8")
    committed(world, attributes)


def really_changed(world: World) -> str:
    committed_with_remark(world)
    world.edit(LAW, "\nkind =", "\nsafety = true\nkind =")
    return compared(world)


def in_another_encoding(world: World) -> str:
    """The base in an encoding in which nobody can read it."""
    committed(world)
    world.at(".gitattributes").write_text("*.toml working-tree-encoding=UTF-16\n", encoding="utf-8")
    git(world, "add", ".gitattributes")
    git(world, "commit", "-qm", "attributes")
    return compared(world)


def truly_unreadable(world: World) -> str:
    world.at("agency/more.toml").write_bytes("schema = ".encode("utf-16"))
    committed(world)
    world.at("agency/more.toml").unlink()
    return compared(world)


def gate_weakened(world: World) -> str:
    committed(world)
    world.edit("gates/trial.toml", "laws.met == laws.count and ", "")
    return compared(world)


def nothing_weakened(world: World) -> str:
    committed(world)
    world.edit("gates/trial.toml", "people", "# people ride from here on\npeople")
    return compared(world)


def frozen_again(world: World) -> str:
    return world.run("lock", world.hub, "--freeze", "first")


def frozen_anew(world: World) -> str:
    return world.run("lock", world.hub, "--freeze", "second")


def frozen_outside(world: World) -> str:
    return world.run("lock", world.hub, "--freeze", "../aside")


def baseline_edited(world: World) -> str:
    """The kept lock pins what its editor wants it to have pinned."""
    digest = read_leniently(world.hub).offers["supplier/pack@1.0.0"].digest
    world.edit("baselines/first.lock", digest, "sha256:" + "0" * 64)
    return compared(world, "first")


def baseline_kept(world: World) -> str:
    return compared(world, "first")


def no_locks_exist(path):
    return path.suffix != ".lock" and os.path.exists(path)  # noqa: PTH110  the method itself is replaced


BASELINES = [
    Attack(
        "a gate weakened beside its base",
        "baselines",
        "stranger",
        gate_weakened,
        "gate trial",
        nothing_weakened,
        "nothing changed",
        (("covolt.study.verdicts.attribution:_common", lambda *_: ()),),
        found=9,
    ),
    Attack(
        "a baseline kept again under its name",
        "baselines",
        "stranger",
        frozen_again,
        "the baseline 'first' is already kept",
        frozen_anew,
        "kept as",
        (("pathlib:Path.exists", no_locks_exist), ("covolt.journal:_stands", lambda *_: True)),
    ),
    Attack(
        "a baseline kept outside the programme",
        "baselines",
        "stranger",
        frozen_outside,
        "'../aside' is no name of a baseline",
        frozen_anew,
        "kept as",
        (("covolt.programme.baselines:IDENTIFIER", ".*"),),
        # The writer does not leave the programme.
        attains="this leads out of the programme|kept as",
    ),
    Attack(
        "a baseline edited",
        "baselines",
        "stranger",
        baseline_edited,
        "is not what the lock pinned",
        baseline_kept,
        "nothing changed",
        (PINS,),
        attains="exit code 0",
    ),
]
ATTRIBUTES = [
    Attack(
        "a law hidden from the base",
        "attributes",
        "party",
        hidden_from_base,
        "2000 kg.*5000 kg",
        unhidden,
        "nothing changed",
        (ARCHIVE,),
        attains="absent",
        found=8,
    ),
    Attack(
        "a line that Git writes into the base",
        "attributes",
        "stranger",
        substituted,
        "nothing changed",
        really_changed,
        "LAW",
        (ARCHIVE,),
        found=8,
    ),
    Attack(
        "a base in another encoding",
        "attributes",
        "stranger",
        in_another_encoding,
        "nothing changed",
        truly_unreadable,
        "not UTF-8|UTF-16",
        (ARCHIVE,),
        found=8,
    ),
]


# links


def linked(place: str):
    """A folder outside in the place of one of the programme."""

    def do(world: World) -> str:
        outside = world.aside / "outside"
        path = world.at(place)
        if path.is_dir():
            path.rename(outside)
        else:
            outside.mkdir()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(outside)
        return world.read()

    def twin(world: World) -> str:
        world.at(place).mkdir(parents=True, exist_ok=True)
        return world.read()

    return do, twin


def attached_through_a_link(world: World) -> str:
    """A folder of attachments that leads out of the programme, to where keys lie that open a machine."""
    outside = world.aside / "ssh"
    outside.mkdir()
    world.at("offers/supplier/evidence").symlink_to(outside)
    said = attached(world)
    return said + "".join(f"written outside: {one.name}" for one in outside.rglob("*") if one.is_file())


def attached(world: World) -> str:
    part = world.part("supplier", "pack", "1.1.0")
    (part / "authorized_keys").write_text("a key\n", encoding="utf-8")
    return world.run("offer", part, "--attach", part / "authorized_keys")


def document_linked(world: World) -> str:
    outside = world.aside / "LAW.toml"
    world.at(LAW).rename(outside)
    world.at(LAW).symlink_to(outside)
    return world.gates()


def evidence_linked(world: World) -> str:
    outside = world.aside / "report.txt"
    world.at(REPORT).rename(outside)
    world.at(REPORT).symlink_to(outside)
    return world.gates()


def evidence_linked_inside(world: World) -> str:
    """The report lies where another party may change it at any time."""
    inside = world.at("rival/report.txt")
    world.at(REPORT).rename(inside)
    world.at(REPORT).symlink_to(inside)
    return world.gates()


def attachment_in_its_folder(world: World) -> str:
    part = world.part("supplier", "pack", "1.1.0")
    (part / ".reports").mkdir()
    (part / ".reports" / "mass.txt").write_text("a report\n", encoding="utf-8")
    world.run("offer", part, "--attach", part / ".reports" / "mass.txt")
    return world.read()


def attachment_behind_a_link(world: World) -> str:
    attachment_in_its_folder(world)
    folder = world.at("offers/supplier/evidence/pack@1.1.0/.reports")
    folder.rename(world.aside / "reports")
    folder.symlink_to(world.aside / "reports")
    return world.read()


def anchor_linked(world: World) -> str:
    """What this user trusts is a file of somebody else's."""
    path, other = world.own / "trusted.toml", world.aside / "trusted.toml"
    path.rename(other)
    path.symlink_to(other)
    return world.gates()


def followed(path, foreign_modes=0o022):
    """Content of a file whoever could have written it."""
    return path.read_bytes() if path.exists() else None


def anchor_open(world: World) -> str:
    (world.own / "trusted.toml").chmod(0o666)
    return world.gates()


LINKS = [
    Attack(
        "the folder of reports a link out of the programme",
        "links",
        "party",
        *(acts := linked("build"))[:1],
        FOLDER_LINK,
        acts[1],
        ORDER,
        (NO_LINKS,),
        found=12,
    ),
    Attack(
        "covolt's own folder a link out of the programme",
        "links",
        "stranger",
        *(acts := linked(".covolt"))[:1],
        FOLDER_LINK,
        acts[1],
        ORDER,
        (NO_LINKS,),
        found=12,
    ),
    Attack(
        "attachments written through a link",
        "links",
        "party",
        attached_through_a_link,
        FOLDER_LINK,
        attached,
        "published supplier/pack@1.1.0",
        (("covolt.files:_NO_LINK", 0), ("stat:S_ISLNK", lambda _: False), NO_LINKS),
        found=12,
    ),
    Attack(
        "a requirement a link to a file outside",
        "links",
        "stranger",
        document_linked,
        "this is a link to a file",
        met_as_it_is,
        OPEN,
        (NO_LINKS,),
    ),
    Attack(
        "a cited report a link to a file outside",
        "links",
        "stranger",
        evidence_linked,
        "REPORT: not verified.*a link leads to evidence/report.txt",
        met_as_it_is,
        OPEN,
        (NO_LINKS,),
    ),
    Attack(
        "a cited report a link to a file inside",
        "links",
        "party",
        evidence_linked_inside,
        "REPORT: not verified.*a link leads to evidence/report.txt",
        met_as_it_is,
        OPEN,
        (NO_LINKS,),
        found=12,
    ),
    Attack(
        "an attached file behind a link that no walk of the programme sees",
        "links",
        "party",
        attachment_behind_a_link,
        "a link leads to its file .reports/mass.txt",
        attachment_in_its_folder,
        ORDER,
        (NO_LINKS,),
        found=12,
    ),
    Attack(
        "what this user trusts a link",
        "links",
        "stranger",
        anchor_linked,
        "could have been written or read by others, or is no plain file",
        met_as_it_is,
        OPEN,
        (("covolt.own_files:own_content", followed),),
        found=13,
    ),
    Attack(
        "what this user trusts open to others",
        "records",
        "stranger",
        anchor_open,
        "could have been written or read by others, or is no plain file",
        met_as_it_is,
        OPEN,
        (("covolt.own_files:own_content", followed),),
        found=13,
    ),
]


# names


def file_with_a_control_sign(world: World) -> str:
    """A name that clears the terminal."""
    world.at("rival/\x1b[2Jx.toml").write_text('schema = "requirement/1"\nid = 5\n', encoding="utf-8")
    said = world.run("check", world.hub)
    return f"{said}\nraw control signs: {sum(one < ' ' and one != chr(10) for one in said)}"


def file_with_a_plain_name(world: World) -> str:
    world.at("rival/x.toml").write_text('schema = "requirement/1"\nid = 5\n', encoding="utf-8")
    return world.run("check", world.hub)


def titled(title: str):
    def do(world: World) -> str:
        world.edit("parties/rival.toml", 'en = "Rival"', f'en = "{title}"')
        return world.agree() if "control" not in world.read() else world.read()

    return do


def titled_as_another(world: World) -> str:
    world.edit("parties/rival.toml", 'en = "Rival"', 'en = "Type-\u0430pproval agency"')
    return world.run("check", world.hub)


def titled_as_itself(world: World) -> str:
    world.edit("parties/rival.toml", 'en = "Rival"', 'en = "The rival"')
    return world.run("check", world.hub)


HIDDEN = ("covolt.legible:HIDDEN", re.compile("(?!)"))
NAMES = [
    Attack(
        "a file whose name clears the terminal",
        "names",
        "party",
        file_with_a_control_sign,
        r"rival/\\u\{1b\}\[2Jx.toml.*raw control signs: 0",
        file_with_a_plain_name,
        "rival/x.toml",
        (HIDDEN,),
        attains="raw control signs: [1-9]",
        found=11,
    ),
    Attack(
        "a title with signs of no width",
        "names",
        "party",
        titled("Type-\u200bapproval agency"),
        r"title.en\): it holds control characters \(U\+200B\)",
        titled("A rival"),
        OPEN,
        (HIDDEN,),
        found=15,
    ),
    Attack(
        "a title with a letter of another alphabet",
        "names",
        "party",
        titled_as_another,
        "Cyrillic",
        titled_as_itself,
        ORDER,
        (("covolt.legible:mixed_words", lambda _: {}),),
        attains="every file is in order(?!.*Cyrillic)",
        found=15,
    ),
]


# order of writing


def imported(world: World, stop_at: int, *options: str) -> str:
    """Two requirements changed by one file; the process ends at one of the moves by which they take their places."""
    read = read_leniently(world.hub)
    rows = [one.model_copy(update={"title": Title(en="Changed")}) for one in read.requirements.values()]
    file = world.aside / "rows.xlsx"
    write_excel(file, rows_of([one for one in rows if one.id in {"MASS", "ENERGY"}]), None)
    genuine, count = Folder.put, 0

    def put(self, part, name, *, new):
        nonlocal count
        if name.startswith(("MASS", "ENERGY")):
            count += 1
            if count == stop_at:
                raise KeyboardInterrupt
        return genuine(self, part, name, new=new)

    with patch.object(Folder, "put", put), contextlib.suppress(KeyboardInterrupt):
        world.run("requirements", "import", file, world.hub, "--party", "integrator", *options)
    world.read()
    changed = [
        world.at(f"integrator/requirements/{one}.toml").read_text(encoding="utf-8") for one in ("MASS", "ENERGY")
    ]
    return f"{sum('Changed' in one for one in changed)} of 2 changed"


def foreign_journal(world: World) -> str:
    """A writing that somebody else has left half done, and that would put another file in the place of a gate."""
    part = ".concept.toml.1-1.part"
    weaker = world.at("gates/concept.toml").read_text(encoding="utf-8").replace("constraints.met >= 1", "1 == 1")
    world.at(f"gates/{part}").write_text(weaker, encoding="utf-8")
    after = "sha256:" + hashlib.sha256(weaker.encode()).hexdigest()
    before = "sha256:" + hashlib.sha256(world.at("gates/concept.toml").read_bytes()).hexdigest()
    move = {"part": part, "path": "gates/concept.toml", "before": before, "after": after}
    text = json.dumps({"folder": world.hub.stat().st_ino, "moves": [move]})
    world.at(".covolt").mkdir(exist_ok=True)
    world.at(".covolt/journal").write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", encoding="utf-8")
    return world.read()


def own_journal(world: World) -> str:
    """The same by a writer of this user's own, which is finished."""
    return f"{imported(world, 2)}; {world.read()}"


ORDERED = [
    Attack(
        "an import that ends between its files",
        "order",
        "stranger",
        lambda world: imported(world, 2),
        "2 of 2 changed",
        lambda world: imported(world, 0, "--dry-run"),
        "0 of 2 changed",
        (("covolt.journal:_write_journal", lambda *_: None),),
        attains="1 of 2 changed",
        found=6,
    ),
    Attack(
        "a journal that lets covolt move a partner's files",
        "order",
        "stranger",
        foreign_journal,
        "an unfinished writing that is not yours",
        own_journal,
        ORDER,
        (("covolt.journal:_seal", lambda text: hashlib.sha256(text.encode()).hexdigest()),),
        found=6,
    ),
]


# inputs without end


def route(last_m: str):
    def do(world: World) -> str:
        path = world.aside / "route.csv"
        path.write_text(f"distance_m,speed_kmh\n0,50\n{last_m},0\n", encoding="utf-8")
        try:
            return f"{len(read_route(path))} legs"
        except CovoltError as error:
            return error.problems[0].what

    return do


def remark(text: str, rest: str):
    """A document after a long remark, and how long it takes to say what is wrong with it."""

    def do(world: World) -> str:
        world.at("rival/x.toml").write_text(f"# {text}\n{rest}", encoding="utf-8")
        begin_s = time.process_time()
        said = world.read()
        return f"read {'at once' if time.process_time() - begin_s < SOON_s else 'after a while'}: {said}"

    return do


def looked_through_again_and_again(line: str, fence: str) -> tuple[str, str]:
    """How covolt once left the inside of texts out: each copied the rest of the line, so that time went as its square."""
    kept, rest = "", line
    while True:
        if fence:
            _, closed, rest = rest.partition(fence)
            if not closed:
                return kept, fence
            kept, fence = kept + '""', ""
        opening = re.search(r'"""|\'\'\'', rest)
        if opening is None:
            return kept + rest, ""
        kept, fence, rest = kept + rest[: opening.start()], opening[0], rest[opening.end() :]


SOON_s = 1.5
GOOD = 'schema = "interest/1"\nid = "LIGHT"\nparty = "rival"\ntitle = "Light"\nprocedure = "declaration"\n'
GOOD += 'measure = "kerb_mass"\nworst_acceptable = "1200 kg"\naspiration = "1000 kg"\n'
INPUTS = [
    Attack(
        "a route without end",
        "inputs",
        "party",
        route("1e300"),
        "the road is 1e.297 km long, more than 10000 km",
        route("200"),
        r"\d legs",
        (("covolt.simulation.route:LONGEST_m", float("inf")),),
        found=10,
    ),
    Attack(
        "a line of quotation marks",
        "inputs",
        "party",
        remark('"' * 900_000, 'schema = "interest/1"\n'),
        "read at once: rival/x.toml",
        remark("x" * 900_000, GOOD),
        f"read at once: {ORDER}",
        (("covolt.contract.lines:_without_fences", looked_through_again_and_again),),
        attains="read after a while",
        found=14,
    ),
]
