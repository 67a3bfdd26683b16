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
    {
        "cell", "fax", "handy", "mobil", "mobile", "msisdn", "phone", "phones", "rufnummer", "tel",
        "telefon", "telefono", "telephone", "whatsapp",
    }
)  # fmt: skip
_NO_TELEPHONE: Final = frozenset(
    {"gramophone", "headphone", "megaphone", "microphone", "saxophone"}
)
#: behind `order` or `phone`: what is a card, whoever ordered by it, and what is counted
_OTHERS: Final = frozenset(
    {
        "amount", "card", "cents", "cost", "count", "iban", "length", "model", "ms", "pages",
        "price", "size", "total", "users", "views",
    }
)  # fmt: skip
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
    """What a name says: `Mobile`, `contact_phone`, `orderId`, `app-version`.

    The last word that says anything counts: `order_phone` is a telephone number, `phone_id` none.
    """
    for word in reversed(_WORD.findall(name[:100])):
        if (label := _of_word(word.lower())) is not None:
            return label
    return Label.NONE


def _of_word(word: str) -> Label | None:
    if word in _IDENTIFIER:
        return Label.IDENTIFIER
    if word in _TELEPHONE or (word.endswith("phone") and word not in _NO_TELEPHONE):
        return Label.TELEPHONE
    if word in _VERSION:
        return Label.VERSION
    return Label.NONE if word in _OTHERS else None
