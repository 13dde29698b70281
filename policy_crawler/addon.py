"""Lays an installation's config.toml and environment over the settings. Also usable in another Scrapy project."""

from typing import Any

from policy_crawler import __version__
from policy_crawler.config import Config, Home, load


class PolicyAddon:
    """Scrapy add-on. Its values stand above settings.py and below `-s NAME=VALUE`."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: Any) -> None:
        """Before anything is made, as the resolver belongs to the process and not to a crawl. Raises OperatorError."""
        for name, value in settings_of(load(Home.find())).items():
            # "project" is settings.py's own priority; an add-on's would lose to it.
            settings.set(name, value, priority="project")


def settings_of(config: Config) -> dict[str, Any]:
    """The settings that config.toml decides."""
    crawl = config.crawl
    contact = f" (+{crawl.contact})" if crawl.contact else ""
    return {
        "USER_AGENT": f"policy-crawler/{__version__}{contact}",
        "ROBOTSTXT_USER_AGENT": "policy-crawler",
        "DOWNLOAD_DELAY": crawl.delay,
        "DOWNLOAD_TIMEOUT": crawl.timeout,
        "DOWNLOAD_MAXSIZE": crawl.max_response_mib * 2**20,
        "POLICY_MAX_PAGES": crawl.max_pages,
        "POLICY_MAX_MINUTES": crawl.max_minutes,
        "POLICY_OCR": config.attachments.ocr,
        "POLICY_OCR_MINUTES": config.attachments.ocr_minutes,
        "POLICY_ALLOW_NETWORKS": crawl.allow_networks,
        "POLICY_PROXY": crawl.proxy,
        "POLICY_BROWSER": config.browser.executable,
        "POLICY_BROWSER_SECONDS": config.browser.seconds,
        "POLICY_BROWSER_MIB": config.browser.memory_mib,
    }
