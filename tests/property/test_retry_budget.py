"""However operations and failures come, retries never exceed what was saved and earned."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wedload.sandbox.resilience.budget import Allowance, Budget

STEPS = st.lists(
    st.tuples(st.sampled_from(["asked", "take"]), st.floats(0, 5, allow_nan=False)), max_size=200
)


@given(
    STEPS,
    st.floats(0, 0.5, allow_nan=False),
    st.floats(0, 1, allow_nan=False),
    st.integers(1, 10),
)
def test_no_more_is_taken_than_was_saved_and_earned(steps, share, per_s, most):
    budget, now_s, asked, taken = Budget(Allowance(share, per_s, float(most)), 0.0), 0.0, 0, 0
    for what, later_s in steps:
        now_s += later_s
        if what == "asked":
            budget.asked(now_s)
            asked += 1
        else:
            taken += budget.take(now_s)
        assert taken <= most + share * asked + per_s * now_s + 1e-6
