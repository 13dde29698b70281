"""Pages that exist only through JavaScript, drawn by a real Chromium that reaches nothing but through the crawl."""

import gzip
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import missing
from support.fault_server import respond, silence

from policy_crawler.errors import OperatorError
from policy_crawler.rendering import find_browser, require

HOST = "www.bianzhi.gov.cn"
COLUMN = f"https://{HOST}/zwgk/index.html"
TITLES = ("关于印发数据安全管理办法的通知", "关于公布试点名单的公告", "关于做好年度检查工作的通知")
SCRIPT = """
fetch('/api/list?page=1', {headers: {'X-Token': 'abc'}}).then(r => r.json()).then(rows => {
  const list = document.createElement('ul');
  for (const row of rows) {
    list.innerHTML += `<li><a href="${row.url}">${row.title}</a><span>${row.date}</span></li>`;
  }
  document.getElementById('app').appendChild(list);
});
"""
DETAIL = """
fetch('/api/detail?name=' + location.pathname.split('/').pop()).then(r => r.json()).then(doc => {
  document.title = doc.title;
  document.getElementById('app').innerHTML =
    `<h1>${doc.title}</h1><p>发布时间：${doc.date}</p><div class="content"><p>${doc.text}</p><p>${doc.text}</p></div>`;
});
"""
TEXT = "各省、自治区、直辖市有关部门：现将本办法印发给你们，请结合实际，认真贯彻执行。执行中遇到的问题，请及时报告。"


def shell(script, more=""):
    return f'<!DOCTYPE html><html><head><title>x</title></head><body><div id="app"></div>{more}{script}</body></html>'


@pytest.fixture(scope="module")
def chromium():
    if importlib.util.find_spec("playwright") is None:
        missing("chromium", "no playwright here: pip install 'policy-crawler[browser]'")
    found = find_browser()
    if found is None:
        missing("chromium", "no Chromium here: apt-get install chromium")
    return found


@pytest.fixture
def site(chromium, crawler, server):
    """A column whose rows and documents are fetched by scripts."""
    crawler.hosts = [HOST]
    column(crawler)
    server.on(HOST, "/static/app.js", respond(SCRIPT, content_type="application/javascript"))
    server.on(HOST, "/static/detail.js", respond(DETAIL, content_type="application/javascript"))
    listing(server, shell('<script src="/static/app.js"></script>'))
    documents(server, 1)
    return server


def column(crawler):
    crawler.source(
        id="bianzhi-tz",
        issuer="编制局",
        issuer_short="编制局",
        column="通知",
        list_url=COLUMN,
        family="links",
        publishes="policy",
        level="central",
        render=True,
    )


def listing(server, html):
    server.on(HOST, "/zwgk/index.html", respond(html, etag='"shell"'))


def documents(server, count):
    """Let the list have so many documents, and each its page."""
    rows = []
    for number, title in enumerate(TITLES[:count]):
        name, day = f"t202611{20 - number}_{number}.html", f"2026-11-{20 - number}"
        rows.append({"title": title, "url": f"/zwgk/202611/{name}", "date": day})
        server.on(HOST, f"/zwgk/202611/{name}", respond(shell('<script src="/static/detail.js"></script>'), etag='"d"'))
        about = json.dumps({"title": title, "date": day, "text": TEXT})
        server.on(HOST, f"/api/detail?name={name}", respond(about, content_type="application/json"))
    server.on(HOST, "/api/list", respond(json.dumps(rows), content_type="application/json"))


