"""Every command: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from models.explanation import ChangeCode
from models.files.plan_files import read_plan

Command = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = (
    "demo",
    "import",
    "validate",
    "plan",
    "check",
    "evaluate",
    "baseline",
    "explain",
    "prices",
    "changes",
    "compare",
    "diagnose",
)


def is_clean(result: subprocess.CompletedProcess[str]) -> bool:
    """Whether a command ended without a traceback or an internal error."""
    said = result.stdout + result.stderr
    return "Traceback" not in said and "Internal error" not in said


@pytest.fixture
def company(demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo that a test may change."""
    return Path(shutil.copytree(demo, tmp_path / "acme"))


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(fairlead: Command, command: str) -> None:
    told = fairlead(command, "--help")
    assert told.returncode == 0
    assert "Example:" in told.stdout
    assert f"fairlead {command}" in " ".join(told.stdout.split())


def test_help_names_every_command(fairlead: Command) -> None:
    told = fairlead("--help")
    assert told.returncode == 0
    for command in COMMANDS:
        assert command in told.stdout


def test_demo_compares_with_simple_policies(demo: Path) -> None:
    record = read_plan(demo / "plan").record
    assert record.feasible
    assert set(record.baselines) == {"greedy", "round_robin"}
    assert record.kpis.expected_value >= record.baselines["round_robin"].expected_value


