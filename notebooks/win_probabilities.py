# %% [markdown]
# # Win probabilities
#
# **Goal.** A lead is worth its amount times the chance to win it. The amount stands in the CRM. The
# chance does not; it has to be learned from past deals. How far can a win rate be trusted when it
# comes from three deals? And what does a plan lose by trusting it?
#
# **Formulation.** A rep has won $w$ of $n$ deals of one kind, and the wider group wins at a rate of
# $m$. The *shrunk* rate counts $s$ further deals of the group:
#
# $$\hat p = \frac{w + s\,m}{n + s}.$$
#
# With $s$ near 0 this is the raw rate. With $s$ very large it is the group's rate, whoever the rep
# is. In between it is what a statistician calls the posterior mean of a beta-binomial model, and
# the policy file calls $s$ the `prior_strength`.

# %% [markdown]
# ## Data
# A synthetic company has one thing that no real one has: we know the truth. Its past was drawn from
# true chances by rep, product and grade, and we can ask for them.

# %%
from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd

from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.charts.theme import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    inline,
    layered,
    number_axis,
    themed,
)
from scenarios.generate import CompanySpec, generate
from scenarios.synthetic.history import win_chances
from scenarios.synthetic.scene import set_scene
from scenarios.synthetic.vocabulary import GRADES, PRODUCTS

# Charts are pictures in the notebook; nothing is loaded from a network.
alt.renderers.enable("svg")
spec = CompanySpec(num_leads=300, num_reps=10, seed=3)
company = generate(spec)
snapshot = company.snapshot()
history, rep_ids = snapshot.history, snapshot.reps["rep_id"]

KIND = ["product", "grade"]
every = pd.MultiIndex.from_product([rep_ids, PRODUCTS, GRADES], names=["rep_id", *KIND])
truth = pd.Series(win_chances(set_scene(spec)).ravel(), every, name="true chance")

deals = history.groupby(["rep_id", *KIND])["won"].agg(["sum", "size"]).reindex(every).fillna(0)
print(f"{len(history)} past deals, {history['won'].mean():.1%} of them won")
print(f"{len(every)} combinations of rep, product and grade")
print(f"{(deals['size'] <= 3).mean():.0%} of these have had three deals or fewer")

# %% [markdown]
# ## Raw rates are luck
# Here are the combinations with a deal or more: what was won of them, and what the true chance is.

# %%
seen = deals[deals["size"] > 0]
raw = (seen["sum"] / seen["size"]).rename("raw rate")
extreme = raw.isin([0.0, 1.0])
print(f"{extreme.mean():.0%} of the raw rates are 0 % or 100 %")
print(f"the true chances lie between {truth.min():.0%} and {truth.max():.0%}")

drawn = pd.DataFrame({"true": truth[raw.index], "rate": raw, "deals": seen["size"]})
percent = alt.Axis(format=".0%", tickCount=5)
whole = alt.Scale(domain=[0, 1])
line = alt.Chart(inline(pd.DataFrame({"true": [0.0, 1.0], "rate": [0.0, 1.0]})))


def against_truth(title, drawn):
    """Return the chart of learned rates against true chances."""
    dots = alt.Chart(inline(drawn)).mark_point(filled=True, color=BLUE, opacity=0.45)
    placed = dots.encode(
        x=alt.X("true:Q", title="true chance", axis=percent, scale=whole),
        y=alt.Y("rate:Q", title="learned rate", axis=percent, scale=whole),
        size=alt.Size("deals:Q", title="past deals", legend=alt.Legend(title="past deals")),
    )
    diagonal = line.mark_line(color=MUTED, strokeDash=[4, 4]).encode(x="true:Q", y="rate:Q")
    below = ["A dot for each rep, product and grade; its area: how many deals are behind it."]
    return themed(layered([diagonal, placed], 330, 330), title, below)


against_truth("Raw rates say more about luck than about chances", drawn)

