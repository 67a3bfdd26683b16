"""IP addresses that are reachable from everywhere, and so may be somebody's.

Addresses for documentation (RFC 5737, RFC 3849, RFC 9637), of private networks, of this machine and
of groups are nobody's. An address that is the host of a URL says where something is, not who was
there; where load goes is guarded elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.found import Found
from wedload.plan.personal_data.labels import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

_V4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)")
#: of the global unicast space that is assigned, 2000::/3 (IANA)
_V6: Final = re.compile(r"(?<![\w:.])[23][0-9a-fA-F]{3}:[0-9a-fA-F:]{1,34}(?![\w:])")
_DOCUMENTATION: Final = ipaddress.IPv6Network("3fff::/20")  # RFC 9637; not known to Python 3.11
_BEFORE: Final = 60
#: the host of a URL, perhaps behind a user; in brackets if it has colons
_HOST: Final = re.compile(r"//(?:[^\s/?#@]*@)?\[?$")
#: `Chrome/120.0.0.1`: a product's version, as in a header User-Agent
_PRODUCT: Final = re.compile(r"(?:^|[ (;])[A-Za-z][\w.-]*/$")


def addresses(text: str, label: Label) -> Iterator[Found]:
    """Those in a text. Linear, as each candidate is short."""
    if text.count(".") >= 3 and label is not Label.VERSION:
        for match in _V4.finditer(text):
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            if _is_public(match[0]) and not (_HOST.search(before) or _PRODUCT.search(before)):
                yield Found("IP address", match[0])
    if text.count(":") >= 2:
        for match in _V6.finditer(text):
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            if _is_public(match[0]) and not _HOST.search(before):
                yield Found("IP address", match[0])


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.sixtofour is not None:
        return address.sixtofour.is_global  # it is that address, RFC 3056
    return address.is_global and not address.is_multicast and address not in _DOCUMENTATION
