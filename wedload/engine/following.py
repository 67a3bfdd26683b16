"""What follows a response: another request, or nothing, and then its outcome by its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.protocols.http import redirect
from wedload.protocols.http.redirect import STATUS as REDIRECTS

if TYPE_CHECKING:
    from wedload.engine.identity import SignedIn
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call
    from wedload.workload.request import Request


def next_request(
    call: Call, request: Request, response: Response, hops: int, session: SignedIn
) -> Request | None:
    """Set the outcome by the status; the request that follows, if one does.

    That is another one after a redirect, and the same one after a challenge.
    """
    if response.outcome != "ok":
        return None
    if response.status in REDIRECTS and call.redirects:
        try:
            following = redirect.next_request(
                request, response.status, response.headers.get("location")
            )
            if hops < call.redirects:
                return following
            problem = f"more than {call.redirects} redirects"
        except redirect.RedirectError as error:
            problem = str(error)
        response.outcome, response.problem = "redirect", problem
    elif response.status == 401 and session.answers(request, response):
        return request
    elif response.status not in call.expected_status:
        response.outcome, response.problem = "status", f"status {response.status}"
    return None
