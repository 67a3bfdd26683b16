"""Google Calendar, its events, times and errors, as a client meets them."""

from __future__ import annotations

import pytest

from tests.helpers.played import Client
from wedload.simulators.google_calendar import GoogleCalendar
from wedload.simulators.google_events import Events
from wedload.units import NS_PER_S

EVENTS = "/calendar/v3/calendars/supplier%40x.example/events"
#: 2027-06-19T00:00:00Z
EPOCH_NS = 1_813_363_200 * NS_PER_S


def event(start: str = "2027-06-19T10:00:00Z", end: str = "2027-06-19T11:00:00Z", **more):
    return {"summary": "Call", "start": {"dateTime": start}, "end": {"dateTime": end}, **more}


@pytest.fixture
def client():
    return Client(GoogleCalendar(epoch_ns=EPOCH_NS))


def reason(answer) -> tuple[int, str]:
    status, content = answer
    assert content["error"]["code"] == status
    assert content["error"]["message"] == content["error"]["errors"][0]["message"]
    return status, content["error"]["errors"][0]["reason"]


def test_an_inserted_event_is_given_back_with_an_id_a_link_and_its_status(client):
    reply = client.reply(f"POST {EVENTS}", event(colorId="3"))
    status, content = client.ask(f"POST {EVENTS}", event(colorId="3"))
    assert (reply.status, reply.outcome, reply.done) == (200, "ok", True)
    assert status == 200
    assert content["status"] == "confirmed"
    assert content["htmlLink"].startswith("https://www.google.com/calendar/event?eid=")
    assert content["start"] == {"dateTime": "2027-06-19T10:00:00Z"}
    assert content["end"] == {"dateTime": "2027-06-19T11:00:00Z"}
    assert (content["summary"], content["colorId"]) == ("Call", "3")
    assert content["created"] == "2027-06-19T00:00:00Z"
    assert content["organizer"]["email"] == "supplier@x.example"
    assert client.ask(f"GET {EVENTS}/{content['id']}") == (200, content)


def test_two_events_without_an_id_are_two(client):
    ids = {client.ask(f"POST {EVENTS}", event())[1]["id"] for _ in range(50)}
    assert len(ids) == 50


def test_an_id_of_the_clients_own_is_taken_once(client):
    first = client.reply(f"POST {EVENTS}", event(id="booking17"))
    again = client.reply(f"POST {EVENTS}", event(id="booking17"))
    assert (first.status, first.done) == (200, True)
    assert (again.status, again.done, again.outcome) == (409, False, "wrong")
    assert reason(client.ask(f"POST {EVENTS}", event(id="booking17"))) == (409, "duplicate")
    elsewhere = EVENTS.replace("supplier", "other")
    assert client.ask(f"POST {elsewhere}", event(id="booking17"))[0] == 200


@pytest.mark.parametrize("given", ["abcd", "WXYZ1", "with-dash", "a" * 1025, 17, ""])
def test_an_id_that_is_no_base32hex_is_refused(client, given):
    assert reason(client.ask(f"POST {EVENTS}", event(id=given))) == (400, "invalid")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "parseError")),
        ([], (400, "parseError")),
        ({}, (400, "required")),
        ({"start": {"date": "2027-06-19"}}, (400, "required")),
        (event(start="yesterday"), (400, "invalid")),
        (event(start="2027-06-19T10:00:00"), (400, "invalid")),  # neither offset nor zone
        (event(end="2027-06-19T09:00:00Z"), (400, "timeRangeEmpty")),
        ({"start": {"date": "2027-06-19"}, "end": {"dateTime": "2027-06-20T00:00:00Z"}},
         (400, "invalid")),
        ({"start": {"date": "x"}, "end": {"date": "2027-06-20"}}, (400, "invalid")),
        ({"start": {}, "end": {}}, (400, "invalid")),
        ({"start": {"dateTime": "0001-01-01T00:00:00+23:00"}, "end": {"date": "2027-06-20"}},
         (400, "invalid")),
    ],
)  # fmt: skip
def test_an_event_without_times_that_make_sense_is_refused(client, body, expected):
    assert reason(client.ask(f"POST {EVENTS}", body)) == expected
    assert client.service.counts()["events"] == 0


