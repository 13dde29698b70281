"""The sources, as data: one TOML file an issuer.

schedules and console may import this; it reads files and nothing else.
"""

from policy_crawler.catalog.catalog import PAGE, Catalog, load_catalog, read_sources
from policy_crawler.catalog.families import FAMILIES
from policy_crawler.catalog.source import LIMITS, Expect, Source

__all__ = ["FAMILIES", "LIMITS", "PAGE", "Catalog", "Expect", "Source", "load_catalog", "read_sources"]
