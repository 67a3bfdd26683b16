"""Which hosts look like production."""

from __future__ import annotations

import pytest

from wedload.safety.production import looks_like_production

PRODUCTION = """\
    acme.com acme.io acme.co.uk acme.com.au ACME.COM acme.com. shop-acme.de contest.com
    www.acme.com api.acme.com app.acme.com www.eu.acme.com api.eu-west-1.acme.com www.acme.co.uk
    api.acme.internal prod.acme.com acme-prod.com api-prod.acme.com prod-eu1.acme.com prod2.acme.com
    db.production.acme.com production acme.prd.internal live.acme.com acme-live.herokuapp.com
    www2.acme.com api3.eu.acme.com
    test.prod.acme.com prod-test.acme.com acme_prod.internal wedsync.app api.latest.com
"""
NOT = """\
    staging.acme.com api.staging.acme.com www.staging.acme.com acme-staging.com api-test.acme.com
    api.test.acme.com dev.acme.com app.dev2.acme.com qa.acme.com uat.acme.com www.uat.acme.com
    perf.acme.com load.acme.com loadtest.acme.com sandbox.acme.com preview.acme.com demo.acme.com
    acme-demo.com ci.acme.com pre-prod.acme.com non-prod.acme.com preprod.acme.com
    nonprod.acme.com stg.acme.com stage.acme.com test1.acme.com acme-pr-17.preview.acme.dev
    shop.acme.com eu.acme.com abcdefgh.supabase.co acme-git-main.vercel.app olive.acme.com
    product.acme.com alive.acme.com deliver.acme.com
    acme.test www.acme.test prod.acme.test api.acme.example prod.example live.invalid
    prod.localhost localhost example.com www.example.org shop web api db acme.internal acme.lan
    api.default.svc.cluster.local printer.local 192.0.2.1 2130706433 0x7f.1 ::1 [2001:db8::1]
"""


@pytest.mark.parametrize("host", PRODUCTION.split())
def test_a_host_that_looks_like_production_is_told_with_the_reason(host):
    assert looks_like_production(host) is not None


@pytest.mark.parametrize("host", [*NOT.split(), "", "."])
def test_a_host_that_says_that_it_is_for_tests_or_says_nothing_is_let_be(host):
    assert looks_like_production(host) is None


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("api-prod2.acme.com", 'has "prod" in its name'),
        ("www.acme.com", 'begins with "www."'),
        ("acme.co.uk", "is a bare domain"),
    ],
)
def test_the_reason_names_what_was_seen(host, why):
    assert why in (looks_like_production(host) or "")