def test_demo_refuses_a_place_that_is_taken(fairlead: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    refused = fairlead("demo", tmp_path)
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_demo_replaces_an_earlier_demo(fairlead: Command, company: Path) -> None:
    again = fairlead("demo", company, "--leads", 20, "--reps", 3, "--tables-only")
    assert again.returncode == 0, again.stderr
    assert len(pd.read_csv(company / "leads.csv")) == 20


def test_validate_accepts_a_clean_company(fairlead: Command, demo: Path) -> None:
    told = fairlead("validate", demo)
    assert told.returncode == 0, told.stdout
    assert "0 errors" in told.stdout


def test_validate_lists_faults_and_exits_1(fairlead: Command, company: Path) -> None:
    leads = pd.read_csv(company / "leads.csv", dtype="str", keep_default_na=False)
    leads.loc[3, "amount"], leads.loc[5, "owner"] = "-5", "R999"
    leads.to_csv(company / "leads.csv", index=False)
    told = fairlead("validate", company)
    assert told.returncode == 1
    assert is_clean(told)
    assert "out_of_range" in told.stdout
    assert "line 5" in told.stdout
    assert "unknown_rep" in told.stdout
    listed = json.loads(fairlead("validate", company, "--json").stdout)
    assert {"out_of_range", "unknown_rep"} <= {issue["code"] for issue in listed}


def test_plan_writes_everything_the_contract_names(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan"
    told = fairlead("plan", demo, "--out", out, "--time-limit", 5, "--json")
    assert told.returncode == 0, told.stderr
    record = json.loads(told.stdout)
    assert record["schema"] == "fairlead.plan/1"
    assert record["feasible"] is True
    assert record["bound"] >= record["objective"]
    names = {path.name for path in out.iterdir()}
    # How far the proof comes in its time decides whether it needs multipliers.
    proof = set() if record["knapsack"] is None else {"multipliers.parquet"}
    assert names == proof | {
        "plan.json",
        "assignments.parquet",
        "assignments.csv",
        "reps.parquet",
        "reps.csv",
        "prices.parquet",
        "unassigned.csv",
        "issues.csv",
        "policy.yaml",
    }
    table = pd.read_csv(out / "assignments.csv")
    assert list(table.columns) == [
        "lead_id",
        "rep_id",
        "owner",
        "moved",
        "expected_value",
        "score",
        "effort_hours",
        "reason",
        "runner_up",
        "runner_up_loss",
    ]
    assert table["expected_value"].sum() == pytest.approx(record["kpis"]["expected_value"])
    assert table["score"].sum() == pytest.approx(record["objective"])


def test_plan_starts_from_an_earlier_plan_and_is_never_worse(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    before = read_plan(demo / "plan").record
    out = tmp_path / "again"
    told = fairlead("plan", demo, "--from", demo / "plan", "--out", out, "--time-limit", 2)
    assert told.returncode == 0, told.stderr
    after = read_plan(out).record
    assert before.objective is not None
    assert after.objective is not None
    assert after.objective >= before.objective - 1e-6


def test_check_passes_and_derives_the_bound_again(fairlead: Command, demo: Path) -> None:
    told = fairlead("check", demo, demo / "plan", "--bound")
    assert told.returncode == 0, told.stdout
    assert "Every rule is kept" in told.stdout
    assert "The price bound holds" in told.stdout


def test_check_refuses_a_changed_plan(fairlead: Command, company: Path) -> None:
    path = company / "plan" / "assignments.parquet"
    table = pd.read_parquet(path)
    busy = table["rep_id"].mode()[0]
    table.assign(rep_id=busy).to_parquet(path, index=False)
    told = fairlead("check", company, company / "plan")
    assert told.returncode == 1
    assert "broken" in told.stdout
    assert "effort_hours" in told.stdout


def test_check_refuses_changed_prices(fairlead: Command, company: Path) -> None:
    path = company / "plan" / "prices.parquet"
    prices = pd.read_parquet(path)
    prices["price"] += 1000.0
    prices.to_parquet(path, index=False)
    told = fairlead("check", company, company / "plan", "--bound")
    assert told.returncode == 1
    assert "does not hold" in told.stdout


def test_evaluate_scores_present_owners_even_if_infeasible(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    told = fairlead("evaluate", demo, demo / "leads.csv", "--out", tmp_path / "owners")
    assert told.returncode == 0, told.stderr
    record = read_plan(tmp_path / "owners").record
    assert record.kpis.moves == 0
    assert record.engine == "leads"
    if not record.feasible:
        assert record.objective is None
        assert record.breaches


def test_evaluate_of_a_plan_gives_its_own_figures(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    plan = read_plan(demo / "plan").record
    told = fairlead(
        "evaluate", demo, demo / "plan" / "assignments.csv", "--out", tmp_path / "same", "--json"
    )
    record = json.loads(told.stdout)
    assert record["objective"] == pytest.approx(plan.objective)
    assert record["hashes"]["plan"] == plan.hashes["plan"]


def test_evaluate_lists_unknown_ids(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("lead_id,rep_id\nNOPE,R1\n", encoding="utf-8")
    told = fairlead("evaluate", demo, bad, "--out", tmp_path / "x")
    assert told.returncode == 2
    assert "unknown lead_id: NOPE" in told.stderr
    assert not (tmp_path / "x").exists()


def test_a_lead_is_explained(fairlead: Command, demo: Path) -> None:
    plan = demo / "plan"
    assignments = read_plan(plan).assignments.dropna(subset="rep_id")
    lead_id, rep_id = assignments[["lead_id", "rep_id"]].iloc[0]
    told = fairlead("explain", demo, plan, lead_id)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"{lead_id} goes to {rep_id}")
    answer = json.loads(fairlead("explain", demo, plan, lead_id, "--json").stdout)
    assert (answer["lead_id"], answer["rep_id"]) == (lead_id, rep_id)
    others = {other["rep_id"] for other in answer["alternatives"]}
    for other in sorted(others)[:1]:
        told = fairlead(
            "explain", demo, plan, lead_id, "--why-not", other, "--exact", "--time-limit", 5
        )
        assert told.returncode == 0, told.stderr
        assert f"{lead_id} could go to {other}" in told.stdout
        assert "solved again" in told.stdout
    same = fairlead("explain", demo, plan, lead_id, "--why-not", rep_id, "--json")
    assert json.loads(same.stdout)["answer"] == "assigned"


def test_prices_and_changes_are_told(fairlead: Command, demo: Path) -> None:
    told = fairlead("prices", demo, demo / "plan", "--hire")
    assert told.returncode == 0, told.stderr
    assert "one more hour a week" in told.stdout
    assert "A further rep" in told.stdout
    record = json.loads(fairlead("prices", demo, demo / "plan", "--json").stdout)
    assert record["hires"] == []
    assert {"cause", "limit", "group", "what", "price"} <= set(record["worths"][0])
    told = fairlead("changes", demo, demo / "plan")
    assert told.returncode == 0, told.stderr
    assert "have another rep than today" in told.stdout
    found = json.loads(fairlead("changes", demo, demo / "plan", "--json").stdout)
    assert {change["code"] for change in found} <= set(ChangeCode)
    none = fairlead("changes", demo, demo / "plan", "--since", demo / "plan")
    assert "0 leads have another rep" in none.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("explain", "PLAN", "L9x"), "there is no lead 'L9x'"),
        (("explain", "PLAN", "LEAD", "--why-not", "R999"), "there is no rep 'R999'"),
        (("explain", "PLAN", "LEAD", "--exact"), "--exact goes with --why-not"),
        (("prices", "PLAN", "--solve"), "--solve goes with --hire"),
        (("changes", "nowhere"), "is not a plan"),
    ],
)
def test_a_wrong_question_ends_in_a_sentence(
    fairlead: Command, demo: Path, args: tuple[str, ...], said: str
) -> None:
    lead_id = read_plan(demo / "plan").assignments["lead_id"].iloc[0]
    named = {"PLAN": demo / "plan", "LEAD": lead_id}
    result = fairlead(args[0], demo, *(named.get(part, part) for part in args[1:]))
    assert result.returncode == 2
    assert is_clean(result)
    assert said in " ".join(result.stderr.split())


def test_a_plan_of_other_tables_is_not_explained(fairlead: Command, company: Path) -> None:
    lead_id = read_plan(company / "plan").assignments["lead_id"].iloc[0]
    leads = (company / "leads.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (company / "leads.csv").write_text("".join(leads[:-1]), encoding="utf-8")
    told = fairlead("explain", company, company / "plan", lead_id)
    assert told.returncode == 2
    assert "the tables have changed since the plan was made" in " ".join(told.stderr.split())


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("plan", "nowhere"), 2, "policy.yaml"),
        (("validate", "nowhere"), 1, "no such directory"),
        (("check", "nowhere", "nowhere"), 2, "is not a plan"),
        (("compare", "nowhere"), 2, "two plans"),
        (("compare", "a", "b"), 2, "is not a plan"),
        (("plan", "nowhere", "--gap", "-1"), 2, "gap"),
        (("plan", "nowhere", "--engine", "magic"), 2, ""),
        (("import", "--mapping", "nowhere.yaml", "x.csv", "--out", "y"), 2, "nowhere.yaml"),
        (("fly",), 2, "No such command"),
    ],
)
def test_bad_usage_ends_in_a_sentence(
    fairlead: Command, tmp_path: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    result = fairlead(*args, cwd=tmp_path)
    assert result.returncode == code, result.stdout + result.stderr
    assert is_clean(result)
    assert said in " ".join((result.stdout + result.stderr).split())
    assert not list(tmp_path.iterdir())


def test_policy_faults_are_told_with_lines(fairlead: Command, company: Path) -> None:
    edit(company / "policy.yaml", "- region: {}", "- regoin: {}")
    told = fairlead("plan", company)
    assert told.returncode == 2
    assert "must: unknown rule 'regoin'; the nearest is 'region'" in told.stderr


def test_impossible_policy_exits_1_and_keeps_the_old_plan(fairlead: Command, company: Path) -> None:
    before = (company / "plan" / "plan.json").read_bytes()
    edit(company / "policy.yaml", "unassigned: {cost: 100%}", "unassigned: forbidden")
    told = fairlead("plan", company, "--time-limit", 20)
    assert told.returncode == 1, told.stdout + told.stderr
    assert "infeasible" in told.stderr
    assert (company / "plan" / "plan.json").read_bytes() == before


def test_no_time_still_gives_the_greedy_plan(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    told = fairlead("plan", demo, "--time-limit", 0, "--out", tmp_path / "p", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["feasible"]


def test_a_plan_never_replaces_anything_else(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep", encoding="utf-8")
    told = fairlead("plan", demo, "--out", tmp_path / "mine", "--time-limit", 2)
    assert told.returncode == 2
    assert "is not only a plan" in told.stderr
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "keep"


def test_an_edited_demo_is_never_replaced(fairlead: Command, company: Path) -> None:
    edit(company / "policy.yaml", "name: weekly-rebalance", "name: mine")
    told = fairlead("demo", company, "--leads", 20, "--reps", 3, "--tables-only")
    assert told.returncode == 2
    assert "name: mine" in (company / "policy.yaml").read_text(encoding="utf-8")


def drop_leads(plan: Path) -> None:
    table = pd.read_parquet(plan / "assignments.parquet").head(60)
    table.to_parquet(plan / "assignments.parquet", index=False)
    table.to_csv(plan / "assignments.csv", index=False)


def edit_csv(plan: Path) -> None:
    edit(plan / "assignments.csv", ",R1,", ",R2,")


def edit_policy(plan: Path) -> None:
    edit(plan / "policy.yaml", "name: weekly-rebalance", "name: mine")


def edit_value(plan: Path) -> None:
    record = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    record["kpis"]["expected_value"] = record["objective"] = 1e12
    (plan / "plan.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_leads, "leads of the tables are missing"),
        (edit_csv, "assignments.csv and assignments.parquet differ"),
        (edit_policy, "policy.yaml is not the policy"),
        (edit_value, "objective is stated as 1,000,000,000,000.00"),
    ],
)
def test_check_finds_a_plan_that_was_tampered_with(
    fairlead: Command, company: Path, change: Callable[[Path], None], said: str
) -> None:
    change(company / "plan")
    told = fairlead("check", company, company / "plan")
    assert told.returncode == 1
    assert said in told.stdout


def test_a_taken_place_is_refused_before_any_work(fairlead: Command, company: Path) -> None:
    for place in (company, company / "leads.csv", company / "leads.csv" / "x"):
        told = fairlead("plan", company, "--out", place)
        assert told.returncode == 2
        assert "solving" not in told.stderr
    assert (company / "snapshot.yaml").exists()


def test_validate_checks_the_policy_too(fairlead: Command, company: Path) -> None:
    edit(company / "policy.yaml", "lead: language,", "lead: langauge,")
    told = fairlead("validate", company)
    assert told.returncode == 2
    assert "langauge" in told.stderr
