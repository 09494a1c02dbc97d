"""Win probabilities as draws: unbiased, in order, and wrong together within a cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scenarios.robustness.chances import Chances

if TYPE_CHECKING:
    from models.arrays import Floats

PAIRS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.05, 0.3, 0.31, 0.9, 1.0])), max_size=12
)


def drawn(cells: list[int], estimates: list[float], strength: float, size: int) -> Floats:
    """Return (size, n_pairs) true probabilities of pairs."""
    cell, estimate = np.array(cells, np.int64), np.array(estimates, np.float64)
    chances, point = Chances.of_pairs(cell, estimate, strength)
    return chances.draw(np.random.default_rng(1), size)[:, point]


def test_each_is_beta_distributed() -> None:
    estimates = [0.02, 0.2, 0.5, 0.97]
    table = drawn([7, 7, 7, 9], estimates, 10.0, 4_000)
    for column, p in zip(table.T, estimates, strict=True):
        assert stats.kstest(column, stats.beta(10 * p, 10 * (1 - p)).cdf).pvalue > 1e-4


def test_errors_are_common_in_a_cell_and_apart_between_cells() -> None:
    table = drawn([1, 1, 2], [0.4, 0.4, 0.4], 20.0, 4_000)
    assert (table[:, 0] == table[:, 1]).all()
    correlation = np.corrcoef(table[:, 0], table[:, 2])[0, 1]
    assert abs(correlation) < 4.5 / math.sqrt(len(table))


def test_near_estimates_err_alike() -> None:
    # Cov(F(p), F(q)) = p (1 - q) / (strength + 1) for p below q (Ferguson 1973).
    p, q = 0.3, 0.4
    table = drawn([0, 0], [p, q], 20.0, 20_000)
    expected = math.sqrt(p * (1 - q) / (q * (1 - p)))
    assert abs(np.corrcoef(table[:, 0], table[:, 1])[0, 1] - expected) < 0.02


@given(PAIRS, st.sampled_from([1.0, 50.0, math.inf]))
def test_they_keep_their_order_and_certainties(
    pairs: list[tuple[int, float]], strength: float
) -> None:
    cells, estimates = [cell for cell, _ in pairs], [estimate for _, estimate in pairs]
    table = drawn(cells, estimates, strength, 5)
    assert table.shape == (5, len(pairs))
    assert ((table >= 0) & (table <= 1)).all()
    for first, (cell, estimate) in enumerate(pairs):
        if estimate in (0.0, 1.0) or math.isinf(strength):
            assert (table[:, first] == estimate).all()
        for second, (other_cell, other) in enumerate(pairs):
            if cell == other_cell and estimate <= other:
                assert (table[:, first] <= table[:, second]).all()
