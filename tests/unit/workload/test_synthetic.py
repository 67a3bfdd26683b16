"""Synthetic data: what plans may call is there, seeded, valid, and only from reserved ranges."""

from __future__ import annotations

import inspect
import ipaddress
import random
import re
from datetime import date

import orjson
import pytest

from wedload.plan.expressions.expression import SYNTHETIC_FUNCTIONS, Expression
from wedload.workload.synthetic import Synthetic

MANY = 300
#: one valid argument list for each function that needs any
ARGUMENTS = {"responses": ([],)}


@pytest.fixture
def synthetic() -> Synthetic:
    return Synthetic(random.Random(11))


def public():
    return {
        name: member
        for name, member in inspect.getmembers(Synthetic, inspect.isroutine)
        if not name.startswith("_")
    }


def test_the_language_and_the_generator_have_the_same_names():
    assert set(SYNTHETIC_FUNCTIONS) == set(public())


@pytest.mark.parametrize("name", sorted(SYNTHETIC_FUNCTIONS))
def test_the_language_allows_as_many_arguments_as_the_generator_takes(name):
    parameters = list(inspect.signature(public()[name]).parameters.values())[1:]
    fewest = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
    assert SYNTHETIC_FUNCTIONS[name] == (fewest, len(parameters))


@pytest.mark.parametrize("name", sorted(SYNTHETIC_FUNCTIONS))
def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(name):
    def data(seed):
        generator = Synthetic(random.Random(seed))
        arguments = ARGUMENTS.get(name, ())
        if name == "responses":
            arguments = (Synthetic(random.Random(1)).intake_fields(),)
        return [getattr(generator, name)(*arguments) for _ in range(30)]

    assert data(5) == data(5)
    assert data(5) != data(6)


@pytest.mark.parametrize("name", sorted(SYNTHETIC_FUNCTIONS))
def test_plans_reach_each_of_them_and_json_can_hold_what_it_gives(name, scope):
    argument = "x" if SYNTHETIC_FUNCTIONS[name][0] else ""
    value = Expression.parse(f"synthetic.{name}({argument})").evaluate(scope(x=[]))
    assert orjson.loads(orjson.dumps(value)) == value


def test_email_addresses_are_in_reserved_domains_and_do_not_repeat(synthetic):
    emails = [synthetic.email() for _ in range(2_000)]
    for email in emails:
        person, _, domain = email.partition("@")
        assert domain in {"example.com", "example.net", "example.org"}
        assert re.fullmatch(r"[a-z]+\.[a-z]+\.[0-9a-f]{8}", person)
    assert len(set(emails)) == len(emails)


def test_ip_addresses_are_of_the_documentation_range(synthetic):
    network = ipaddress.ip_network("198.51.100.0/24")
    addresses = {ipaddress.ip_address(synthetic.ip()) for _ in range(3_000)}
    assert all(address in network for address in addresses)
    assert {network.network_address, network.broadcast_address}.isdisjoint(addresses)
    assert len(addresses) == 254


def test_telephone_numbers_are_fictitious(synthetic):
    for _ in range(2_000):
        match = re.fullmatch(r"\+1-([2-9]\d\d)-555-(\d{4})", synthetic.phone())
        assert match is not None
        assert 100 <= int(match[2]) <= 199


def test_dates_are_real_and_lie_ahead(synthetic):
    for _ in range(MANY):
        day = date.fromisoformat(synthetic.wedding_date())
        assert date(2027, 4, 1) <= day < date(2028, 10, 1)


def test_guest_counts_are_whole_tens(synthetic):
    counts = {synthetic.guest_count() for _ in range(2_000)}
    assert counts == set(range(20, 301, 10))


@pytest.mark.parametrize(
    ("asked", "words"),
    [(1, 1), (5, 5), (100, 100), (0, 1), (-4, 1), (10**9, 100), ("7", 7), (3.9, 3)],
)
def test_sentences_have_as_many_words_as_asked_within_bounds(synthetic, asked, words):
    sentence = synthetic.sentence(asked)
    assert len(sentence.split()) == words
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_a_sentence_has_eight_words_if_nothing_is_asked(synthetic):
    assert len(synthetic.sentence().split()) == 8


def test_names_are_made_of_their_parts(synthetic):
    assert re.fullmatch(r"\S+ \S+", synthetic.name())
    assert synthetic.first_name().isalpha()
    assert synthetic.last_name().isalpha()
    assert synthetic.city()
    assert synthetic.venue()


def test_intake_forms_have_distinct_fields_and_selects_have_options(synthetic):
    for _ in range(MANY):
        fields = synthetic.intake_fields()
        names = [field["name"] for field in fields]
        assert len(set(names)) == len(names)
        for field in fields:
            assert field["type"] in {"text", "number", "select", "textarea"}
            assert isinstance(field["required"], bool)
            assert field["label"]
            assert ("options" in field) == (field["type"] == "select")
            if field["type"] == "select":
                assert 2 <= len(field["options"]) == len(set(field["options"]))


def test_every_required_field_is_answered_with_a_value_of_its_kind(synthetic):
    left_out = 0
    for _ in range(MANY):
        fields = synthetic.intake_fields()
        responses = synthetic.responses(fields)
        assert responses.keys() <= {field["name"] for field in fields}
        for field in fields:
            if field["name"] not in responses:
                assert not field["required"]
                left_out += 1
                continue
            answer = responses[field["name"]]
            match field["type"]:
                case "number":
                    assert type(answer) is int
                case "select":
                    assert answer in field["options"]
                case _:
                    assert isinstance(answer, str)
                    assert answer.strip()
            if field["name"] == "wedding_date":
                date.fromisoformat(answer)
    assert left_out > 0  # an answer that is not required is sometimes missing


def test_fields_that_are_no_fields_have_no_value(synthetic):
    for fields in ([{}], [{"name": "a"}], [{"name": "a", "required": True}]):
        with pytest.raises(LookupError):
            synthetic.responses(fields)


def test_searches_are_possible_ones(synthetic):
    for _ in range(MANY):
        search = synthetic.supplier_search()
        assert search["category"] in {
            "venue", "photography", "catering", "florist", "music", "planner",
        }  # fmt: skip
        assert -90 <= search["lat"] <= 90
        assert -180 <= search["lon"] <= 180
        assert 0 < search["min_price"] < search["max_price"]
        assert search["radius_km"] > 0
        assert 0 <= search["min_rating"] <= 5
        date.fromisoformat(search["date"])