# %% [markdown]
# Dots on the dashed line would be right. A rep who won the only deal of a kind does not win every
# deal of that kind.
#
# ## Shrinking
# The policy's rule shrinks twice. The rate of a kind of deal is drawn towards the rate of all
# deals; the rep's own rate is drawn towards that of the kind. In pandas:


# %%
def learned(past, strength, per_rep=True):
    """Return the shrunk rate of each combination of rep, product and grade."""
    kind = past.groupby(KIND)["won"].agg(["sum", "size"]).reindex(every.droplevel(0)).fillna(0)
    rate = (kind["sum"] + strength * past["won"].mean()) / (kind["size"] + strength)
    rate = rate.set_axis(every)
    if not per_rep:
        return rate
    own = past.groupby(["rep_id", *KIND])["won"].agg(["sum", "size"]).reindex(every).fillna(0)
    return (own["sum"] + strength * rate) / (own["size"] + strength)


def error(rates):
    """Return the root mean squared error of learned rates against the truth."""
    return float(np.sqrt(((rates - truth) ** 2).mean()))


shrunk = learned(history, 10)
print(f"typical error with s = 0.01: {error(learned(history, 0.01)):.3f}")
print(f"typical error with s = 10:   {error(shrunk):.3f}")
against_truth(
    "Shrunk rates are cautious where deals are few",
    pd.DataFrame({"true": truth, "rate": shrunk, "deals": deals["size"]}),
)

# %% [markdown]
# ## Choosing the strength without knowing the truth
# You will not have the truth. What you have is deals that you can hide: learn from four fifths of
# them, and ask how surprising the hidden fifth is. The surprise of an outcome that was given the
# chance $p$ is $-\log p$. Its mean is the *log loss*; smaller is better. It punishes hard what raw
# rates do so often: to call something certain that then does not happen.

# %%
STRENGTHS = (0.1, 0.5, 1, 2, 5, 10, 20, 40, 100, 300, 1000)
part = np.random.default_rng(0).integers(0, 5, len(history))


def log_loss(strength, per_rep=True):
    """Return the mean surprise of hidden deals, each fifth hidden in turn."""
    surprise = []
    for hidden in range(5):
        rates = learned(history[part != hidden], strength, per_rep)
        test = history[part == hidden]
        chance = rates[pd.MultiIndex.from_frame(test[["rep_id", *KIND]])].to_numpy()
        surprise.append(-np.log(np.where(test["won"] == 1, chance, 1 - chance)))
    return float(np.concatenate(surprise).mean())


chosen = pd.DataFrame(
    [
        {
            "strength": strength,
            "log loss": log_loss(strength),
            "log loss, not per rep": log_loss(strength, per_rep=False),
            "error": error(learned(history, strength)),
        }
        for strength in STRENGTHS
    ]
).set_index("strength")
best, truly_best = chosen["log loss"].idxmin(), chosen["error"].idxmin()
print(f"least log loss on hidden deals: s = {best:g}")
print(f"least error against the truth:  s = {truly_best:g}")
chosen.round(4)

# %% [markdown]
# Hidden deals lead us near the strength that the truth would have named. They also answer another
# question: is it worth having a rate for each rep (`per_rep: true`)? Compare the least values of
# the two middle columns.

# %%
by_strength = alt.X(
    "strength:Q",
    scale=alt.Scale(type="log"),
    axis=alt.Axis(title="prior strength s, deals", values=[0.1, 1, 10, 100, 1000], grid=False),
)


def named_line(frame, column, label, colour, up, **dash):
    """Return a line over the strengths, and its name at the right end."""
    rows = frame.reset_index().rename(columns={column: "height"})[["strength", "height"]]
    height = alt.Y("height:Q", scale=alt.Scale(zero=False), axis=number_axis(None))
    line = alt.Chart(inline(rows)).encode(x=by_strength, y=height)
    end = alt.Chart(inline(rows.tail(1))).encode(x=by_strength, y=height, text=alt.value(label))
    return [
        line.mark_line(color=colour, point=alt.OverlayMarkDef(color=colour), **dash),
        end.mark_text(align="left", dx=8, dy=-8 if up else 8, color=colour),
    ]


