"""Matchers of silences: what they match, and which a run may not ask for."""

from __future__ import annotations

import pytest

from wedload.plan.matchers import Matcher, environments, matcher_of, silence_of


@pytest.mark.parametrize(
    ("text", "regex", "equal", "matches", "not_"),
    [
        ("staging", False, True, "staging", "staging-2"),
        ("=~api-.+", True, True, "api-1", "an api-1"),
        ("!=batch", False, False, "api", "batch"),
        ("!~db.*", True, False, "api", "db-1"),
        ("!=", False, False, "api", ""),
    ],
)
def test_what_stands_before_a_value_says_how_it_matches(text, regex, equal, matches, not_):
    found = matcher_of("job", text)
    assert (found.regex, found.equal) == (regex, equal)
    assert found.matches({"job": matches})
    assert not found.matches({"job": not_})


@pytest.mark.parametrize(
    "text", ["", "=~", "=~.*", "=~a*", "=~staging|", "=~(", "=~(?!a)b", r"=~(a)\1", "!~"]
)
def test_what_matches_alerts_without_the_label_or_is_no_regexp_is_refused(text):
    with pytest.raises(ValueError, match=r"matches|is no regexp|says nothing"):
        matcher_of("job", text)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"job": "api"},
        {"environment": "!=production"},
        {"environment": "!~prod.*"},
        {"environment": "=~.+"},
        {"environment": "=~stag.*"},
        {"env": "=~[a-z]+"},
        {"stage": "=~staging|.+"},
    ],
)
def test_a_silence_without_environments_by_name_is_refused(table):
    with pytest.raises(ValueError, match='environment = "staging"'):
        silence_of(table)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"environment": "staging"}, ("staging",)),
        ({"env": "qa-2", "job": "=~api-.+"}, ("qa-2",)),
        ({"stage": "=~staging|qa"}, ("staging", "qa")),
        ({"environment": "=~(load|qa)[0-9]+"}, ("load", "qa")),
    ],
)
def test_environments_that_are_named_one_by_one_are_taken(table, named):
    assert environments(silence_of(table)) == named


def test_a_matcher_is_written_as_alertmanager_filters_are():
    assert str(Matcher("job", 'a"b\\', regex=True, equal=False)) == 'job!~"a\\"b\\\\"'
