"""What addresses are, in every spelling."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.safety.addresses import NEVER, is_here, kind_of, leads_here, normal_host, written_out

KINDS = [
    ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"), ("::1", "loopback"),
    ("::1%lo", "loopback"), ("::ffff:127.0.0.1", "loopback"), ("::ffff:7f00:1", "loopback"),
    ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("::ffff:0.0.0.0", "unspecified"),
    ("169.254.169.254", "metadata"), ("::ffff:169.254.169.254", "metadata"),
    ("::ffff:a9fe:a9fe", "metadata"), ("::169.254.169.254", "metadata"),
    ("::ffff:0:169.254.169.254", "metadata"), ("64:ff9b::169.254.169.254", "metadata"),
    ("64:ff9b::a9fe:a9fe", "metadata"), ("64:ff9b:1::a9fe:a9fe", "metadata"),
    ("64:ff9b:1:a9fe:a9:fe00::", "metadata"), ("2002:a9fe:a9fe::1", "metadata"),
    ("2001:0:a9fe:a9fe::1", "metadata"), ("2001:0:c000:201::5601:5601", "metadata"),
    ("169.254.170.2", "metadata"), ("169.254.42.42", "metadata"), ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"), ("192.0.0.192", "metadata"), ("fd00:ec2::254", "metadata"),
    ("fd20:ce::254", "metadata"), ("fd00:42::42", "metadata"), ("fd00:c1::a9fe:a9fe", "metadata"),
    ("fe80::a9fe:a9fe", "metadata"),
    ("169.254.0.1", "link-local"), ("fe80::1", "link-local"), ("fe80::1%eth0", "link-local"),
    ("2002:a9fe:1::", "link-local"), ("64:ff9b::a9fe:1", "link-local"),
    ("224.0.0.1", "multicast"), ("239.255.255.250", "multicast"), ("ff02::1", "multicast"),
    ("::ffff:224.0.0.1", "multicast"), ("2002:e000:1::", "multicast"),
    ("255.255.255.255", "broadcast"), ("::ffff:255.255.255.255", "broadcast"),
    ("0.1.2.3", "reserved"), ("240.0.0.1", "reserved"), ("100::1", "reserved"),
    # of somebody who translates, and not of this machine
    ("64:ff9b::127.0.0.1", "reserved"), ("2002:7f00:1::1", "reserved"), ("::127.0.0.1", "reserved"),
    ("64:ff9b::", "reserved"), ("2001:0:7f00:1::", "reserved"),
    ("8.8.8.8", "elsewhere"), ("10.0.0.1", "elsewhere"), ("192.168.1.1", "elsewhere"),
    ("192.0.2.1", "elsewhere"), ("169.253.255.255", "elsewhere"), ("128.0.0.1", "elsewhere"),
    ("2001:db8::1", "elsewhere"), ("fd12::1", "elsewhere"), ("64:ff9b::192.0.2.1", "elsewhere"),
    ("64:ff9b:1::c000:201", "elsewhere"), ("2002:c000:201::1", "elsewhere"),
    ("::ffff:192.0.2.1", "elsewhere"), ("2606:4700::1111", "elsewhere"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "kind"), KINDS)
def test_an_address_is_what_a_packet_to_it_reaches(address, kind):
    assert kind_of(address) == kind


@pytest.mark.parametrize(("address", "kind"), KINDS)
def test_listening_is_private_on_loopback_alone_and_connecting_to_nothing_stays_here(address, kind):
    assert is_here(address) is (kind == "loopback")
    assert leads_here(address) is (kind in {"loopback", "unspecified"})
    assert not (kind in NEVER and leads_here(address))


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "::g", "127.0.0.1:80", "a.b.c.d"])
def test_what_is_no_address_has_no_kind(text):
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        kind_of(text)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("127.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"), ("0X7F.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"), ("017700000001", "127.0.0.1"), ("0x7f.0.0.0x1", "127.0.0.1"),
        ("0", "0.0.0.0"), ("0x", "0.0.0.0"), ("2852039166", "169.254.169.254"),
        ("0xA9FEA9FE", "169.254.169.254"), ("0251.0376.0251.0376", "169.254.169.254"),
        ("169.254.43518", "169.254.169.254"), ("169.16689662", "169.254.169.254"),
        ("4294967295", "255.255.255.255"), ("3325256711", "198.51.100.7"),
        ("[::1]", "::1"), ("::1", "::1"), ("0:0:0:0:0:0:0:1", "::1"),
        ("FE80::1%eth0", "fe80::1%eth0"),
        ("::ffff:127.0.0.1", "127.0.0.1"), ("[::ffff:a9fe:a9fe]", "169.254.169.254"),
        ("2001:DB8:0::7", "2001:db8::7"),
    ],
)  # fmt: skip
def test_every_spelling_of_an_address_is_written_out(host, address):
    assert written_out(host) == address


@pytest.mark.parametrize(
    "host",
    [
        "", "localhost", "staging.example", "4294967296", "256.1.1.1", "1.256.1", "1.2.3.256",
        "1.2.65536", "1.2.3.4.5", "08.1.1.1", "0x7g.1", "127.0.0.1.", "1..2", "-1", "+1", "1 ",
        "1e3", "0x7f.0.0.example", "1" * 80, "١٢٧.0.0.1",
    ],
)  # fmt: skip
def test_what_is_no_spelling_of_an_address_is_a_name(host):
    assert written_out(host) is None


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_a_number_is_the_address_that_the_systems_resolver_takes_it_for(number, form):
    text = form.format(number)

    found = socket.getaddrinfo(text, None, socket.AF_INET, socket.SOCK_STREAM)

    assert written_out(text) == found[0][4][0]


@given(
    st.lists(
        st.integers(0, 300).map(lambda n: [str(n), hex(n), f"0{n:o}"]), min_size=2, max_size=4
    ),
    st.data(),
)
def test_dotted_numbers_are_what_inet_aton_takes_them_for(parts, data):
    text = ".".join(data.draw(st.sampled_from(part)) for part in parts)
    try:
        expected = socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        expected = None

    assert written_out(text) == expected


@given(st.ip_addresses(v=4))
def test_whatever_holds_an_address_that_is_never_gone_to_is_not_gone_to_either(inner):
    number = int(inner)
    holders = [
        ipaddress.IPv6Address(number | (0xFFFF << 32)),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),
    ]
    for holder in holders:
        if kind_of(str(inner)) in NEVER:
            assert kind_of(str(holder)) in NEVER


@pytest.mark.parametrize(
    ("host", "normal"),
    [
        ("Staging.Example.", "staging.example"), ("staging.example", "staging.example"),
        ("0xC6336407", "198.51.100.7"), ("[2001:DB8::7]", "2001:db8::7"), ("", ""),
    ],
)  # fmt: skip
def test_hosts_are_compared_as_they_are_meant(host, normal):
    assert normal_host(host) == normal
