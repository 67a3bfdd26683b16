"""What may be somebody's is found in a text, what is reserved or is no such thing is not."""

from __future__ import annotations

import random
import sys
from datetime import datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.plan.personal_data.labels import label_of
from wedload.plan.personal_data.scan import find, find_in_line, may_hold
from wedload.plan.personal_data.walking import texts_in
from wedload.workload.synthetic import Synthetic


def kinds(text: str, name: str = "") -> list[str]:
    found = list(find(text, label_of(name)))
    assert not found or may_hold(text)
    return [f"{one.kind}: {one.text}" for one in found]


FOUND = [
    # e-mail addresses
    ("anna@gmail.com", "e-mail address: anna@gmail.com"),
    ("Write to Anna.Berg+x@mail.firma.co.uk.", "e-mail address: Anna.Berg+x@mail.firma.co.uk"),
    ("<a_b-c%d@sub.domain.museum>", "e-mail address: a_b-c%d@sub.domain.museum"),
    ("user${vu}@gmail.com", "e-mail address: user${vu}@gmail.com"),
    ("${synthetic.city()}.x@gmail.com", "e-mail address: ${synthetic.city()}.x@gmail.com"),
    ("/find?to=anna%40gmail.com&x=1", "e-mail address: anna%40gmail.com"),
    ("https://example.com/find?to=anna@gmail.com", "e-mail address: anna@gmail.com"),
    ("jörg@müller.de", "e-mail address: jörg@müller.de"),
    ("anna@xn--mller-kva.xn--p1ai", "e-mail address: anna@xn--mller-kva.xn--p1ai"),
    ("anna\uff20gmail\uff0ecom", "e-mail address: anna@gmail.com"),
    ("an\u200bna@gm\u00adail.com", "e-mail address: anna@gmail.com"),
    ("a@example.com.evil.org", "e-mail address: a@example.com.evil.org"),
    ("anna@gmail.com-2", "e-mail address: anna@gmail.com"),
    ("a@notexample.com", "e-mail address: a@notexample.com"),
    ("see...anna@gmail.com", "e-mail address: anna@gmail.com"),
    # IP addresses
    ("from 8.8.8.8.", "IP address: 8.8.8.8"),
    ("[93.184.216.34]:80", "IP address: 93.184.216.34"),
    ("/lookup/8.8.4.4", "IP address: 8.8.4.4"),
    ("2606:4700:4700::1111", "IP address: 2606:4700:4700::1111"),
    ("2002:808:808::1", "IP address: 2002:808:808::1"),
    ("at 2A00:1450:4001:81b::200e,", "IP address: 2A00:1450:4001:81b::200e"),
    # card numbers: of no list, with a right check digit
    ("4539148803436467", "card number: 4539148803436467"),
    ("card 4539 1488 0343 6467 please", "card number: 4539 1488 0343 6467"),
    ("4539-1488-0343-6467", "card number: 4539-1488-0343-6467"),
    ("371449635398456", "card number: 371449635398456"),
    ("4539 1488 0343 6467 12/27", "card number: 4539 1488 0343 6467"),
    ("4539-1488-0343-6467-124", "card number: 4539-1488-0343-6467"),
    ("3714 496353 98456", "card number: 3714 496353 98456"),
    ("٤٥٣٩١٤٨٨٠٣٤٣٦٤٦٧", "card number: 4539148803436467"),
    ("4539–1488–0343–6467", "card number: 4539-1488-0343-6467"),
    # IBANs: of no list
    ("DE68210501700012345678", "IBAN: DE68210501700012345678"),
    ("to DE68 2105 0170 0012 3456 78 today", "IBAN: DE68 2105 0170 0012 3456 78"),
    ("de68210501700012345678", "IBAN: de68210501700012345678"),
    ("GB98MIDL07009312345678.", "IBAN: GB98MIDL07009312345678"),
    # telephone numbers
    ("+49 30 901820", "telephone number: +49 30 901820"),
    ("+44 (0)20 7946 1234", "telephone number: +44 (0)20 7946 1234"),
    ("tel:+12025551234", "telephone number: +12025551234"),
    ("call +1.202.456.1111 now", "telephone number: +1.202.456.1111"),
    ("+33 1 42 68 53 00 2027", "telephone number: +33 1 42 68 53 00"),
    ("(202) 456-1111", "telephone number: (202) 456-1111"),
    ("202-456-1111", "telephone number: 202-456-1111"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_what_may_be_somebodys_is_found(text, found):
    assert kinds(text) == [found]


RESERVED = [
    "anna@example.com", "anna@mail.example.org", "a@b.test", "a@sandbox.invalid", "a@x.example",
    "root@localhost", "a@router.local", "a@nas.home.arpa", "${synthetic.email()}", "a@b.internal",
    "192.0.2.1", "198.51.100.77", "203.0.113.9", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "127.0.0.1", "169.254.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "100.64.0.1",
    "2001:db8::1", "3fff:1::2", "::1", "fe80::1", "2002:7f00:1::", "2002:c000:201::1", "fd00::1",
    "http://8.8.8.8/x", "https://user@93.184.216.34:80/", "http://[2606:4700:4700::1111]/",
    "4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "3782 822463 10005",
    "6011000990139424", "4111111111111111",
    "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432",
    "FR14 2004 1010 0505 0001 3M02 606", "nl91abna0417164300",
    "+1-202-555-0143", "+1 (555) 555-0100", "(202) 555-0199", "202-555-0101", "+44 7700 900123",
    "+44 (0)20 7946 0958", "+44 1632 960001", "+61 491 570 156", "+61 2 5550 1234",
    "+49 30 23125 123", "+49 171 3920012", "+33 6 39 98 12 34", "+33 1 99 00 00 01",
    "+46 70 174 06 05", "+46 8 465 004 10", "+353 20 912 3456",
]  # fmt: skip


@pytest.mark.parametrize("text", RESERVED)
def test_what_is_reserved_for_examples_is_allowed(text):
    assert kinds(text) == []
    assert kinds(f"before {text} behind") == []


OTHER_THINGS = [
    "welcome@v2.html", "schema@v1.json",
    "3f9a4539148803436467", "4539148803436467abc", "order-4539148803436467", "0.4539148803436467",
    "1795755600", "1795755600123", "1795755600123456", "1795755600123456789",
    "2027-06-19T10:00:00+01:00", "2027-06-19 10:00:00.123456+00:00", "20270619100000",
    "+1.2345678901", "+51.5074,-0.1278", "+40.7128-074.0060/", "51.5074, -0.1278", "x+12025551234",
    "+20000000", "+100 %", "1,234,567.89", "€ 1.234.567,89", "v1.2.3.4", "1.2.3", "1.3.6.1.4.1.311",
    "Mozilla/5.0 (X11) Chrome/120.0.0.1 Safari/537.36", "12:34:56", "00:1a:2b:3c:4d:5e",
    "std::vec::Vec", "a::b", "logo@2x.png", "icon@1.5x.webp", "git@github.com:org/repo.git",
    "npm i left-pad@1.3.0", "@types/node", "$[?(@.price < 10)]", "sort_by(items, &@.name)",
    "postgres://user:pw@db.corp.co/x", "https://user@host.co/", "978-3-16-148410-0",
    "4006381333931", "123-45-6789", "1234-5678-9012", "DE12", "SHA256:AB12CD34EF56", "IT60",
    "de0123456789abcdef0123456789abcdef", "9f86d081884c7d659a2feaa0c55ad015", "ttl=86400000",
    "POST /api/forms/12345678/submit", "INV-2027-000123456", "#20271234567", "a@b", "a@b.c", "@",
    "a@.com", "@gmail.com", "a@-.", "a@b..com", "%40", "an…@gmail.com", "::", "+", "++1",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHER_THINGS)
def test_what_only_looks_alike_is_none(text):
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("phone", "0171 1234567", ["telephone number: 0171 1234567"]),
        ("contactPhone", "030-901820", ["telephone number: 030-901820"]),
        ("Tel.", "7654321", ["telephone number: 7654321"]),
        ("fax_number", "0049 30 901820", ["telephone number: 0049 30 901820"]),
        ("mobile", "2024561111", ["telephone number: 2024561111"]),
        ("mobile", "+49 30 901820", ["telephone number: +49 30 901820"]),
        ("phone", "07700 900123", []), ("phone", "555-0123", []), ("phone", "(202) 555-0143", []),
        ("phone", "0000000000", []), ("phone", "1234567890", []), ("phone", "112", []),
        ("phone", "030 23125 042", []), ("phone", "iPhone 15", []), ("phone", "447700900123", []),
        ("phone", "0044 7700 900123", []), ("phone_id", "7654321", []), ("guests", "7654321", []),
        ("order_id", "4539148803436467", []),
        ("order_phone", "0171 1234567", ["telephone number: 0171 1234567"]),
        ("Telefon", "0171 1234567", ["telephone number: 0171 1234567"]),
        ("orderCard", "4539148803436467", ["card number: 4539148803436467"]),
        ("mobile_users", "1299000", []), ("microphone", "1299000", []),
        ("mobile_version", "1.2.3.4", []),
        ("order_id", "4539 1488 0343 6467", ["card number: 4539 1488 0343 6467"]),
        ("number", "4539148803436467", ["card number: 4539148803436467"]),
        ("version", "1.2.3.4", []), ("address", "1.2.3.4", ["IP address: 1.2.3.4"]),
    ],
)  # fmt: skip
def test_the_name_of_a_value_says_what_a_number_is(name, text, found):
    assert kinds(text, name) == found


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('  "phone": "0171 1234567",', 1), ("tel=0171 1234567&x=1", 1), ("mobile: 0171/1234567", 1),
        ('{"orderId": "4539148803436467"}', 0), ('"version": "8.8.8.8"', 0),
        ('{"id": "4539148803436467", "card": "4539148803436467"}', 1),
        ('"order": "4539 1488 0343 6467"', 1), ('"ip": "8.8.8.8"', 1),
        ('{"phone": "+49 30 901820"}', 1), ('"order": "0171 1234567"', 0), ("0171 1234567", 0),
    ],
)  # fmt: skip
def test_in_a_text_file_the_word_before_a_number_says_what_it_is(line, number):
    assert len(list(find_in_line(line))) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"phone": {"number": "0171 1234567"}}, 1), ({"phones": [{"value": "0171 1234567"}]}, 1),
        ({"phone": {"price": "0171 1234567"}}, 0), ({"number": "0171 1234567"}, 0),
    ],
)  # fmt: skip
def test_a_value_that_says_only_that_it_is_one_is_what_its_parent_says(value, number):
    found = [one for _, label, text in texts_in(value) for one in find(text, label)]
    assert len(found) == number


