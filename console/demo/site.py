"""The sample site: a news site, a ministry on Hanweb JPAAS and one on TRS WCM, served on loopback.

One threaded HTTP server answers for the three hosts by the Host header; a connection map takes their names to it, so
that addresses in the archive read as they would on the web. `advance` is the day after: what an analyst must be told
of (a changed clause, a new notice, a page gone, a column behind a firewall) and what not (a view counter).
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.demo import files, render
from console.demo.content import FGW, FGW_FOLDERS, GXB, NEWS, Published, load

GXB_COLUMN = "/zwgk/zcwj/wjfb/tz/index.html"
GXB_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
GXB_DOWNLOAD = "/api-gateway/jpaas-web-server/front/document/download"
GXB_COOKIE = "jpaas_session"
FEED = "/rss/"
ROWS = {"gxb-tz": 5, "fgw-tz": 4, "fgw-jd": 20}  # rows a page: three pages, three pages, one page

CHANGED = ("platform-grading", "20万台（套）", "30万台（套）")  # 第八条
COUNTED = "investment"
WITHDRAWN = "power-price"
BLOCKED = "fgw-jd"
ADDED = "ai-pilot"

HTML = "text/html; charset=utf-8"


class _Paging(BaseModel):
    """`paramJson` of the unit API."""

    model_config = ConfigDict(extra="ignore", strict=True)
    page: int = Field(1, alias="pageNo", ge=1)
    size: int = Field(ROWS["gxb-tz"], alias="pageSize", ge=1, le=100)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    cookie: str | None = None
    cached: bool = False  # sent with an ETag, so that a second request may be answered 304


class DemoSite:
    """The three hosts, for a day in China. Use as a context manager: the server runs inside it."""

    def __init__(self, today: date) -> None:
        self.documents = load(today)
        self.requests: list[tuple[str, str, int]] = []  # host, path with query, status
        self._listed = {key for key in self.documents if key != ADDED}
        self._withdrawn: set[str] = set()
        self._blocked: set[str] = set()
        self._views = {key: 100 + 7 * position for position, key in enumerate(self.documents)}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def connections(self) -> dict[str, str]:
        """The connection map's entries: "host:port" of the web to "address:port" here."""
        here = f"127.0.0.1:{self._server.server_address[1]}"
        return {f"{host}:80": here for host in (NEWS, GXB, FGW)}

    def advance(self) -> None:
        """The day after: one clause changed, one counter moved, one page gone, one column blocked, one notice new."""
        key, old, new = CHANGED
        with self._lock:
            self.documents[key] = self.documents[key].rewritten(old, new)
            self._views[COUNTED] += 1311
            self._withdrawn.add(WITHDRAWN)
            self._blocked.add(BLOCKED)
            self._listed.add(ADDED)

    def views(self, key: str) -> int:
        """What a document's view counter shows."""
        with self._lock:
            return self._views[key]

    def answer(self, host: str, target: str, cookies: str = "") -> Answer:
        """What `host` answers to GET `target` (path and query) with the Cookie header `cookies`."""
        path = urlsplit(target).path
        with self._lock:
            if path == "/robots.txt":
                return _text(render.template("robots.txt").template)
            by_host = {NEWS: self._news, GXB: self._gxb, FGW: self._fgw}
            found = by_host[host](path, target, cookies) if host in by_host else None
        return found or Answer(render.template("not_found.html").template.encode(), status=404)

    def _news(self, path: str, _target: str, _cookies: str) -> Answer | None:
        items = self._column("news")
        if path == "/":
            return _page(render.home("示例科技网", {item.title: item.path for item in items}))
        if path == FEED:
            return Answer(render.news_feed(items).encode(), "application/rss+xml; charset=utf-8", cached=True)
        for item in items:
            if path == item.path:
                targets = {words: self.documents[key].url for words, key in item.links.items()}
                return _page(render.news_article(item, targets, [other for other in items if other is not item]))
        return None

    def _gxb(self, path: str, target: str, cookies: str) -> Answer | None:
        if path == "/":
            return _page(render.home("示例工业和信息化部", {"通知": GXB_COLUMN}))
        if path == GXB_COLUMN:
            return Answer(render.hanweb_column().encode(), cookie=f"{GXB_COOKIE}=demo; Path=/; HttpOnly")
        if path == GXB_UNIT:
            return self._unit(target, cookies)
        for item in self._column("gxb-tz"):
            if path == item.path:
                return Answer(render.hanweb_article(item).encode())
            if path == GXB_DOWNLOAD and (attached := _attachment(item, target)):
                return attached
        return None

    def _unit(self, target: str, cookies: str) -> Answer:
        """The JPAAS unit API: refuses who has not taken the cookie of the column page, as the real one does."""
        if f"{GXB_COOKIE}=demo" not in cookies:
            return _json('{"success":false,"message":"会话已失效","code":"401","data":null}')
        query = parse_qs(urlsplit(target).query)
        if query.get("pageId") != [render.HANWEB["page_id"]] or query.get("webId") != [render.HANWEB["web_id"]]:
            return _json('{"success":false,"message":"页面不存在","code":"500","data":null}')
        try:
            paging = _Paging.model_validate_json(query.get("paramJson", ["{}"])[0])
        except ValidationError:
            return _json('{"success":false,"message":"参数错误","code":"500","data":null}')
        items = sorted(self._column("gxb-tz"), key=lambda item: not item.pinned)  # stable: pinned first, then newest
        return _json(render.hanweb_unit(items, paging.page, paging.size))

    def _fgw(self, path: str, target: str, _cookies: str) -> Answer | None:
        if path == "/":
            columns = {render.COLUMNS[key]: folder for key, folder in FGW_FOLDERS.items()}
            return _page(render.home("示例发展和改革委员会", columns))
        for column, folder in FGW_FOLDERS.items():
            if path.startswith(folder):
                return self._trs(column, path, target)
        return None

    def _trs(self, column: str, path: str, target: str) -> Answer | None:
        folder, items = FGW_FOLDERS[column], self._column(column)
        pages = -(-len(items) // ROWS[column])
        names = {f"{folder}index_{page}.html" if page else f"{folder}index.html": page for page in range(pages)}
        page = 0 if path == folder else names.get(path)
        if page is not None:
            if column in self._blocked:  # a firewall's page, under status 200
                event = hashlib.blake2b(target.encode(), digest_size=12).hexdigest()
                return Answer(render.template("firewall.html").substitute(event=event).encode())
            return _page(render.trs_column(column, items, page, ROWS[column]))
        for item in items:
            if path == item.path:
                others = self._column("fgw-jd")
                related = [other for other in others if other.office == item.office and other is not item]
                return _page(render.trs_article(item, self._views[item.key], related))
            if attached := _attachment(item, target):
                return attached
        return None

    def _column(self, column: str) -> list[Published]:
        """The documents a column shows now, newest first."""
        shown = self._listed - self._withdrawn
        items = [item for key, item in self.documents.items() if item.column == column and key in shown]
        return sorted(items, key=lambda item: item.published, reverse=True)


def _attachment(item: Published, target: str) -> Answer | None:
    for number, file in enumerate(item.attachments):
        # A link's percent-encoding may come back decoded or with its letters in the other case.
        if target.replace("%3d", "%3D").replace("==", "%3D%3D") == item.file_path(number):
            content_type, body = files.make(file.name, file.lines)
            return Answer(body, content_type, cached=True)
    return None


def _page(html: str) -> Answer:
    return Answer(html.encode(), cached=True)


def _text(text: str) -> Answer:
    return Answer(text.encode(), "text/plain; charset=utf-8")


def _json(text: str) -> Answer:
    return Answer(text.encode(), "application/json;charset=UTF-8")


class _Server(ThreadingHTTPServer):
    site: DemoSite
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "nginx"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds a kept connection may be silent; without it a thread stays for ever

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def _serve(self, *, with_body: bool) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        answer = self.server.site.answer(host, self.path, self.headers.get("Cookie", ""))
        tag = f'"{hashlib.blake2b(answer.body, digest_size=8).hexdigest()}"' if answer.cached else None
        unchanged = tag is not None and self.headers.get("If-None-Match") == tag
        status = 304 if unchanged else answer.status
        body = b"" if unchanged else answer.body
        self.server.site.requests.append((host, self.path, status))
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if answer.cookie:
            self.send_header("Set-Cookie", answer.cookie)
        if not unchanged:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by http.server
        """Nothing: the demonstration's own report tells what was asked."""
