"""The simulator: every column of the table at its host and path, whatever asks."""

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache, cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator import apis, gov_services, hanweb, parameters, services, statics, ucap_services
from simulator.asking import NOT_FOUND, Answer, Asked, Route, Served, Shape
from simulator.lonsun import lonsun
from simulator.table import Column, columns
from support.fault_server import Exchange

_ROBOTS = Answer("User-agent: *\nDisallow: /admin/\n", "text/plain; charset=utf-8")

SHAPES: dict[str, Shape] = {
    "cac": gov_services.cac,
    "codeid": ucap_services.codeid,
    "epoint": statics.epoint,
    "feed": parameters.feed,
    "flk": gov_services.flk,
    "gkmlpt": gov_services.gkmlpt,
    "govcn_json": gov_services.govcn_json,
    "govcn_search": gov_services.govcn_search,
    "hebei": parameters.hebei,
    "huilan": parameters.huilan,
    "huilan_files": parameters.huilan_files,
    "jcms": hanweb.jcms,
    "jpaas": hanweb.jpaas,
    "jpaas_search": hanweb.jpaas_search,
    "jpolicy": hanweb.jpolicy,
    "json": apis.single,
    "liaoning": statics.liaoning,
    "lonsun": lonsun,
    "nc": statics.nc,
    "ndrc": gov_services.ndrc,
    "news": statics.news,
    "nfra": gov_services.nfra,
    "nfra_tree": gov_services.nfra_tree,
    "pc": statics.pc,
    "plain": statics.plain,
    "portal": statics.plain,
    "querylist": ucap_services.querylist,
    "shanghai": statics.shanghai,
    "sichuan": ucap_services.sichuan,
    "sitemap": parameters.sitemap,
    "suzhou": ucap_services.suzhou,
    "suzhou_info": ucap_services.suzhou_info,
    "trs": statics.trs,
    "truecms": parameters.truecms,
    "ucap": statics.ucap,
    "ucap_channel": ucap_services.ucap_channel,
    "ucap_search": ucap_services.ucap_search,
    "vsb": statics.vsb,
    "was5": services.was5,
    "xinhua": gov_services.xinhua,
    "xxgk": hanweb.xxgk,
}
"""How columns are served, by the table's `shape`."""


@cache
def served(source_id: str) -> Served:
    """The column of that id as its site serves it. Raises KeyError where the table has none."""
    return of(columns()[source_id])


def of(column: Column) -> Served:
    """The column as its site serves it. A folder named without its last slash leads there, as web servers do."""
    if column.shape in _FOLDERS and not column.parts.query:
        name = column.path.rpartition("/")[2]
        if name and "." not in name:
            site = SHAPES[column.shape](replace(column, url=column.url + "/"))
            moved = Answer("", status=301, location=column.url + "/")
            return replace(site, routes=[*site.routes, Route(column.path, lambda asked: moved)])
    return SHAPES[column.shape](column)


_FOLDERS = frozenset({"news", "plain", "trs", "vsb"})


class Simulator:
    """Answers for all columns it was given. A behaviour of the fault server: `server.on("*", "*", Simulator(…))`."""

    def __init__(self, sites: list[Served]) -> None:
        self.sites = sites
        self._routes: dict[tuple[str, str], list[Route]] = defaultdict(list)
        self._by_host: dict[str, list[Served]] = defaultdict(list)
        for site in sites:
            for route in site.routes:
                self._routes[route.host or site.column.host, unquote(route.path)].append(route)
            self._by_host[site.column.host].append(site)
            places = {urlsplit(site.served_at(document)).hostname or "" for document in site.documents()[:1]}
            for host in places - {site.column.host}:
                self._by_host[host].append(site)
        self._known: dict[str, dict[str, tuple[Served, int]]] = {}

    @cached_property
    def hosts(self) -> list[str]:
        """Every host that answers here, as URLs where the port is not the usual one."""
        odd = {site.column.origin for site in self.sites if site.column.parts.port}
        return sorted({host for host, _ in self._routes} | set(self._by_host) | odd)

    def answer(self, host: str, asked: Asked) -> Answer:
        """What `host` answers."""
        if asked.path == "/robots.txt":
            return _ROBOTS
        path = unquote(asked.path)
        routes = self._routes.get((host, path)) or self._routes.get((host, _twin(path)), [])
        for route in routes:
            if (found := route.handler(asked)) is not None:
                return found
        return self._document(host, asked) or (routes[0].refusal if routes else NOT_FOUND)

    def _document(self, host: str, asked: Asked) -> Answer | None:
        found = self._places(host).get(_key(asked.path, asked.query_string))
        return found[0].look(found[0].column.document(found[1])) if found else None

    def _places(self, host: str) -> dict[str, tuple[Served, int]]:
        if host not in self._known:
            found: dict[str, tuple[Served, int]] = {}
            for site in self._by_host.get(host, []):
                for document in site.documents():
                    parts = urlsplit(site.served_at(document))
                    if parts.hostname == host:
                        found[_key(parts.path, parts.query)] = (site, document.place)
            self._known[host] = found
        return self._known[host]

    async def __call__(self, exchange: Exchange) -> None:
        request = exchange.request
        asked = Asked(
            request.method, request.path, request.query, request.body, lambda name: request.header(name) or ""
        )
        answer = self.answer(request.host, asked)
        body = answer.body.encode()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
        if answer.location:
            headers.append(("Location", answer.location))
        await exchange.head(answer.status, headers)
        await exchange.send(body)


def _twin(path: str) -> str:
    """A folder for its index page, and the other way round."""
    if path.endswith("/"):
        return path + "index.html"
    folder, _, name = path.rpartition("/")
    return folder + "/" if name in {"index.html", "index.htm", "index.shtml"} else path


def _key(path: str, query: str) -> str:
    pairs = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(query)))
    return re.sub(r"/+", "/", unquote(path)) + (f"?{pairs}" if pairs else "")
