"""Deliveries as senders sign them."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, datetime

from standardwebhooks import Webhook

#: bytes that anybody may know
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def standard_headers(
    body: bytes, message_id: str = "msg_1", *, secret: str = SECRET, at_s: float | None = None
) -> dict[str, str]:
    """The headers of a delivery as the library of Standard Webhooks signs it."""
    now_s = int(time.time() if at_s is None else at_s)
    # it takes the fields of a time to be those of UTC
    stamp = datetime.fromtimestamp(now_s, tz=UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": Webhook(secret).sign(message_id, stamp, body.decode()),
    }


def stripe_headers(body: bytes, *, secret: str = SECRET, at_s: float | None = None) -> dict:
    """The header of a delivery of Stripe's."""
    now_s = int(time.time() if at_s is None else at_s)
    signature = hmac.new(secret.encode(), f"{now_s}.".encode() + body, "sha256").hexdigest()
    return {"stripe-signature": f"t={now_s},v1={signature}"}


def github_headers(body: bytes, message_id: str = "7", *, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery of GitHub's."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"x-github-delivery": message_id, "x-hub-signature-256": f"sha256={signature}"}
