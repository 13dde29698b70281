"""Starts crawls by forking a process that has imported what each needs: a tenth of the work of a fresh interpreter.

Run by the service as `python -m policy_crawler.crawl --forks DESCRIPTOR`, the descriptor being a Unix socket. A request
is one message of JSON (arguments, environment, limits) with two descriptors, for events and for the log; the answers
are lines: {"pid": …} when the child leads its own process group, {"pid": …, "code": …} when it has ended.

What is imported here must start no thread, open no file and install no reactor: the child does all that itself.
"""

import contextlib
import gc
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, NoReturn

PRELOADED = (
    "policy_crawler.process", "policy_crawler.pipelines.ledger", "policy_crawler.catalog", "policy_crawler.settings",
    "policy_crawler.addon", "policy_crawler.spiders.loader", "policy_crawler.spiders.listing",
    "policy_crawler.listings.healing", "policy_crawler.middlewares.guard", "policy_crawler.middlewares.render",
    "policy_crawler.middlewares.fetchlog", "policy_crawler.middlewares.transfer", "policy_crawler.middlewares.robots",
    "policy_crawler.middlewares.conditional", "policy_crawler.pipelines.recognition", "policy_crawler.reading",
    "scrapy.downloadermiddlewares.cookies", "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.redirect", "scrapy.downloadermiddlewares.retry", "scrapy.extensions.feedexport",
    "scrapy.spidermiddlewares.httperror", "scrapy.spidermiddlewares.depth", "scrapy.squeues", "scrapy.pqueues",
    "scrapy.dupefilters", "scrapy.logformatter", "scrapy.statscollectors", "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg", "tldextract", "protego",
)  # fmt: skip
LONGEST = 1 << 20  # bytes of a request
PR_SET_PDEATHSIG = 1  # linux/prctl.h


Main = Callable[[list[str]], int]


def serve(descriptor: int, main: Main) -> int:
    """Fork a crawl (`main`) for every request, until the other end is gone."""
    with socket.socket(fileno=descriptor) as requests:
        _die_with_parent()
        for name in PRELOADED:
            import_module(name)
        if "twisted.internet.reactor" in sys.modules:
            raise RuntimeError("a preloaded module has installed a reactor; each crawl must install its own")
        gc.collect()
        gc.freeze()  # what is shared is never looked through, so its pages stay shared
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's, which ends its crawls
        _answer(requests, {"ready": os.getpid()})
        while True:
            ready, _, _ = select.select([requests.fileno(), woken], [], [])
            if woken in ready:
                os.read(woken, 4_096)
                for pid, code in _ended():
                    _answer(requests, {"pid": pid, "code": code})
            if requests.fileno() in ready:
                data, descriptors, _flags, _address = socket.recv_fds(requests, LONGEST, 2)
                if not data:
                    return 0
                pid = _fork(json.loads(data), descriptors, (requests.fileno(), woken, wake), main)
                for one in descriptors:
                    os.close(one)
                _answer(requests, {"pid": pid})


def _ended() -> Iterator[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, os.waitstatus_to_exitcode(status)


def _answer(requests: socket.socket, said: dict[str, int]) -> None:
    requests.sendall(json.dumps(said).encode() + b"\n")


def _fork(request: dict[str, Any], descriptors: list[int], foreign: Iterable[int], main: Main) -> int:
    """A child for the request, which leads its process group when this returns. `foreign`: what it must not keep."""
    leads, led = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        _become(request, descriptors, [*foreign, leads], (led, parent), main)
    os.close(led)
    os.read(leads, 1)
    os.close(leads)
    return pid


def _become(
    request: dict[str, Any], descriptors: list[int], foreign: list[int], born: tuple[int, int], main: Main
) -> NoReturn:
    """The child: becomes what a fresh process of the same arguments would be, and never returns into the server.

    `born`: the descriptor to close once it leads its group, and its parent."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _die_with_parent()
        if os.getppid() != born[1]:
            os._exit(1)
        for one in (born[0], *foreign):
            os.close(one)
        events, log = descriptors
        nothing = os.open(os.devnull, os.O_RDONLY)
        for place, one in enumerate((nothing, log, log)):
            os.dup2(one, place)
        os.close(nothing)
        os.close(log)
        _limit(request["limits"])
        os.environ.clear()
        os.environ.update(request["environment"])
        os.environ["POLICY_CRAWLER_EVENTS_FD"] = str(events)
        time.tzset()
        random.seed()  # else every crawl would draw the pauses of the one before
        code = main(request["arguments"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)  # without the server's own clean-up


def _limit(limits: dict[str, int]) -> None:
    """As `schedules/launch.py` limits a fresh process."""
    if limits["memory"]:
        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = limits["memory"] if hard == resource.RLIM_INFINITY else min(limits["memory"], hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > limits["files"]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"], limits["files"]))


def _die_with_parent() -> None:
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
