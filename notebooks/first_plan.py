# %% [markdown]
# # The first plan
#
# **Goal.** A company has leads and reps. Who should work which lead? We want the largest expected
# value that keeps every rule, and we want to know how far from the best possible it may be.
#
# **Formulation.** Each lead $i$ goes to one rep $j$ or to nobody. A pair is worth its score
# $s_{ij}$: amount x win probability x preferences. With limits $u_j$ on the hours $h_i$,
#
# $$\max \sum_{ij} s_{ij} x_{ij} \quad \text{s.t.} \quad \sum_j x_{ij} = 1, \quad
#   \sum_i h_i x_{ij} \le u_j, \quad x_{ij} \in \{0, 1\}.$$

# %% [markdown]
# ## Data
# A synthetic company: the same seed gives the same company.

# %%
from planner.policy import policy_from_text
from scenarios.generate import CompanySpec, generate, policy_text

spec = CompanySpec(num_leads=300, num_reps=12, seed=7)
snapshot = generate(spec).snapshot()
snapshot.leads[["lead_id", "region", "product", "grade", "amount", "owner"]].head()

# %% [markdown]
# ## Policy
# The rules are a file that people can read. Here is what it says.

# %%
policy = policy_from_text(policy_text(spec))
for sentence in policy.describe():
    print("-", sentence)

# %% [markdown]
# ## Plan
# `make_plan` compiles, solves in a child process, and has the result checked rule by rule by code
# that shares nothing with the solver.

# %%
from models.outcome import Limits
from planner.solve import make_plan

plan = make_plan(
    snapshot, policy, limits=Limits(seconds=5, gap=0.0005), baselines=("greedy", "round_robin")
)
record = plan.record
print(f"expected value {record.kpis.expected_value:,.0f} {record.currency}")
print(f"at most {record.gap:.3%} below the best possible")

# %% [markdown]
# ## Reading the answer
# Prices tell where the money is tight: what one more hour a week of each rep would be worth. A
# price of zero means that the rep has room.

# %%
columns = ["rep_id", "team", "count", "effort_hours", "effort_hours limit", "effort_hours price"]
books = plan.reps[columns].sort_values("effort_hours price", ascending=False)
books.head()

# %% [markdown]
# A lead that did not go to its favourite rep has the reason `best_under_limits`: that rep's room is
# worth more to other leads.

# %%
plan.assignments["reason"].value_counts()

# %%
assert record.feasible
assert record.gap < 0.01
assert record.kpis.expected_value >= record.baselines["greedy"].expected_value * 0.99
