"""A sign-off reaches the workspace as a signed file that is pushed; of many at once one is taken, the others are told why."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from covolt.study.cases.keys import make
from covolt.study.cases.options import Findings
from covolt.study.cases.sign import SignOptions, sign
from covolt.workspace.auditing import audit
from covolt.workspace.fetching import line
from covolt.workspace.repository import MAIN
from covolt.workspace.states import files_of
from tests.workspace.conftest import of
from tests.workspace.git_client import git, packed
from tests.workspace.test_client import served

pytestmark = pytest.mark.whole
NAME, PARTY, MANY = "small-car", "integrator", 100


@pytest.fixture
def signed(workspace, tmp_path):
    """A clone of the programme's repository, in which the chief engineer's sign-off of a gate is committed."""
    key = tmp_path / "chief.pem"
    with workspace.folders(NAME).draft(workspace.programmes.heads(NAME)) as draft:
        before = files_of(draft)
        day = workspace.programmes.read(NAME, workspace.programmes.heads(NAME)).day
        make(key, draft, PARTY, ("chief-engineer", "recovery"), day=day)
        assert sign(SignOptions("concept", draft, PARTY, "chief-engineer", key, day=day), lambda _: True, Findings())
        written = {path: content for path, content in files_of(draft).items() if before.get(path) != content}
    assert {path.partition("/")[0] for path in written} == {"keys", "signoffs"}
    with served(workspace) as address:
        git(tmp_path, "clone", f"{address}/git/{NAME}/programme.git", party=PARTY)
        folder = tmp_path / "programme"
        for path, content in written.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        git(folder, "add", "--all")
        yield folder, f"{address}/git/{NAME}/programme.git/git-receive-pack"


def signature(workspace):
    """How the sign-off that the gate asks for stands."""
    gate = workspace.judging.gate(NAME, of(PARTY), "concept", 60.0)
    [found] = [one for one in gate.signatures if one.party == PARTY]
    return found


# So many pushes set the collector off: in whole runs it finds two sockets here that an earlier test, not found yet, left open.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
def test_of_a_hundred_pushes_of_one_sign_off_one_is_taken_and_the_others_are_told_why(
    workspace, signed, database_address
):
    folder, place = signed
    before = git(folder, "rev-parse", "HEAD").strip()
    tree = git(folder, "write-tree").strip()
    commits = [git(folder, "commit-tree", tree, "-p", before, "-m", f"Signed, {at}").strip() for at in range(MANY)]
    assert not signature(workspace).given

    def push(commit):
        wish = f"{before} {commit} {MAIN}\0report-status side-band-64k\n".encode()
        headers = {"Covolt-Party": PARTY, "Content-Type": "application/x-git-receive-pack-request"}
        content = line(wish) + b"0000" + packed(folder, commit, before)
        return httpx2.post(place, content=content, headers=headers, timeout=120.0).text

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(push, commits))
    assert sum(f"ok {MAIN}" in one for one in found) == 1
    refused = [one for one in found if f"ng {MAIN}" in one]
    assert len(refused) == MANY - 1
    assert all("main has moved meanwhile" in one and "git pull, then push again" in one for one in refused)
    assert signature(workspace).given, "whether its key is trusted, each reader says"
    assert [one.verb for one in workspace.feed(NAME, of("")).events] == ["pushed", "begun"]
    assert audit(workspace.programmes.home, address=database_address).problems == ()
