"""Whether a host looks like production, by its name alone. Pure.

The rule, in this order, over the words of a name: its labels, split on `-` and `_`, in lower case
and without digits at their end (`prod2` is `prod`):

1. An address, and a name under a top-level domain that RFC 2606 reserves, says nothing.
2. A word of `STRONG` says production, unless `pre` or `non` stands before it.
3. A word of `TEST` says that it is not.
4. What is left is production if it begins with `www`, `api` or `app`, or is a bare domain as one
   registers it: `acme.com`, `acme.co.uk`.
"""

from __future__ import annotations

import re
from typing import Final

from wedload.safety.addresses import written_out

STRONG: Final = frozenset({"prod", "production", "prd", "live"})
TEST: Final = frozenset({
    "acc", "acceptance", "ci", "demo", "dev", "devel", "develop", "development", "example",
    "integration", "lab", "load", "loadtest", "local", "localhost", "nightly", "nonprod", "perf",
    "performance", "playground", "preprod", "preproduction", "preview", "qa", "sandbox", "sbx",
    "sit", "stage", "staging", "stg", "test", "testing", "tests", "tst", "uat",
})  # fmt: skip
_NEGATED: Final = frozenset({"pre", "non", "not"})
_FRONTS: Final = frozenset({"www", "api", "app"})
_RESERVED: Final = frozenset({"test", "example", "invalid", "localhost"})
#: top-level domains that nobody registers names under
_PRIVATE: Final = frozenset({"internal", "lan", "home", "corp", "arpa", "intranet", "private"})
#: labels under which registries of countries have names registered: acme.co.uk
_SECOND_LEVEL: Final = frozenset({
    "ac", "co", "com", "edu", "gov", "ltd", "me", "ne", "net", "nom", "or", "org", "plc", "sch",
})  # fmt: skip


def looks_like_production(host: str) -> str | None:
    """Why a host looks like production, as the end of a sentence; None: it does not."""
    if written_out(host) is not None:
        return None
    labels = [label for label in host.lower().split(".") if label]
    if not labels or labels[-1] in _RESERVED:
        return None
    words = [word for label in labels for word in _words(label)]
    strong = [
        word
        for before, word in zip(["", *words], words, strict=False)
        if word in STRONG and before not in _NEGATED
    ]
    if strong:
        return f'has "{strong[0]}" in its name'
    negated = any(word in STRONG for word in words)
    if negated or not TEST.isdisjoint(words) or len(labels) == 1:
        return None
    if not _FRONTS.isdisjoint(first := _words(labels[0])) and len(first) == 1:
        return f'begins with "{labels[0]}." and nothing in its name says that it is for tests'
    if _is_registrable(labels):
        return "is a bare domain, and nothing in its name says that it is for tests"
    return None


def named_production(environment: str) -> str | None:
    """The word by which the name of an environment says production; None: it says no such thing."""
    words = [word for part in environment.lower().split(".") for word in _words(part)]
    said = zip(["", *words], words, strict=False)
    return next((one for before, one in said if one in STRONG and before not in _NEGATED), None)


def _words(label: str) -> list[str]:
    found = (re.sub(r"\d+$", "", word) for word in re.split(r"[-_]", label))
    return [word for word in found if word]


def _is_registrable(labels: list[str]) -> bool:
    """Whether a name looks like one that is registered: no host below it is named."""
    if labels[-1] in _PRIVATE:
        return False
    if len(labels) == 2:
        return True
    of_country = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return len(labels) == 3 and of_country
