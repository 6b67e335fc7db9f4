"""Attacks on what a programme is compared with, and on what is carried over from an earlier one."""

from __future__ import annotations

from covolt.errors import CovoltError
from covolt.files import digest_of
from covolt.programme.baselines import read_lock
from covolt.programme.reading import read_leniently
from covolt.programme.requirement import Evidence, Requirement, Verify
from covolt.programme.text import Title
from covolt.study.verdicts import commit
from covolt.study.verdicts.baseline import last_baseline
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


def named_as_the_tag(world: World) -> str:
    """The law is loosened, and today's lock kept as a baseline by the name of the agreed state."""
    agreed(world)
    loosened(world)
    world.at("baselines/v1.lock").write_bytes(world.at("programme.lock").read_bytes())
    return compared(world, "v1")


def named_otherwise(world: World) -> str:
    """The same under a name that no commit has, and nothing loosened."""
    agreed(world)
    world.at("baselines/v2.lock").write_bytes(world.at("programme.lock").read_bytes())
    return compared(world, "v1")


def kept(world: World, day: str) -> str:
    """Today's lock as a baseline that is taken for the last one: what moved before it is no longer told."""
    frozen = f'"lock/1"\nfrozen = "{day}"'
    text = world.at("programme.lock").read_text(encoding="utf-8").replace('"lock/1"', frozen, 1)
    world.at("baselines/zzz.lock").write_text(text, encoding="utf-8")
    try:
        last = last_baseline(read_leniently(world.hub))
    except CovoltError as error:
        return "\n".join(f"{one.where}: {one.what}" for one in error.problems) + world.read()
    return f"compared with {last.name if last else 'nothing'}\n{world.read()}"


def kept_in_the_future(world: World) -> str:
    return kept(world, "9999-12-31")


def kept_before(world: World) -> str:
    return kept(world, "2021-03-31")


KEPT_LAST = "compared with zzz.lock"
STATES = [
    Attack(
        "a baseline by the name of a tag",
        "baselines",
        "party",
        named_as_the_tag,
        "'v1' is the name of a baseline and a commit",
        named_otherwise,
        "nothing changed",
        (("covolt.study.verdicts.commit:commit_named", lambda *_: None),),
    ),
    Attack(
        "a baseline of a day to come that is taken for the last",
        "baselines",
        "stranger",
        kept_in_the_future,
        "baselines/zzz.lock.*still to come",
        kept_before,
        "compared with first.lock.*every file is in order",
        (("covolt.programme.baselines:kept_on", lambda path, _: (read_lock(path).frozen, [])),),
        attains=KEPT_LAST,
    ),
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
