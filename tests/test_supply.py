"""What comes from outside: known holes of what is locked, and the suite without a network.

Reliability test 29. The service of known holes is asked by pip-audit, which wants a network:
`PIP_AUDIT_VULNERABILITY_SERVICE` and `PIP_AUDIT_OSV_URL` name another one than its own choice.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", re.MULTILINE)
FULL_OF_HOLES = ("jinja2", "2.4.1")
"""A pin with holes that every service has known for years."""
SUITE_SECONDS = 3600
# On Linux: how a process gets a network that leads nowhere but to itself.
WITHOUT_A_ROUTE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
NO_WAY_OUT = """
import errno, socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname(), timeout=5).close()
with socket.socket() as outside:
    assert outside.connect_ex(("192.0.2.1", 443)) == errno.ENETUNREACH
"""

Pin = tuple[str, str]


def pins(name: str) -> list[Pin]:
    """Return name and version of all that a file of requirements locks, for every system."""
    return PIN.findall((ROOT / name).read_text("utf-8"))


def holes(report: str, asked: list[Pin]) -> list[str]:
    """Return the known holes that pip-audit's report tells of, as sentences.

    Raises
    ------
    AssertionError : it does not tell of each of the pins that were asked about
    """
    told = json.loads(report)["dependencies"]
    skipped = [f"{each['name']}: {each['skip_reason']}" for each in told if "skip_reason" in each]
    assert skipped == [], "the service did not tell of all that is locked"
    assert sorted((each["name"], each["version"]) for each in told) == sorted(asked)
    return [
        f"{each['name']} {each['version']}: {hole['id']}" for each in told for hole in each["vulns"]
    ]


def known_holes(asked: list[Pin], directory: Path) -> list[str]:
    """Return what a service knows of pins; the test fails where it could not ask about all."""
    # That of .venv first; any other will do.
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which("pip-audit", path=places)
    assert program, "pip-audit is not installed: known holes cannot be asked for"
    command = [program, "--strict", "--no-deps", "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", "--cache-dir", str(directory / "cache")]
    file, found = directory / "pins.txt", []
    for group in one_version_each(asked):
        file.write_text("".join(f"{name}=={version}\n" for name, version in group), "utf-8")
        done = subprocess.run(
            [*command, "--requirement", file], capture_output=True, text=True, check=False
        )
        # It ends with 1 also when there are holes; then there is a report.
        if not done.stdout.strip():
            pytest.fail(f"no service told of known holes: {done.stderr[-1000:]}", pytrace=False)
        found += holes(done.stdout, group)
    return found


def one_version_each(asked: list[Pin]) -> list[list[Pin]]:
    """Divide pins into groups with one version of each name: pip-audit takes no more at once."""
    groups: list[dict[str, str]] = []
    for name, version in asked:
        group = next((each for each in groups if name not in each), None)
        if group is None:
            groups.append(group := {})
        group[name] = version
    return [list(group.items()) for group in groups]


def test_the_lock_for_developers_holds_that_for_users() -> None:
    locked = pins("requirements-dev.txt")
    assert len(locked) > 150
    assert len(set(locked)) == len(locked)
    assert set(pins("requirements.txt")) < set(locked)


def test_only_a_report_of_everything_counts() -> None:
    asked = [("a", "1"), ("a", "2"), ("b", "1")]
    assert one_version_each(asked) == [[("a", "1"), ("b", "1")], [("a", "2")]]
    told: list[dict[str, Any]] = [
        {"name": name, "version": version, "vulns": []} for name, version in asked
    ]
    assert holes(json.dumps({"dependencies": told}), asked) == []
    with pytest.raises(AssertionError):
        holes(json.dumps({"dependencies": told[:2]}), asked)
    skipped = {"name": "b", "skip_reason": "not found"}
    with pytest.raises(AssertionError, match="b: not found"):
        holes(json.dumps({"dependencies": [*told[:2], skipped]}), asked)
    told[1] = {"name": "a", "version": "2", "vulns": [{"id": "CVE-1"}]}
    assert holes(json.dumps({"dependencies": told}), asked) == ["a 2: CVE-1"]


@pytest.mark.hard
def test_nothing_that_is_locked_has_a_known_hole(tmp_path: Path) -> None:
    # A mirror that knows of no holes at all would clear everything.
    known = known_holes([FULL_OF_HOLES], tmp_path)
    assert known, f"the service that was asked knows no hole of {FULL_OF_HOLES}"
    locked = pins("requirements-dev.txt")
    assert known_holes(locked, tmp_path) == []


@pytest.mark.hard
def test_the_whole_suite_without_a_network() -> None:
    here = [*WITHOUT_A_ROUTE, sys.executable]
    alone = subprocess.run([*here, "-c", NO_WAY_OUT], capture_output=True, text=True, check=False)
    assert alone.returncode == 0, (
        f"this test makes a network of its own, as root does: {alone.stderr}"
    )
    # A database elsewhere could not be reached; who runs this test is none of its suite's business.
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("TEST_DATABASE_URL", "PYTEST_CURRENT_TEST", "PYTEST_VERSION")
    }
    suite = subprocess.run(
        [*here, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=SUITE_SECONDS,
        check=False,
    )
    assert suite.returncode == 0, suite.stdout[-10_000:] + suite.stderr[-2_000:]
