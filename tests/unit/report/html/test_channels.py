"""The section of channels in a page, of one run and of two."""

from __future__ import annotations

import json
import re

import pytest

from tests.helpers.channel_result import with_channels
from tests.helpers.sample_result import sample_result
from tests.unit.report.html.test_page import HOSTILE, MOST_BYTES, Parsed
from wedload.report.html.channels import channels
from wedload.report.html.markup import Html
from wedload.report.html.page import comparison_page, report_page


def text_of(part):
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


@pytest.fixture(scope="module")
def result():
    return with_channels(sample_result(scale=0.1), lost=0.01)


def test_the_table_says_what_the_result_holds(result):
    text = text_of(channels(result))

    webhook = result.channels[0]
    took = webhook.metrics["webhook_delivery_duration"]
    assert f"notices {webhook.expected:,} " in text
    assert f"✗ {webhook.missed} {webhook.late} {webhook.lost} {took.med:.0f} ms" in text


def test_each_channel_has_what_else_it_heard(result):
    text = text_of(channels(result))

    for words in (
        "notices: what else it heard", "receiver http://127.0.0.1:4100/hooks",
        "rejected 5 (5 × bad-signature)", "duplicates 3", "out of order 2", "unexpected 1",
        "protocol supabase", "topic realtime:guests",
        "subscribers 4, all of them joined throughout the load",
        "drops 2 (2 × reset)", "quota errors 4 (4 × 429)",
        "The schedule of retries to notices", "2nd a 503 6 480 ms 500 ms 530 ms",
    ):  # fmt: skip
        assert words in text


def test_what_was_lost_with_the_process_is_said():
    text = text_of(channels(with_channels(sample_result(scale=0.02), ears=False)))

    assert text.count("! What its ear reports was lost with its process") == 2
    assert "rejected 5 (5 × bad-signature)" in text


def test_a_page_has_two_charts_for_each_channel_with_a_sentence(result):
    page = Parsed(report_page(result))
    charts = json.loads(page.scripts[0])

    own = [id_ for id_ in charts if id_.startswith(("propagation", "arrivals"))]
    assert own == ["propagation-0", "arrivals-0", "propagation-1", "arrivals-1"]
    assert all(len(charts[id_]["figures"]) == 1 for id_ in own)  # whatever step is selected
    sections = [one["id"] for one in page.all("section") if one.get("id")]
    assert sections.index("charts") < sections.index("channels") < sections.index("steps")
    assert "guests: percentiles over time" in page.text
    described = {one.get("aria-describedby") for one in page.all("div")}
    assert {f"{id_}-summary" for id_ in own} <= described


def test_a_page_of_a_run_without_channels_says_nothing_of_them():
    page = Parsed(report_page(sample_result(scale=0.02)))

    assert "channels" not in {one.get("id") for one in page.all("section")}


def test_a_run_without_any_second_has_tables_and_no_charts():
    page = Parsed(report_page(with_channels(sample_result(samples=False))))

    assert json.loads(page.scripts[0]) == {}
    assert "notices: what else it heard" in page.text


def test_channels_of_two_runs_are_in_the_same_charts(result):
    other = with_channels(sample_result(scale=0.1), {"notices": "webhook"}, slower=1.4)
    page = Parsed(
        comparison_page(
            result, other, outcome="fail", word="Regression", headline="slower", reasons=[],
            table=Html(""), labels=("main", "new"),
        )
    )  # fmt: skip
    charts = json.loads(page.scripts[0])

    names = [one["name"] for one in charts["arrivals-0"]["figures"][0]["data"]]
    assert names == ["there, main", "there, new"]
    assert [one["name"] for one in charts["arrivals-1"]["figures"][0]["data"]] == ["there, main"]
    assert "Channels of main" in page.text
    assert "Channels of new" in page.text


def test_names_of_channels_are_text_wherever_they_stand():
    page = report_page(with_channels(sample_result(scale=0.02), {HOSTILE: "webhook"}))

    assert Parsed(page).text.count(HOSTILE) >= 3
    assert len(Parsed(page).scripts) == 3
    assert len(page.encode()) < MOST_BYTES


def test_the_process_that_listens_is_named_among_those_that_were_watched():
    result = with_channels(sample_result(scale=0.02))
    document = result.model_dump(mode="json", by_alias=True)
    processes = document["validity"]["generator"]["processes"]
    processes.append({**processes[0], "worker": 2, "role": "channels"})

    page = Parsed(report_page(type(result).model_validate(document)))

    assert re.search(r"process CPU.* 0 34 %.* 1 34 %.* channels 34 %", page.text)


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (4, 4, "4, all of them joined throughout the load"),
        (3, 3, "4; 3 had joined under load"),
        (2, 4, "4; 2 to 4 had joined under load"),
    ],
)
def test_how_many_had_joined_is_said_in_words(result, least, most, said):
    document = result.model_dump(mode="json", by_alias=True)
    document["channels"][1]["ear"] |= {"joined_least": least, "joined_most": most}
    changed = type(result).model_validate(document)

    assert f"subscribers {said}" in text_of(channels(changed))
