"""Malformed companies are refused, or remarked on, by name (reliability test 19)."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.models.malformed.checks import issues_of_reading
from tests.models.malformed.corpus import corpus
from tests.models.malformed.fuzz import campaign

ROOT = Path(__file__).parents[2]
MEGABYTES_AT_MOST = 512
CORPUS = {case.name: case for case in corpus()}


def test_the_corpus_is_large_and_always_the_same() -> None:
    assert len(CORPUS) >= 300
    assert [case.contents for case in corpus()] == [case.contents for case in CORPUS.values()]


@pytest.mark.parametrize("name", CORPUS)
def test_each_fault_is_named(name: str, tmp_path: Path) -> None:
    case = CORPUS[name]
    issues = list(issues_of_reading(case.write(tmp_path / "company")))
    found = {issue.code for issue in issues}
    assert found
    assert case.codes <= found <= case.codes | case.also, [issue.text() for issue in issues[:9]]


def fuzzed(seed: int, mutated: int, generated: int) -> dict[str, Any]:
    """Return the report of a campaign that a process of its own runs, to measure its memory."""
    command = [sys.executable, "-m", "tests.models.malformed.fuzz"]
    options = map(str, (seed, mutated, generated))
    run = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    return report


def test_mutated_and_generated_files_are_read_or_refused() -> None:
    report = campaign(seed=19, num_mutated=120, num_generated=80)
    assert report["corpus"] == len(CORPUS)
    # A campaign in which all files are refused at once, or none is, tests nothing.
    assert report["accepted"] >= 20
    assert report["refused"] >= 20


@pytest.mark.hard
def test_reliability_19_malformed_files(capsys: pytest.CaptureFixture[str]) -> None:
    seed = secrets.randbits(32)
    with capsys.disabled():
        sys.stdout.write(f"\nseed {seed}\n")
        report = fuzzed(seed, mutated=30_000, generated=20_000)
        assert report["mutated"] == 30_000
        assert report["generated"] == 20_000
        assert report["corpus"] == len(CORPUS)
        # Figures of the machine are judged in the campaign, which has it to itself.
        assert report["peak_mb"] <= MEGABYTES_AT_MOST
        sys.stdout.write(f"{report}\n")
