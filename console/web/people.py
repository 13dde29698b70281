"""Who asks, and what they may: one check for pages and API.

Every route declares what it needs by `Depends(needs(...))`; an app with a route that declares nothing does not start
(`console.web.site`). Without accounts, whoever is at this machine is the operator; with the first account, everybody
signs in, or brings a token."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from console.web.errors import Problem, SignInFirst
from storage.accounts import LOCAL, ROLES, SCOPES, AccountRow, Accounts, Role

Needs = Literal["open", "reader", "analyst", "operator"]

SIGN_IN: Final = "policy_sign_in"  # the cookie of a sign-in
VISIT: Final = "policy_visit"  # the cookie of a browser that has not signed in: its forms' tokens hang on it
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "form_token"
HEADER: Final = "x-form-token"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `role`: what they may, by the account and by the token together; None: nothing, not signed in."""

    name: str
    owner: str
    owner_id: int
    role: Role | None
    language: str | None
    via: Literal["local", "cookie", "token", "nobody"]

    def may(self, role: Needs) -> bool:
        """Whether they may do what needs this role."""
        return role == "open" or (self.role is not None and ROLES.index(self.role) >= ROLES.index(role))


NOBODY: Final = Person("", "", 0, None, None, "nobody")


def needs(role: Needs) -> Callable[[Request], Awaitable[Person]]:
    """A dependency that lets only those ask who have the role, and answers who it is. A change (POST, PUT, …) by a
    browser must come from a form of this site."""

    async def check(request: Request) -> Person:
        if role == "open" and request.method in SAFE:
            return NOBODY  # without a look at the archive, which may be what is broken
        person = await person_of(request)
        if not person.may(role):
            if person.role is None:
                raise SignInFirst
            raise Problem(403, "not allowed", f"this needs the role {role}; {person.name} has {person.role}")
        if request.method not in SAFE and person.via != "token":
            await check_form(request)
        return person

    check.needs = role  # type: ignore[attr-defined]
    return check


def declared(route: Any) -> str | None:
    """What a route needs, as it declared; None where it declares nothing."""
    found = [call.needs for call in _calls(route.dependant) if hasattr(call, "needs")]
    return cast("str", found[0]) if len(found) == 1 else None


def _calls(dependant: Any) -> list[Any]:
    return [dependant.call, *(call for inner in dependant.dependencies for call in _calls(inner))]


async def person_of(request: Request) -> Person:
    """Who asks. Raises Problem 401 for a token that does not hold."""
    known: Person | None = getattr(request.state, "person", None)
    if known is None:
        # In a thread: a locked archive must not hold up the scheduler, which shares this loop.
        request.state.person = known = await run_in_threadpool(_found, request)
    return known


def _found(request: Request) -> Person:
    accounts: Accounts = request.app.state.accounts
    if bearer := request.headers.get("authorization"):
        kind, _, secret = bearer.partition(" ")
        held = accounts.by_token(secret.strip()) if kind.lower() == "bearer" else None
        if held is None:
            raise Problem(401, "not signed in", "the token does not hold: it is unknown, expired or revoked")
        account, scopes = held
        most = max((SCOPES.index(scope) for scope in scopes), default=None)
        role = None if most is None else ROLES[most]
        return _person(account, role, "token")
    cookie = request.cookies.get(SIGN_IN)
    if cookie and (signed_in := accounts.signed_in(cookie)) is not None:
        return _person(signed_in, signed_in.role, "cookie")
    if accounts.any():
        return NOBODY
    return Person(LOCAL, LOCAL, accounts.local_owner(), "operator", None, "local")


def _person(account: AccountRow, role: Role | None, via: Literal["cookie", "token"]) -> Person:
    return Person(account.name, account.owner, account.owner_id, role, account.language, via)


# Forms.


def visit_of(request: Request) -> str:
    """The secret that this browser's forms hang on: its sign-in's, else its visit's, made where there is none."""
    known: str | None = request.cookies.get(SIGN_IN) or request.cookies.get(VISIT)
    if known is None:
        known = getattr(request.state, "new_visit", None) or secrets.token_urlsafe(32)
        request.state.new_visit = known
    return known


def form_token(request: Request) -> str:
    """What a form of this site carries, and another site cannot know (OWASP: HMAC-based token pattern)."""
    return hmac.new(visit_of(request).encode(), b"form", "sha256").hexdigest()


async def check_form(request: Request) -> None:
    """Raise Problem 403 unless a browser's request comes from this site and carries its form's token.

    A program without cookies is no browser that could be misled: what it sends says neither Origin nor Sec-Fetch-Site,
    which browsers do not let pages leave out."""
    headers = request.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None and not request.cookies and request.url.path.startswith("/api/"):
        return
    if (origin is not None and urlsplit(origin).netloc != headers.get("host")) or site not in {
        None,
        "same-origin",
        "none",
    }:
        raise Problem(403, "not from here", "the request came from another site")
    sent = headers.get(HEADER)
    if sent is None and "form" in headers.get("content-type", ""):
        field = (await request.form()).get(FIELD)
        sent = field if isinstance(field, str) else None
    has = request.cookies.get(SIGN_IN) or request.cookies.get(VISIT)
    if not has or sent is None or not hmac.compare_digest(sent.encode(), form_token(request).encode()):
        raise Problem(403, "the form is too old", "load the page again and send it once more; cookies must be allowed")