@pytest.mark.parametrize(
    "times",
    [
        {"start": {"date": "2027-06-19"}, "end": {"date": "2027-06-20"}},
        {"start": {"dateTime": "2027-06-19T10:00:00", "timeZone": "Europe/London"},
         "end": {"dateTime": "2027-06-19T11:00:00", "timeZone": "Europe/London"}},
        {"start": {"dateTime": "2027-06-19T10:00:00+01:00"},
         "end": {"dateTime": "2027-06-19T11:00:00.000+01:00"}},
    ],
)  # fmt: skip
def test_times_are_days_or_moments_with_an_offset_or_a_zone(client, times):
    assert client.ask(f"POST {EVENTS}", times)[0] == 200


@pytest.mark.parametrize("line", [f"POST {EVENTS}", f"GET {EVENTS}", "POST /calendar/v3/freeBusy"])
@pytest.mark.parametrize("header", [{}, {"authorization": "Basic x"}])
def test_without_a_bearer_token_nobody_is_signed_in(line, header):
    client = Client(GoogleCalendar(), headers=header)
    assert reason(client.ask(line, event())) == (401, "authError")


def test_a_deleted_event_is_gone_and_cannot_be_deleted_again(client):
    client.ask(f"POST {EVENTS}", event(id="booking17"))
    reply = client.reply(f"DELETE {EVENTS}/booking17")
    assert (reply.status, reply.body, reply.done) == (204, b"", True)
    again = client.reply(f"DELETE {EVENTS}/booking17")
    assert (again.status, again.done) == (410, False)
    assert reason(client.ask(f"DELETE {EVENTS}/booking17")) == (410, "deleted")
    assert client.ask(f"GET {EVENTS}/booking17")[1]["status"] == "cancelled"
    assert reason(client.ask(f"POST {EVENTS}", event(id="booking17"))) == (409, "duplicate")


@pytest.mark.parametrize(
    "line",
    [
        f"GET {EVENTS}/nothing", f"DELETE {EVENTS}/nothing", "GET /", "PUT /calendar/v3/freeBusy",
        f"PATCH {EVENTS}/x", "POST /calendar/v3/calendars//events/x/y",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, line):
    assert reason(client.ask(line)) == (404, "notFound")


def test_a_list_has_what_overlaps_the_stretch_that_is_asked_for_in_order(client):
    for hour in (14, 10, 12):
        times = f"2027-06-19T{hour}:00:00Z", f"2027-06-19T{hour + 1}:00:00Z"
        client.ask(f"POST {EVENTS}", event(*times, id=f"at{hour:05}"))
    client.ask(f"DELETE {EVENTS}/at00012")

    def ids(query=""):
        return [one["id"] for one in client.ask(f"GET {EVENTS}?{query}")[1]["items"]]

    assert ids() == ["at00010", "at00014"]
    assert ids("timeMin=2027-06-19T11:00:00Z") == ["at00014"]
    assert ids("timeMax=2027-06-19T14:00:00Z") == ["at00010"]
    assert len(ids("maxResults=1")) == 1
    for query in ("timeMin=yesterday", "maxResults=0", "maxResults=many"):
        assert client.ask(f"GET {EVENTS}?{query}")[0] == 400


def test_free_busy_joins_what_overlaps_and_cuts_what_is_outside(client):
    for start, end, more in (
        ("08:00", "09:30", {}),
        ("09:00", "10:00", {}),
        ("12:00", "13:00", {"transparency": "transparent"}),
        ("15:00", "18:00", {}),
    ):
        times = f"2027-06-19T{start}:00Z", f"2027-06-19T{end}:00Z"
        client.ask(f"POST {EVENTS}", event(*times, **more))
    asked = {
        "timeMin": "2027-06-19T09:00:00Z",
        "timeMax": "2027-06-19T18:00:00+01:00",
        "items": [{"id": "supplier@x.example"}, {"id": "nobody@x.example"}],
    }
    status, content = client.ask("POST /calendar/v3/freeBusy", asked)
    assert (status, content["timeMax"]) == (200, "2027-06-19T17:00:00Z")
    assert content["calendars"] == {
        "supplier@x.example": {
            "busy": [
                {"start": "2027-06-19T09:00:00Z", "end": "2027-06-19T10:00:00Z"},
                {"start": "2027-06-19T15:00:00Z", "end": "2027-06-19T17:00:00Z"},
            ]
        },
        "nobody@x.example": {"busy": []},
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMax": "2027-06-18T00:00:00Z"}, "timeRangeEmpty"),
        ({"timeMax": "2028-06-18T00:00:00Z"}, "timeRangeTooLong"),
        ({"items": [{"id": str(number)} for number in range(51)]}, "tooManyCalendarsRequested"),
    ],
)
def test_free_busy_of_no_stretch_or_of_too_much_is_refused(client, change, expected):
    asked = {"timeMin": "2027-06-19T00:00:00Z", "timeMax": "2027-06-20T00:00:00Z", "items": []}
    answer = client.ask("POST /calendar/v3/freeBusy", {**asked, **change})
    assert reason(answer) == (400, expected)


