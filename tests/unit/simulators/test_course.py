import random
from dataclasses import replace

import pytest

from tests.helpers.faults import ByHand
from tests.helpers.played import BEARER, EMAIL, request_of
from wedload.plan.distribution import Distribution
from wedload.plan.faults import Fault
from wedload.plan.third_parties import Dependency, Errors, Quota
from wedload.simulators.course import Courses
from wedload.simulators.email.resend import Resend
from wedload.simulators.simulator import service_of
from wedload.units import NS_PER_MS, NS_PER_S

LATENCY = Distribution.parse("uniform(1ms, 30ms)")
MAIL = Dependency(simulate="email", latency=LATENCY)


def fault(name: str = "outage", **what) -> Fault:
    return Fault(name=name, on=("mail",), at=0, for_=NS_PER_S, **what)


def courses_of(dependency: Dependency = MAIL, *faults: Fault, seed: int = 1, service=None):
    return Courses(
        "mail",
        dependency,
        service or Resend(),
        seed=seed,
        env={},
        injections=ByHand(*faults),
    )


def send(courses: Courses, at_ns: int = 0, line: str = "POST /emails", **headers: str):
    return courses.of(request_of(line, EMAIL, {**BEARER, **headers}, arrived_ns=at_ns))


def test_latencies_are_those_of_the_seed_and_the_name():
    drawn = [send(courses).drawn_ns for courses in [courses_of()] for _ in range(100)]
    again = [send(courses).drawn_ns for courses in [courses_of()] for _ in range(100)]
    rng = random.Random("1/mail")
    assert drawn == again == [LATENCY.draw_ns(rng) for _ in range(100)]
    assert drawn != [send(courses).drawn_ns for courses in [courses_of(seed=2)] for _ in range(100)]


def test_an_answer_is_due_when_its_latency_has_passed_and_it_is_carried_out_at_once():
    courses = courses_of()
    course = send(courses, at_ns=500)
    assert (course.arrived_ns, course.ready_ns) == (500, 500 + course.drawn_ns)
    assert (course.outcome, course.status, course.ending) == ("ok", 200, "reply")
    assert courses.service.counts()["emails"] == 1


def test_what_is_over_the_quota_is_refused_at_once_and_told_when_to_come_back():
    courses = courses_of(replace(MAIL, quota=Quota(2, 1_500 * NS_PER_MS)))
    done = [send(courses, at_ns) for at_ns in (0, 0, 100 * NS_PER_MS)]
    assert [course.outcome for course in done] == ["ok", "ok", "quota"]
    refused = done[2]
    assert (refused.drawn_ns, refused.ready_ns) == (0, 100 * NS_PER_MS)
    assert refused.reply.retry_after_ns == 2 * NS_PER_S  # whole seconds, no less than 1.4 s
    headers = dict(refused.reply.headers)
    assert (headers["Retry-After"], headers["ratelimit-remaining"]) == ("2", "0")
    assert dict(done[0].reply.headers)["ratelimit-remaining"] == "1"
    assert courses.service.counts()["emails"] == 2


@pytest.mark.parametrize(
    ("simulate", "provider", "told", "status", "expected"),
    [
        ("google-calendar", "resend", None, None, (403, None)),
        ("google-calendar", "resend", True, 429, (429, NS_PER_S)),
        ("email", "resend", None, None, (429, NS_PER_S)),
        ("email", "resend", False, None, (429, None)),
        ("email", "sendgrid", None, None, (429, None)),
        ("email", "postmark", None, None, (429, None)),
        ("http", "resend", None, None, (429, NS_PER_S)),
    ],
)
def test_a_refusal_is_the_services_own_unless_the_plan_says_otherwise(
    simulate, provider, told, status, expected
):
    dependency = Dependency(
        simulate=simulate,
        provider=provider,
        quota=Quota(1, NS_PER_S),
        quota_status=status,
        retry_after=told,
    )
    service = service_of(dependency, epoch_ns=0, env={})
    courses = courses_of(dependency, service=service)
    send(courses)
    refused = send(courses)
    assert (refused.status, refused.reply.retry_after_ns) == expected


def test_the_share_of_errors_is_met_and_errors_take_their_time_and_carry_nothing_out():
    errors = (Errors(ratio=0.2, retry_after=NS_PER_S), Errors(ratio=0.1, status=500))
    courses = courses_of(replace(MAIL, errors=errors))
    courses_done = [send(courses) for _ in range(2_000)]
    by_status = {
        status: [course for course in courses_done if course.status == status]
        for status in (200, 503, 500)
    }
    assert sum(map(len, by_status.values())) == 2_000
    # six standard deviations of a binomial share
    assert len(by_status[503]) == pytest.approx(400, abs=108)
    assert len(by_status[500]) == pytest.approx(200, abs=81)
    assert {course.outcome for course in by_status[503]} == {"error"}
    assert {course.reply.retry_after_ns for course in by_status[503]} == {NS_PER_S}
    assert {course.reply.retry_after_ns for course in by_status[500]} == {None}
    assert all(course.drawn_ns >= NS_PER_MS for course in by_status[503])
    assert courses.service.counts()["emails"] == len(by_status[200])


