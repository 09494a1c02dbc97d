"""The container's files: what they copy is there, what they start exists, and nothing is secret.

No image is built here; its commands are run as they stand, with the image's way of finding code.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from api.settings import PREFIX, Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# Continued lines are one instruction.
LINES = [
    line
    for line in DOCKERFILE.replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def instruction(name: str) -> list[str]:
    """Return what stands behind each instruction of a name."""
    return [line.split(maxsplit=1)[1] for line in LINES if line.startswith(f"{name} ")]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sources = [
        source
        for told in instruction("COPY")
        if not told.startswith("--from=")
        for source in told.split()[:-1]
    ]
    assert {"models", "planner", "scenarios", "api", "requirements.txt"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignore, source


def test_images_are_pinned_and_users_are_not_root() -> None:
    images = [told.split()[0] for told in instruction("FROM")]
    images += [service["image"] for service in COMPOSE["services"].values()]
    for image in images:
        assert re.search(r":\d+\.\d+", image), image
    (user,) = instruction("USER")
    assert user not in ("root", "0")
    assert LINES.index(f"USER {user}") < LINES.index(f"ENTRYPOINT {instruction('ENTRYPOINT')[0]}")


def test_packages_are_locked(tmp_path: Path) -> None:
    for told in instruction("RUN"):
        for step in told.split("&&"):
            if "pip install" in step:
                assert "--require-hashes" in step
    program = re.search(r"awk '([^']+)'", DOCKERFILE)
    assert program is not None
    made = subprocess.run(
        ["awk", program[1], ROOT / "requirements-dev.txt"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pinned = re.findall(r"^([a-z-]+)==", made, re.MULTILINE)
    assert pinned == ["psycopg", "psycopg-binary", "psycopg-pool"]
    assert made.count("--hash=sha256:") >= len(pinned)


def test_settings_are_known_and_none_is_secret() -> None:
    named = re.findall(rf"\b{PREFIX}([A-Z_]+)=", DOCKERFILE)
    shared = COMPOSE["x-fairlead"]["environment"]
    named += [name.removeprefix(PREFIX) for name in shared]
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "URL" in name:
                assert "${FAIRLEAD_DATABASE_PASSWORD:?" in value


@pytest.mark.parametrize("service", ["server", "worker"])
def test_commands_are_ours(service: str, tmp_path: Path) -> None:
    entry = json.loads(instruction("ENTRYPOINT")[0])
    assert entry[0] == "/opt/fairlead/bin/python"
    command = COMPOSE["services"][service]["command"]
    told = subprocess.run(
        [sys.executable, *entry[1:], command[0], "--help"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    for option in command:
        if option.startswith("--"):
            assert option in told.stdout
    if service == "server":
        assert json.loads(instruction("CMD")[0])[0] == command[0]


def test_the_health_check_fails_without_a_server() -> None:
    check = json.loads(instruction("HEALTHCHECK")[0].split("CMD ", 1)[1])
    told = subprocess.run(
        [sys.executable, *check[1:-1], check[-1].replace("8000", "1")],
        capture_output=True,
        check=False,
    )
    assert told.returncode != 0
