"""Alerts on the terminal of whoever runs the service or the crawl."""

import threading
from typing import ClassVar, TextIO

from rich.console import Console
from rich.text import Text

from schedules.alerts import Message
from schedules.channels.base import Channel, Envelope, TemporaryError


class TerminalChannel(Channel):
    """Prints messages to a stream, one after the other. Foreign text is printed literally: no markup is read."""

    keeps: ClassVar[tuple[str, ...]] = ("subject", "text")

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, soft_wrap=True, highlight=False, markup=False, emoji=False)
        self._lock = threading.Lock()

    def send(self, message: Message, envelope: Envelope) -> str:
        """Print the plain text of `message`, its first line bold where the stream is a terminal."""
        first, _, rest = message.text.partition("\n")
        try:
            with self._lock:
                self._console.print(Text(first, style="bold"))
                self._console.print(Text(rest))
                self._console.file.flush()
        except (OSError, ValueError) as error:  # a closed pipe, a closed stream
            raise TemporaryError(f"terminal: {error}", about="us") from error
        return f"printed {envelope.key}"