# --- properties ---------------------------------------------------------------------------------


@given(st.integers(0, 2**32))
def test_all_that_is_synthetic_passes(seed):
    synthetic = Synthetic(random.Random(seed))
    for make in (
        synthetic.email, synthetic.phone, synthetic.ip, synthetic.name, synthetic.sentence,
        synthetic.venue, synthetic.wedding_date, synthetic.guest_count, synthetic.supplier_search,
        synthetic.intake_fields,
    ):  # fmt: skip
        text = str(make())
        assert kinds(text) == []
    assert kinds(synthetic.phone(), "phone") == []
    assert kinds(synthetic.phone().removeprefix("+1-"), "phone") == []


@pytest.mark.parametrize("form", ["E164", "INTERNATIONAL"])
def test_a_real_looking_number_of_any_country_never_passes(form):
    form = getattr(phonenumbers.PhoneNumberFormat, form)
    kinds_of_lines = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - {"US"}):  # whose example is fictitious
        for kind in kinds_of_lines:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                text = phonenumbers.format_number(number, form)
                assert kinds(f"call {text} now") == [f"telephone number: {text}"], region


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=40))
def test_a_mailbox_of_a_real_domain_never_passes(local):
    assert any(one.endswith("@gmail.com") for one in kinds(f"{local}a@gmail.com"))


