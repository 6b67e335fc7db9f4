"""Pushes with Git: what is a party's own is taken and counts at once; everything else is refused where its pusher reads it."""

import http.client
import io
import re
import shutil
import threading
import zipfile
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx2
import pytest

from covolt.contract.title import Title
from covolt.errors import InputError, NotFound, Problem, Unavailable
from covolt.study.cases.publish import lock, offer
from covolt.workspace.asking import Workspace
from covolt.workspace.auditing import audit
from covolt.workspace.pushed import commit_problems, long_texts
from covolt.workspace.repository import MAIN, Repository
from covolt.workspace.states import files_of
from tests.house.source import ROOT
from tests.workspace.conftest import Clock, of, small
from tests.workspace.git_client import git
from tests.workspace.test_client import served
from tests.workspace.unlocked import unlocked

pytestmark = pytest.mark.whole
NAME, PARTY = "small-car", "battery-works"


@pytest.fixture
def address(workspace):
    with served(workspace) as found:
        yield f"{found}/git/{NAME}"


@pytest.fixture
def own(address, tmp_path):
    git(tmp_path, "clone", f"{address}/{PARTY}.git", party=PARTY)
    return tmp_path / PARTY


@pytest.fixture
def shared(address, tmp_path):
    git(tmp_path, "clone", f"{address}/programme.git", party=PARTY)
    return tmp_path / "programme"


def commit(folder, said="Changed"):
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "-m", said)


def push(folder, *words, party=PARTY, ok=True):
    return git(folder, "push", *(words or ("origin", "HEAD:main")), party=party, ok=ok)


def test_a_party_pushes_to_its_own_repository_and_it_counts_at_once(workspace, own):
    before = workspace.programmes.heads(NAME)
    (own / "notes.txt").write_text("what was measured")
    commit(own, "a private word")
    push(own)
    heads = workspace.programmes.heads(NAME)
    assert dict(heads.parties)[PARTY] == git(own, "rev-parse", "HEAD").strip()
    assert heads.programme != before.programme
    assert workspace.folders(NAME).files(heads)[f"{PARTY}/notes.txt"] == b"what was measured"
    [told, *_] = workspace.feed(NAME, of("drive-works")).events
    assert (told.verb, told.party, told.subject) == ("pushed", PARTY, f"repository/{PARTY}")
    assert str(told.said) == f"pushed to the repository {PARTY}"
    assert "private" not in str(told)


def heavier(workspace, shared, mass):
    """Commit an offer of a battery of another mass, and the lock that pins it."""
    with workspace.folders(NAME).draft(workspace.programmes.heads(NAME)) as draft:
        part = draft / PARTY / "parts/pack-33/part.toml"
        said = re.sub(r"(?m)^version = .*$", 'version = "1.1.0"', part.read_text("utf-8"))
        part.write_text(said.replace("235 kg", mass), "utf-8")
        offer(part.parent)
        lock(draft, pins=[f"battery={PARTY}/pack-33@1.1.0"])
        written = files_of(draft)
    for path in [f"offers/{PARTY}/pack-33@1.1.0.toml", "programme.lock"]:
        (shared / path).write_bytes(written[path])
    commit(shared)


def test_a_party_publishes_and_locks_by_a_push_and_everybody_sees_what_turns(workspace, shared):
    heavier(workspace, shared, "240 kg")
    push(shared)
    [slot] = [one for one in workspace.programme(NAME, of(PARTY)).slots if one.id == "battery"]
    assert slot.part == f"{PARTY}/pack-33@1.1.0"
    [told, *_] = workspace.feed(NAME, of("drive-works")).events
    assert told.subject == "repository/programme"
    assert any("1155" in str(one) for one in told.effects), told.effects