themed(
    layered(
        named_line(chosen, "log loss", "per rep", BLUE, up=False)
        + named_line(chosen, "log loss, not per rep", "all reps alike", VERMILLION, up=True),
        480,
        300,
    ),
    f"Hidden deals are least surprising with s = {best:g}",
    ["Mean log loss of deals that the rates were not learned from; smaller is better."],
)

# %% [markdown]
# ## Are the chances true? Calibration
# Of the deals that were given a chance of 30 %, 30 % should be won. We can ask that of the truth,
# too: sort all combinations by their learned rate into four groups, and compare in each the mean of
# the learned rates with the mean of the true chances.


# %%
def calibration(rates):
    """Return the mean learned rate and the mean true chance of four groups of equal size."""
    group = pd.qcut(rates.rank(method="first"), 4, labels=["lowest", "low", "high", "highest"])
    frame = pd.DataFrame({"learned": rates, "true": truth, "group": group})
    return frame.groupby("group", observed=True).mean()


both = {f"s = {strength:g}": calibration(learned(history, strength)) for strength in (0.1, best)}
pd.concat(both, axis=1).style.format("{:.0%}")

# %% [markdown]
# With hardly any shrinking the highest group promises far too much, and the lowest far too little.
# With the strength that was chosen, promise and truth lie much closer together.
#
# ## What a wrong prior costs
# Now the plans. For each strength the plan is made with what was learned, and then valued twice:
# with the same rates, which is what the plan *promises*, and with the true chances, which is what
# it will *bring*. Beside them stands a plan made by somebody who knows the truth: the same company
# with a hundred past deals of every combination, won exactly as often as the chance says.
#
# These are many plans, so the solver runs in this process (`isolated=False`): a child process for
# each would take two seconds to start.

# %%
RULES = """
version: 1
name: win-probabilities
currency: USD
must:
  - region: {}
  - level: {by: grade, least: {A: 3, B: 2}}
value:
  amount: {column: amount, missing: {median_by: [product]}}
  win_probability: {history: {by: [product, grade], per_rep: PER_REP, prior_strength: STRENGTH}}
capacity:
  - {measure: effort_hours, at_most: capacity_hours}
unassigned: {cost: 100%}
"""
leads = snapshot.leads[["lead_id", *KIND, "amount"]]
leads = leads.assign(
    amount=leads["amount"].fillna(leads.groupby("product")["amount"].transform("median"))
)


def planned(snapshot, strength, per_rep):
    """Return a plan by what the history teaches with a prior strength."""
    told = RULES.replace("PER_REP", str(per_rep).lower()).replace("STRENGTH", f"{strength:g}")
    return make_plan(
        snapshot,
        policy_from_text(told),
        limits=Limits(seconds=10, gap=0.003, threads=1),
        rule_prices=False,
        isolated=False,
    )


def brings(plan):
    """Return the expected value of a plan by the true chances."""
    given = plan.assignments.dropna(subset="rep_id")[["lead_id", "rep_id"]].merge(leads)
    chance = truth[pd.MultiIndex.from_frame(given[["rep_id", *KIND]])].to_numpy()
    return float(chance @ given["amount"])


DEALS = 100
row = np.repeat(np.arange(len(every)), DEALS)
is_won = np.tile(np.arange(DEALS), len(every)) < np.rint(DEALS * truth.to_numpy())[row]
like = company.history.iloc[np.zeros(len(row), int)].reset_index(drop=True)
known = like.assign(
    lead_id=[f"H{number}" for number in range(len(row))],
    won=is_won.astype(int),
    **{name: every.get_level_values(name)[row] for name in every.names},
)
knows = planned(replace(company, history=known).snapshot(), 0.01, per_rep=True)
most = brings(knows)

