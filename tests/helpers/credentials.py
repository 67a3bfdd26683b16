"""Credentials that nobody has, as vendors make them: put together here, so that no file has one."""

from __future__ import annotations

import base64
import json
from typing import Any

#: a secret that tests with the fixture `known` are redacted by
SECRET = "s3cret-of-somebody"
_BODY = "Zk3vQ9sLw2XbT7mNc4RyHd8PfJg6VaKe5UuBiMtGhDqWxSzC1YnEpLr"
_HEX = "9f3c1a7be2d84056c7f1b3a9d2e64f80" * 2


def vendor_keys() -> dict[str, str]:
    """One of each kind, by a word of what messages call it."""
    return {
        "live-mode secret": "sk_" + "live_" + _BODY[:24],
        "restricted": "rk_" + "live_" + _BODY[:24],
        "test-mode": "sk_" + "test_" + _BODY[:24],
        "publishable": "pk_" + "live_" + _BODY[:24],
        "signing secret": "whsec_" + _BODY[:32],
        "live API key": "live_" + _BODY[:30],
        "test API key": "test_" + _BODY[:30],
        "Razorpay": "rzp_" + "live_" + _BODY[:14],
        "Braintree": "access_token" + "$production$" + _HEX[:16] + "$" + _HEX[:32],
        "Plaid": "access-" + "production-9f3c1a7b-e2d8-4056-87f1-b3a9d2e64f80",
        "Square": "sq0" + "csp-" + _BODY[:43],
        "Shopify": "shp" + "at_" + _HEX[:32],
        "GitHub": "gh" + "p_" + _BODY[:36],
        "GitHub, fine-grained": "github" + "_pat_" + (_BODY * 2)[:82],
        "GitLab": "gl" + "pat-" + _BODY[:20],
        "npm": "npm" + "_" + _BODY[:36],
        "PyPI": "pypi" + "-AgEIcHlwaS5vcmc" + _BODY,
        "AWS": "AKI" + "A" + "Q3EGR7WZ5TNYXB2K",
        "Google": "AIz" + "a" + _BODY[:35],
        "client secret of Google": "GOC" + "SPX-" + _BODY[:28],
        "access token of Google": "ya" + "29." + _BODY[:40],
        "Azure": "AccountKey=" + (_BODY * 2)[:86] + "==",
        "secret key of Supabase": "sb_" + "secret_" + _BODY[:31],
        "access token of Supabase": "sb" + "p_" + _HEX[:40],
        "DigitalOcean": "dop" + "_v1_" + _HEX[:64],
        "Vault": "hv" + "s." + _BODY[:24],
        "Grafana": "gl" + "sa_" + _BODY[:32] + "_" + _HEX[:8],
        "Slack": "xox" + "b-17653672481-19874698323-" + _BODY[:24],
        "webhook of Slack": "hooks.slack" + ".com/services/T0A1B2C3D/B0A1B2C3D/" + _BODY[:24],
        "SendGrid": "S" + "G." + _BODY[:22] + "." + _BODY[:43],
        "Resend": "re" + "_" + _BODY[:8] + "_" + _BODY[8:32],
        "Twilio": "S" + "K" + _HEX[:32],
        "Mailgun": "ke" + "y-" + _HEX[:32],
        "Telegram": "1234509876" + ":A" + "A" + _BODY[:33],
        "Anthropic": "sk-" + "ant-api03-" + _BODY,
        "OpenAI": "sk-" + "proj-" + _BODY,
        "Hugging Face": "h" + "f_" + "ZkvQsLwXbTmNcRyHdPfJgVaKeUuBiMtGhD",
        "JSON Web Token": token({"sub": "someone"}),
        "private key": "-----BEGIN" + " EC PRIVATE KEY-----",
        "password in a URL": "postgresql://wedload:" + _BODY[:9] + "@db.internal",
    }


def token(claims: dict[str, Any]) -> str:
    """A JSON Web Token that says this, with a signature of nobody."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    parts.append(b"signature-of-nobody")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
