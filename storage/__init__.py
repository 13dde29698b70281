"""Keeps and answers: documents, versions, snapshots, events, and every question about them.

`policy_crawler.pipelines`, `schedules` and `console` import it; it imports none of them.
`archive.py` is the one door for writing documents; callers never write SQL of their own.
"""
