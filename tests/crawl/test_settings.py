"""The settings that matter, pinned; and that an installation's own reach the process."""

import pytest

from policy_crawler.addon import PolicyAddon, settings_of
from policy_crawler.config import Config, Crawl
from policy_crawler.errors import OperatorError
from policy_crawler.middlewares import REQUIRED
from policy_crawler.process import settings


def test_what_may_not_happen_cannot():
    made = settings({})
    assert made["DOWNLOAD_HANDLERS"].keys() >= {"http", "https", "file", "data", "ftp", "s3"}
    assert [made["DOWNLOAD_HANDLERS"][scheme] for scheme in ("file", "data", "ftp", "s3")] == [None] * 4
    assert made["TWISTED_DNS_RESOLVER"] == "policy_crawler.network.GuardedResolver"
    assert set(REQUIRED) <= made["DOWNLOADER_MIDDLEWARES"].keys()
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "HTTPPROXY_ENABLED", "RETRY_ENABLED"):
        assert made.getbool(name) is False, name
    assert not [name for name in made["EXTENSIONS_BASE"] if "remote_control" in name or "telnet" in name]
    assert "scrapy.extensions.closespider.CloseSpider" in made["EXTENSIONS_BASE"]
    assert made.getbool("DOWNLOAD_VERIFY_CERTIFICATES") is True
    assert made.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert made.getint("CONCURRENT_ITEMS") == 8
    assert made.getfloat("DOWNLOAD_DELAY") == 2
    assert made["DEFAULT_REQUEST_HEADERS"]["Accept-Language"].startswith("zh-CN")


def test_an_installation_decides_pace_limits_and_contact(home):
    (home / "config.toml").write_text(
        '[crawl]\ncontact = "mailto:a@example.org"\ndelay = 5\nmax_pages = 40\nmax_response_mib = 8\n', encoding="utf-8"
    )
    made = settings({"DOWNLOAD_TIMEOUT": 7})
    PolicyAddon.update_pre_crawler_settings(made)
    assert made["USER_AGENT"] == "policy-crawler/0.1.0 (+mailto:a@example.org)"
    assert made.getfloat("DOWNLOAD_DELAY") == 5
    assert made.getint("POLICY_MAX_PAGES") == 40
    assert made.getint("DOWNLOAD_MAXSIZE") == 8 * 2**20
    assert made.getint("DOWNLOAD_TIMEOUT") == 7  # what was said on the command line stays


def test_a_wrong_config_is_told_before_anything_is_asked(home):
    (home / "config.toml").write_text("[crawl]\ndelay = -1\n", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"config.toml: crawl.delay"):
        PolicyAddon.update_pre_crawler_settings(settings({}))


def test_every_setting_of_a_crawl_reaches_scrapy():
    named = settings_of(Config(crawl=Crawl(proxy="http://127.0.0.1:3128", allow_networks=["10.0.0.0/8"])))
    assert named["POLICY_PROXY"] == "http://127.0.0.1:3128"
    assert named["POLICY_ALLOW_NETWORKS"] == ["10.0.0.0/8"]
    assert set(Crawl.model_fields) == {
        "contact", "delay", "timeout", "max_pages", "max_minutes", "max_response_mib", "proxy", "allow_networks",
    }  # fmt: skip
