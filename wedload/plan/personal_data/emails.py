"""E-mail addresses outside of the reserved domains.

Sources: RFC 5321 (lengths), RFC 2606 and 6761 (example, test, invalid, localhost), RFC 6762
(local), RFC 8375 (home.arpa), RFC 9476 (alt), ICANN SAC113 (internal).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wedload.plan.personal_data.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT: Final = re.compile("@|%40")
#: what a local part is made of besides letters, digits and templates
_IN_LOCAL: Final = frozenset("._%+-")
_LONGEST_LOCAL: Final = 64
_DOMAIN: Final = re.compile(r"(?:[^\W_]|[.-]){1,253}")
_IN_URL: Final = re.compile(r"://[^\s/?#]*$")  # the user of a URL, not of a mailbox
_LONGEST_USER: Final = 128
#: `welcome@v2.html`: ends of the names of files, and no top-level domains
_FILES: Final = frozenset(
    {"css", "csv", "gif", "html", "jpeg", "jpg", "js", "json", "pdf", "png", "svg", "tgz", "txt",
     "webp", "xml", "yaml", "yml"}
)  # fmt: skip
#: `logo@2x.png`: for screens with twice the dots
_SCALED: Final = re.compile(r"\d(?:\.\d)?x\.(?:avif|gif|jpe?g|png|svg|webp)", re.IGNORECASE)
_RESERVED_TLDS: Final = frozenset(
    {"alt", "example", "internal", "invalid", "local", "localhost", "test"}
)
_RESERVED: Final = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|home\.arpa)", re.IGNORECASE)


def emails(text: str) -> Iterator[Found]:
    """Those in a text. Linear: each `@` is looked at with a bounded stretch around it."""
    for at in _AT.finditer(text):
        begin = _begin(text, at.start())
        domain = _domain(text, at.end())
        local = text[begin : at.start()].rpartition("..")[2].lstrip(".")  # `see...anna@…`
        if not local or domain is None or _is_no_mailbox(text, begin, local, domain, at.end()):
            continue
        yield Found("e-mail address", f"{local}{at[0]}{domain}")


def _begin(text: str, end: int) -> int:
    """Where the local part begins that ends there; `${…}` is a part of it."""
    least, begin = max(0, end - _LONGEST_LOCAL), end
    while begin > least:
        before = text[begin - 1]
        if before == "}" and (opened := text.rfind("${", least, begin)) >= 0:
            begin = opened
        elif before.isalnum() or before in _IN_LOCAL:
            begin -= 1
        else:
            break
    return begin


def _domain(text: str, begin: int) -> str | None:
    """The domain that begins there, if it can have mailboxes and is not reserved."""
    match = _DOMAIN.match(text, begin)
    if match is None:
        return None
    domain = match[0].rstrip(".-")
    head, dot, last = domain.rpartition(".")
    if not last.lower().startswith("xn--"):  # no top-level domain has a hyphen: `…@gmail.com-2`
        domain = f"{head}{dot}{last.partition('-')[0]}".rstrip(".")
    labels = domain.split(".")
    last = labels[-1].lower()
    whole = len(labels) > 1 and all(0 < len(label) <= 63 for label in labels)
    if not whole or not ((last.isalpha() and len(last) > 1) or last.startswith("xn--")):
        return None
    if last in _FILES or last in _RESERVED_TLDS or _RESERVED.fullmatch(domain):
        return None
    return domain


def _is_no_mailbox(text: str, begin: int, local: str, domain: str, end: int) -> bool:
    if _SCALED.fullmatch(domain):
        return True
    if local == "git" and text[end + len(domain) : end + len(domain) + 1] in {":", "/"}:
        return True
    return _IN_URL.search(text, max(0, begin - _LONGEST_USER), begin) is not None
