"""One class for each way a list is served; the catalog makes spiders of them (`loader`).

Spiders ask and read; they keep nothing (pipelines do) and know nothing of who is told.
"""
