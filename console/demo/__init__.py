"""The demonstration: a sample site on loopback, and the main job run on it from news article to alert.

`site` serves pages of our own, written after the structures of real sites; `run` drives the crawl and the scheduler
on them and checks what came of it. Only `console.cli` imports this package; nothing here reaches past loopback.
"""
