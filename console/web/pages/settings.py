"""One's own settings: language, appearance, password."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from console.web import passwords
from console.web.errors import Problem
from console.web.headers import cookie
from console.web.people import SIGN_IN, Person, needs
from console.web.templating import page

router = APIRouter(include_in_schema=False)
YEAR = 365 * 86_400


@router.get("/settings")
def show(request: Request, person: Annotated[Person, Depends(needs("reader"))], saved: bool = False) -> Response:
    """The settings."""
    return page(request, "settings.html", saved=saved, shortest=passwords.SHORTEST,
                chosen=request.cookies.get("policy_language", ""), account=person.via == "cookie")  # fmt: skip


@router.post("/settings")
def save(
    request: Request, person: Annotated[Person, Depends(needs("reader"))],
    language: Annotated[Literal["zh", "en", ""], Form()] = "",
    theme: Annotated[Literal["light", "dark", ""], Form()] = "",
) -> Response:  # fmt: skip
    """Keep language and appearance: the language with the account, else both in this browser."""
    if person.via == "cookie" and language:
        request.app.state.accounts.change(person.name, language=language)
    answer = RedirectResponse("/settings?saved=1", 303)
    for name, value in (("policy_language", language), ("policy_theme", theme)):
        kept = cookie(name, value, secure=request.app.state.secure, seconds=YEAR if value else 0)
        answer.headers.append("set-cookie", kept)
    return answer


@router.post("/settings/password")
def change_password(
    request: Request, person: Annotated[Person, Depends(needs("reader"))],
    old: Annotated[str, Form(max_length=passwords.LONGEST)], new: Annotated[str, Form(max_length=passwords.LONGEST)],
) -> Response:  # fmt: skip
    """Set another password; other browsers are signed out."""
    accounts = request.app.state.accounts
    if person.via != "cookie":
        raise Problem(403, "not allowed", "only who is signed in with a password can change it")
    if not passwords.fits(old, accounts.password_hash(person.name)):
        raise Problem(403, "not allowed", "the present password is another")
    accounts.set_password(person.name, passwords.hashed(new), keep=request.cookies[SIGN_IN])
    return RedirectResponse("/settings?saved=1", 303)
