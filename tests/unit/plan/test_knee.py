"""Plans as a search for the capacity drives them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.errors import UsageError
from wedload.plan.knee import Knee, probed
from wedload.units import NS_PER_S

KNEE = Knee.parse("10/s", "1000/s", "20s", "10m")
ROWS = """
[benchmarks]
Quick = "http_req_duration: p95 < 200ms"
"""


def driven(loaded, knee: Knee = KNEE, max_vus: int | None = None):
    names = list(loaded.plan.scenarios)
    return probed(loaded, knee, dict.fromkeys(names, Fraction(1, len(names))), max_vus)


def test_options_are_read_with_their_units():
    knee = Knee.parse("600/1m", "2000/s", "20s", "10m")
    assert (knee.first, knee.top) == (10, 2000)
    assert (knee.warm_ns, knee.judged_ns) == (4 * NS_PER_S, 16 * NS_PER_S)
    assert knee.most_probes >= 30


WRONG = [
    (("fast", "1/s", "1s", "1m"), "--knee-from"),
    (("0/s", "1/s", "1s", "1m"), "--knee-from 0/s is not above 0"),
    (("9/s", "9/s", "1s", "1m"), "--knee-from 9/s is not below --knee-to 9/s"),
    (("1/s", "9/s", "soon", "1m"), "--knee-probe"),
    (("1/s", "9/s", "500ms", "1m"), "--knee-probe 500ms is too short"),
    (("1/s", "9/s", "20s", "1m"), "--knee-time 1m is too short for 5 probes of 20s"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_options_that_make_no_sense_are_refused(options, said):
    with pytest.raises(UsageError) as refused:
        Knee.parse(*options)
    assert said in refused.value.message


def test_scenarios_keep_what_they_do_and_get_rates_in_proportion(load, valid):
    loaded = load(valid + ROWS)
    ((name, before),) = loaded.plan.scenarios.items()

    plan = probed(loaded, KNEE, {name: Fraction(1, 4)}, None)[0].plan

    after = plan.scenarios[name]
    assert (after.workflow, after.mix) == (before.workflow, before.mix)
    assert after.executor == "constant-arrival-rate"
    assert after.rate is not None
    assert after.rate.per_s(NS_PER_S) == Fraction(10, 4)
    assert after.duration == 600 * NS_PER_S
    assert (after.arrivals, after.on_saturation, after.pace) == ("poisson", "drop", None)
    assert plan.workflows == loaded.plan.workflows


def test_a_search_is_another_load_than_the_plans_own(load, valid):
    loaded = load(valid + ROWS)
    searched = driven(loaded)[0]
    assert searched.load_digest != loaded.load_digest
    assert searched.digest != loaded.digest
    assert driven(loaded)[0].digest == searched.digest


def test_virtual_users_stay_within_what_the_target_allows(load, valid):
    loaded = load(valid + ROWS)
    (scenario,) = driven(loaded, max_vus=30)[0].plan.scenarios.values()
    assert scenario.max_vus == 30
    (scenario,) = driven(loaded)[0].plan.scenarios.values()
    assert scenario.max_vus == 1000


def test_faults_and_rows_that_no_probe_can_be_judged_by_are_left_out(load):
    rows = """[benchmarks]
Quick = "http_req_duration: p95 < 200ms"
Outage = "http_req_failed{fault='calendar outage'}: rate < 1%"
Peak = "http_req_duration{stage='normal'}: p95 < 200ms"
Many = "http_reqs: rate > 10/s"
Enough = "http_reqs: count >= 100"
None = "interrupted_iterations: count == 0"
"""
    text = WITH_THIRD_PARTIES + rows
    loaded = load(text.replace("{stage='normal'}", ""))

    searched, dropped = driven(loaded)

    assert searched.plan.faults == ()
    assert list(searched.plan.benchmarks) == ["Quick", "Peak", "None"]
    assert dropped == {
        "Outage": "a search for the capacity has no faults",
        "Many": "it is about how much load there is, not about how that fares",
        "Enough": "it asks for a number, which only takes time",
    }


def test_rows_of_stages_are_left_out_as_there_are_none(load, valid):
    staged = valid.replace(
        'executor = "constant-vus"\nvus = 1\nduration = "1m"',
        'executor = "ramping-vus"\nstages = [{ name = "peak", duration = "1s", target = 1 }]',
    )
    assert staged != valid
    text = staged + ROWS + 'Peak = "http_req_duration{stage=peak}: p95 < 1s"\n'
    _, dropped = driven(load(text))
    assert dropped == {"Peak": "a search for the capacity has probes instead of stages"}


def test_rows_with_times_are_about_each_probe_as_a_whole(load, valid):
    row = '{ require = "http_req_duration: p95 < 1s", abort = true, after = "2s", window = "3s" }'
    ((_, found),) = driven(load(valid + f"[benchmarks]\nR = {row}\n"))[0].plan.benchmarks.items()
    assert (found.after_s, found.window_s, found.abort) == (0, None, False)


@pytest.mark.parametrize("rows", ["", '[benchmarks]\nMany = "http_reqs: rate > 10/s"\n'])
def test_a_plan_without_a_row_that_could_break_is_refused(load, valid, rows):
    with pytest.raises(UsageError, match="no benchmark row that a rate could break"):
        driven(load(valid + rows))


def test_rows_of_data_that_run_out_are_refused(load, valid, tmp_path):
    (tmp_path / "venues.csv").write_text("name\nBarn\nCastle\n")
    text = valid + ROWS + '[data.venues]\nfile = "venues.csv"\npick = "unique"\n'
    with pytest.raises(UsageError) as refused:
        driven(load(text))
    assert "its 2 rows would be used up" in refused.value.message
    assert "--set data.venues.pick=sequential" in refused.value.hint
