# %% [markdown]
# # Fairness and its price
#
# **Goal.** The plan that earns most may fill one book and leave another almost empty. We would like
# books that people can accept. Three questions come up: how is unevenness measured, how is a plan
# asked for less of it, and what does that cost?
#
# **Formulation.** Let $L_j$ be the load of rep $j$, here the expected value of the book, and $f_j$
# the fair share: the part of the whole that is due to the rep. There are three ways to ask for
# fairness.
#
# - *Hard*: $(1 - w) f_j \le L_j \le (1 + w) f_j$. No plan may leave the band.
# - *Soft*: what lies outside the band costs money, $c$ for each unit. A plan may pay.
# - *Max-min*: make the smallest $L_j / f_j$ as large as possible, and only then look at the value.

# %% [markdown]
# ## Data
# A synthetic company of 150 leads and 6 reps. Win rates are learned from its past deals.

# %%
import altair as alt
import numpy as np
import pandas as pd

from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.charts.books import books_chart, books_frame
from scenarios.charts.context import context_of
from scenarios.charts.frontier import frontier_chart
from scenarios.charts.theme import SERIES, SHAPES, inline, layered, themed
from scenarios.frontier.points import Point, knee
from scenarios.generate import CompanySpec, generate

# Charts are pictures in the notebook; nothing is loaded from a network.
alt.renderers.enable("svg")
snapshot = generate(CompanySpec(num_leads=150, num_reps=6, seed=7)).snapshot()
snapshot.reps[["rep_id", "level", "languages", "max_leads"]]

# %% [markdown]
# ## Policy
# Few rules, so that nothing but fairness holds the plan back: a rep must speak the lead's language
# and has a limit on the number of leads. Fairness is a section of its own, which we fill in later.

# %%
RULES = """
version: 1
name: fairness
currency: USD
must:
  - match: {lead: language, rep: languages}
value:
  amount: {column: amount, missing: {median_by: [product]}}
  win_probability: {history: {by: [product, grade], per_rep: true, prior_strength: 20}}
capacity:
  - {measure: count, at_most: max_leads}
unassigned: {cost: 100%}
"""


def policy_with(band):
    """Return the policy with a rule on equal shares of the expected value."""
    rule = f"fairness:\n  - {{measure: expected_value, share_by: head, {band}}}\n"
    return policy_from_text(RULES + rule)


for sentence in policy_with("within: 15%, mode: soft, cost: 0.5").describe():
    print("-", sentence)

# %% [markdown]
# ## The plan without fairness
# We shall make a dozen plans, so the solver runs in this process (`isolated=False`): a child
# process for each would take two seconds to start.


# %%
def planned(policy, fair_totals=None, start=None):
    """Return a plan that is proved to be within 0.1 % of the best."""
    return make_plan(
        snapshot,
        policy,
        limits=Limits(seconds=10, gap=0.001, threads=1),
        fair_totals=fair_totals,
        start=start,
        rule_prices=False,
        isolated=False,
    )


free = planned(policy_from_text(RULES))
first_choice = (free.assignments["reason"] == "best_value").mean()
print(f"{first_choice:.0%} of the leads go to the rep with whom they are worth most")
context = context_of(free.record)
books_chart(books_frame(free, "expected_value"), context, "expected_value")

# %% [markdown]
# The largest book is worth dozens of times the smallest. Nothing is wrong: nearly every lead goes
# to the rep with the best record for its product and grade, be it the best by little or by much.
#
# ## How uneven is that?
# The *Lorenz curve* orders the reps by their books, the poorest first, and asks what part of the
# whole the first $k$ of them hold. Equal books give the diagonal. The *Gini* index is the area
# between curve and diagonal, doubled: 0 if all are equal, near 1 if one has all. *Jain's index* is
# $(\sum L_j)^2 / (n \sum L_j^2)$: 1 if all are equal, $1/n$ if one has all. A third measure looks
# at the poorest alone: the smallest $L_j / f_j$.


# %%
def loads_of(plan):
    """Return (n_reps,) the expected value of each book, the smallest first."""
    return np.sort(plan.reps["expected_value"].to_numpy())


def gini(loads):
    """Return the Gini index of loads in ascending order."""
    rank = np.arange(1, len(loads) + 1)
    return 2 * rank @ loads / (len(loads) * loads.sum()) - (len(loads) + 1) / len(loads)


