"""What credentials look like: one table of the marks that vendors put on theirs, and its searches.

A text is searched for by the mark first, which is fast, and only where one stands by its pattern.
A match of a `Kind` is certain enough to refuse a plan for, unless it is a placeholder. Sources are
the vendors' own pages, and where these give no length, docs.github.com "supported secret scanning
patterns" and the rules of gitleaks (github.com/gitleaks/gitleaks).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.plan.secrets.tokens import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Kind:
    """Credentials of one kind."""

    what: str  # "a secret key of Stripe"
    marks: tuple[str, ...]  # each begins with one of them
    pattern: re.Pattern[str]
    source: str
    live: bool = False  # of production, by the vendor's own mark
    passes_by: bool = False  # access rules do not hold for it


@dataclass(frozen=True, slots=True)
class Found:
    """A credential in a text."""

    kind: Kind
    value: str = field(repr=False)
    begin: int
    end: int


def _kind(
    what: str,
    marks: str,
    pattern: str,
    source: str,
    *,
    live: bool = False,
    passes_by: bool = False,
) -> Kind:
    return Kind(what, tuple(marks.split()), re.compile(pattern), source, live, passes_by)


KINDS: Final = (
    # payments, live mode and test mode
    _kind("a live-mode secret key of Stripe, Paystack, Clerk or alike", "sk_live_ rk_live_",
          r"\b[sr]k_live_[0-9A-Za-z]{10,}", "docs.stripe.com/keys", live=True),
    _kind("a test-mode secret key of Stripe, Paystack, Clerk or alike", "sk_test_ rk_test_",
          r"\b[sr]k_test_[0-9A-Za-z]{10,}", "docs.stripe.com/keys"),
    _kind("a live-mode publishable key of Stripe, Clerk or alike", "pk_live_",
          r"\bpk_live_[0-9A-Za-z]{10,}", "docs.stripe.com/keys", live=True),
    _kind("a signing secret of webhooks", "whsec_",
          r"\bwhsec_[0-9A-Za-z+/_-]{24,}={0,2}", "docs.stripe.com/webhooks, standardwebhooks.com"),
    _kind("a live API key of Mollie, GoCardless or alike", "live_",
          r"(?<![A-Za-z0-9_])live_(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{30,}",
          "docs.mollie.com/reference/authentication", live=True),
    _kind("a test API key of Mollie", "test_",
          r"(?<![A-Za-z0-9_])test_(?=[A-Za-z]*\d)[A-Za-z0-9]{30,}\b",
          "docs.mollie.com/reference/authentication"),
    _kind("a live key of Razorpay", "rzp_live_",
          r"\brzp_live_[0-9A-Za-z]{14}", "razorpay.com/docs/api/authentication", live=True),
    _kind("a production access token of Braintree", "access_token$production$",
          r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}",
          "developer.paypal.com/braintree/docs", live=True),
    _kind("a production access token of Plaid", "access-production-",
          r"\baccess-production-[0-9a-f-]{36}", "plaid.com/docs/api", live=True),
    _kind("an access token of Square", "sq0atp- sq0csp- EAAA",
          r"\b(?:sq0(?:atp|csp)-[0-9A-Za-z_-]{22,}|EAAA[0-9A-Za-z_-]{56,})",
          "developer.squareup.com/docs/build-basics/access-tokens"),
    _kind("an access token of Shopify", "shpat_ shpca_ shppa_ shpss_",
          r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shopify.dev/docs/apps/build/authentication"),
    # where code is kept and built
    _kind("a token of GitHub", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
          r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{60,})",
          "docs.github.com/authentication, about authentication to GitHub"),
    _kind("a token of GitLab",
          "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat-",
          r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[0-9A-Za-z_.-]{20,}",
          "docs.gitlab.com/security/tokens, token prefixes"),
    _kind("a token of npm", "npm_", r"\bnpm_[0-9A-Za-z]{36}\b",
          "docs.npmjs.com/about-access-tokens"),
    _kind("an API token of PyPI", "pypi-", r"\bpypi-[0-9A-Za-z_-]{50,}", "pypi.org/help/#apitoken"),
    # clouds and platforms
    _kind("an access key of AWS", "AKIA ASIA", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
          "docs.aws.amazon.com/IAM, unique identifiers"),
    _kind("an API key of Google", "AIza", r"\bAIza[0-9A-Za-z_-]{35}",
          "cloud.google.com/docs/authentication/api-keys"),
    _kind("a client secret of Google", "GOCSPX-", r"\bGOCSPX-[0-9A-Za-z_-]{28}",
          "gitleaks, docs.github.com"),
    _kind("an access token of Google", "ya29.", r"\bya29\.[0-9A-Za-z_-]{20,}",
          "cloud.google.com/docs/authentication/token-types"),
    _kind("an account key of Azure Storage", "AccountKey=", r"AccountKey=[0-9A-Za-z+/]{86}==",
          "learn.microsoft.com/azure/storage, connection strings"),
    _kind("a secret key of Supabase", "sb_secret_", r"\bsb_secret_[0-9A-Za-z_-]{20,}",
          "supabase.com/docs/guides/api/api-keys", passes_by=True),
    _kind("an access token of Supabase", "sbp_", r"\bsbp_[0-9a-f]{40}",
          "supabase.com/docs/reference/api", passes_by=True),
    _kind("a token of DigitalOcean", "dop_v1_ doo_v1_", r"\bdo[op]_v1_[0-9a-f]{64}",
          "docs.digitalocean.com/reference/api"),
    _kind("a token of Vault", "hvs. hvb.", r"\bhv[sb]\.[0-9A-Za-z_-]{24,}",
          "developer.hashicorp.com/vault/docs/concepts/tokens"),
    _kind("a token of Grafana", "glsa_", r"\bglsa_[0-9A-Za-z]{32}_[0-9a-f]{8}",
          "grafana.com/docs, service accounts"),
    # messages and mail
    _kind("a token of Slack", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-",
          r"\b(?:xox[abeprs]|xapp)-[0-9A-Za-z-]{10,}",
          "docs.slack.dev/authentication/tokens"),
    _kind("an address of a webhook of Slack", "hooks.slack.com/",
          r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z_/]{20,}",
          "docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"),
    _kind("an API key of SendGrid", "SG.", r"\bSG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{16,64}",
          "sendgrid.com/docs/ui/account-and-settings/api-keys"),
    _kind("an API key of Resend", "re_",
          r"(?<![A-Za-z0-9_])re_[0-9A-Za-z]{8}_[0-9A-Za-z]{20,}\b", "resend.com/docs"),
    _kind("an API key of Twilio", "SK", r"\bSK[0-9a-f]{32}\b",
          "twilio.com/docs/glossary/what-is-a-sid"),
    _kind("an API key of Mailgun", "key-", r"(?<![A-Za-z0-9_-])key-[0-9a-f]{32}\b",
          "documentation.mailgun.com"),
    _kind("a token of a Telegram bot", ":AA", r"(?<=[0-9]{8}):AA[0-9A-Za-z_-]{33}\b",
          "core.telegram.org/bots/api"),
    # language models
    _kind("an API key of Anthropic", "sk-ant-", r"\bsk-ant-[0-9A-Za-z_-]{20,}",
          "docs.anthropic.com/en/api"),
    _kind("an API key of OpenAI", "sk-proj- sk-svcacct- sk-admin-",
          r"\bsk-(?:proj|svcacct|admin)-[0-9A-Za-z_-]{20,}", "platform.openai.com/docs"),
    _kind("a token of Hugging Face", "hf_", r"(?<![A-Za-z0-9_])hf_[A-Za-z]{34}\b",
          "huggingface.co/docs/hub/security-tokens"),
    # of nobody in particular
    _kind("a JSON Web Token", "eyJ",
          r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*", "RFC 7519"),
    _kind("a private key", "-----BEGIN",
          r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
          r"(?:[^-]*-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?", "RFC 7468"),
    _kind("a password in a URL", "://",
          r"(?<=[a-z])://[^\s:/@\"'<>{}]{0,100}:[^\s/@\"'<>{}]{1,200}@",
          "RFC 3986, 3.2.1"),
)  # fmt: skip

#: what else is masked in texts, but may be anything in a plan
_MASKED: Final = (
    _kind("credentials of a request", "Bearer bearer BEARER Basic basic BASIC",
          r"(?i)\b(?:bearer|basic)\s+"
          r"(?:(?=[A-Za-z._~+/=-]*\d)[0-9A-Za-z._~+/-]{8,}|[0-9A-Za-z._~+/-]{20,})=*", "RFC 9110"),
    _kind("a JSON Web Token, perhaps cut off", "eyJ",
          r"\beyJ[0-9A-Za-z_-]{10,}(?:\.[0-9A-Za-z_-]*){0,2}", "RFC 7519"),
)  # fmt: skip
#: the first word of these says what it is, and stays
_SAID: Final = re.compile(r"(?i)(?:bearer|basic)\s+|://")

#: words of values that stand for others
_PLACEHOLDER: Final = re.compile(
    r"example|sample|placeholder|change.?me|redacted|dummy|your|insert|replace|todo|fixme|"
    r"not.?a.?real|not.?real|fake|xxx|\*\*\*|\.\.\.|…|<|1234567890|0123456789|abcdefgh|"
    r"^(?:user|root|admin|postgres|test|guest)$",
    re.IGNORECASE,
)
_PLACEHOLDER_PASSWORDS: Final = re.compile(
    r"(?i)(?:pass(?:word|wd)?|pwd|secret|pw|p|user|test|guest|postgres|root|admin|key|token)"
)
#: published by their vendors, for everybody to try
_PUBLISHED: Final = (
    "4eC39HqLyjWDarjtT1zdp7dc", "BQokikJOvBiI2HlWgH4olfQ2", "tR3PYbcVNZZ796tH88S4VQ2u",  # Stripe
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",  # jwt.io
)  # fmt: skip
#: `iss` of the keys that every local Supabase has: supabase.com/docs/guides/local-development
_PUBLISHED_ISSUERS: Final = frozenset({"supabase-demo"})
_MOST_ALIKE: Final = 0.5  # of all characters may be the same one


def find_credentials(text: str) -> Iterator[Found]:
    """Credentials that are written out in a text, without placeholders; one may match twice."""
    for kind in KINDS:
        for match in _matches(kind, text):
            if not is_placeholder(kind, match[0]):
                yield Found(kind, match[0], *match.span())


def credentials_in(text: str) -> Iterator[tuple[int, int]]:
    """Where anything stands that looks like a credential, placeholders included, to be masked."""
    for kind in (*KINDS, *_MASKED):
        for match in _matches(kind, text):
            begin, end = match.span()
            if (said := _SAID.match(match[0])) is not None:
                begin += said.end()
            yield begin, end - match[0].endswith("@")


def _matches(kind: Kind, text: str) -> Iterator[re.Match[str]]:
    """Where a kind stands in a text; a pattern begins with a mark, so nothing else is tried."""
    for mark in kind.marks:
        at = text.find(mark)
        while at >= 0:
            match = kind.pattern.match(text, at)
            if match is not None:
                yield match
            at = text.find(mark, at + 1 if match is None else match.end())


def kinds_in(value: str) -> list[Kind]:
    """The kinds of credentials that a value is of, by their vendors' own marks."""
    return [kind for kind in KINDS if any(_matches(kind, value))]


