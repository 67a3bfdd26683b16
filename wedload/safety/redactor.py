"""Redaction: known secrets do not appear in what is printed, stored or told, however written.

Texts that explain a failure quote what they are about: a URL, a Location, a value that is no
number, and often only its beginning. A redactor finds the values that it knows – plain or encoded
(wedload.safety.encodings), and cut off before an ellipsis – and what looks like a credential
whoever gave it out (wedload.plan.secrets.credentials). Pure, but that it learns.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from wedload.plan.secrets.credentials import credentials_in
from wedload.plan.secrets.names import is_credential
from wedload.plan.secrets.vault import MASK
from wedload.safety.encodings import SHORTEST, forms_of, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: tokens that are given out during a run are remembered up to so many; patterns find most others
MOST_TOKENS: Final = 2_000
#: of what somebody captured by signing in, shorter texts are no tokens, unless their name says so
_SHORTEST_TOKEN: Final = 12
#: so much of a secret's beginning is no accident, whatever follows it
_SURE: Final = 16
#: words of ours, and of a plan
_PLAIN_WORD: Final = re.compile(r"[a-z0-9_-]{1,24}")
#: what nobody reads, and has no words
_NO_TEXTS: Final = frozenset({"histograms"})
#: a value that was cut off shows at least so much before it is masked
_SHORTEST_CUT: Final = 6
#: where a text says itself that it was cut
_CUTS: Final = ("…", "...")

Span = tuple[int, int]


class Redactor:
    """Masks what it knows, and what looks like a credential."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        #: beginning of a form, in lower case -> the forms that begin so, and how many secrets
        self._known: dict[str, dict[str, int]] = {}
        self._secrets: set[str] = set()
        self._tokens: OrderedDict[str, None] = OrderedDict()
        self._new: dict[str, None] = {}  # whose forms are not made yet
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know these as long as this process lives."""
        for secret in secrets:
            for part in _parts(secret):
                if part not in self._secrets:
                    self._secrets.add(part)
                    self._new[part] = None

    def learn_token(self, token: str) -> None:
        """Know this one until `MOST_TOKENS` others came; its forms are made when needed."""
        if token in self._tokens:
            self._tokens.move_to_end(token)
            return
        if token in self._secrets:
            return
        self._tokens[token] = None
        self._new[token] = None
        if len(self._tokens) > MOST_TOKENS:
            oldest, _ = self._tokens.popitem(last=False)
            if oldest in self._new:
                del self._new[oldest]
            elif oldest not in self._secrets:
                self._forget(oldest)

    def learn_captured(self, variables: Mapping[str, Any], *, signing_in: bool = False) -> None:
        """Know what was captured and is a token: by its name, or as it was for signing in."""
        for name, value in variables.items():
            if isinstance(value, str) and (
                (signing_in and len(value) >= _SHORTEST_TOKEN) or is_credential(name)
            ):
                self.learn_token(value)

    def forget(self) -> None:
        """Know nothing any more."""
        for known in (self._known, self._secrets, self._tokens, self._new):
            known.clear()

    def __call__(self, text: str) -> str:
        """The text without what is secret."""
        if len(text) < SHORTEST:
            return text
        spans = sorted({*self._found(text), *credentials_in(text)})
        if not spans:
            return text
        parts: list[str] = []
        at = 0
        for begin, end in spans:
            if begin >= at:
                parts += [text[at:begin], MASK]
            at = max(at, end)
        return "".join((*parts, text[at:]))

    def inside(self, value: Any) -> Any:
        """A value as JSON has them, with every text in it redacted, keys included."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self.inside(key): self.inside(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.inside(item) for item in value]
        return value

    def document(self, value: Any) -> Any:
        """The same of a document of ours: single words are left alone, so that it stays one.

        A secret that is such a word is masked where a text is made of it.
        """
        if isinstance(value, str):
            return value if _PLAIN_WORD.fullmatch(value) else self(value)
        if isinstance(value, dict):
            return {
                self.document(key): item if key in _NO_TEXTS else self.document(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.document(item) for item in value]
        return value

    def counted(self, texts: Mapping[str, int]) -> dict[str, int]:
        """Texts and their numbers; those that are alike without their secrets are one."""
        found: Counter[str] = Counter()
        for text, number in texts.items():
            found[self(text)] += number
        return dict(found)

    # --- inside -----------------------------------------------------------------------------

    def _found(self, text: str) -> Iterator[Span]:
        """Where known secrets stand in a text, in whatever encoding."""
        self._make_forms()
        if not self._known:
            return
        yield from self._matches(text)
        for undone in readings(text):
            for begin, end in self._matches(undone.text):
                yield undone.begins[begin], undone.ends[end - 1]

    def _matches(self, text: str) -> Iterator[Span]:
        """Where forms stand in a text as it is, whole or cut off."""
        lower = text.lower()
        if len(lower) != len(text):  # some capitals are two small letters
            lower = text
        known, at, last = self._known, 0, len(text) - SHORTEST
        while at <= last:
            forms = known.get(lower[at : at + SHORTEST])
            length = 0 if forms is None else max(_length(lower, at, form) for form in forms)
            if length:
                yield at, at + length
                at += length
            else:
                at += 1

    def _make_forms(self) -> None:
        for secret in self._new:
            for form in _forms(secret):
                begins = self._known.setdefault(form[:SHORTEST], {})
                begins[form] = begins.get(form, 0) + 1
        self._new.clear()

    def _forget(self, token: str) -> None:
        for form in _forms(token):
            begins = self._known[form[:SHORTEST]]
            begins[form] -= 1
            if not begins[form]:
                del begins[form]
            if not begins:
                del self._known[form[:SHORTEST]]


def _forms(secret: str) -> set[str]:
    """In lower case; and as they are, for a text whose length that changes."""
    forms = forms_of(secret)
    return forms | {form.lower() for form in forms}


def _length(text: str, at: int, form: str) -> int:
    """How much of a text is a form, from a place on: all of it, or its beginning if it is cut."""
    if text.startswith(form, at):
        return len(form)
    shared = SHORTEST
    most = min(len(form), len(text) - at)
    while shared < most and text[at + shared] == form[shared]:
        shared += 1
    cut = shared >= _SHORTEST_CUT and text.startswith(_CUTS, at + shared)
    return shared if cut or shared >= _SURE else 0


def _parts(secret: str) -> Iterator[str]:
    """A secret, and what of it may stand in a text alone."""
    yield secret
    yield from (word for word in secret.split() if len(word) >= _SHORTEST_TOKEN and word != secret)
    if "://" in secret and "@" in secret:
        try:
            password = urlsplit(secret).password
        except ValueError:
            return
        yield from (password, unquote(password)) if password else ()


#: what this process knows: its command's secrets, and tokens that it was given
KNOWN: Final = Redactor()
