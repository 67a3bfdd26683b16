"""Reasons for what may be somebody's data are told wherever a run is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.small_result import document
from wedload.report.accepted_words import accepted_words
from wedload.report.final import print_final
from wedload.report.html.facts import asked
from wedload.report.markdown import markdown
from wedload.results.accepted_model import AcceptedData
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.run import RunInfo

REASON = "published by the venues themselves"
FILE = AcceptedData(what="venues.csv", kind="data file", count=4, reason=REASON)
VALUE = AcceptedData(what="an…@gmail.com", kind="e-mail address", count=1, reason=f"not {REASON}")
WORDS = [
    f"accepted: venues.csv (4 values): {REASON}",
    f"accepted: an…@gmail.com (e-mail address): not {REASON}",
]


@pytest.mark.parametrize(("one", "words"), list(zip((FILE, VALUE), WORDS, strict=True)))
def test_a_file_is_told_with_the_number_of_values_and_a_value_with_its_kind(one, words):
    assert accepted_words(one) == words


def test_a_run_tells_them_below_its_verdict_and_keeps_them(make, console):
    made = make().run
    run = replace(made, info=replace(made.info, accepted_data=(FILE, VALUE)))

    print_final(run, console)

    text = " ".join(console.export_text().partition("verdict:")[2].split())
    assert all(words in text for words in WORDS)
    result = Result.model_validate(document_of(run))
    assert result.run.accepted_data == [FILE, VALUE]
    assert RunInfo.of(run.info.facts()).accepted_data == (FILE, VALUE)


def test_a_run_recorded_by_a_version_without_them_has_none(make):
    facts = make().run.info.facts()
    del facts["accepted_data"]
    assert RunInfo.of(facts).accepted_data == ()


def test_markdown_and_the_page_tell_them_of_a_result():
    told = document(accepted_data=[FILE.model_dump(), VALUE.model_dump()])
    result = Result.model_validate(told)

    text = markdown(result)
    assert "**Data that may be somebody's**" in text
    assert all(words.replace("@", "&#64;") in text for words in WORDS)
    assert all(words.removeprefix("accepted: ") in str(asked(result)) for words in WORDS)


def test_without_any_nothing_is_said():
    result = Result.model_validate(document())
    assert "somebody" not in markdown(result)
    assert "somebody" not in str(asked(result))
