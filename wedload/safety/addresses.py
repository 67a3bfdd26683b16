"""What an address is, however it is written: of this machine, never to be gone to, or elsewhere.

Pure: no name is looked up here. What counts is what a packet reaches: an IPv4 address inside an
IPv6 one is what that leads to, and `2130706433` is 127.0.0.1 to every resolver there is.

Sources: the IANA special-purpose address registries (RFC 6890); RFC 4291 section 2.5.5 (mapped and
compatible), RFC 3056 (6to4), RFC 4380 section 4 (Teredo), RFC 6052 section 2.2 and RFC 8215
(NAT64), RFC 2765 section 2.1 (translated); inet_aton(3) for the spellings of IPv4.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Address = IPv4Address | IPv6Address
Kind = Literal[
    "loopback", "unspecified", "metadata", "link-local", "multicast", "broadcast", "reserved",
    "elsewhere",
]  # fmt: skip

#: kinds to which no load goes, whatever is declared and proven -> what each is, in words
NEVER: Final[dict[Kind, str]] = {
    "metadata": "is where clouds keep a machine's credentials (an instance metadata service)",
    "link-local": "is a link-local address",
    "multicast": "is a multicast address, which many machines may answer to",
    "broadcast": "is a broadcast address, which many machines may answer to",
    "reserved": "is a reserved address, at which no service can be",
}

#: where machines of clouds are told who they are, credentials included. Sources: AWS EC2 and ECS
#: user guides; cloud-init's documentation of its data sources AliYun and Scaleway; Google Compute
#: Engine, Oracle Cloud (classic too), Tencent Cloud; Azure: "What is IP address 168.63.129.16?"
_METADATA: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    *map(
        IPv4Network,
        (
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.42.42", "169.254.0.23",
            "100.100.100.200", "168.63.129.16", "192.0.0.192",
        ),
    ),
    *map(
        IPv6Network,
        (
            "fd00:ec2::/32", "fd20:ce::254", "fd00:42::42", "fd00:c1::a9fe:a9fe",
            "fe80::a9fe:a9fe",
        ),
    ),
)  # fmt: skip
_THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")
_FUTURE: Final = IPv4Network("240.0.0.0/4")
_BROADCAST: Final = IPv4Address("255.255.255.255")
_DISCARD: Final = IPv6Network("100::/64")  # RFC 6666

_COMPATIBLE: Final = IPv6Network("::/96")
_TRANSLATED: Final = IPv6Network("::ffff:0:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_6TO4: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
#: which bytes of an address hold an IPv4 address, for each length of NAT64's prefix in _LOCAL_NAT64
_HELD_AT: Final = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12), (12, 13, 14, 15))

_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_MOST_PARTS: Final = 4
_LONGEST: Final = 40  # characters of a number; an address has no more than twelve octal digits


def parsed(address: str) -> Address:
    """An address as one; a scope id (fe80::1%eth0) is no part of it.

    Raises:
        ValueError: that is no address.
    """
    found = ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


def written_out(host: str) -> str | None:
    """The address that a host is a spelling of, as it is usually written; None: it is a name.

    Also those that `inet_aton` and with it every resolver takes: `2130706433`, `0x7f.1`,
    `0177.0.0.1`. A scope id stays.
    """
    bare = host.removeprefix("[").removesuffix("]")
    try:
        found = parsed(bare)
    except ValueError:
        return _of_numbers(bare)
    _, percent, scope = bare.partition("%")
    return f"{found}{percent}{scope}" if found.version == 6 else str(found)


def normal_host(host: str) -> str:
    """A host as it is compared: in lower case, without a dot at its end; an address written out."""
    return written_out(host) or host.lower().rstrip(".")


def kind_of(address: str) -> Kind:
    """What an address is: the most dangerous thing of all that it leads to.

    Raises:
        ValueError: that is no address.
    """
    found = parsed(address)
    kind = _own_kind(found)
    if isinstance(found, IPv6Address) and kind == "elsewhere":
        for inner in _held(found):
            held = _own_kind(inner)
            if held in {"loopback", "unspecified"}:  # not this machine's: a translator's
                return "reserved"
            if held != "elsewhere":
                return held
    return kind


def is_here(address: str) -> bool:
    """Whether nobody but this machine can connect to what listens on an address.

    Raises:
        ValueError: that is no address.
    """
    return kind_of(address) == "loopback"


def leads_here(address: str) -> bool:
    """Whether connecting to an address reaches this machine: to 0.0.0.0 and :: too, by themselves.

    Raises:
        ValueError: that is no address.
    """
    return kind_of(address) in {"loopback", "unspecified"}


def _own_kind(address: Address) -> Kind:
    """What an address is by itself."""
    if address.is_loopback:
        return "loopback"
    if address.is_unspecified:
        return "unspecified"
    if any(address in network for network in _METADATA if network.version == address.version):
        return "metadata"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address == _BROADCAST:
        return "broadcast"
    if isinstance(address, IPv4Address):
        return "reserved" if address in _THIS_NETWORK or address in _FUTURE else "elsewhere"
    return "reserved" if address in _DISCARD else "elsewhere"


def _held(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses inside an IPv6 one, to which somebody passes on what is sent to it."""
    octets = address.packed
    if address in _COMPATIBLE or address in _TRANSLATED or address in _NAT64:
        yield IPv4Address(octets[12:])
    elif address in _6TO4:
        yield IPv4Address(octets[2:6])
    elif address in _TEREDO:
        yield IPv4Address(octets[4:8])  # the server's; the client's is written inverted
        yield IPv4Address(bytes(one ^ 0xFF for one in octets[12:]))
    elif address in _LOCAL_NAT64:
        for held in _HELD_AT:
            found = IPv4Address(bytes(octets[at] for at in held))
            if _own_kind(found) in {"metadata", "link-local"}:  # the others may be no address
                yield found


def _of_numbers(text: str) -> str | None:
    """The IPv4 address that one to four numbers are, decimal, octal or hexadecimal."""
    parts = text.split(".")
    if len(parts) > _MOST_PARTS or any(_NUMBER.fullmatch(part) is None for part in parts):
        return None
    if len(text) > _LONGEST:
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:  # an 8 in an octal number
        return None
    *first, last = numbers
    if any(number > 0xFF for number in first) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last
    for at, number in enumerate(first):
        value |= number << (24 - 8 * at)
    return str(IPv4Address(value))


def _number(text: str) -> int:
    if text[:2] in {"0x", "0X"}:
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") else int(text)
