"""Events as messages: pure rendering, in Chinese and English, as mail (plain and HTML), Markdown and JSON.

Everything a page wrote is foreign text here: cleaned by `text.py`, escaped for each way of saying it, never part of a
template.
"""

from schedules.alerts.model import Found, Links, Match, Message, Notice, Other
from schedules.alerts.render import render

__all__ = ["Found", "Links", "Match", "Message", "Notice", "Other", "render"]