@pytest.mark.parametrize(
    ("line", "body", "endpoint", "key"),
    [
        (f"POST {EVENTS}", event(id="b00017"), "events.insert", "supplier@x.example/b00017"),
        (f"POST {EVENTS}", event(), "events.insert", ""),
        (f"POST {EVENTS}", b"{", "events.insert", ""),
        (f"GET {EVENTS}/b00017", b"", "events.get", "supplier@x.example/b00017"),
        (f"DELETE {EVENTS}/b00017", b"", "events.delete", "supplier@x.example/b00017"),
        (f"GET {EVENTS}", b"", "events.list", ""),
        ("POST /calendar/v3/freeBusy", b"{}", "freebusy.query", ""),
        ("GET /elsewhere", b"", "other", ""),
    ],
)
def test_each_method_has_its_name_and_the_id_of_its_event_is_a_key(
    client, line, body, endpoint, key
):
    call = client.call(line, body)
    assert (call.endpoint, call.key, call.known) == (endpoint, key, endpoint != "other")


def test_a_user_is_who_quota_user_says_or_whose_token_it_is_which_is_not_kept(client):
    named = client.call(f"GET {EVENTS}?quotaUser=couple-1")
    assert named.user == "user couple-1"
    by_token = client.call(f"GET {EVENTS}")
    other = client.call(f"GET {EVENTS}", authorization="Bearer another")
    assert by_token.user != other.user
    assert "a-token" not in by_token.user
    assert client.call(f"GET {EVENTS}", authorization="").user == ""


@pytest.mark.parametrize(
    ("scope", "expected"), [("all", "rateLimitExceeded"), ("user", "userRateLimitExceeded")]
)
@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_says_whose_quota_is_used_up(client, scope, expected, status):
    reply = client.service.over_quota(scope, status)
    assert (reply.status, reply.outcome, reply.done) == (status, "quota", False)
    assert f'"domain":"usageLimits","reason":"{expected}"'.encode() in reply.body


@pytest.mark.parametrize(("status", "said"), [(503, b"Service Unavailable"), (599, b"Backend")])
def test_a_failure_has_googles_shape(client, status, said):
    reply = client.service.failed(status)
    assert (reply.status, reply.outcome) == (status, "error")
    assert said in reply.body


def test_old_events_are_forgotten_and_counted():
    client = Client(GoogleCalendar(events=Events(most=3)))
    for number in range(5):
        elsewhere = f"/calendar/v3/calendars/calendar-{number % 2}/events"
        client.ask(f"POST {elsewhere}", event(id=f"booking{number}"))
    assert client.service.counts() == {"events": 3, "events_forgotten": 2}
    assert client.ask("GET /calendar/v3/calendars/calendar-0/events/booking0")[0] == 404
    items = client.ask("GET /calendar/v3/calendars/calendar-0/events")[1]["items"]
    assert [item["id"] for item in items] in (["booking2", "booking4"], ["booking4", "booking2"])
