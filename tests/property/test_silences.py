"""Whatever a plan asks for: a silence that is accepted matches no alert without its environment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wedload.plan.matchers import ENVIRONMENT, silence_of

NAMES = st.sampled_from([*ENVIRONMENT, "job", "alertname", "team"])
TEXTS = st.builds(
    str.__add__,
    st.sampled_from(["", "=~", "!=", "!~"]),
    st.text("ab|.*+?()[]^$-0\\ ", max_size=8) | st.sampled_from(["staging", "qa|staging", ".+"]),
)
TABLES = st.dictionaries(NAMES, TEXTS, max_size=4)
LABELS = st.dictionaries(
    st.sampled_from(["job", "alertname", "team"]), st.text("ab-0 ", max_size=4)
)


@given(TABLES, LABELS)
def test_no_accepted_silence_matches_an_alert_without_an_environment(table, labels):
    try:
        found = silence_of(table)
    except ValueError:
        return
    assert not all(one.matches(labels) for one in found)


@given(TABLES)
def test_no_accepted_silence_matches_an_environment_that_nobody_named(table):
    try:
        found = silence_of(table)
    except ValueError:
        return
    elsewhere = dict.fromkeys([*ENVIRONMENT, "job", "alertname", "team"], "never-named-here")
    assert not all(one.matches(elsewhere) for one in found)