def is_placeholder(kind: Kind, value: str) -> bool:
    """Whether something that looks like a credential stands for one, or is known to everybody."""
    if value.startswith("-----BEGIN"):
        return _PLACEHOLDER.search(value) is not None
    if value.endswith("@"):
        password = value[3:-1].partition(":")[2]
        return _PLACEHOLDER_PASSWORDS.fullmatch(password) is not None or stands_for_another(
            password
        )
    if value.startswith("eyJ"):
        claims = claims_of(value)
        return value.endswith(_PUBLISHED) or (
            claims is not None and claims.get("iss") in _PUBLISHED_ISSUERS
        )
    mark = next((mark for mark in kind.marks if mark in value), "")
    return stands_for_another(value.partition(mark)[2]) or value.endswith(_PUBLISHED)


def stands_for_another(value: str) -> bool:
    """Whether a value is a placeholder by its words, or as hardly anything is in it."""
    if _PLACEHOLDER.search(value) is not None or "${" in value:
        return True
    most = max((value.count(one) for one in set(value)), default=0)
    return most > _MOST_ALIKE * len(value)


def masked(value: str) -> str:
    """A credential as messages show it: enough to find it again, and no more."""
    shown = 4 if len(value) > 12 else 0
    return f"{value[:shown]}… ({len(value)} characters)"
