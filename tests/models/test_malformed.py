"""Malformed companies are refused, or remarked on, by name (reliability test 19)."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.models.malformed.checks import issues_of_reading
from tests.models.malformed.corpus import corpus
from tests.models.malformed.fuzz import campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def fuzzed(seeds: Sequence[int], mutated: int, generated: int) -> list[dict[str, Any]]:
    """Return the reports of campaigns, each of a process of its own, to measure its memory."""
    command = [sys.executable, "-m", "tests.models.malformed.fuzz"]
    runs = [
        subprocess.Popen(
            [*command, str(seed), str(mutated), str(generated)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in seeds
    ]
    told = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), [errors for _, errors in told]
    return [json.loads(report) for report, _ in told]


def test_mutated_and_generated_files_are_read_or_refused() -> None:
    report = campaign(seed=19, num_mutated=120, num_generated=80)
    assert report["corpus"] == len(CORPUS)
    # A campaign in which all files are refused at once, or none is, tests nothing.
    assert report["accepted"] >= 20
    assert report["refused"] >= 20


@pytest.mark.hard
def test_reliability_19_malformed_files(capsys: pytest.CaptureFixture[str]) -> None:
    # One for each processor of a small machine.
    seeds = [secrets.randbits(32) for _ in range(2)]
    with capsys.disabled():
        sys.stdout.write(f"\nseeds {seeds}\n")
        for report in fuzzed(seeds, mutated=15_000, generated=10_000):
            assert report["mutated"] == 15_000
            assert report["generated"] == 10_000
            assert report["corpus"] == len(CORPUS)
            # Figures of the machine are judged in the campaign, which has it to itself.
            assert report["peak_mb"] <= MEGABYTES_AT_MOST
            sys.stdout.write(f"{report}\n")
