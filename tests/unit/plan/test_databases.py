"""`[databases.NAME]`: a dsn that is written out, read of the environment, or both."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wedload.plan.database_places import PlaceError
from wedload.plan.databases import Dsn


def scope(**env):
    addresses = {"proxies": {"db": {"address": "127.0.0.1:6000"}}}
    return SimpleNamespace(env=env, secrets={}, addresses=addresses)


def test_a_dsn_may_be_one_variable():
    place = Dsn.parse("${env.WEDLOAD_DSN}").place(scope(WEDLOAD_DSN="postgresql://a:p@h/d"))
    assert (place.host, place.password) == ("h", "p")


def test_what_is_read_before_the_host_and_behind_it_is_escaped():
    dsn = Dsn.parse("postgresql://${env.WEDLOAD_U}:${env.WEDLOAD_P}@db.test/${env.WEDLOAD_D}")
    place = dsn.place(scope(WEDLOAD_U="a/b", WEDLOAD_P="p@s:s/w#rd%20", WEDLOAD_D="my db?"))
    assert (place.user, place.password) == ("a/b", "p@s:s/w#rd%20")
    assert (place.host, place.database) == ("db.test", "my db?")


def test_a_proxy_may_stand_for_host_and_port():
    place = Dsn.parse("postgresql://a@${proxies.db.address}/d").place(scope())
    assert (place.host, place.port) == ("127.0.0.1", 6000)


def test_host_and_port_may_be_read_where_nobody_signs_in():
    dsn = Dsn.parse("postgresql://${env.WEDLOAD_H}:${env.WEDLOAD_N}/d?user=ann")
    place = dsn.place(scope(WEDLOAD_H="db.test", WEDLOAD_N="6543"))
    assert (place.host, place.port) == ("db.test", 6543)


@pytest.mark.parametrize(
    "dsn", ["postgresql://a:hunter2@h/d", "postgresql://a@h/d?password=hunter2"]
)
def test_a_password_in_clear_is_refused(dsn):
    with pytest.raises(ValueError, match=r"does not belong into a plan; write \$\{env"):
        Dsn.parse(dsn)


def test_what_makes_no_url_is_refused_when_it_is_read_without_saying_what_it_was():
    with pytest.raises(PlaceError) as error:
        Dsn.parse("${env.WEDLOAD_DSN}").place(scope(WEDLOAD_DSN="hunter2"))
    assert "hunter2" not in str(error.value)


def test_a_variable_that_is_not_there_is_said():
    with pytest.raises(PlaceError, match="reads what is not there"):
        Dsn.parse("${env.WEDLOAD_DSN}").place(scope())


def test_a_dsn_is_shown_as_the_plan_has_it_without_its_parameters():
    dsn = Dsn.parse("postgresql://a:${env.WEDLOAD_P}@h/d?options=x")
    assert dsn.shown == "postgresql://a:${env.WEDLOAD_P}@h/d"
