"""What the name of a value says about it: of a key, a column, or a word before it in a text."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final


class Label(Enum):
    """What a number under such a name is."""

    NONE = "nothing is said"
    TELEPHONE = "a telephone number, in whatever form"
    IDENTIFIER = "an identifier, however much it looks like another number"
    VERSION = "a version, not an IPv4 address"


_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_TELEPHONE: Final = frozenset(
    {"cell", "fax", "mobile", "msisdn", "phone", "phones", "tel", "telephone", "whatsapp"}
)
_IDENTIFIER: Final = frozenset(
    {
        "asin", "barcode", "booking", "checksum", "digest", "ean", "epoch", "etag", "gtin", "guid",
        "hash", "id", "ids", "imei", "invoice", "isbn", "md5", "nonce", "order", "ref", "reference",
        "seed", "serial", "sha", "sku", "span", "ticket", "time", "timestamp", "trace", "tracking",
        "ts", "upc", "uuid",
    }
)  # fmt: skip
_VERSION: Final = frozenset({"build", "firmware", "release", "revision", "version", "versions"})


@lru_cache(maxsize=1_000)
def label_of(name: str) -> Label:
    """What a name says: `Mobile`, `contact_phone`, `orderId`, `app-version`."""
    words = [word.lower() for word in _WORD.findall(name[:100])]
    if not words:
        return Label.NONE
    if any(word in _IDENTIFIER for word in words):
        return Label.IDENTIFIER
    if any(word in _TELEPHONE or word.endswith("phone") for word in words):
        return Label.TELEPHONE
    return Label.VERSION if any(word in _VERSION for word in words) else Label.NONE
