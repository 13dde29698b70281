"""Events as messages: pure rendering, in Chinese and English, as mail (plain and HTML) and for the terminal.

Everything a page wrote is foreign text here: cleaned by `text.py`, escaped in HTML, never part of a template.
"""

from schedules.alerts.model import Found, Match, Message, Notice
from schedules.alerts.render import render

__all__ = ["Found", "Match", "Message", "Notice", "render"]