@given(st.uuids())
def test_uuids_are_none(value):
    assert kinds(str(value)) == kinds(value.hex) == kinds(f"/forms/{value}/submit") == []


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-180, 180))
def test_numbers_and_places_are_none(number, place):
    assert kinds(f"{number}") == kinds(f"{place:+.6f},{number:+}") == []


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1)))  # noqa: DTZ001
def test_times_are_none(value):
    assert (
        kinds(value.isoformat()) == kinds(f"{value:%Y%m%d%H%M%S}") == kinds(f"{value} +0200") == []
    )


@given(st.text(max_size=200))
def test_whatever_the_text_a_scan_ends(text):
    list(find(text))
    list(find_in_line(text))


PIECES = [
    "a", "@", "a@", "a@b.", "1", "1 ", "1.", "+1", "+1 ", "(1", "4539 ", "DE68 ", "d", "2a00:",
    ":", "%40", "٣", "//", "a.b@c.d", "\uff11", "\ufdfa@", "tel=1 ", '"a":', "-",
    "4539148803436467", "DE68 2105 0170 0012 3456 ", "202-", "://a", "anna@gmail.com ",
    "+49 30 901820 ",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_the_work_grows_with_the_length_of_a_text_and_no_faster(piece):
    def work(length: int) -> int:
        """Calls and lines of Python."""
        text, counted = piece * (length // len(piece)), 0

        def count(*_):
            nonlocal counted
            counted += 1
            return count

        sys.settrace(count)
        try:
            list(find(text))
            list(find_in_line(text))
        finally:
            sys.settrace(None)
        return counted

    short, long = work(2_000), work(8_000)
    assert long <= 4.5 * short + 400


@pytest.mark.parametrize("piece", ["a", "1 ", "(1", "-", ":", "//", "tel=1 ", '"a":', "1.", "d"])
def test_a_regular_expression_does_not_go_back_and_forth(piece):
    """A million characters with nothing in them: quadratic work would run out of time."""
    text = piece * (1_000_000 // len(piece))
    assert list(find(text)) == list(find_in_line(text)) == []
