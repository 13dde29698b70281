"""Pages from templates: words in the reader's language, numbers, days and moments as people write them.

Templates say everything in English by `t("…")`; `words/zh/*.toml` hold the Chinese. A test finds what was not said."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from console.web.people import FIELD, NOBODY, Needs, Person, form_token
from storage.clock import CHINA

LANGUAGES: Final = ("zh", "en")
NAVIGATION: Final[tuple[tuple[str, str, Needs], ...]] = (
    ("/", "Today", "reader"),
    ("/search", "Search", "reader"),
    ("/desk", "Desk", "reader"),
    ("/alerts", "Alerts", "analyst"),
    ("/sources", "Sources", "reader"),
    ("/runs", "Runs", "reader"),
)


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a language by their English."""
    found: dict[str, str] = {}
    if language == "en":
        return found
    for file in sorted(files("console.web").joinpath("words", language).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def say(language: str, english: str, **values: Any) -> str:
    """`english` in the language, with values for its {names}."""
    said = words(language).get(english) or english.replace("_", " ")  # states are said as they are stored
    return said.format(**values) if values else said


def language_of(request: Request) -> str:
    """The language to answer in: the account's, else this browser's, else the installation's."""
    person: Person = getattr(request.state, "person", None) or NOBODY
    if person.language in LANGUAGES:
        return person.language
    if (chosen := request.cookies.get("policy_language")) in LANGUAGES:
        return str(chosen)
    for part in request.headers.get("accept-language", "").lower().split(","):
        if (code := part.partition(";")[0].strip()[:2]) in LANGUAGES:
            return code
    return str(request.app.state.language)


@pass_context
def _t(context: Context, english: str, **values: Any) -> str:
    return say(context["language"], english, **values)


@pass_context
def _moment(context: Context, value: datetime | None) -> str:
    """A moment in China's time: those of today without the day."""
    if value is None:
        return "—"
    local = value.astimezone(CHINA)
    today: date = context["today"]
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def _day(value: date | None) -> str:
    return "—" if value is None else value.isoformat()


def _number(value: int) -> str:
    return f"{value:,}"


def _stamp(value: datetime) -> str:
    """A moment for machines: <time datetime=…>."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@pass_context
def _hidden(context: Context) -> Markup:
    """The field that every form that changes something carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, context["form_token"])


def navigation(person: Person) -> list[tuple[str, str]]:
    """The pages that the person may open, in the order of the bar."""
    return [(address, name) for address, name, needed in NAVIGATION if person.may(needed)]


def environment() -> Environment:
    """The templates' environment: everything is escaped, a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader("console.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals.update(t=_t, hidden=_hidden, navigation=navigation)
    made.filters.update(moment=_moment, day=_day, number=_number, stamp=_stamp)
    return made


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from its template: `values`, and what every page needs."""
    app = request.app
    context = {
        "request": request,
        "person": getattr(request.state, "person", None) or NOBODY,
        "language": language_of(request),
        "theme": theme if (theme := request.cookies.get("policy_theme")) in {"light", "dark"} else "",
        "today": app.state.here.clock.today(),
        "form_token": form_token(request),
        "path": request.url.path,
        **values,
    }
    text = app.state.templates.get_template(template).render(context)
    return HTMLResponse(text, status, headers={"Vary": "Cookie, Accept-Language"})
