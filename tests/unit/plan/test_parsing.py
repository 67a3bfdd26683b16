"""Tables whose keys have parsers of their own."""

from __future__ import annotations

import pytest

from wedload.plan.parsing import FieldError, flag, keyed, text_in

READERS = {"name": text_in, "wait": flag}


def test_the_values_of_a_table_are_those_that_its_readers_make():
    read = keyed({"wait": True, "name": "a"}, "{ name = … }", READERS, needed=("name",))

    assert read == {"wait": True, "name": "a"}
    assert keyed({}, "{ name = … }", READERS) == {}


def test_all_that_is_wrong_with_a_table_is_said_at_once():
    with pytest.raises(FieldError) as raised:
        keyed({"wait": 1, "nam": "a"}, "{ name = … }", READERS, needed=("name",))

    assert raised.value.found == (
        (("wait",), "expected true or false, found a number"),
        (("nam",), "there is no key `nam` here; did you mean name?"),
        ((), "`name` is missing; write { name = … }"),
    )


def test_what_is_no_table_is_refused_with_an_example():
    with pytest.raises(ValueError, match=r"expected \{ name = … \}, found a list"):
        keyed([], "{ name = … }", READERS)