def test_what_others_must_agree_to_is_not_locked_by_a_push(workspace, shared):
    before = workspace.programmes.heads(NAME)
    heavier(workspace, shared, "260 kg")
    said = push(shared, ok=False)
    assert "integrator must agree to what this changes in the lock" in said, "whose bound of the mass it breaks"
    assert "covolt propose" in said
    assert workspace.programmes.heads(NAME) == before
    git(shared, "reset", "--soft", before.programme)
    git(shared, "restore", "--staged", "--worktree", "programme.lock")
    commit(shared)
    push(shared)  # what is offered and not locked concerns nobody yet


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("requirements/B-MASS.toml", b"schema = [", "B-MASS.toml"),
        ("requirements/NEW.toml", b'schema = "requirement/1"\nid = "NEW"\n', "NEW.toml"),
        ("notes\x07.txt", b"x", "signs that nobody sees"),
        ("a/.gitmodules.txt", b"x", "a name of Git"),
        ("NOTES/a", b"x", "capitals alone"),
        ("aux.txt", b"x", "Windows keeps the name"),
        ("large.bin", bytes(21 * 1024**2), "22 MB, more than 21"),
    ],
)
def test_a_file_that_does_not_belong_here_is_refused_at_its_place(workspace, own, path, content, said):
    heads = workspace.programmes.heads(NAME)
    (own / "notes").mkdir()
    (own / "notes/b").write_text("x")
    (own / path).parent.mkdir(parents=True, exist_ok=True)
    (own / path).write_bytes(content)
    commit(own)
    assert said in push(own, ok=False)
    assert workspace.programmes.heads(NAME) == heads
    assert [one.verb for one in workspace.feed(NAME, of(PARTY)).events] == ["begun"]


def test_a_title_or_text_that_is_too_long_is_refused_and_one_that_stood_is_left():
    titled = 'title = {{ en = "{en}", ru = "{ru}" }}\nreason = "{reason}"\n'.format
    short = titled(en="e" * 500, ru="r" * 500, reason="s" * 20_000).encode()
    long = titled(en="e" * 501, ru="r" * 501, reason="s" * 20_001).encode()
    name = "requirements/I-MASS.toml"
    assert not long_texts({}, {name: short}, "integrator/")
    found = long_texts({}, {name: long}, "integrator/")
    assert [one.where for one in found] == [f"integrator/{name}: {key}" for key in ("title.en", "title.ru", "reason")]
    assert str(found[0].what) == "this text has 501 signs, more than 500"
    assert found[0].hint
    assert len(long_texts({}, {f"parties/{PARTY}.toml": short}, "")) == 2
    assert not long_texts({name: long}, {name: long + b'kind = "need"\n'}, "integrator/")


def test_too_long_a_title_is_pushed_by_nobody(own):
    [sheet] = own.glob("parts/pack-33/part.toml")
    sheet.write_text(re.sub(r"(?m)^title = .*$", f'title = "{"e" * 6_000_000}"', sheet.read_text("utf-8")), "utf-8")
    commit(own)
    assert "this text has 6000000 signs, more than 500" in push(own, ok=False)


def test_links_modules_and_bombs_are_refused(workspace, own, tmp_path):
    (own / "link").symlink_to("/etc/passwd")
    head = git(own, "rev-parse", "HEAD").strip()
    git(own, "update-index", "--add", "--cacheinfo", f"160000,{head},module")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../modelDescription.xml", "x")
    (own / "model.fmu").write_bytes(packed.getvalue())
    git(own, "add", "link", "model.fmu")
    git(own, "commit", "--quiet", "-m", "links")
    said = push(own, ok=False)
    assert "this is a link" in said
    assert "a repository within" in said
    git(own, "rm", "--quiet", "--cached", "link", "module")
    git(own, "commit", "--quiet", "-m", "the bomb alone")
    assert "model.fmu" in push(own, ok=False)