def test_what_is_down_answers_nothing_carries_nothing_out_and_counts_against_no_quota():
    courses = courses_of(replace(MAIL, quota=Quota(1, NS_PER_S)), fault(down=True))
    for _ in range(3):
        course = send(courses)
        assert (course.ending, course.outcome, course.status) == ("down", "down", 0)
        assert (course.reply, course.faults) == (None, ("outage",))
    courses._injections.set()
    assert send(courses).outcome == "ok"


def test_a_status_replaces_the_answer_after_its_latency_and_may_tell_to_wait():
    courses = courses_of(MAIL, fault(status=503, retry_after=1_200 * NS_PER_MS))
    course = send(courses)
    assert (course.outcome, course.status) == ("status", 503)
    assert course.reply.retry_after_ns == 2 * NS_PER_S
    assert course.drawn_ns >= NS_PER_MS
    assert courses.service.counts()["emails"] == 0


@pytest.mark.parametrize(
    ("what", "ending", "outcome", "status"),
    [
        ({"empty": True}, "empty", "empty", 0),
        ({"malformed": "chunk"}, "chunk", "malformed", 200),
        ({"malformed": "random"}, "random", "malformed", 0),
    ],
)
def test_an_answer_that_is_lost_was_carried_out_all_the_same(what, ending, outcome, status):
    courses = courses_of(MAIL, fault(**what))
    course = send(courses)
    assert (course.ending, course.outcome, course.status) == (ending, outcome, status)
    assert course.reply.done
    assert bool(course.noise) is (ending == "random")
    assert courses.service.counts()["emails"] == 1


def test_of_several_faults_all_that_are_suffered_are_named():
    course = send(courses_of(MAIL, fault("errors", status=500), fault("broken", empty=True)))
    assert (course.outcome, course.faults) == ("empty", ("errors", "broken"))


def test_a_fault_of_bytes_alone_leaves_the_course_as_it_is():
    slow = fault(latency=Distribution.parse("1s"))
    course = send(courses_of(MAIL, slow))
    assert (course.outcome, course.faults) == ("ok", ())


def test_toxicity_is_the_share_of_requests_that_suffer():
    courses = courses_of(MAIL, fault(down=True, toxicity=0.3))
    hit = sum(send(courses).outcome == "down" for _ in range(2_000))
    assert hit == pytest.approx(600, abs=123)  # six standard deviations


@pytest.mark.parametrize("what", [{"empty": True}, {"status": 503}, {"down": True}])
def test_faults_do_not_shift_the_draws_of_what_they_spare(what):
    flawed = replace(MAIL, errors=(Errors(ratio=0.3),))
    calm, odd = courses_of(flawed), courses_of(flawed, fault(toxicity=0.5, **what))
    pairs = [(send(calm), send(odd)) for _ in range(50)]
    spared = [(well, other) for well, other in pairs if not other.faults]
    assert 0 < len(spared) < 50
    for well, other in spared:
        assert (well.drawn_ns, well.outcome) == (other.drawn_ns, other.outcome)


def test_refusals_do_not_shift_the_draws_of_what_is_let_through():
    free, bound = courses_of(), courses_of(replace(MAIL, quota=Quota(1, NS_PER_S)))
    instants = [number * 400 * NS_PER_MS for number in range(10)]
    pairs = [(send(free, at_ns), send(bound, at_ns)) for at_ns in instants]
    assert [other.outcome for _, other in pairs].count("ok") == 4
    assert all(well.drawn_ns == other.drawn_ns for well, other in pairs if other.outcome != "quota")


@pytest.mark.parametrize(
    ("simulate", "line", "reads"),
    [
        ("google-calendar", "POST /calendar/v3/freeBusy", True),
        ("google-calendar", "GET /calendar/v3/calendars/a/events", True),
        ("google-calendar", "GET /calendar/v3/calendars/a/events/abcde", True),
        ("google-calendar", "POST /calendar/v3/calendars/a/events", False),
        ("google-calendar", "DELETE /calendar/v3/calendars/a/events/abcde", False),
        ("email", "GET /emails/abc", True),
        ("email", "POST /emails", False),
    ],
)
def test_what_only_reads_is_told_from_what_changes_something(simulate, line, reads):
    dependency = Dependency(simulate=simulate)
    service = service_of(dependency, epoch_ns=0, env={})
    course = send(courses_of(dependency, service=service), line=line)
    assert course.reads is reads


def test_a_request_whose_turn_never_came_is_not_carried_out():
    courses = courses_of()
    course = courses.unserved(request_of("POST /emails", EMAIL, BEARER, arrived_ns=7))
    assert (course.endpoint, course.arrived_ns, course.reply) == ("POST /emails", 7, None)
    assert courses.service.counts()["emails"] == 0