@pytest.mark.chromium
def test_lists_and_documents_are_drawn(site, crawler):
    documents(site, 3)
    ended = crawler.crawl("bianzhi-tz")
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert sorted(ended.documents("added")) == sorted(TITLES)
    assert crawler.sql("SELECT min(text_length) FROM version")[0][0] > len(TEXT)
    # Every request of a page is one of the crawl's: robots.txt first, the agent's name, the fetch log.
    assert {request.header("User-Agent") for request in site.requests()} == {"policy-crawler/0.1.0"}
    assert site.requests()[0].path == "/robots.txt"
    assert site.requests(path="/api/list")[0].header("X-Token") == "abc"
    assert len(site.requests(path="/static/detail.js")) == 1  # kept from page to page
    logged = crawler.sql("SELECT purpose, count(*) FROM fetch GROUP BY purpose ORDER BY purpose")
    assert logged == [("document", 3), ("listing", 1), ("robots", 1), ("script", 6)]
    # The snapshot is the page as drawn, and says so.
    kept = b"".join(gzip.decompress(file.read_bytes()) for file in crawler.home.rglob("*.warc.gz")).decode()
    assert kept.count("X-Policy-Crawler-Rendered: Chromium/") == 3
    assert kept.count("请结合实际") >= 3
    # What was sent may stay while the data change, so a drawn page is asked for whole.
    site.forget()
    ended = crawler.crawl("bianzhi-tz", "--recheck", "all")
    assert (ended.verdict, ended.documents("changed")) == ("ok", []), ended.log
    pages = [request for request in site.requests() if request.path.startswith("/zwgk/")]
    assert len(pages) == 4
    assert {request.header("If-None-Match") for request in pages} == {None}


@pytest.mark.chromium
def test_a_crawl_under_the_limits_of_the_service_draws(site, crawler):
    limits = {"memory": 1 << 30, "files": 512, "parent": os.getpid()}
    command = [sys.executable, "-m", "policy_crawler.crawl", *crawler.arguments("bianzhi-tz")]
    launcher = Path(__file__).parents[2] / "schedules" / "launch.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(launcher), json.dumps(limits), *command],
        env=crawler.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert crawler.sql("SELECT count(*) FROM document") == [(1,)]


@pytest.mark.chromium
def test_a_preview_draws_too(site, crawler):
    code = (
        "import sys; from datetime import date; from policy_crawler.previews import ListQuery, preview\n"
        "(seen,) = preview([ListQuery(sys.argv[1], 'links', {}, True)], date(2026, 11, 24))\n"
        "print(seen.problem, [entry.title for entry in seen.listing.entries] if seen.listing else None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, COLUMN],
        env=crawler.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert f"[{TITLES[0]!r}]" in done.stdout, done.stdout + done.stderr


class Canary:
    """A port of this machine that no page may reach, by TCP or UDP."""

    def __init__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.reached = []
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._receive, daemon=True).start()

    def _accept(self):
        try:
            while True:
                connection, _ = self.tcp.accept()
                self.reached.append("tcp")
                connection.close()
        except OSError:
            return

    def _receive(self):
        try:
            while True:
                self.udp.recvfrom(2048)
                self.reached.append("udp")
        except OSError:
            return

    def close(self):
        self.tcp.close()
        self.udp.close()


@pytest.fixture
def canary():
    port = Canary()
    yield port
    port.close()


ESCAPES = """
<link rel="prefetch" href="http://{place}/prefetch"><link rel="preconnect" href="http://{place}/">
<link rel="dns-prefetch" href="//{place}"><link rel="stylesheet" href="http://{place}/a.css">
<link rel="manifest" href="http://{place}/m.json"><link rel="icon" href="http://{place}/i.ico">
<link rel="modulepreload" href="http://{place}/mod.js"><style>@import url("http://{place}/b.css");
@font-face {{ font-family: f; src: url("http://{place}/f.woff"); }}
body {{ font-family: f; background: url("http://{place}/bg.png") }}</style>
<img src="http://{place}/p.png"><iframe src="http://{place}/frame"></iframe>
<video src="http://{place}/v.mp4" autoplay></video>
<object data="http://{place}/o"></object><embed src="http://{place}/e.swf"><script src="http://{place}/s.js"></script>
<form target="_blank" method="post" action="http://{place}/form"></form>
<script>
fetch('http://{place}/fetch', {{mode: 'no-cors'}}).catch(() => 0);
var x = new XMLHttpRequest(); x.open('POST', 'http://{place}/xhr'); x.send('1');
navigator.sendBeacon('http://{place}/beacon', '1');
try {{ new WebSocket('ws://{place}/socket'); }} catch (e) {{}}
try {{ new EventSource('http://{place}/events'); }} catch (e) {{}}
var work = "fetch('http://{place}/worker'); importScripts('http://{place}/w.js')";
try {{ new Worker(URL.createObjectURL(new Blob([work]))); }} catch (e) {{}}
try {{ navigator.serviceWorker.register('/sw.js'); }} catch (e) {{}}
try {{ var p = new RTCPeerConnection({{iceServers: [{{urls: 'stun:{place}'}}]}}); p.createDataChannel('x');
  p.createOffer().then(o => p.setLocalDescription(o)); }} catch (e) {{}}
try {{ new WebTransport('https://{place}/wt'); }} catch (e) {{}}
window.open('http://{place}/popup');
</script>
"""
# Begun navigations end the reading of a page, so they come last.
LEAVES = """
<script>
addEventListener('load', () => {{
  document.querySelectorAll('form').forEach(form => form.submit());
  fetch('/redirect').catch(() => 0);
  const link = document.createElement('a');
  document.body.appendChild(link);
  for (const [name, value] of [['download', 'x'], ['ping', 'http://{place}/pinged'], ['target', '_top']]) {{
    link.href = 'http://{place}/' + name;
    link.setAttribute(name, value);
    link.click();
  }}
  location.assign('http://' + '{place}/away');
}});
</script>
"""


