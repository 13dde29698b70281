"""Where deliveries go. One module a kind; `registry.py` names them.

A channel sends one message to one target, or says whether trying again can help. It knows no SQL and no events.
"""

from schedules.channels.base import Channel, Envelope, RefusedError, TemporaryError
from schedules.channels.registry import KINDS, check_target, registry
from schedules.channels.smtp import SmtpServer

__all__ = ["KINDS", "Channel", "Envelope", "RefusedError", "SmtpServer", "TemporaryError", "check_target", "registry"]
