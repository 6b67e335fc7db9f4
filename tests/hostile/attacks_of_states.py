"""Attacks on what a programme is compared with, and on what is carried over from an earlier one."""

from __future__ import annotations

from covolt.files import digest_of
from covolt.programme.requirement import Evidence, Requirement, Verify
from covolt.programme.text import Title
from covolt.study.verdicts import commit
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_files import LAW, compared, git
from tests.hostile.joint import SUPPLIER, World

LOOSER = "2000 kg.*5000 kg"


# carried over


def moved_with(world: World, *, link: bool) -> str:
    """A document out of its place, which cites a file beside it: the report itself, or a link to the reader's own key."""
    key = world.key(SUPPLIER)
    report = world.at("misc/report.pdf")
    report.parent.mkdir()
    if link:
        report.symlink_to(key)
    else:
        report.write_bytes(b"The report of a trial.\n")
    cited = Requirement(
        id="Q1",
        party="agency",
        title=Title(en="Another report"),
        kind="constraint",
        verify=Verify(method="document"),
        evidence=(Evidence(path="report.pdf", digest=digest_of(report.read_bytes())),),
    )
    world.put("misc/Q1.toml", cited)
    said = world.run("upgrade", world.hub, "--write")
    plain = [one for one in world.hub.rglob("*.pdf") if not one.is_symlink()]
    return said + "".join("a private key in the programme\n" for one in plain if one.read_bytes() == key.read_bytes())


def key_carried_over(world: World) -> str:
    return moved_with(world, link=True)


def report_carried_over(world: World) -> str:
    return moved_with(world, link=False)


# compared with


def agreed(world: World) -> None:
    """A repository around the programme, in which the agreed state has a tag."""
    for words in (("init", "-q"), ("add", "joint"), ("commit", "-qm", "agreed"), ("tag", "v1")):
        git(world, "-C", "..", *words)


def loosened(world: World) -> None:
    world.edit(LAW, "2000 kg", "5000 kg")


def answered_by_files(world: World) -> str:
    """The law is loosened, and a repository of that state, under the tag of the agreed one, lies among the files."""
    agreed(world)
    loosened(world)
    own = world.aside / "own.git"
    git(world, "init", "-q", "--bare", str(own))
    for words in (("add", "."), ("commit", "-qm", "agreed"), ("tag", "v1")):
        git(world, f"--git-dir={own}", "--work-tree=.", *words)
    for one in own.iterdir():
        one.rename(world.at(one.name))
    return compared(world, "v1")


def answered_by_the_repository(world: World) -> str:
    agreed(world)
    return compared(world, "v1")


STATES = [
    Attack(
        "a private key carried into the programme by a link",
        "links",
        "stranger",
        key_carried_over,
        "misc/report.pdf: this is a link",
        report_carried_over,
        "copied along: misc/report.pdf",
        (
            ("covolt.programme.upgrading:_links", lambda *_: iter(())),
            ("covolt.programme.upgrading:_content", lambda root, place: (root / place).read_bytes()),
        ),
        attains="a private key in the programme",
    ),
    Attack(
        "a repository among the files that answers for a commit",
        "baselines",
        "stranger",
        answered_by_files,
        LOOSER,
        answered_by_the_repository,
        "nothing changed",
        (
            ("covolt.study.verdicts.commit:GIT", ("git",)),
            ("covolt.study.verdicts.commit:_repository", lambda folder: commit.Repository(folder, "")),
        ),
    ),
]