@pytest.mark.chromium
def test_F1_no_page_reaches_this_machine(site, crawler, canary):
    hosts = ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]")
    place = f"127.0.0.1:{canary.port}"
    escapes = "".join(ESCAPES.format(place=f"{host}:{canary.port}") for host in hosts)
    listing(site, shell(f"<script>{SCRIPT}</script>{escapes}{LEAVES.format(place=place)}"))
    site.on(HOST, "/sw.js", respond(f"fetch('http://{place}/sw')", content_type="application/javascript"))
    site.on(HOST, "/redirect", respond(status=302, headers=[("Location", f"http://{place}/redirected")]))
    ended = crawler.crawl("bianzhi-tz")
    assert ended.verdict == "ok", ended.log
    assert len(ended.documents("added")) == 1
    assert canary.reached == []
    assert {request.host for request in site.requests()} == {HOST}


@pytest.mark.chromium
@pytest.mark.parametrize("closed", [True, False])
def test_F1_a_browser_whose_requests_nobody_takes_reaches_nothing(chromium, canary, closed):
    """The second line of defence by itself: what an interception would miss has no way out. Without it, it would."""
    code = """
import asyncio, sys
from playwright.async_api import Error, async_playwright
from policy_crawler.rendering import ARGUMENTS
async def main(closed, executable, page, *urls):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(ARGUMENTS) if closed else [], chromium_sandbox=False
        )
        tab = await browser.new_page()
        for url in urls:
            try:
                await tab.goto(url)
                print("reached", url)
            except Error:
                pass
        tab = await browser.new_page()
        await tab.set_content(page, wait_until="commit")
        await tab.wait_for_timeout(1500)
        await browser.close()
asyncio.run(main(sys.argv[1] == "True", *sys.argv[2:]))
"""
    hosts = ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "printer.local", "www.example.gov.cn")
    urls = [f"http://{host}:{canary.port}/" for host in hosts]
    page = shell("", "".join(ESCAPES.format(place=f"{host}:{canary.port}") for host in hosts[:4]))
    done = subprocess.run(
        [sys.executable, "-c", code, str(closed), chromium, page, *(urls if closed else urls[:1])],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert bool(canary.reached) is not closed


@pytest.mark.chromium
def test_F2_a_page_that_leads_inside_by_script_is_not_followed(site, crawler, canary):
    place = f"127.0.0.1:{canary.port}"
    listing(site, shell(f"<script>location.href = 'http://{place}/secret';</script>"))
    ended = crawler.crawl("bianzhi-tz")
    assert ended.verdict == "failed", ended.log  # the reader sees the stub, and the guard refuses it once more
    assert canary.reached == []


@pytest.mark.chromium
def test_a_page_that_leads_on_by_script_is_followed(site, crawler):
    site.on(HOST, "/zwgk/new.html", respond(shell('<script src="/static/app.js"></script>')))
    listing(site, shell("<script>location.replace('/zwgk/new.html');</script>"))
    ended = crawler.crawl("bianzhi-tz")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 1), ended.log


