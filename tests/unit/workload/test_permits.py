"""What a run may contact, and how much its owners allow."""

from __future__ import annotations

from fractions import Fraction

from wedload.workload.permits import Caps, Permit, Permits


def test_of_each_limit_the_lowest_of_all_hosts_holds():
    permits = Permits(
        (
            Permit("a.example", ("192.0.2.1",), Caps(max_rate=Fraction(500), max_vus=100)),
            Permit("b.example", ("192.0.2.2",), Caps(max_rate=Fraction(50), max_duration_ns=9)),
            Permit("c.example", ("192.0.2.1", "2001:db8::1")),
        )
    )

    assert permits.caps == Caps(Fraction(50), 100, 9)
    assert permits.addresses == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}
    assert permits.of("b.example") == permits.hosts[1]
    assert permits.of("d.example") is None
    assert Permits().caps == Caps()
