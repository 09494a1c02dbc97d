# %% [markdown]
# # From one sentence to a policy
#
# **Goal.** A sales leader says how leads should be shared out, in one breath:
#
# > "Whoever works a lead covers the place, speaks the language and knows the subject. Our best
# > leads go to experienced people, but nobody hoards them. Nobody works more hours than there are.
# > People should get what they like to work on, customers should not be passed around, and the
# > money should be spread fairly."
#
# We turn that into a policy, rule by rule. Each rule costs something, and we want to know how much
# before we argue about it. Then we ask which rules should be laws and which should be wishes, and
# what happens when two laws contradict each other.
#
# **Formulation.** A plan picks one rep for each lead. A *hard* rule takes choices away. The best
# plan $V(R)$ under a set of rules $R$ can only get worse by one more hard rule $r$:
#
# $$V(R \cup \{r\}) \le V(R).$$
#
# A *soft* rule takes no choice away. It puts a price on some choices, and the plan decides where
# that price is worth paying.

# %% [markdown]
# ## Data
# A synthetic company with two teams. The same seed gives the same company.

# %%
import altair as alt
import pandas as pd
import yaml

from scenarios.generate import CompanySpec, generate

# Charts as pictures; nothing is loaded from elsewhere.
alt.renderers.enable("svg")

snapshot = generate(CompanySpec(num_leads=90, num_reps=16, seed=7)).snapshot()
snapshot.reps[["rep_id", "team", "regions", "skills", "level", "capacity_hours", "quota"]].head()

# %% [markdown]
# ## Before the first rule
# A policy is a YAML file. Two things stand in every one: the period that is planned, and what a
# lead is worth with a rep, here amount x win probability. Win rates are learned from past deals,
# for each rep on its own.

# %%
FRAME = {
    "version": 1,
    "name": "from-one-sentence",
    "currency": "USD",
    "period": {"starts": "next monday", "length": "1 week"},
    "value": {
        "amount": {"column": "amount", "missing": {"median_by": ["product"]}},
        "win_probability": {
            "history": {"by": ["product", "grade"], "per_rep": True, "prior_strength": 20}
        },
    },
    "unassigned": {"cost": "100%"},
}

# %% [markdown]
# ## The sentence, clause by clause
# Each clause becomes an entry in one section of the file. The first six are hard, the last two
# soft. A soft rule needs a number, since a wish without a price means nothing: a bonus of 10 % for
# an industry that the rep lists, 15 % of a lead's value for taking it from its owner. "Spread
# fairly" could be either; we come to it below.

