"""Credentials that are written out in a plan, its comments, or a file that it names: refused.

Whoever reads such a file has them. What only looks like one – a placeholder, a vendor's published
example – is let through.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import Problem
from wedload.plan.secrets.credentials import find_credentials, masked, stands_for_another
from wedload.plan.secrets.names import is_credential

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.positions import Path

_REMEDY: Final = (
    "read it from the environment, ${env.WEDLOAD_…}, or from a file, ${secrets.NAME};"
    " and have it revoked: whoever reads this file has it"
)
_OF_URL: Final = "a password in a URL"
_MOST_PROBLEMS: Final = 5  # of one file
#: tables whose keys say what is sent
_SENT: Final = frozenset(
    {"form", "headers", "json", "let", "multipart", "params", "query", "variables"}
)
#: tables and texts that are sent as they are, in which names stand before values: `?api_key=…`
_TEXTS: Final = frozenset({"body", "http", "send", "url", "ws"})
_NAMED_IN_TEXT: Final = re.compile(
    r"""(?<![\w-])([A-Za-z][\w-]{1,40})\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?"""
    r"""([A-Za-z0-9][A-Za-z0-9+/=_.~-]{15,4000})"""
)
#: `${'…'}`: a text, and nothing that is read
_LITERAL: Final = re.compile(r"""\$\{\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\}""")
#: before `key` and `token`: what finds, sorts or pages, and opens nothing
_NO_SECRETS: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:cache|continuation|dedup(?:lication)?|foreign|idempotency|next|object|page"
    r"|paging|partition|primary|public|row|s3|socket|sort|sync|translation)[_-]?(?:key|token)$"
)
_SNAKE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEPARATORS: Final = re.compile(r"[/._~-]")
#: of a text so many characters are to be in parts of letters and digits: `checkout.step2.title_v3`
#: is read by somebody
_LEAST_MIXED: Final = 12
_SHORTEST: Final = 16
_LEAST_BITS: Final = 3.3  # a character, by how often each occurs; words have some 2.5 to 3.2
_OPAQUE: Final = re.compile(r"[A-Za-z0-9+/=_.~-]+")
_IN_TEXT: Final = re.compile(rf"[A-Za-z0-9+/_.~-]{{{_SHORTEST},}}=*")
#: what tests of refusals send
_WRONG: Final = re.compile(r"invalid|wrong|expired|bad|unknown|none|test|load|demo", re.IGNORECASE)


def check_credentials(draft: Draft, text: str, file: str) -> None:
    """Report credentials in a plan: in its text, comments included, and in what that means.

    Called last: where something was found wrong with a proxy's or a target's URL, that says it.
    """
    told = {(one.file, one.line) for one in draft.problems}
    for problem in problems_in(text, file):
        if (file, problem.line) not in told or not problem.message.startswith(_OF_URL):
            _add(draft, problem)
    _check_values(draft, {one.value for one in find_credentials(text)})


def check_content(draft: Draft, content: bytes, file: str) -> None:
    """Report credentials in a file that a plan names; one that is no text has none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    for problem in problems_in(text, file):
        _add(draft, problem)


def _check_values(draft: Draft, told: set[str]) -> None:
    """Report values of a plan that are credentials by their name, or that its text hides.

    `told` are those that were found in the text.
    """
    for path, written in _texts(draft.raw, ()):
        value = _LITERAL.sub(lambda match: match[1] or match[2] or "", written)
        found = list(find_credentials(value))
        what = next((one.kind.what for one in found if one.value not in told), None)
        if not found and ((_named(path) and looks_made(value)) or _named_inside(path, value)):
            what = "a credential, by its name and its look,"
        if what is None:
            continue
        problem = draft.positions.problem(path, f"{what} stands in the plan", _REMEDY)
        if not any(_same(problem, other) for other in draft.problems):
            draft.report(path, f"{what} stands in the plan", _REMEDY)


def problems_in(text: str, file: str) -> list[Problem]:
    """What is wrong with a text of several lines, each with its line, and values masked."""
    found: dict[tuple[int, int], Problem] = {}
    taken: list[range] = []
    for one in sorted(find_credentials(text), key=lambda one: one.begin):
        if any(one.begin in other for other in taken):
            continue
        taken.append(range(one.begin, one.end))
        line = text.count("\n", 0, one.begin) + 1
        message = f"{one.kind.what} stands in this file: {masked(one.value)}"
        found[line, one.begin] = Problem(file, line, message, _REMEDY)
        if len(found) == _MOST_PROBLEMS:
            break
    return list(found.values())


def looks_made(value: str) -> bool:
    """Whether a text looks like what a machine made: long, of letters and digits, of no words."""
    word = value.strip().rpartition(" ")[2]  # `Bearer …`
    if len(word) < _SHORTEST or _OPAQUE.fullmatch(word) is None or _WRONG.search(word):
        return False
    mixed = sum(len(part) for part in _SEPARATORS.split(word) if _is_mixed(part))
    if mixed < _LEAST_MIXED and _UUID.fullmatch(word) is None:
        return False
    shares = [number / len(word) for number in Counter(word).values()]
    bits = -sum(share * math.log2(share) for share in shares)
    return bits >= _LEAST_BITS and not stands_for_another(word)


def _is_mixed(part: str) -> bool:
    return any(one.isdigit() for one in part) and any(one.isalpha() for one in part)


def without_credential(override: str) -> str:
    """A `key=value` of `--set` as messages show it: what is a credential by name and look, not."""
    begin = override.find("=") + 1

    def shown(match: re.Match[str]) -> str:
        named = match.start() >= begin and is_credential(override[: match.start()])
        return masked(match[0]) if named and looks_made(match[0]) else match[0]

    return _IN_TEXT.sub(shown, override)


def _named(path: Path) -> bool:
    """Whether a value is sent as something that is a credential by its name."""
    names = [part for part in path if isinstance(part, str)]
    return bool(_SENT & set(names[:-1])) and _is_secret(names[-1])


def _named_inside(path: Path, value: str) -> bool:
    """Whether a text that is sent has a credential in it, by a name that stands before it."""
    names = [part for part in path if isinstance(part, str)]
    if not names or names[-1] not in _TEXTS:
        return False
    return any(
        _is_secret(match[1]) and looks_made(match[2]) for match in _NAMED_IN_TEXT.finditer(value)
    )


def _is_secret(name: str) -> bool:
    return is_credential(name) and _NO_SECRETS.search(_SNAKE.sub("_", name)) is None


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from _texts(item, (*path, key))


def _same(problem: Problem, other: Problem) -> bool:
    """Whether the other one tells of the same line, and of a credential."""
    return (problem.file, problem.line) == (other.file, other.line) and (
        other.hint == _REMEDY or _OF_URL in problem.message
    )


def _add(draft: Draft, problem: Problem) -> None:
    if problem not in draft.problems:
        draft.problems.append(problem)