def test_main_alone_goes_on_and_never_back(workspace, own):
    heads = workspace.programmes.heads(NAME)
    assert "only main" in push(own, "origin", "HEAD:refs/heads/other", ok=False)
    assert "only main" in push(own, "origin", "HEAD:refs/tags/v1", ok=False)
    push(own, "origin", ":main", ok=False)
    (own / "notes.txt").write_text("x")
    commit(own)
    push(own)
    git(own, "reset", "--quiet", "--hard", "HEAD~1")
    (own / "notes.txt").write_text("y")
    commit(own)
    assert "leaves out what stands" in push(own, "--force", "origin", "HEAD:main", ok=False)
    git(own, "checkout", "--quiet", "--orphan", "anew")
    commit(own)
    assert "leaves out what stands" in push(own, "--force", "origin", "HEAD:main", ok=False)
    assert workspace.programmes.heads(NAME) != heads


def test_what_is_not_a_partys_own_is_refused_file_by_file(workspace, shared):
    (shared / "gates/prototype.toml").write_text("# nothing")
    (shared / ".parties").write_text("")
    (shared / "offers/drive-works/new.toml").write_text("x = 1")
    (shared / "programme.toml").write_text((shared / "programme.toml").read_text() + "\n")
    text = (shared / "programme.lock").read_text()
    digest = re.search(r'\[slots\.tyre\][^\[]*?digest = "([^"]*)"', text) or re.search(
        r'tyre = .*?digest = "([^"]*)"', text
    )
    (shared / "programme.lock").write_text(text.replace(digest[1], "sha256:" + "0" * 64))
    [published, *_] = (shared / f"offers/{PARTY}").glob("*.toml")
    published.unlink()
    commit(shared)
    said = push(shared, ok=False)
    for place in ("gates/prototype.toml", ".parties", "offers/drive-works/new.toml", "programme.toml", published.name):
        assert f"{place}: " in said
    assert "'tyre' is a slot of another party" in said
    assert "what was published stays" in said


def test_anothers_files_are_not_changed_on_the_way_either(workspace, shared):
    path = shared / "programme.toml"
    was = path.read_text()
    path.write_text(was + "\n# mine\n")
    commit(shared)
    path.write_text(was)
    commit(shared)
    assert "programme.toml: this is not battery-works's" in push(shared, ok=False)


@pytest.mark.parametrize(
    ("name", "mail", "said", "told"),
    [
        ("An engineer", "engineer@example.org", "Agreed\x1b[2J by all", "signs that nobody sees"),
        ("An engineer\u202e", "engineer@example.org", "Changed", "signs that nobody sees"),
        ("Somebody", "39624a687cefbb85@integrator", "Changed", "its author is one of integrator"),
    ],
)
def test_what_a_commit_says_of_itself_is_held_too(shared, name, mail, said, told):
    own = shared / "parties/battery-works.toml"
    own.write_text(own.read_text("utf-8") + "# changed\n", "utf-8")
    git(shared, "add", "--all")
    git(shared, "commit", "--quiet", f"--author={name} <{mail}>", "-m", said)
    assert told in push(shared, ok=False)


def test_nobody_writes_in_the_name_of_another_party_or_of_the_workspace(shared, own):
    mine = shared / "parties/battery-works.toml"
    mine.write_text(mine.read_text("utf-8") + "# changed\n", "utf-8")
    (own / "notes.txt").write_text("what was measured")
    commit(shared), commit(own)
    engineer = ("An engineer", "engineer@example.org")
    forged = [
        ("4ca4264ca46d40f4 (integrator)", "integrator@covolt.invalid"),
        ("An engineer", "Integrator@COVOLT.invalid"),
        ("An engineer (battery-works)", f"{PARTY}@covolt.invalid"),
        ("Integrator (integrator)", "engineer@example.org"),
        ("INTEGRATOR.", "engineer@example.org"),
        ("\u0406ntegrator", "engineer@example.org"),
        ("Workspace", "workspace@example.org"),
        ("An engineer", "engineer@c\u043evolt.invalid"),
        ("4ca4264ca46d40f4", "engineer@example.org"),
    ]
    told = re.compile("as the workspace alone writes them|its author is one of|as the workspace numbers people")
    for name, mail in forged:
        for author, committer in (((name, mail), engineer), (engineer, (name, mail))):
            set_by = ("-c", f"user.name={committer[0]}", "-c", f"user.email={committer[1]}")
            words = (*set_by, "commit", "--quiet", "--amend", f"--author={author[0]} <{author[1]}>", "-m", "Changed")
            git(shared, *words)
            assert told.search(push(shared, ok=False)), (author, committer)
    git(own, "-c", "user.email=integrator@covolt.invalid", "commit", "--quiet", "--amend", "--reset-author", "-m", "x")
    assert told.search(push(own, ok=False)), "nor in its own repository, which it may show to others"
    git(own, "commit", "--quiet", "--amend", "-m", "x\n\nCo-authored-by: I <integrator@covolt.invalid>")
    assert told.search(push(own, ok=False))
    for folder in (shared, own):  # what is pushed to its own moves the shared one
        git(folder, "commit", "--quiet", "--amend", "--author=Anna (battery-works) <covolt@workspace>", "-m", "Mine")
        push(folder)


