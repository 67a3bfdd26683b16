"""What a program shows of a secret: a mask; and what it takes to have it."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest

from wedload.plan.secrets.vault import MASK, Secret, Vault

VALUE = "correct horse battery"


@dataclass
class Holder:
    key: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr, str, "{}".format, "{!r:>40}".format, "{:>40}".format, lambda it: f"{it}",
        lambda it: "%s %r" % (it, it),  # noqa: UP031 - as a log line may be made
        lambda it: repr([it]), lambda it: repr({"k": it}), lambda it: repr(Holder(it)),
        lambda it: str(ValueError(it)),
    ],
)  # fmt: skip
def test_secret_shows_a_mask_however_it_is_shown(shown):
    assert VALUE not in shown(Secret(VALUE))
    assert MASK in shown(Secret(VALUE))


def test_secret_is_revealed_on_demand_and_by_who_unpickles_it():
    assert Secret(VALUE).reveal() == VALUE
    assert pickle.loads(pickle.dumps(Secret(VALUE))).reveal() == VALUE


def test_secrets_are_equal_by_their_values_and_to_nothing_else():
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret(VALUE + "s")
    assert Secret(VALUE) != VALUE
    assert Secret("schlüssel") == Secret("schlüssel")
    assert Secret("\udcff") == Secret("\udcff")  # bytes of the environment that are no UTF-8


def test_secret_is_no_key_of_a_dictionary():
    with pytest.raises(TypeError):
        hash(Secret(VALUE))


def test_vault_shows_names_alone():
    vault = Vault({"KEY": VALUE, "OTHER": "x"})

    assert repr(vault) == "Vault(KEY, OTHER)"
    assert VALUE not in f"{vault} {vault.plain} {dict(vault)} {vault.plain!r} {list(vault.items())}"


def test_vault_has_secrets_by_name_and_plain_values_for_expressions():
    vault = pickle.loads(pickle.dumps(Vault({"KEY": VALUE})))

    assert vault["KEY"] == Secret(VALUE)
    assert vault.plain["KEY"] == VALUE
    assert (list(vault), len(vault), "NONE" in vault) == (["KEY"], 1, False)
    assert vault == Vault({"KEY": VALUE})
    assert vault != Vault({"KEY": "another"})
