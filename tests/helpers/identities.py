"""Plans' identities for the sandbox: how its couples and suppliers sign in."""

from __future__ import annotations


def identity(role: str) -> str:
    """Lines of a plan: identity `role`, which signs in with the key of its environment variable."""
    return f"""\
[identities.{role}]
http = "POST /api/auth/{role}"
json = {{ email = "${{synthetic.email()}}", key = "${{env.WEDLOAD_{role.upper()}_KEY}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}
"""
