"""URLs of databases: what they say, and what is wrong with them, without what is secret."""

from __future__ import annotations

import pytest

from wedload.plan.database_places import PlaceError, PostgresPlace, SqlitePlace, place_of

READ = [
    ("postgresql://ann@db.test/shop", ("db.test", 5432, "shop", "ann", "")),
    ("postgres://ann:p%40ss@db.test:6543/shop", ("db.test", 6543, "shop", "ann", "p@ss")),
    ("postgresql://ann@[::1]:6543/shop", ("::1", 6543, "shop", "ann", "")),
    ("postgresql://ann@db.test", ("db.test", 5432, "ann", "ann", "")),
    ("postgresql://ann@/shop?host=/run/pg", ("/run/pg", 5432, "shop", "ann", "")),
    ("postgresql:///shop?user=ann&password=x", ("localhost", 5432, "shop", "ann", "x")),
]


@pytest.mark.parametrize(("url", "said"), READ)
def test_a_url_says_where_and_who(url, said):
    place = place_of(url)
    assert isinstance(place, PostgresPlace)
    assert (place.host, place.port, place.database, place.user, place.password) == said


def test_parameters_are_those_of_tls_and_settings_of_the_session():
    place = place_of("postgresql://a@h/d?sslmode=verify-full&sslrootcert=ca.pem&search_path=shop")
    assert place.sslmode == "verify-full"
    assert place.tls_files == {"sslrootcert": "ca.pem"}
    assert place.settings == {"application_name": "wedload", "search_path": "shop"}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:///data/my%20shop.db", "data/my shop.db"),
        ("sqlite:////var/shop.db", "/var/shop.db"),
    ],
)
def test_three_slashes_are_beside_the_plan_and_four_at_the_root(url, file):
    assert place_of(url) == SqlitePlace(file)


WRONG = [
    ("shop.db", "is not the URL of a database; write"),
    ("postgre://a:hunter2@h/d", "did you mean postgres"),
    ("mysql://a:hunter2@h/d", "is not the URL of a database"),
    ("sqlite://shop.db", "three slashes"),
    ("sqlite:///:memory:", "no other process has"),
    ("sqlite:///shop.db?mode=memory", "parameters"),
    ("postgresql://h/d", "names no user"),
    ("postgresql://a:hunter2@h:port/d", "is not a URL"),
    ("postgresql://a:hunter2@h1,h2/d", "several hosts"),
    ("postgresql://a:hun#ter2@h/d", "write %23"),
    ("postgresql://a:hunter2@h/d?sslmode=sure", "known: disable, allow"),
    ("postgresql://a:hunter2@h/d?passfile=/root/.pgpass", "has `passfile`, which is not known"),
]


@pytest.mark.parametrize(("url", "why"), WRONG)
def test_a_wrong_url_is_refused_without_its_password(url, why):
    with pytest.raises(PlaceError) as error:
        place_of(url)
    assert why in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_place_that_is_shown_has_neither_user_nor_password():
    place = place_of("postgresql://ann:hunter2@db.test/shop?options=secret")
    assert place.shown == "shop at db.test:5432"
    assert "hunter2" not in repr(place)
    assert place_of("postgresql://ann@[::1]/shop").shown == "shop at [::1]:5432"
    assert place_of("postgresql://ann@/shop?host=/run/pg").shown == "shop at /run/pg"