def jain(loads):
    """Return Jain's index of loads."""
    return loads.sum() ** 2 / (len(loads) * loads @ loads)


def measures(plan):
    """Return what a plan is worth and how even its books are."""
    loads = loads_of(plan)
    return {
        "expected value": plan.record.kpis.expected_value,
        "Gini": gini(loads),
        "Jain": jain(loads),
        "least / mean": loads.min() / loads.mean(),
        "most / mean": loads.max() / loads.mean(),
    }


told = free.record.kpis.loads["expected_value"]
print(f"by hand:  Gini {gini(loads_of(free)):.4f}, Jain {jain(loads_of(free)):.4f}")
print(f"the plan: Gini {told.gini:.4f}, Jain {told.jain:.4f}")

# %% [markdown]
# ## Three ways to ask
# A fair share is a part of a total, and the total must not depend on the plan that is judged by it.
# It is what the plan *without* fairness has. All plans below are held against the same total, so
# that they can be compared. (`fair_totals` hands it on; it is found again where it is left out.)

# %%
soft = planned(policy_with("within: 10%, mode: soft, cost: 0.1"))
totals = soft.record.settled.fair_totals
plans = {
    "no fairness": free,
    "soft, 0.10 a unit": soft,
    "hard, within 10 %": planned(policy_with("within: 10%, mode: hard"), totals),
    "max-min": planned(policy_with("mode: max_min, stages: 2"), totals),
    "max-min, keeps 99 %": planned(
        policy_with("mode: max_min, stages: 2, keep_value: 99%"), totals
    ),
}
compared = pd.DataFrame({name: measures(plan) for name, plan in plans.items()}).T
compared.insert(1, "price", 1 - compared["expected value"] / compared["expected value"].iloc[0])
compared.style.format("{:.3f}").format("{:,.0f}", "expected value").format("{:.2%}", "price")

# %% [markdown]
# Read the columns against each other. The hard band keeps its word. The soft band is left where
# leaving is cheaper than staying. Max-min lifts the poorest book as far as it goes, whatever that
# costs; with `keep_value` no more than 1 % of the value may be spent on it.
#
# The curves tell the same without numbers.


# %%
def lorenz(name, plan):
    """Return the points of a plan's Lorenz curve."""
    part = np.concatenate([[0], np.cumsum(loads_of(plan)) / loads_of(plan).sum()])
    return pd.DataFrame({"reps": np.linspace(0, 1, len(part)), "value": part, "plan": name})


shown = ["no fairness", "max-min, keeps 99 %", "hard, within 10 %"]
points = pd.concat([lorenz(name, plans[name]) for name in shown])
percent = alt.Axis(format=".0%", tickCount=5)
curves = alt.Chart(inline(points)).encode(
    x=alt.X("reps:Q", title="the poorest reps, as a part of all", axis=percent),
    y=alt.Y("value:Q", title="what they hold of the expected value", axis=percent),
    color=alt.Color("plan:N", scale=alt.Scale(domain=shown, range=SERIES[:3])),
    shape=alt.Shape("plan:N", scale=alt.Scale(domain=shown, range=SHAPES[:3])),
)
equal = alt.Chart(inline(pd.DataFrame({"reps": [0.0, 1.0], "value": [0.0, 1.0]})))
diagonal = equal.mark_line(strokeDash=[4, 4], color="#5A5F66").encode(x="reps:Q", y="value:Q")
themed(
    layered([diagonal, curves.mark_line(), curves.mark_point(filled=True, size=50)], 400, 330),
    f"Without fairness, the poorer half of the reps holds {lorenz('', free)['value'].iloc[3]:.0%}",
    ["Lorenz curves of expected value; dashed: equal books."],
)

# %% [markdown]
# ## The price of a narrower band
# How narrow should the band be? Nobody knows before the prices are on the table. So we plan with
# one width after the other. Each plan earns what can be earned within its band; together they are
# the *frontier*. A plan within a narrow band lies within every wider one, so each solve begins with
# the plan before it. Bands are in percent of the fair share.

# %%
WIDTHS = (3, 5, 10, 20, 30, 50, 75, 100)
frontier, before = {}, None
for width in WIDTHS:
    before = planned(policy_with(f"within: {width}%, mode: hard"), totals, start=before)
    frontier[width] = before