def test_a_party_takes_no_name_of_a_person_of_the_workspace_or_of_an_address(workspace, shared, tmp_path):
    people = workspace.people
    anna, boris = people.add("Anna Petrova", administers=True), people.add("Boris")
    with workspace.programmes.database.writing() as session:
        people.join(session, NAME, PARTY, boris, (), anna)
    own = shared / f"parties/{PARTY}.toml"
    written = own.read_text("utf-8")
    taken = "is called"

    def titled(title):
        own.write_text(re.sub(r"(?m)^title = .*$", lambda _: f"title = {title}", written), "utf-8")
        commit(shared)

    for title, told in (
        ('"Anna Petrova"', taken),
        ('{ en = "ANNA-PETROVA", ru = "Работы" }', taken),
        ('"Covolt"', taken),
        ('{ en = "Works", ru = "Рабочее пространство" }', taken),
        ('"Drive works"', taken),
        (f'"{anna}"', "numbers people"),
        ('"d3cf0bcb6876941e"', "numbers people"),
        ('{ en = "drive.example", ru = "Иван" }', "is no address"),
        ('"engineer@example"', "is no address"),
    ):
        titled(title)
        said = push(shared, ok=False)
        assert told in said, (title, said)
    titled('{ en = "Works", ru = "Завод имени А.С. Попова" }')
    push(shared)
    with workspace.programmes.database.writing() as session:  # a title that stands is kept, whoever comes later
        people.added(session, "Works", frozenset(), person="https://issuer.example|1")
    titled('{ en = "Works", ru = "Работы" }')
    push(shared)
    again = small(tmp_path / "again-car")
    theirs = again / "parties/integrator.toml"
    theirs.write_text(re.sub(r"(?m)^title = .*$", 'title = "Anna Petrova"', theirs.read_text("utf-8")), "utf-8")
    with pytest.raises(InputError, match="is called"):
        workspace.programmes.begin(again, of("integrator"))


def test_by_its_title_a_party_keeps_nobody_out_of_anothers_repository(workspace, own):
    parties = workspace.programmes.read(NAME, workspace.programmes.heads(NAME)).parties
    drive = parties["drive-works"].model_copy(update={"title": Title(en="battery.example", ru="Борис")})
    programme = SimpleNamespace(parties={**parties, "drive-works": drive})
    folder = Repository(own / ".git")
    before = folder.head()
    for name, mail in (("An engineer", "ivan@battery.example"), ("Борис", "boris@other.example")):
        git(own, "commit", "--quiet", "--allow-empty", f"--author={name} <{mail}>", "-m", "Measured")
    told = commit_problems(folder, before, folder.head(), PARTY, programme, ())
    assert [str(one.what) for one in told] == ["its author is one of drive-works"], "nobody knows this one"
    assert not commit_problems(folder, before, folder.head(), PARTY, programme, ["Борис"])


