"""Robots of group chats: DingTalk, Feishu, WeCom. A URL with a token takes one JSON message a request.

They answer 200 to nearly all and say in the body whether they took it; each has limits of size and pace, and blocks
for minutes who goes beyond. Codes and limits are those of the vendors' pages on custom robots (2026-11).
"""

import base64
import hmac
import json
import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from schedules.alerts import Message
from schedules.alerts.text import clean
from schedules.channels import secrets
from schedules.channels.base import Channel, ChannelError, Envelope, GoneError, Pace, RefusedError, TemporaryError
from schedules.channels.splitting import packed, pieces
from schedules.channels.web import Answer, Guard, post
from storage.clock import Clock

BLOCKED: Final = timedelta(minutes=10)  # DingTalk's penalty for haste, and long enough for the others'
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+)$", re.MULTILINE)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


class RobotChannel(Channel):
    """What the robots have in common."""

    keeps: ClassVar[tuple[str, ...]] = ("subject", "markdown")
    most_bytes: ClassVar[int]  # of the Markdown in one message
    code: ClassVar[str] = "errcode"  # the key of an answer that says whether it was taken
    said: ClassVar[str] = "errmsg"
    hasty: ClassVar[frozenset[int]]  # too many messages
    gone: ClassVar[frozenset[int]]  # the robot, its token, its signature or its security settings
    unfit: ClassVar[frozenset[int]]  # this message

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock

    def split(self, message: Message) -> Sequence[Message]:
        """Messages that the robot takes, cut between events."""
        texts = packed([self.dialect(text) for text in pieces(message)], self.most_bytes - 40)
        if len(texts) > 1:
            texts = [f"{text}\n\n（{place}/{len(texts)}）" for place, text in enumerate(texts, 1)]
        return [replace(message, text="", html="", data={}, parts=(), markdown=text) for text in texts]

    def dialect(self, text: str) -> str:
        """Markdown as this robot reads it."""
        return text

    @abstractmethod
    def request(self, message: Message, url: str, secret: str | None, seconds: float) -> tuple[str, dict[str, Any]]:
        """The URL and the JSON of a message, signed at `seconds` of Unix time."""

    def send(self, message: Message, envelope: Envelope) -> str:
        """POST it, and read in the answer whether it was taken."""
        if envelope.address is None:
            raise TemporaryError("the robot's URL is not kept anywhere; add the channel again", about="us")
        address = secrets.read(envelope.address)
        secret = secrets.read(envelope.secrets[0]) if envelope.secrets else None
        url, body = self.request(message, address, secret, self._clock.now().timestamp())
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        answer = post(url, content, {"Content-Type": "application/json; charset=utf-8"}, self._guard)
        code, said = self._read(answer)
        said = secrets.hide(said, [address, url, *([secret] if secret else [])])
        if code == 0:
            return said
        raise self._judged(answer, code, said)

    def _read(self, answer: Answer) -> tuple[int | None, str]:
        """The code in an answer, None where it says none, and what it says."""
        if answer.status != 200:
            return None, f"{answer.host}: {answer.status} {answer.text}".rstrip()
        try:
            told = json.loads(answer.body)
            code = int(told.get(self.code, told.get("StatusCode")))
        except (ValueError, TypeError, AttributeError):
            return None, f"{answer.host}: 200, but no answer of a robot: {answer.text or 'nothing'}"
        words = clean(str(told.get(self.said, "")), 200)
        return code, f"{answer.host}: {code} {words}".rstrip()

    def _judged(self, answer: Answer, code: int | None, said: str) -> ChannelError:
        waits = answer.retry_after(self._clock.now())
        if answer.status == 429 or code in self.hasty or self.is_hasty(code, said):
            return TemporaryError(said, retry_after=max(waits or BLOCKED, BLOCKED))
        if code in self.gone:
            return GoneError(said)
        if code in self.unfit:
            return RefusedError(said)
        return TemporaryError(said, retry_after=waits)

    def is_hasty(self, code: int | None, said: str) -> bool:
        """Whether an answer whose code means several things is about haste."""
        return False