rows = [
    {
        "band": width,
        "expected value": plan.record.kpis.expected_value,
        "at most": plan.record.bound,
        "gap": plan.record.gap,
        "Gini": gini(loads_of(plan)),
    }
    for width, plan in frontier.items()
]
curve = pd.DataFrame(rows)
curve.style.format("{:,.0f}", ["expected value", "at most"]).format("{:.3%}", "gap").format(
    "{:.3f}", "Gini"
).hide()

# %% [markdown]
# The *knee* is the plan that lies farthest above the straight line between both ends: to its left a
# step of the band brings more, to its right less. Not every frontier has a corner; this one bends
# gently. With other widths, its knee would be another: the choice is yours more than the curve's.

# %%
bend = knee(
    [
        Point((float(width),), plan.record.objective, plan.record.bound)
        for width, plan in frontier.items()
    ]
)
drawn = pd.DataFrame(
    {
        "name": [f"Within {width} %" for width in WIDTHS],
        "value": curve["expected value"],
        "cost": curve["band"],
        "is_efficient": True,
        "is_knee": np.arange(len(WIDTHS)) == bend.number,
    }
)
print(f"up to the knee, each percent of the band brings {bend.before:,.0f} USD")
print(f"beyond the knee, each brings {bend.beyond:,.0f} USD")
frontier_chart(drawn, context, "band")

# %% [markdown]
# Mind the scale, which does not begin at zero: all of the curve is a few percent of the value.

# %%
narrow, wide = frontier[WIDTHS[0]], frontier[WIDTHS[-1]]
most = free.record.kpis.expected_value
print(f"within {WIDTHS[0]} %:   {1 - narrow.record.kpis.expected_value / most:.2%} below the most")
print(f"within {WIDTHS[-1]} %: {1 - wide.record.kpis.expected_value / most:.2%} below the most")

# %% [markdown]
# ## Who pays?
# The company pays the price, and it is small. For the reps it is another matter. What one gains,
# another loses, and the sums are far larger than the price.

# %%
fair = plans["hard, within 10 %"]
books = pd.DataFrame(
    {
        "without": free.reps.set_index("rep_id")["expected_value"],
        "within 10 %": fair.reps.set_index("rep_id")["expected_value"],
    }
)
books["change"] = books["within 10 %"] - books["without"]
given = -books["change"].clip(upper=0).sum()
price = -books["change"].sum()
print(f"{given:,.0f} USD leave the books of those who had more than their share")
print(f"{1 - price / given:.0%} of that arrives with the others; the rest is the price")
books.sort_values("change").style.format("{:,.0f}")

# %% [markdown]
# ## Reading of the answer
# Here most of the unevenness is a luxury. Many leads are worth nearly as much with another rep, and
# the plan without fairness takes the best one each time, however small the difference. Asked for
# fairness, the solver moves first what costs least to move. That is why even a narrow band is
# cheap. Where leads are worth much more with one rep than with any other, fairness is dear.
#
# ## What to try next
# - `share_by: quota` or `capacity_hours` in place of `head`: equal is not always fair.
# - Fair shares of `effort_hours` or `count`: another measure has another price.
# - `fairlead frontier DIR --axis fairness` does this for a company of your own, chooses the widths
#   itself, and leaves every plan ready for `compare`.
#
# ## Where the method ends
# A fair share is a number that somebody chose. The plan cannot say whether heads, hours or quotas
# are the right weights. Nor can it say whether win rates that make one rep look strong are skill or
# luck; `win_probabilities.py` looks into that. And a very narrow band may have no plan at all,
# because leads are whole: then the message names the reps who cannot reach it.

# %%
assert all(plan.record.feasible for plan in [*plans.values(), *frontier.values()])
assert abs(gini(loads_of(free)) - told.gini) < 1e-9
assert abs(jain(loads_of(free)) - told.jain) < 1e-9
assert compared.loc["hard, within 10 %", "Gini"] < compared.loc["no fairness", "Gini"] / 3
assert first_choice > 0.9
assert loads_of(free)[-1] > 24 * loads_of(free)[0]
assert compared.loc["max-min", "least / mean"] > compared["least / mean"].max() - 0.01
assert compared.loc["max-min, keeps 99 %", "price"] < 0.012
assert soft.record.kpis.loads["expected_value"].in_band < 1
assert curve["expected value"].is_monotonic_increasing
assert 0 < price < 0.05 * most < 0.3 * given
assert bend.before > bend.beyond
