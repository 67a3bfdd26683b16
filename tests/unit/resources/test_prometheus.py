"""What Prometheus answers, read or refused."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from wedload.resources.port import SourceError
from wedload.resources.prometheus import PrometheusQuery, data_of, values_of


def vector(*values):
    return {
        "resultType": "vector",
        "result": [{"metric": {}, "value": [1.5, one]} for one in values],
    }


class Answering:
    """Answers in turn."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def ask(self, query):
        assert query == "up"
        return self.answers.pop(0)

    async def close(self):
        self.answers.clear()


def sampled(answer):
    query = PrometheusQuery(Answering(answer), "up")

    async def run():
        levels = await query.sample()
        return {name: level.value for name, level in levels.items()}, await query.finish()

    return asyncio.run(run())


def test_one_series_is_the_figure():
    assert sampled(vector("0.25")) == ({"value": 0.25}, {"notes": []})


def test_several_series_are_added_up_and_that_is_said():
    value, report = sampled(vector("0.1", "0.2", "0.3"))

    assert value["value"] == pytest.approx(0.6)
    assert report["notes"] == ["the query finds several series: the figures are their sum"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (vector(), "the query finds no series"),
        (vector("NaN"), "the query answers nan"),
        (vector("+Inf"), "the query answers inf"),
        ({"resultType": "matrix", "result": []}, "the query answers a matrix; a number or an"),
        ({"resultType": "string", "result": [1, "a"]}, "the query answers a string"),
        ({"resultType": "vector", "result": [{}]}, "the query answers no numbers"),
        ({"resultType": "scalar", "result": [1]}, "the query answers no numbers"),
        (None, "the query answers a None"),
    ],
)
def test_what_is_no_number_is_refused(answer, said):
    with pytest.raises(SourceError, match=said.replace("+", r"\+")):
        sampled(answer)


def test_scalars_are_numbers():
    assert values_of({"resultType": "scalar", "result": [1.0, "3"]}) == [3.0]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "this is no Prometheus: 200, and no answer of its API"),
        (404, b"[]", "this is no Prometheus: 404"),
        (
            400,
            orjson.dumps({"status": "error", "error": "parse error"}),
            "refuses the query: parse",
        ),
    ],
)
def test_other_answers_say_why(status, body, said):
    with pytest.raises(SourceError, match=said):
        data_of(status, body)


def test_an_answer_holds_its_data():
    assert data_of(200, b'{"status": "success", "data": {"a": 1}}') == {"a": 1}
