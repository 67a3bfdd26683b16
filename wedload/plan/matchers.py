"""Matchers of alerts, as a plan writes them, and which of them a run may silence. Pure.

A silence is a promise to others that nothing is hidden from them. So one that is accepted needs a
label that says which environment an alert is of, and names its values one by one; what matches
alerts without any label is refused. Whether an environment is production is not known here.

Source: Alertmanager, "Matchers"; a label that an alert does not have counts as the empty text, and
regexps are those of RE2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.patterns import pattern_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: labels that say which environment an alert is of
ENVIRONMENT: Final = ("environment", "env", "stage")
#: what stands before a value, and what it makes of it: is it a regexp, is it to match
_FORMS: Final = {"=~": (True, True), "!~": (True, False), "!=": (False, False)}
_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
#: `staging`, `staging|qa`, `(staging|qa)[0-9]+`: words, each perhaps with a number behind it
_NARROW: Final = re.compile(rf"{_WORD}(\|{_WORD})*|\({_WORD}(\|{_WORD})*\)(\[0-9\][+*])?")
_EXAMPLE: Final = 'environment = "staging"'


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label."""

    name: str
    value: str
    regex: bool = False
    equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels meets it."""
        text = labels.get(self.name, "")
        if not self.regex:
            return (text == self.value) is self.equal
        return (_compiled(self.value).fullmatch(text) is not None) is self.equal

    def __str__(self) -> str:
        sign = {v: k for k, v in _FORMS.items()}.get((self.regex, self.equal), "=")
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{sign}"{quoted}"'


def matcher_of(name: str, text: str) -> Matcher:
    """A matcher of a plan: `staging`, `=~api-.*`, `!=batch`, `!~db.*`.

    Raises:
        ValueError: it is none, or matches whatever there is.
    """
    regex, equal = _FORMS.get(text[:2], (False, True))
    value = text[2:].strip() if text[:2] in _FORMS else text
    if regex:
        _compiled(value)
    found = Matcher(name, value, regex, equal)
    if equal and found.matches({}):
        what = f'"{text}" matches alerts without the label {name}, too'
        raise ValueError(f"{what}; name its value, or leave it out")
    if regex and not equal and not value:
        raise ValueError(f'"{text}" says nothing; write "!=" for alerts that have the label')
    return found


def silence_of(table: Mapping[str, str]) -> tuple[Matcher, ...]:
    """The matchers of one silence.

    Raises:
        ValueError: one is none, or all of them would silence what nobody has agreed to.
    """
    if not table:
        raise ValueError(f"it would silence every alert; write {{ {_EXAMPLE} }}")
    found = tuple(matcher_of(name, text) for name, text in table.items())
    if not any(map(is_of_environment, found)):
        names = ", ".join(ENVIRONMENT[:-1])
        raise ValueError(
            f"no matcher says which environment is silenced: {names} or {ENVIRONMENT[-1]} must"
            f" be a word, or a regexp of words; write {_EXAMPLE}, or {ENVIRONMENT[0]} ="
            ' "=~staging|qa"'
        )
    return found


def is_of_environment(one: Matcher) -> bool:
    """Whether it holds for alerts of environments alone that it names."""
    if one.name not in ENVIRONMENT or not one.equal or not one.value:
        return False
    return not one.regex or _NARROW.fullmatch(one.value) is not None


def environments(matchers: tuple[Matcher, ...]) -> tuple[str, ...]:
    """The environments that a silence names, each once."""
    named = [one for one in matchers if is_of_environment(one)]
    words = [re.findall(_WORD, one.value.replace("[0-9]", "")) for one in named if one.regex]
    texts = [one.value for one in named if not one.regex]
    return tuple(dict.fromkeys([*texts, *(word for found in words for word in found)]))


@lru_cache(maxsize=256)
def _compiled(value: str) -> Any:
    try:
        return pattern_of(value)
    except ValueError as error:
        raise ValueError(f'"{value}" is no regexp: {error}') from None
