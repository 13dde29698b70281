"""Finds and reads: the catalog of sources, the spiders, the reading of pages.

The console and Scrapy's own commands import it; it knows nothing of who is told.
Only `policy_crawler.pipelines` may import `storage`; `reading/`, `listings/` and `attachments/` are pure.
"""

__version__ = "0.1.0"
