"""Decides when and tells whom: due times, runs as child processes, watches, alerts, deliveries.

The console imports it; it imports `storage` and, for the list of sources, `policy_crawler.catalog`.
No crawl happens in this process, and no crawl process matches watches.
"""
