"""The source tree as the house rules see it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "covolt"
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".cff",
    ".lock",
    ".yml",
    ".yaml",
    ".txt",
    ".json",
    ".html",
    ".sh",
    ".css",
    ".ts",
    ".tsx",
}
TEXT_NAMES = {"Makefile", "uv", "run", ".gitignore"}
BUILT = ROOT / "src" / "covolt" / "workspace" / "pages"
"""The pages of the workspace, built from web/."""
NOT_OURS = {
    ".covolt",
    ".git",
    ".venv",
    "build",
    "dist",
    "node_modules",
    "__pycache__",
    ".hypothesis",
    ".ruff_cache",
    ".pytest_cache",
    "package-lock.json",
    "schema.d.ts",
}


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the product."""
    return tuple(sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def short(path: Path) -> str:
    """Path as it stands in the map: `vehicle/battery.py`."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def texts() -> tuple[Path, ...]:
    """Every text file of the repository."""
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not NOT_OURS & set(path.relative_to(ROOT).parts)
        and BUILT not in path.parents
        and (path.suffix in TEXT_SUFFIXES or path.name in TEXT_NAMES)
    )