def test_a_push_is_one_state_in_words_and_at_the_time_of_the_log_whatever_its_commits_say(workspace, shared):
    before = workspace.comparing.states(NAME, of(PARTY)).states[1]
    words = ("commit", "--quiet", "--allow-empty", "--date=1999-01-01T00:00:00Z", "-m")
    for count in range(105):
        git(shared, *words, "Taken into the workspace" if count else "Proposal 1 merged by Integrator")
    push(shared)
    pushed, *others = [
        one for one in workspace.comparing.states(NAME, of("drive-works")).states if one.id.startswith("commit:")
    ]
    assert others == [before]
    told = workspace.feed(NAME, of("drive-works")).events[0]
    assert (pushed.id, pushed.at) == (f"commit:{git(shared, 'rev-parse', 'HEAD').strip()}", told.at)
    title = workspace.programmes.read(NAME, workspace.programmes.heads(NAME)).parties[PARTY].title.words.said("en")
    assert str(pushed.said) == f'Pushed by {title}: "Taken into the workspace"'
    assert pushed.said.said("ru").endswith("«Taken into the workspace»")
    assert workspace.comparing.compared(NAME, of(PARTY), before.id, "now").before == before
    within = git(shared, "rev-parse", "HEAD~3").strip()
    with pytest.raises(NotFound):
        workspace.comparing.compared(NAME, of(PARTY), f"commit:{within}", "now")


def test_a_party_takes_neither_the_name_nor_the_signature_of_another(workspace, shared):
    own, theirs = shared / "parties/battery-works.toml", shared / "parties/integrator.toml"
    title = next(line for line in theirs.read_text("utf-8").splitlines() if line.startswith("title"))
    written = own.read_text("utf-8")
    shouted = re.sub(r'"[^"]*"', lambda found: found[0].upper(), title)
    own.write_text(re.sub(r"(?m)^title = .*$", shouted, written), "utf-8")
    commit(shared)
    assert "have one title" in push(shared, ok=False)
    own.write_text(written, "utf-8")
    signed = SIGNED.format(programme=NAME, key="ab" * 32, signature="ab" * 64)
    place = shared / "signoffs/concept/forged.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(signed, "utf-8")
    commit(shared)
    assert "this key is none of battery-works" in push(shared, ok=False)


SIGNED = """schema = "signoff/2"
programme = "{programme}"
gate = "concept"
party = "battery-works"
role = "chief-engineer"
date = "2026-11-30"
digest = "sha256:{key}"
key = "{key}"
signature = "{signature}"
"""


def test_nothing_of_what_others_hide_is_told_to_a_pusher(small_programme, tmp_path, own_records):
    folder = tmp_path / "begun"
    shutil.copytree(small_programme, folder)
    interest = (ROOT / "examples/city-car/battery-works/interests/CHARGE-SPARED.toml").read_text("utf-8")
    theirs = interest.replace(PARTY, "integrator").replace("CHARGE-SPARED", "CANARY")
    place = folder / "integrator/interests/kept.toml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(theirs.replace('visibility = "programme"', 'visibility = "party"'), "utf-8")
    workspace = unlocked(Workspace(tmp_path / "home", Clock()))
    workspace.begin(folder, of(""))
    with served(workspace) as address:
        git(tmp_path, "clone", f"{address}/git/{NAME}/{PARTY}.git", party=PARTY)
        mine = tmp_path / PARTY / "interests/MINE.toml"
        mine.parent.mkdir(exist_ok=True)
        mine.write_text(interest.replace("CHARGE-SPARED", "CANARY"), "utf-8")
        commit(tmp_path / PARTY)
        said = push(tmp_path / PARTY, ok=False)
        assert "does not go with what other parties keep as their own" in said
        assert "integrator" not in said
        assert "kept.toml" not in said
        mine.write_text(interest.replace("CHARGE-SPARED", "MINE"), "utf-8")
        commit(tmp_path / PARTY)
        push(tmp_path / PARTY)
    workspace.close()


