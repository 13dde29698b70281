"""Watches to deliveries: alerts once, deliveries once at a time, nothing lost between."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from support.archives import ARTICLES, MIIT, Crawl, Moving, changed, first_run, reading

from storage.archive import Archive
from storage.deliveries import Failure
from storage.engine import reading as session_of
from storage.errors import OperatorError
from storage.query import parse
from storage.records import Verdict
from storage.watch_queries import alert_rows
from storage.watching import NewAlert, UnmatchedEvent, WatchBook

URL = "https://www.miit.gov.cn/art/1.html"


@pytest.fixture
def book(engine: Engine, clock: Moving) -> WatchBook:
    return WatchBook(engine, clock)


def publish(archive: Archive, clock: Moving, count: int = 1) -> None:
    """One run that publishes `count` added documents."""
    crawl = Crawl(archive, clock)
    for number in range(count):
        crawl.page(f"{URL}?{number}", reading(doc_number=f"工信部信发〔2026〕{number + 1}号"))
    crawl.close()


def match(book: WatchBook) -> list[int]:
    """What a matcher does: every watch against every waiting event."""
    waiting = book.unmatched_events()
    alerts = []
    for event in waiting:
        for watch in book.watches():
            hits = parse(watch.query).matches(event.text) if event.text else None
            if hits is not None:
                alerts.append(NewAlert(watch.id, event.event.id, hits))
    return book.store_matches([event.event.id for event in waiting], alerts)


def test_an_event_waits_with_its_text_until_it_is_matched(archive: Archive, clock: Moving, book: WatchBook) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    assert book.unmatched_events() == []  # staged
    crawl.close()
    (waiting,) = book.unmatched_events()
    assert (waiting.event.kind, waiting.event.backlog, waiting.sources) == ("added", True, (MIIT.id,))
    assert waiting.text is not None
    assert waiting.text.number == "工信部信发〔2026〕12号"
    assert "第三条" in waiting.text.body
    book.store_matches([waiting.event.id], [])
    assert book.unmatched_events() == []


def test_the_text_is_that_of_the_events_version(archive: Archive, clock: Moving, book: WatchBook) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    crawl.page(URL, reading(blocks=changed(3, ARTICLES[3][1].replace("补贴", "奖励"))))
    crawl.close()
    added, after = book.unmatched_events()
    assert added.text is not None
    assert after.text is not None
    assert ("给予补贴" in added.text.body, "给予补贴" in after.text.body) == (True, False)
    assert [change.label for change in after.event.changes] == ["第三条"]


def test_an_alert_is_made_once_and_its_delivery_with_it(archive: Archive, clock: Moving, book: WatchBook) -> None:
    channel = book.add_channel("email", "analyst@example.org")
    assert book.add_channel("email", "analyst@example.org") == channel
    watch = book.add_watch("补贴", "补贴", {"kinds": ["added"]}, include_backlog=True, channels=[channel])
    book.add_watch("医保", "医保", channels=[channel])
    publish(archive, clock)
    (alert_id,) = match(book)
    (alert,) = book.alerts()
    assert (alert.id, alert.watch_id, alert.watch, alert.state) == (alert_id, watch, "补贴", "pending")
    assert alert.event.url == f"{URL}?0"
    assert {(term["term"], term["place"]) for term in alert.terms} == {("补贴", "title"), ("补贴", "body")}
    ((due, _),) = book.due_deliveries(clock.now())
    delivery = book.delivery(due)
    assert (delivery.channel.target, [carried.id for carried in delivery.alerts]) == ("analyst@example.org", [alert_id])
    # A matcher that was cut off after its commit, or ran twice, repeats itself without effect.
    assert book.store_matches([alert.event.id], [NewAlert(watch, alert.event.id)]) == []
    assert len(book.deliveries()) == len(book.alerts()) == 1


def test_several_watches_and_documents_of_a_run_are_one_message_a_channel(
    archive: Archive, clock: Moving, book: WatchBook
) -> None:
    mail, screen = book.add_channel("email", "a@example.org"), book.add_channel("terminal", "-")
    book.add_watch("一", "补贴", channels=[mail, screen])
    book.add_watch("二", "工业互联网", channels=[mail])
    book.add_watch("三", "工业互联网")
    publish(archive, clock, count=2)
    assert len(match(book)) == 6
    carried = {row.channel.target: sorted(alert.watch for alert in row.alerts) for row in book.deliveries()}
    assert carried == {"a@example.org": ["一", "一", "二", "二"], "-": ["一", "一"]}
    assert sorted(row.state for row in book.alerts()) == ["no channel", "no channel", *["pending"] * 4]


def test_a_later_version_and_another_kind_alert_again(archive: Archive, clock: Moving, book: WatchBook) -> None:
    book.add_watch("补贴", "补贴", channels=[book.add_channel("email", "a@example.org")])
    publish(archive, clock)
    match(book)
    crawl = Crawl(archive, clock)
    crawl.page(
        f"{URL}?0",
        reading(doc_number="工信部信发〔2026〕1号", blocks=changed(3, "第三条　补贴标准另行规定，由主管部门公布。")),
    )
    crawl.close()
    match(book)
    assert [alert.event.kind for alert in book.alerts()] == ["changed", "added"]


def test_a_sources_event_has_no_text(archive: Archive, clock: Moving, book: WatchBook) -> None:
    first_run(archive, clock)
    Crawl(archive, clock).close(Verdict.FAILED, "no route")
    (waiting,) = book.unmatched_events()
    assert waiting == UnmatchedEvent(waiting.event, None, (MIIT.id,), ("central",))
    watch = book.add_watch("quellen", "*")
    assert len(book.store_matches([waiting.event.id], [NewAlert(watch, waiting.event.id)] * 2)) == 1
    assert book.alerts()[0].event.reason == "no route"


@pytest.mark.parametrize("what", ["watch", "source", "document", "other", "over"])
def test_mutes(archive: Archive, clock: Moving, book: WatchBook, what: str) -> None:
    watch = book.add_watch("补贴", "补贴", channels=[book.add_channel("email", "a@example.org")])
    publish(archive, clock)
    document_id = book.unmatched_events()[0].event.document_id
    mute = {
        "watch": lambda: book.mute(watch_id=watch, until=clock.now() + timedelta(days=1)),
        "source": lambda: book.mute(source_id=MIIT.id),
        "document": lambda: book.mute(document_id=document_id, watch_id=watch),
        "other": lambda: book.mute(document_id=document_id, watch_id=watch, owner="somebody else"),
        "over": lambda: book.mute(watch_id=watch, until=clock.now()),
    }[what]()
    muted = what in {"watch", "source", "document"}
    match(book)
    assert [alert.muted for alert in book.alerts()] == [muted]
    assert len(book.deliveries()) == (0 if muted else 1)
    book.unmute(mute)
    crawl = Crawl(archive, clock)
    crawl.page("https://www.miit.gov.cn/other.html", reading(doc_number=None, title="另一个补贴办法"))
    crawl.close()
    match(book)
    assert not book.alerts()[0].muted


def test_what_cannot_be_is_refused(book: WatchBook) -> None:
    book.add_watch("补贴", "补贴")
    with pytest.raises(OperatorError, match="already"):
        book.add_watch("补贴", "医保")
    book.add_watch("补贴", "医保", owner="somebody else")
    with pytest.raises(OperatorError, match="no channel 99"):
        book.add_watch("新", "医保", channels=[99])
    assert [watch.name for watch in book.watches()] == ["补贴", "补贴"]  # and nothing half done
    with pytest.raises(OperatorError, match="what to mute"):
        book.mute()
    book.remove_watch("补贴")
    assert [watch.owner for watch in book.watches()] == ["somebody else"]
    with pytest.raises(OperatorError, match="no watch named"):
        book.remove_watch("补贴")
    book.add_watch("补贴", "补贴")


def test_a_delivery_is_one_holders_at_a_time(archive: Archive, clock: Moving, book: WatchBook) -> None:
    book.add_watch("补贴", "补贴", channels=[book.add_channel("email", "a@example.org")])
    publish(archive, clock)
    match(book)
    ((due, _),) = book.due_deliveries(clock.now())
    until = clock.now() + timedelta(minutes=2)
    claimed = book.claim_delivery(due, "one", until)
    assert claimed is not None
    assert (claimed.attempts, claimed.message_id) == (1, book.delivery(due).message_id)
    assert book.claim_delivery(due, "two", until) is None
    assert book.due_deliveries(clock.now()) == []
    clock.forward(minutes=2)  # its holder was killed
    assert [one for one, _ in book.due_deliveries(clock.now())] == [due]
    assert book.claim_delivery(due, "two", clock.now() + timedelta(minutes=2)) is not None
    book.delivery_failed(due, Failure("a late word of the first", None), holder="one")  # no longer its claim
    book.delivery_failed(due, Failure("451 try later", clock.now() + timedelta(minutes=5)), holder="two")
    assert book.due_deliveries(clock.now()) == []
    assert book.claim_delivery(due, "two", clock.now() + timedelta(minutes=2)) is None  # not yet
    clock.forward(minutes=5)
    again = book.claim_delivery(due, "one", clock.now() + timedelta(minutes=2))
    assert again is not None
    assert (again.attempts, again.error, again.message_id) == (2, "451 try later", claimed.message_id)
    book.delivery_sent(due, "250 OK")
    book.delivery_failed(due, Failure("late news of an attempt", None))  # a sent one stays sent
    (sent,) = book.deliveries()
    assert (sent.state, sent.receipt, sent.error, sent.sent_at) == ("sent", "250 OK", None, clock.now())
    assert book.alerts()[0].state == "sent"
    assert book.claim_delivery(due, "one", until) is None


def test_a_delivery_given_up_is_dead(archive: Archive, clock: Moving, book: WatchBook) -> None:
    book.add_watch("补贴", "补贴", channels=[book.add_channel("email", "a@example.org")])
    publish(archive, clock)
    match(book)
    ((due, _),) = book.due_deliveries(clock.now())
    book.delivery_failed(due, Failure("550 no such user", None))
    clock.forward(days=9)
    assert book.due_deliveries(clock.now()) == []
    assert (book.alerts()[0].state, book.deliveries()[0].error) == ("dead", "550 no such user")


def test_two_deliverers_never_send_the_same(archive: Archive, clock: Moving, book: WatchBook) -> None:
    channels = [book.add_channel("email", f"{number}@example.org") for number in range(12)]
    book.add_watch("补贴", "补贴", channels=channels)
    publish(archive, clock)
    match(book)
    taken: list[int] = []

    def deliver(holder: str) -> None:
        until = clock.now() + timedelta(minutes=2)
        due = book.due_deliveries(clock.now())
        taken.extend(one for one, _ in due if book.claim_delivery(one, holder, until))

    threads = [threading.Thread(target=deliver, args=(f"process {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12


def test_a_channel_that_is_down_hides_no_other(archive: Archive, clock: Moving, book: WatchBook) -> None:
    down, well = book.add_channel("email", "down@example.org"), book.add_channel("email", "well@example.org")
    book.add_watch("补贴", "补贴", channels=[down])
    for number in range(5):
        if number == 4:
            book.add_watch("补贴二", "补贴", channels=[well])
        crawl = Crawl(archive, clock)
        crawl.page(f"{URL}?{number}", reading(doc_number=f"工信部信发〔2026〕{number + 1}号"))
        crawl.close()
        match(book)
        if number < 4:  # begun, and to be tried again: what comes then is another delivery
            for one, _ in book.due_deliveries(clock.now()):
                if book.claim_delivery(one, "one", clock.now()):
                    book.delivery_failed(one, Failure("451", clock.now(), None))
        clock.forward(minutes=1)
    due = book.due_deliveries(clock.now(), per_channel=2)
    assert sorted(channel for _, channel in due) == [down, down, well]


def test_more_alerts_wait_than_fit_into_one_statement(archive: Archive, clock: Moving, book: WatchBook) -> None:
    book.add_watch("补贴", "补贴", channels=[book.add_channel("email", "a@example.org")])
    publish(archive, clock)
    match(book)
    with session_of(archive.engine) as session:
        (alert,) = book.alerts()
        assert len(alert_rows(session, [alert.id] * 70_000)) == 70_000
