"""Where deliveries go. One module a kind; `registry.py` names them.

A channel sends one message to one target, or says whether trying again can help. It knows no SQL and no events, and
says no secret: `secrets.py` reads those where they are kept, `web.py` asks only what may be asked.
"""

from schedules.channels.base import Channel, Envelope, GoneError, Pace, RefusedError, TemporaryError
from schedules.channels.registry import KINDS, ROBOTS, check_channel, check_target, registry
from schedules.channels.smtp import SmtpServer
from schedules.channels.web import Guard

__all__ = [
    "KINDS",
    "ROBOTS",
    "Channel",
    "Envelope",
    "GoneError",
    "Guard",
    "Pace",
    "RefusedError",
    "SmtpServer",
    "TemporaryError",
    "check_channel",
    "check_target",
    "registry",
]