class DingTalkChannel(RobotChannel):
    """自定义机器人 of DingTalk, with 加签 where there is a secret."""

    paces: ClassVar[tuple[Pace, ...]] = (Pace(20, 61.0),)
    most_bytes: ClassVar[int] = 18_000  # the body may have 20,000
    hasty: ClassVar[frozenset[int]] = frozenset({130101, 410100, 90018})
    gone: ClassVar[frozenset[int]] = frozenset(
        {310000, 300001, 300005, 40014, 400013, 400101, 400102, 400106}
    )  # security settings, token, group dissolved, robot disabled or removed
    unfit: ClassVar[frozenset[int]] = frozenset({400105, 40035, 43004, 430101, 430102, 430103, 430104, 460101})

    def request(self, message: Message, url: str, secret: str | None, seconds: float) -> tuple[str, dict[str, Any]]:
        """Markdown, nobody mentioned; the signature goes into the URL."""
        body = {
            "msgtype": "markdown",
            "markdown": {"title": clean(message.subject, 100), "text": message.markdown},
            "at": {"isAtAll": False},
        }
        if secret is None:
            return url, body
        timestamp = str(int(seconds * 1000))
        signed = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), sha256)
        query = urlencode({"timestamp": timestamp, "sign": base64.b64encode(signed).decode()})
        return f"{url}{'&' if '?' in url else '?'}{query}", body


class FeishuChannel(RobotChannel):
    """自定义机器人 of Feishu and Lark, with 签名校验 where there is a secret. A card with Markdown."""

    paces: ClassVar[tuple[Pace, ...]] = (Pace(5, 1.1), Pace(100, 61.0))
    most_bytes: ClassVar[int] = 14_000  # the body may have 20 KiB, and a card escapes every line's end
    code: ClassVar[str] = "code"
    said: ClassVar[str] = "msg"
    hasty: ClassVar[frozenset[int]] = frozenset({11232, 11233, 99991400})
    gone: ClassVar[frozenset[int]] = frozenset(
        {19001, 19007, 19021, 19022, 19024}
    )  # token, disabled, sign, IP, keyword
    unfit: ClassVar[frozenset[int]] = frozenset({9499, 19002, 11246, 230099})

    def dialect(self, text: str) -> str:
        """Cards know no headings and no quotes."""
        return _QUOTE.sub("│ ", _HEADING.sub(_bold, text))

    def request(self, message: Message, url: str, secret: str | None, seconds: float) -> tuple[str, dict[str, Any]]:
        """A card; the signature goes into the body."""
        card = {
            "config": {"wide_screen_mode": True},
            "header": {"template": "blue", "title": {"tag": "plain_text", "content": clean(message.subject, 100)}},
            "elements": [{"tag": "markdown", "content": message.markdown}],
        }
        body: dict[str, Any] = {"msg_type": "interactive", "card": card}
        if secret is not None:
            timestamp = str(int(seconds))
            signed = hmac.digest(f"{timestamp}\n{secret}".encode(), b"", sha256)
            body |= {"timestamp": timestamp, "sign": base64.b64encode(signed).decode()}
        return url, body

    def is_hasty(self, code: int | None, said: str) -> bool:
        """9499 says both: a bad request, and too many."""
        return code == 9499 and "too many" in said.lower()


class WeComChannel(RobotChannel):
    """群机器人 of WeCom (企业微信). It has no signature: whoever knows the URL can write to the group."""

    paces: ClassVar[tuple[Pace, ...]] = (Pace(20, 61.0),)
    most_bytes: ClassVar[int] = 4_096
    hasty: ClassVar[frozenset[int]] = frozenset({45009, 45033})
    gone: ClassVar[frozenset[int]] = frozenset({93000, 93004, 93008})  # key, robot removed, not in the group
    unfit: ClassVar[frozenset[int]] = frozenset({40008, 40058, 44004, 45002, 47001})

    def request(self, message: Message, url: str, secret: str | None, seconds: float) -> tuple[str, dict[str, Any]]:
        """Markdown of at most 4,096 bytes."""
        return url, {"msgtype": "markdown", "markdown": {"content": message.markdown}}


def _bold(found: re.Match[str]) -> str:
    text = found["text"].replace("**", "")
    title, link, target = text.partition("[")
    return f"**{title}**{link}{target}" if link and title.strip() else text if link else f"**{text}**"
