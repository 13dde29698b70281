"""A part of the pages seen twice as a crawl meets them: over loopback, by the crawl's own process."""

from dataclasses import replace

from sqlalchemy import create_engine
from support import page_changes, page_noise
from support.fault_server import FaultServer, hang_up, in_turn, respond
from support.page_pairs import Answer, Pair
from support.sites import trs_column

from schedules.watches import match_pending
from storage.clock import Clock
from storage.watching import WatchBook

HOST = "www.example.gov.cn"
DAY = 24 * 3600


def one_of_each(pairs: list[Pair], most: int) -> list[Pair]:
    """The first pair of each kind, of pages labelled as UTF-8 that lead to no file."""
    kinds: dict[str, Pair] = {}
    for pair in pairs:
        plain = "utf-8" in pair.first.content_type and not pair.first.files and "gov" in pair.url
        if plain:
            kinds.setdefault(pair.kind.rstrip("0123456789 "), pair)
    return list(kinds.values())[:most]


def made_different(answer: Answer, number: int) -> Answer:
    """The answer for a document of its own: all pairs are of one document, of which one archive keeps one."""
    if answer.status != 200 or answer.failed:
        return answer
    text = answer.body.decode("utf-8", "replace")
    text = text.replace("〔2026〕", f"〔{1990 + number % 30}〕").replace("数据要素流通", f"数据要素流通第{number}类")
    for word in ("贯彻", "认识", "要求", "统筹", "调度", "检查"):
        text = text.replace(word, f"{word}第{number}类")
    return replace(answer, body=text.encode())


def served(answer: Answer):
    if answer.failed:
        return hang_up()
    return respond(answer.body, status=answer.status, content_type=answer.content_type)


def lay(server: FaultServer, pairs: list[Pair]) -> list[str]:
    """Serve a column of the pairs, each at an address of its own, in their order; answers the URLs."""
    paths = [f"/zwgk/202603/t20260305_{1000 + number}.html" for number in range(len(pairs))]
    for number, (path, pair) in enumerate(zip(paths, pairs, strict=True)):
        first, later = (made_different(answer, number) for answer in (pair.first, pair.later[0]))
        server.on(HOST, path, in_turn(served(first), served(later)))
    rows = "".join(
        f'<li><a href="{path}">关于第{n}项工作的通知</a><span>2026-03-05</span></li>' for n, path in enumerate(paths)
    )
    server.on(HOST, "/zwgk/index.html", respond(trs_column(rows)))
    return [f"https://{HOST}{path}" for path in paths]


def test_a_crawl_tells_what_people_changed_and_nothing_else(crawler, server):
    crawler.hosts = [HOST]
    crawler.source(
        id="pairs", issuer="示例省政府办公厅", issuer_short="示例省", column="通知", family="trs", publishes="policy",
        list_url=f"https://{HOST}/zwgk/index.html", level="province", expect={"entries": 6},
    )  # fmt: skip
    changes = one_of_each(page_changes.pairs(), 5)
    noise = [*one_of_each(list(page_noise.edits()), 12), *one_of_each(list(page_noise.outages()), 2)]
    noise += [pair for pair in page_noise.refusals() if "utf-8" in pair.first.content_type][:3:2]
    urls = lay(server, [*changes, *noise])  # what refuses comes last, after which a site is left alone
    crawler.crawl("pairs")
    engine = create_engine(f"sqlite:///{crawler.home / 'archive.db'}")
    book = WatchBook(engine, Clock())
    book.add_watch("all", "*", include_backlog=True)
    assert match_pending(book) == len(urls)
    ended = crawler.crawl("pairs", "--recheck=all", clock=DAY)
    assert ended.closed["counts"]["changed"] == len(changes), ended.log
    assert match_pending(book) == len(changes)
    told = {alert.event.url for alert in book.alerts(limit=1_000) if alert.event.kind != "added"}
    assert told == set(urls[: len(changes)])
    engine.dispose()
