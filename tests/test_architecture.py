"""The rules that hold for the repository as a whole."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("models", "planner", "scenarios", "api")
LINES_AT_MOST = 400

FORBIDDEN_IMPORTS = (
    ("models", "planner"),
    ("models", "scenarios"),
    ("models", "api"),
    ("planner", "scenarios"),
    ("planner", "api"),
    ("scenarios", "api"),
    ("models", "ortools"),
    ("models", "numba"),
    ("models", "scipy"),
    ("models", "fastapi"),
    ("models", "sqlalchemy"),
    ("planner", "ortools"),
    ("planner", "numba"),
    ("planner", "fastapi"),
    ("planner", "sqlalchemy"),
    ("planner.engines", "numba"),
    ("planner.kernels", "ortools"),
    ("scenarios", "ortools"),
    ("scenarios", "numba"),
    ("scenarios", "fastapi"),
    ("scenarios", "sqlalchemy"),
    ("api", "ortools"),
    ("api", "numba"),
    ("api.settings", "api.store"),
    ("api.errors", "api.store"),
    ("api.store", "api.crm"),
    ("api.store", "api.jobs"),
    ("api.crm", "api.services"),
    ("api.jobs", "api.services"),
    ("api.services", "api.client"),
    ("api.services", "api.routes"),
    ("api.services", "api.pages"),
    ("api.services", "api.cli"),
    ("api.services", "api.worker"),
)
ALLOWED_IMPORTS = (
    ("planner", "models"),
    ("scenarios", "planner"),
    ("scenarios", "models"),
    ("api", "scenarios"),
    ("api", "fastapi"),
    ("api", "sqlalchemy"),
    ("planner.engines", "ortools"),
    ("planner.engines.baselines", "ortools"),
    ("planner.engines", "planner.kernels"),
    ("planner.kernels", "numba"),
    ("api.store", "api.settings"),
    ("api.jobs", "api.store"),
    ("api.jobs", "api.crm"),
    ("api.services", "api.jobs"),
    ("api.routes", "api.services"),
    ("api.cli", "api.worker"),
)


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    """Hold the packages in a directory against the import rules of this repository."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def write_packages(directory: Path, imports: tuple[tuple[str, str], ...]) -> None:
    """Write empty packages, each importing package with one module `probe` that imports."""
    for name in (*PACKAGES, *(name for pair in imports for name in pair)):
        if name.partition(".")[0] in PACKAGES:
            folder = directory.joinpath(*name.split("."))
            folder.mkdir(parents=True, exist_ok=True)
            for package in (folder, *folder.relative_to(directory).parents):
                directory.joinpath(package, "__init__.py").touch()
    for importer, imported in imports:
        probe = directory.joinpath(*importer.split("."), "probe.py")
        with probe.open("a") as file:
            file.write(f"import {imported}\n")


def source_files() -> list[Path]:
    """Return every Python file of the four packages."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def tracked_files() -> list[Path]:
    """Return the files that are in the repository or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip(f"git cannot list the files: {listing.stderr.strip()}")
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def pins(name: str) -> set[str]:
    """Return the `package==version` of each line of a lock; two locks may write the same platforms
    differently.
    """
    return set(re.findall(r"^(\S+==\S+).* \\$", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_comes_from_this_repository(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ == str(ROOT / package / "__init__.py")


def test_import_rules_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_import_rules_allow_what_the_design_allows(tmp_path: Path) -> None:
    write_packages(tmp_path, ALLOWED_IMPORTS)
    result = lint_imports(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_import_rules_catch_every_wrong_direction(tmp_path: Path) -> None:
    write_packages(tmp_path, FORBIDDEN_IMPORTS)
    report = lint_imports(tmp_path).stdout
    missed = [
        f"{importer} -> {imported}"
        for importer, imported in FORBIDDEN_IMPORTS
        if not re.search(rf"{importer}\.probe -> {imported} ", report)
    ]
    assert not missed, report


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in source_files()}
    too_long = {str(path): length for path, length in lengths.items() if length > LINES_AT_MOST}
    assert not too_long, f"at most {LINES_AT_MOST} lines: look for the second concept"


def test_everything_public_has_a_docstring() -> None:
    bare = []
    for path in source_files():
        module = ast.parse(path.read_text())
        if ast.get_docstring(module) is None:
            bare.append(str(path.relative_to(ROOT)))
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                public = not node.name.startswith("_")
                if public and ast.get_docstring(node) is None:
                    bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not bare


def test_no_tracked_file_names_a_registry_or_a_workplace() -> None:
    # The brackets keep the pattern from matching the line that it stands on.
    pattern = re.compile(
        rb"pypi[.]org|python[h]osted|npm[j]s|deb[.]debian[.]org|(?<![\w.])/[w]ork/"
    )
    found = {
        str(path.relative_to(ROOT)): match[0].decode()
        for path in tracked_files()
        if (match := pattern.search(path.read_bytes()))
    }
    assert not found


def test_locks_hold_the_dependencies() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert runtime <= dev, "run ./run lock"
    for needed, locked in (
        (project["dependencies"], runtime),
        (project["optional-dependencies"]["notebooks"], dev),
        (project["optional-dependencies"]["dev"], dev),
    ):
        names = {re.split(r"[\[<>=]", item)[0].lower() for item in needed} - {project["name"]}
        assert names <= {pin.partition("==")[0] for pin in locked}, "run ./run lock"
