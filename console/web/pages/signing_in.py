"""Signing in and out. Five failures of a name from one address, and it waits a quarter of an hour."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from console.web import passwords
from console.web.errors import Problem
from console.web.headers import cookie
from console.web.people import SIGN_IN, Person, needs, person_of
from console.web.templating import language_of, page, say
from storage.accounts import SIGNED_IN, Accounts

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def show(request: Request, _person: Annotated[Person, Depends(needs("open"))], next: str = "/") -> Response:  # noqa: A002
    """The form."""
    person = await person_of(request)
    if person.role is not None:
        return RedirectResponse(same_site(next), 303)
    return page(request, "sign_in.html", next=same_site(next), name="", wrong="")


@router.post("/sign-in")
def sign_in(
    request: Request, _person: Annotated[Person, Depends(needs("open"))], name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=passwords.LONGEST)], next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:  # fmt: skip
    """Check the password and open a sign-in of its own, whatever the browser had before."""
    accounts: Accounts = request.app.state.accounts
    tried = f"{request.client.host if request.client else ''} {name.strip().lower()}"
    throttle = request.app.state.sign_ins
    if seconds := throttle.wait(tried):
        raise Problem(429, "too many tries", f"try again in {-(-seconds // 60)} min", {"Retry-After": str(seconds)})
    kept = accounts.password_hash(name)
    if not passwords.fits(password, kept) or kept is None:
        throttle.count(tried)
        wrong = say(language_of(request), "The name or the password is wrong.")
        return page(request, "sign_in.html", 403, next=same_site(next), name=name, wrong=wrong)
    throttle.forget(tried)
    if passwords.outdated(kept):
        accounts.rehash(name, passwords.hashed(password))
    secret = accounts.sign_in(name, request.headers.get("user-agent", ""))
    answer = RedirectResponse(same_site(next), 303)
    answer.headers.append("set-cookie", cookie(SIGN_IN, secret, secure=request.app.state.secure,
                                               seconds=int(SIGNED_IN.total_seconds())))  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(request: Request, _person: Annotated[Person, Depends(needs("open"))]) -> Response:
    """End the sign-in."""
    if secret := request.cookies.get(SIGN_IN):
        request.app.state.accounts.sign_out(secret)
    answer = RedirectResponse("/sign-in", 303)
    answer.headers.append("set-cookie", cookie(SIGN_IN, "", secure=request.app.state.secure, seconds=0))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def same_site(address: str) -> str:
    """`address` where it is a path of this site, else the first page: `//evil`, `\\evil` and `javascript:` are not."""
    parts = urlsplit(address)
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if fine and not any(ord(sign) < 32 or sign == "\\" for sign in address) else "/"