CHALLENGE = (
    "<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=48213;</script></head><body>"
    "<script>document.cookie='solved=1';fetch('/solved');</script></body></html>"
)


@pytest.mark.chromium
def test_a_challenge_is_not_run(site, crawler):
    listing(site, CHALLENGE)
    ended = crawler.crawl("bianzhi-tz")
    assert ended.verdict == "blocked", ended.log
    assert site.requests(path="/solved") == []


@pytest.mark.chromium
def test_a_challenge_that_a_page_leads_to_is_not_run(site, crawler):
    listing(site, shell("<script>location.replace('/check.html');</script>"))
    site.on(HOST, "/check.html", respond(CHALLENGE))
    ended = crawler.crawl("bianzhi-tz")
    assert ended.verdict == "blocked", ended.log
    assert site.requests(path="/solved") == []


@pytest.mark.chromium
def test_robots_txt_holds_for_what_a_page_asks(site, crawler):
    site.on(HOST, "/robots.txt", respond("User-agent: *\nDisallow: /api/", content_type="text/plain"))
    ended = crawler.crawl("bianzhi-tz")
    assert ended.verdict == "quarantined", ended.log
    assert site.requests(path="/api/list") == []


@pytest.mark.chromium
def test_a_page_that_never_rests_is_taken_as_it_is_and_without_its_pictures(site, crawler):
    site.on(HOST, "/api/poll", silence())
    more = '<img src="/a.png"><video src="/b.mp4" autoplay></video><link rel="stylesheet" href="/c.css">'
    listing(site, shell('<script src="/static/app.js"></script><script>fetch("/api/poll");</script>', more))
    ended = crawler.crawl("bianzhi-tz", settings=["POLICY_BROWSER_SECONDS=5", "CONCURRENT_REQUESTS_PER_DOMAIN=2"])
    assert len(ended.documents("added")) == 1, ended.log
    assert {request.path for request in site.requests()}.isdisjoint({"/a.png", "/b.mp4", "/c.css"})


@pytest.mark.chromium
def test_a_page_that_takes_too_much_memory_ends_the_browser_alone(site, crawler):
    greedy = "const held = []; while (true) held.push(new Uint8Array(1 << 24).fill(1));"
    listing(site, shell(f"<script>setTimeout(() => {{ {greedy} }}, 10)</script>"))
    ended = crawler.crawl("bianzhi-tz", settings=["POLICY_BROWSER_MIB=700"])
    assert ended.verdict == "failed", ended.log
    assert "rendering" in str(ended.closed), ended.closed


@pytest.mark.chromium
def test_nothing_is_left_of_the_browser(site, crawler):
    site.on(HOST, "/api/poll", silence())
    listing(site, shell('<script>fetch("/api/poll");</script>'))
    before = chromiums()
    running = crawler.start("bianzhi-tz")
    running.until(lambda event: event["event"] == "opened")
    until(lambda: site.requests(path="/api/poll"))
    assert chromiums() > before
    running.send(signal.SIGKILL)
    until(lambda: chromiums() <= before)


def until(found):
    """Wait for what another process brings about."""
    for _ in range(600):
        if found():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 s")


def chromiums():
    """The browsers that run on this machine."""
    found = set()
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"--host-resolver-rules=MAP" in command.read_bytes():
                found.add(command.parent.name)
        except OSError:
            continue
    return found


def test_a_crawl_that_cannot_draw_does_not_begin(crawler, server):
    if importlib.util.find_spec("playwright") is None:
        missing("chromium", "no playwright here: pip install 'policy-crawler[browser]'")
    crawler.hosts = [HOST]
    column(crawler)
    ended = crawler.crawl("bianzhi-tz", settings=["POLICY_BROWSER=no-such-browser"])
    assert ended.code == 2, ended.log
    assert "apt-get install chromium" in ended.log
    assert server.requests() == []


def test_a_browser_that_is_not_there_is_told():
    if importlib.util.find_spec("playwright") is None:
        missing("chromium", "no playwright here: pip install 'policy-crawler[browser]'")
    with pytest.raises(OperatorError, match=r"browser\.executable is 'no-such-browser'"):
        require("no-such-browser")
