"""The console, assembled: pages, API and feeds over one installation, behind one guard."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from console.installation import Installation
from console.web import api, pages
from console.web.errors import Problem, SignInFirst
from console.web.headers import ALWAYS, Guard
from console.web.people import SAFE, declared, person_of
from console.web.templating import environment, page
from console.web.throttle import Throttle
from policy_crawler.errors import OperatorError
from storage.accounts import Accounts
from storage.desk import Desk
from storage.errors import OperatorError as ArchiveRefusal

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def add_site(app: FastAPI, here: Installation, hosts: Sequence[str] = ()) -> None:
    """Put the console on `app`: everything that people and programs use. `hosts`: names that it is served as, beside
    this machine's own and that of `[console] url`."""
    address = urlsplit(here.config.console.url)
    app.state.here = here
    app.state.language = here.config.language
    app.state.accounts = Accounts(here.engine, here.clock)
    app.state.sign_ins = Throttle(here.clock, 5, timedelta(minutes=15))
    app.state.desk = Desk(here.engine, here.clock)
    app.state.templates = environment()
    app.state.secure = address.scheme == "https"
    app.state.root = address.path.rstrip("/")
    for router in _routers(pages) + _routers(api):
        app.router.routes.extend(router.routes)  # flat, so that each can be asked what it declares
    app.mount("/static", StaticFiles(packages=[("console.web", "static")]), name="static")
    app.add_exception_handler(Problem, _problem)
    for refusal in (OperatorError, ArchiveRefusal):
        app.add_exception_handler(refusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)
    app.add_middleware(Guard, hosts=[*LOOPBACK, *hosts, *filter(None, [address.hostname])], secure=app.state.secure)
    undeclared = [route.path for route in routes(app) if declared(route) is None]
    if undeclared:
        raise RuntimeError(f"routes that do not declare who may ask for them: {', '.join(undeclared)}")


def routes(app: FastAPI) -> list[APIRoute]:
    """All routes of the app that answer requests."""
    return [route for route in app.routes if isinstance(route, APIRoute)]


def _routers(package: Any) -> list[APIRouter]:
    """The routers of a package's modules: each module of pages or API has one, named `router`."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    return [module.router for module in modules if hasattr(module, "router")]


# Errors: a page for people, problem+json (RFC 9457) for programs.


async def _answer(request: Request, problem: Problem) -> Response:
    if problem.status == HTTPStatus.NOT_MODIFIED:
        return Response(status_code=problem.status, headers=problem.headers)
    if request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", ""):
        content = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
        return JSONResponse(content, problem.status, problem.headers, media_type="application/problem+json")
    if isinstance(problem, SignInFirst) and request.method in SAFE:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(back, safe='')}", 303)
    if getattr(request.state, "person", None) is None:
        with suppress(Problem):
            await person_of(request)
    answer = page(request, "error.html", problem.status, problem=problem)
    answer.headers.update(problem.headers)
    return answer


async def _problem(request: Request, error: Exception) -> Response:
    return await _answer(request, cast("Problem", error))


async def _refused(request: Request, error: Exception) -> Response:
    return await _answer(request, Problem(422, "that cannot be done", str(error)))


async def _http(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    return await _answer(
        request,
        Problem(error.status_code, HTTPStatus(error.status_code).phrase.lower(), headers=dict(error.headers or {})),
    )


async def _invalid(request: Request, error: Exception) -> Response:
    error = cast("RequestValidationError", error)
    said = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5])
    return await _answer(request, Problem(422, "the request does not fit", said))


async def _broken(request: Request, error: Exception) -> Response:
    answer = await _answer(request, Problem(500, "something is broken here", "the service's log says what"))
    answer.headers.update(ALWAYS)  # it is made outside the guard
    return answer