# %%
RULES = {
    "place": ("must", {"region": {}}),
    "language": ("must", {"match": {"lead": "language", "rep": "languages"}}),
    "subject": ("must", {"skills": {}}),
    "experience": ("must", {"level": {"by": "grade", "least": {"A": 3, "B": 2}}}),
    "hours": ("capacity", {"measure": "effort_hours", "at_most": "capacity_hours"}),
    "no hoarding": ("capacity", {"measure": "count", "where": {"grade": "A"}, "at_most": 3}),
    "liking": ("prefer", {"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}}),
    "stay": ("continuity", {"switching_cost": {"share": "15%"}}),
}


def written(rules):
    """Return the policy file of some rules."""
    parts = FRAME | {"value": dict(FRAME["value"])}
    for section, rule in rules:
        if section == "prefer":
            parts["value"]["prefer"] = [*parts["value"].get("prefer", []), rule]
        elif section == "continuity":
            parts["continuity"] = parts.get("continuity", {}) | rule
        else:
            parts[section] = [*parts.get(section, []), rule]
    return yaml.safe_dump(parts, sort_keys=False)


print(written([RULES["place"], RULES["hours"]]))

# %% [markdown]
# A file is read strictly. A word that it does not know is no rule that silently does nothing: it
# is refused, with its line and the nearest word that exists.

# %%
from models.errors import PolicyError
from planner.policy import policy_from_text

try:
    policy_from_text(written([("must", {"skils": {}})]))
except PolicyError as error:
    refused = error
    print(error)

# %% [markdown]
# ## What each rule costs
# We add one rule after the other, and plan each time. `isolated=False` lets the solver run in this
# process: so many small plans would otherwise spend their time on starting child processes.

# %%
from models.outcome import Limits
from planner.solve import make_plan

LIMITS = Limits(seconds=20, gap=0.003, threads=1)


def planned(rules, fair_totals=None):
    """Return the plan under some rules."""
    policy = policy_from_text(written(rules))
    return make_plan(
        snapshot,
        policy,
        limits=LIMITS,
        isolated=False,
        rule_prices=False,
        fair_totals=fair_totals,
    )


def told(plan):
    """Return what we look at in a plan; money in USD."""
    kpis, reps = plan.record.kpis, plan.reps.set_index("rep_id")
    room = snapshot.reps.set_index("rep_id")["capacity_hours"]
    return {
        "expected value": kpis.expected_value,
        "moves": kpis.moves,
        "fullest book": (reps["effort_hours"] / room).max(),
        "Gini of value": kpis.loads["expected_value"].gini,
    }


ladder = [planned([])]
for count in range(1, len(RULES) + 1):
    ladder.append(planned(list(RULES.values())[:count]))

added = pd.DataFrame(map(told, ladder), index=["no rule", *RULES])
added.insert(1, "cost", -added["expected value"].diff().round())
STYLE = {
    "expected value": "{:,.0f}",
    "cost": "{:,.0f}",
    "fullest book": "{:.0%}",
    "Gini of value": "{:.2f}",
}
added.style.format(STYLE, na_rep="")

# %% [markdown]
# Read the table from top to bottom. Without any rule the plan is a wish list: somebody has several
# times the hours that there are in a week. The rule on hours brings that down, and costs little
# compared with its sense. Rules that no pair of lead and rep would have broken cost nothing; it
# does no harm to have them written down.
#
# The last two rows are soft rules. They do not aim at expected value, so the plan gives up some of
# it for what the leader asked for: fewer moves, for one. The Gini coefficient is 0 where all reps
# have as much and near 1 where one has everything: no rule so far spreads the money.

# %% [markdown]
# ## The cost of a rule depends on the others
# Which rule is expensive? The table above answers for one order of the clauses. Here is another
# fair question: what would we gain if we left one rule out, and kept all others?

# %%
whole = ladder[-1]
without = {
    name: planned([rule for other, rule in RULES.items() if other != name]) for name in RULES
}
left_out = pd.DataFrame(map(told, without.values()), index=list(without))
costs = pd.DataFrame(
    {
        "cost when added": added["cost"].drop("no rule"),
        "gain when left out": left_out["expected value"] - told(whole)["expected value"],
    }
)
costs.style.format("{:,.0f}")

# %% [markdown]
# The columns differ, and neither is wrong. Rules overlap: who may not work a lead because of the
# subject could not have taken it anyway, since the hours are full. So ask for the price of a rule
# *in the policy that it stands in*, and do not add such prices up.
#
# Small numbers need care. Each plan may be a little below the best one, by its gap. What lies
# within the gaps of two plans is not a difference between rules.

# %%
open_money = max(plan.record.gap_money for plan in without.values()) + whole.record.gap_money
print(f"differences below {open_money:,.0f} {whole.record.currency} may be the solver's")

# %% [markdown]
# ## Law or wish?
# Fairness can be a law (`mode: hard`: every book within the band, whatever it costs) or a wish
# with a price. We try both, from mild to strict. Fair shares stay parts of the same total
# (`fair_totals`), so that all these plans answer to one yardstick.

# %%
BAND = {"measure": "expected_value", "share_by": "quota"}


def fairly(totals=None, **mode):
    """Return the plan with all rules so far and one on fairness."""
    return planned([*RULES.values(), ("fairness", BAND | mode)], totals)


choices = {"no rule": whole}
choices["wish at 0.05"] = fairly(within="20%", mode="soft", cost=0.05)
totals = choices["wish at 0.05"].record.settled.fair_totals
for cost in (0.1, 0.2):
    choices[f"wish at {cost:g}"] = fairly(totals, within="20%", mode="soft", cost=cost)
choices["law of 30%"] = fairly(totals, within="30%", mode="hard")

value = {name: plan.record.kpis.loads["expected_value"] for name, plan in choices.items()}
fairness = pd.DataFrame(
    {
        "expected value": {name: plan.record.kpis.expected_value for name, plan in choices.items()},
        "Gini of value": {name: load.gini for name, load in value.items()},
        "smallest share": {name: load.least_share for name, load in value.items()},
        "moves": {name: plan.record.kpis.moves for name, plan in choices.items()},
    }
)
fairness.style.format(STYLE | {"smallest share": "{:.0%}"}, na_rep="")

# %%
from scenarios.charts.context import context_of
from scenarios.charts.frontier import frontier_chart, frontier_frame

frontier_chart(frontier_frame(choices, "gini"), context_of(whole.record), "gini")

# %% [markdown]
# Further up is more money, further left is more even. The two numbers do not pull against each
# other everywhere: where the line is flat, evenness is nearly free, and where it is steep, it is
# dear. A wish walks along this line by its price, and stops where one more step costs more than
# it is worth. But see the smallest share in the table: a wish can leave one book nearly empty,
# where filling it is too dear. A law does not allow that, and pays what it takes.
#
# So ask of each rule: is a breach a pity, or a scandal? Keep laws for scandals, such as a rep who
# does not speak the customer's language or a week of sixty hours. Write a wish for all else.

# %% [markdown]
# ## When laws contradict each other
# The leader reads the plan and adds two laws: nobody gets more than one A-grade lead, and every
# lead must have a rep. Both sound harmless. Here is what the diagnosis says.

# %%
from planner.diagnosis.diagnose import diagnose
from planner.engines.engine import Silent


def strict(most):
    """Return the policy with a limit on A-grade leads, under which nothing stays undone."""
    fewer = {"no hoarding": ("capacity", RULES["no hoarding"][1] | {"at_most": most})}
    parts = yaml.safe_load(written((RULES | fewer).values()))
    return policy_from_text(yaml.safe_dump(parts | {"unassigned": "forbidden"}, sort_keys=False))


limits = Limits(seconds=20, threads=1)
found = diagnose(snapshot, strict(1), limits=limits, watcher=Silent())
print(found.text())

# %% [markdown]
# It names a smallest set of rules that cannot all hold: without any one of them there would be a
# plan. Count the leads and the reps who may work them: there are more leads than these reps may
# have between them. The two laws alone do not say that. Rules on skills, language, place and
# experience have left so few reps for these leads, and nobody had them in mind.
#
# Then it tells what to relax, the cheapest way first. That choice is for people, and they can make
# it at the table. Here they agree on two A-grade leads for everybody.

# %%
agreed = make_plan(snapshot, strict(2), limits=LIMITS, isolated=False, rule_prices=False)
for name, plan in {"before": whole, "agreed": agreed}.items():
    record = plan.record
    print(f"{name}: score {record.objective:,.0f} {record.currency}, {record.kpis.moves} moves,")
    print(f"    expected value {record.kpis.expected_value:,.0f} {record.currency}")

# %% [markdown]
# One thing may look odd: a stricter policy can show *more* expected value. A plan maximizes its
# score, in which liking and staying count, too. It is the score that no further law can raise.

# %% [markdown]
# ## The policy, read back
# A policy can tell itself. Send these sentences to the leader, not the file. If one of them is not
# what was meant, it is cheaper to learn it now.

# %%
for sentence in strict(2).describe():
    print("-", sentence)

# %% [markdown]
# ## What to try next
# - Change the bonus for *liking* or the cost of *stay*, and watch moves and value.
# - Bind a rule to some leads only: `where: {grade: A}` works in most of them.
# - On your own tables: `fairlead plan`, `fairlead diagnose`, and `fairlead sweep` for a grid of
#   values. [The policy](../docs/policy.md) has every rule.
#
# ## Where the method ends
# The cost of a rule is what it costs *in the model*. Nobody wrote down here that a rep without the
# language loses the customer for good, so the rule looks like a loss of money when it saves some.
# The figures are of one week's leads of one company: another week has other figures, and a rule
# that cost nothing this week may cost much in the next. And a policy says what is allowed and what
# is liked; whether it is just is not a question of arithmetic.

# %% [markdown]
# What this page says in words is checked here, so that it stays true.

# %%
from itertools import pairwise

hard = [plan.record for plan in ladder[: 1 + 6]]
for wider, narrower in pairwise(hard):
    assert narrower.objective <= wider.bound + 0.01
assert "nearest is 'skills'" in str(refused)
assert added.loc["experience", "fullest book"] > 1.5
assert added.loc["hours", "fullest book"] < 1.001
assert added.loc["stay", "moves"] < added.loc["liking", "moves"]
assert (costs["cost when added"] - costs["gain when left out"]).abs().max() > open_money
assert fairness["Gini of value"].iloc[:4].is_monotonic_decreasing
assert fairness.loc["law of 30%", "smallest share"] > 0.69 > fairness["smallest share"].min()
assert str(found.status) == "infeasible"
assert found.minimal
assert {cause.code for cause in found.causes} == {"limit", "must_assign"}
assert sum(cause.code == "must_assign" for cause in found.causes) > sum(
    cause.amount for cause in found.causes if cause.code == "limit"
)
assert agreed.record.kpis.unassigned == 0
assert agreed.record.objective <= whole.record.bound + 0.01