def test_a_broken_pack_and_nonsense_are_refused(address, workspace, own):
    headers = {"Covolt-Party": PARTY, "Content-Type": "application/x-git-receive-pack-request"}
    stands = workspace.pushes.stands(NAME, PARTY, of(PARTY))
    wish = f"{stands} {'1' * 40} {MAIN}\0report-status".encode()
    for body in (b"zzzz", b"0003", b"%04x" % (len(wish) + 4) + wish + b"0000" + b"PACK" + bytes(60)):
        answer = httpx2.post(f"{address}/{PARTY}.git/git-receive-pack", content=body, headers=headers)
        assert answer.status_code == 422 or b"ng refs/heads/main" in answer.content
    assert workspace.pushes.stands(NAME, PARTY, of(PARTY)) == stands


def test_too_large_a_push_ends_early_with_its_reason(address):
    way = urlsplit(address)
    connection = http.client.HTTPConnection(way.hostname, way.port, timeout=30)
    connection.putrequest("POST", f"{way.path}/{PARTY}.git/git-receive-pack")
    connection.putheader("Covolt-Party", PARTY)
    connection.putheader("Content-Length", str(2 * 1024**3))
    connection.endheaders()
    connection.send(bytes(64 * 1024))
    answer = connection.getresponse()
    assert answer.status == 422
    assert "are pushed at once" in answer.read().decode()
    connection.close()


@pytest.mark.parametrize("repository", ["own", "shared"])
def test_a_push_that_was_interrupted_before_its_entry_is_made_by_the_next(
    workspace, repository, request, monkeypatch, database_address
):
    folder = request.getfixturevalue(repository)
    before = workspace.programmes.heads(NAME)
    if repository == "own":
        (folder / "notes.txt").write_text("x")
        commit(folder)
    else:
        heavier(workspace, folder, "240 kg")

    def dies(*_):
        raise Unavailable(Problem("the database does not answer", "", ""))

    with monkeypatch.context() as patched:
        patched.setattr(type(workspace.programmes), "tell", dies)
        assert "does not answer" in push(folder, ok=False)
    assert workspace.programmes.heads(NAME) == before
    assert audit(workspace.programmes.home, address=database_address).problems == ()
    push(folder)
    assert workspace.programmes.heads(NAME) != before
    assert [one.verb for one in workspace.feed(NAME, of("")).events].count("pushed") == 1
    assert audit(workspace.programmes.home, address=database_address).problems == ()


@pytest.mark.parametrize("count", [5, pytest.param(250, marks=pytest.mark.slow)])
def test_two_parties_push_at_once_from_two_clones_each_and_nothing_is_lost(workspace, address, tmp_path, count):
    """Of two clones of one party one is always behind: it takes what the other pushed, and pushes again."""
    said: list[str] = []

    def pushes(party, clone):
        folder = tmp_path / f"{party}-{clone}"
        git(tmp_path, "clone", f"{address}/{party}.git", folder.name, party=party)
        for number in range(count):
            (folder / f"note-{clone}-{number}.txt").write_text(str(number))
            commit(folder)
            if number % 50 != 49 and number != count - 1 and count > 50:
                continue  # many commits go in one push
            while "rejected" in (told := git(folder, "push", "origin", "HEAD:main", party=party, ok=None)):
                git(folder, "pull", "--quiet", "--rebase", "origin", "main", party=party)
            said.append(told)

    parties = ("battery-works", "drive-works")
    threads = [threading.Thread(target=pushes, args=(party, clone)) for party in parties for clone in "ab"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    folders, heads = workspace.folders(NAME), workspace.programmes.heads(NAME)
    files = folders.files(heads)
    for party in parties:
        notes = [one for one in files if one.startswith(f"{party}/note-")]
        assert len(notes) == 2 * count
        commits = git(folders.own(party).folder, "rev-list", "--count", "main")
        assert int(commits) == 1 + 2 * count
    pushed = [one for one in workspace.feed(NAME, of("")).events if one.verb == "pushed"]
    assert len(pushed) == len(said)
    # What a folder of the state holds is what the repositories give when they are read anew.
    assert files_of(folders.read_folder(heads)) == files