# %%
rows = []
for per_rep, strengths in {True: (0.1, best, 100, 1000), False: (best, 1000)}.items():
    for strength in strengths:
        plan = planned(snapshot, strength, per_rep)
        promise = plan.record.kpis.expected_value
        rows.append(("per rep" if per_rep else "all alike", strength, promise, brings(plan)))
cost = pd.DataFrame(rows, columns=["rates", "strength", "promises", "brings"])
cost["promise / truth"] = cost["promises"] / cost["brings"]
cost["of the most"] = cost["brings"] / most
cost = cost.set_index(["rates", "strength"])
cost.style.format(
    {
        "promises": "{:,.0f}",
        "brings": "{:,.0f}",
        "promise / truth": "{:.2f}",
        "of the most": "{:.1%}",
    }
)

# %% [markdown]
# ## Reading of the answer
# Four things stand in this table, and not all of them are what one expects.
#
# - **Raw rates promise what nobody will see.** A plan looks for the best pair of each lead, so it
#   finds the luckiest rates above all: the *winner's curse*. With too much shrinking, it is the
#   other way round: the plan brings more than it promised, since no rep could stand out. The
#   strength that hidden deals chose comes nearest to the truth.
# - **The plan itself is harmed less than its promise.** A plan needs to know only who is *better*,
#   and shrinking all rates alike changes little in that order. So the value that comes in is rather
#   flat in the strength. The forecast, the quotas and the hires that are based on the promise are
#   not so lucky.
# - **A rate for each rep is worth much here**, even from few deals: without it, all reps look
#   alike, and the plan gives away what it could know.
# - **No prior makes up for deals that are missing.** The distance to the plan that knows the truth
#   is larger than all differences between strengths. More and better records are worth more than a
#   finer formula.

# %%
per_rep = cost.loc["per rep"]
ceiling = per_rep.assign(most=most)
themed(
    layered(
        named_line(per_rep, "promises", "promised", VERMILLION, up=False, strokeDash=[6, 3])
        + named_line(per_rep, "brings", "brought", BLUE, up=False)
        + named_line(ceiling, "most", "the truth known", INK, up=True, strokeDash=[2, 2]),
        480,
        300,
    ),
    "The promise falls with the prior strength; what comes in hardly changes",
    ["Expected value, USD, with a rate for each rep; the scale does not begin at zero."],
)

# %% [markdown]
# ## What to try next
# - Coarser kinds: `by: [product]`. Fewer rates, each from more deals; let hidden deals decide.
# - `where: {closed_on: ...}` in `history`: learn only from recent deals, if the market has changed.
# - `fairlead replay` goes back to a past week of your own company and plans with what was known
#   then: the nearest thing to a truth that you can have.
#
# ## Where the method ends
# Past deals were not dealt out at random. If the best rep always got the easiest leads, the rates
# praise the leads as much as the rep, and no prior heals that; leads given at random now and then
# would. Rates drift, and this model has no clock. And one strength serves for all combinations,
# although some kinds of deals may differ between reps more than others.

# %%
assert extreme.mean() > 0.25
assert error(shrunk) < 0.8 * error(learned(history, 0.01))
assert STRENGTHS[0] < best < STRENGTHS[-1]
assert error(learned(history, best)) < 1.1 * chosen["error"].min()
assert chosen["log loss"].min() < chosen["log loss, not per rep"].min()
off = {name: (table["learned"] - table["true"]).abs().max() for name, table in both.items()}
assert off[f"s = {best:g}"] < off["s = 0.1"] / 2
assert per_rep["promise / truth"].is_monotonic_decreasing
assert per_rep["promise / truth"].iloc[0] > 1.3 > 1 > per_rep["promise / truth"].iloc[-1]
assert per_rep["brings"].max() < 1.15 * per_rep["brings"].min()
nearest = (np.log(per_rep["promise / truth"])).abs().idxmin()
assert nearest == best
assert most - per_rep["brings"].max() > per_rep["brings"].max() - per_rep["brings"].min()
assert per_rep["brings"].min() > cost.loc["all alike", "brings"].max()
