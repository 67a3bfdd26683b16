"""Which names of headers and parameters say that they are credentials."""

from __future__ import annotations

import pytest

from wedload.plan.secrets.names import is_credential


@pytest.mark.parametrize(
    "name",
    [
        "apikey", "apiKey", "api_key", "X-Api-Key", "APIKEY", "token", "accessToken",
        "access_token", "accesstoken", "Authorization", "auth", "Cookie", "key", "JWT",
        "client-secret", "userPassword",
    ],
)  # fmt: skip
def test_a_name_says_that_it_is_one(name):
    assert is_credential(name)


@pytest.mark.parametrize("name", ["vsn", "log_level", "keyboard", "author", "Origin", "monkey"])
def test_or_that_it_is_not(name):
    assert not is_credential(name)
