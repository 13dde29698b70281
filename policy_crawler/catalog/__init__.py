"""The sources, as data: TOML files by issuer, province or city, and the rules that name them.

schedules and console may import this; it reads files and nothing else, but for a cache of its own.
"""

from policy_crawler.catalog.catalog import PAGE, SHIPPED, Catalog, load_catalog, read_sources
from policy_crawler.catalog.families import FAMILIES, PARAMS
from policy_crawler.catalog.files import CHOICES
from policy_crawler.catalog.packs import Pack
from policy_crawler.catalog.source import LIMITS, VERIFIED, Expect, Source
from policy_crawler.catalog.topics import TOPICS, topics_of

__all__ = [
    "CHOICES",
    "FAMILIES",
    "LIMITS",
    "PAGE",
    "PARAMS",
    "SHIPPED",
    "TOPICS",
    "VERIFIED",
    "Catalog",
    "Expect",
    "Pack",
    "Source",
    "load_catalog",
    "read_sources",
    "topics_of",
]
