"""What a token must allow at each door, and which doors need no proof of who asks; a test holds both to be complete."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ADMINISTRATORS", "OPEN", "SCOPE"]

PROGRAMME = "/api/v1/programmes/{name}"
REPOSITORY = "/git/{name}/{which}.git"
SCOPE: Mapping[tuple[str, str], str] = {
    ("GET", "/api/v1/session"): "read",
    ("POST", "/api/v1/session/tickets"): "administer",
    ("GET", "/api/v1/programmes"): "read",
    ("POST", "/api/v1/programmes"): "administer",
    ("GET", "/api/v1/tokens"): "administer",
    ("POST", "/api/v1/tokens"): "administer",
    ("POST", "/api/v1/tokens/{number}/end"): "administer",
    ("GET", f"{PROGRAMME}/members"): "read",
    ("POST", f"{PROGRAMME}/members/{{number}}/end"): "administer",
    ("GET", f"{PROGRAMME}/invitations"): "administer",
    ("POST", f"{PROGRAMME}/invitations"): "administer",
    ("POST", f"{PROGRAMME}/invitations/{{number}}/revoke"): "administer",
    ("GET", PROGRAMME): "read",
    ("GET", f"{PROGRAMME}/verdicts"): "read",
    ("POST", f"{PROGRAMME}/what-if"): "read",
    ("GET", f"{PROGRAMME}/gates"): "read",
    ("GET", f"{PROGRAMME}/feed"): "read",
    ("GET", f"{PROGRAMME}/feed.atom"): "read",
    ("GET", f"{PROGRAMME}/feed/stream"): "read",
    ("GET", f"{PROGRAMME}/proposals"): "read",
    ("POST", f"{PROGRAMME}/proposals"): "propose",
    ("GET", f"{PROGRAMME}/proposals/{{number}}"): "read",
    ("POST", f"{PROGRAMME}/proposals/{{number}}/answers"): "answer",
    ("POST", f"{PROGRAMME}/proposals/{{number}}/merge"): "merge",
    ("POST", f"{PROGRAMME}/proposals/{{number}}/withdraw"): "propose",
    ("GET", f"{PROGRAMME}/proposals/{{number}}/settlement"): "read",
    ("GET", f"{PROGRAMME}/measure"): "read",
    ("GET", f"{PROGRAMME}/conflicts"): "read",
    ("POST", f"{PROGRAMME}/conflicts"): "read",
    ("GET", f"{PROGRAMME}/jobs"): "read",
    ("POST", f"{PROGRAMME}/jobs"): "propose",
    ("GET", f"{PROGRAMME}/jobs/{{number}}"): "read",
    ("POST", f"{PROGRAMME}/jobs/{{number}}/cancel"): "propose",
    ("GET", f"{PROGRAMME}/runner"): "read",
    ("POST", f"{PROGRAMME}/runner/leases"): "run",
    ("POST", f"{PROGRAMME}/jobs/{{number}}/inputs"): "run",
    ("POST", f"{PROGRAMME}/jobs/{{number}}/renewals"): "run",
    ("POST", f"{PROGRAMME}/jobs/{{number}}/result"): "run",
    ("GET", f"{PROGRAMME}/comments"): "read",
    ("GET", f"{PROGRAMME}/comments/waiting"): "read",
    ("GET", f"{PROGRAMME}/comments/counts"): "read",
    ("POST", f"{PROGRAMME}/comments"): "propose",
    ("POST", f"{PROGRAMME}/comments/{{comment}}/hide"): "propose",
    ("GET", f"{PROGRAMME}/slots/{{slot}}"): "read",
    ("GET", f"{PROGRAMME}/architecture"): "read",
    ("GET", f"{PROGRAMME}/gates/{{gate}}"): "read",
    ("GET", f"{PROGRAMME}/gates/{{gate}}/signing"): "read",
    ("GET", f"{PROGRAMME}/gates/{{gate}}/statement"): "read",
    ("POST", f"{PROGRAMME}/gates/{{gate}}/signoffs"): "push",
    ("GET", f"{PROGRAMME}/agency"): "read",
    ("GET", f"{PROGRAMME}/dossiers/{{kind}}/{{subject}}"): "read",
    ("GET", f"{PROGRAMME}/states"): "read",
    ("GET", f"{PROGRAMME}/compared"): "read",
    ("GET", f"{PROGRAMME}/history"): "read",
    ("GET", f"{PROGRAMME}/log"): "read",
    ("GET", f"{PROGRAMME}/beside"): "read",
    ("GET", f"{PROGRAMME}/parties/{{which}}/export"): "administer",
    ("GET", f"{PROGRAMME}/log/chain"): "read",
    ("GET", f"{PROGRAMME}/checkpoint"): "sign",
    ("POST", f"{PROGRAMME}/checkpoint/countersignatures"): "sign",
    ("GET", f"{PROGRAMME}/subscriptions"): "read",
    ("POST", f"{PROGRAMME}/subscriptions"): "administer",
    ("POST", f"{PROGRAMME}/subscriptions/{{number}}/try"): "administer",
    ("POST", f"{PROGRAMME}/subscriptions/{{number}}/end"): "administer",
    ("GET", f"{REPOSITORY}/info/refs"): "read",
    ("POST", f"{REPOSITORY}/git-upload-pack"): "read",
    ("POST", f"{REPOSITORY}/git-receive-pack"): "push",
}
"""By method and path. At a door that is not named here no token is let in that is bound to scopes."""
ADMINISTRATORS = frozenset({("POST", "/api/v1/programmes")})
"""Doors for who administers the workspace alone."""
OPEN = frozenset(
    {
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/{path:path}"),
        ("GET", "/{path:path}"),
        ("GET", "/git/{path:path}"),
        ("GET", "/api/v1/entrance"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/session/end"),
        ("GET", "/api/v1/login/{issuer}"),
        ("GET", "/api/v1/login/{issuer}/callback"),
        ("POST", "/api/v1/invitations/use"),
        ("POST", "/api/v1/tokens/exchange"),
    }
)
"""Doors that need no proof beside what they are given: they answer nothing of any programme."""
