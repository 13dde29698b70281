"""Scrapy's settings for every crawl, also for `scrapy crawl` in a checkout. What an installation decides is laid over
them by `policy_crawler.addon`. Defaults named below are Scrapy 2.19's."""

from scrapy.settings.default_settings import EXTENSIONS_BASE as _EXTENSIONS_BASE

from policy_crawler import __version__
from policy_crawler.middlewares import DOWNLOADER_MIDDLEWARES as _DOWNLOADER_MIDDLEWARES
from policy_crawler.network import HANDLERS, RESOLVER

BOT_NAME = "policy-crawler"
SPIDER_LOADER_CLASS = "policy_crawler.spiders.loader.CatalogSpiderLoader"  # the catalog's sources are the spiders
SPIDER_MODULES: list[str] = []
ADDONS = {"policy_crawler.addon.PolicyAddon": 0}

# Who asks, and how often

USER_AGENT = f"policy-crawler/{__version__}"  # says who we are; the contact is added from config.toml
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",  # some sites choose the edition by it
}
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8; one request at a time to a site
# Default 16. A run talks to one site; more than one request waiting for its turn there would only delay a stop. Files
# and reported documents on other hosts take the second place.
CONCURRENT_REQUESTS = 2
DOWNLOAD_DELAY = 2.0  # default 0; seconds between two requests to a site, config crawl.delay
DOWNLOAD_DELAY_JITTER = 0.25  # some firewalls count requests at one pace as a machine's
DOWNLOAD_TIMEOUT = 30  # default 180; also bounds how long a graceful stop takes, config crawl.timeout
ROBOTSTXT_OBEY = False  # RobotsMiddleware obeys; this setting names Scrapy's own, which is racy
RETRY_ENABLED = False  # PolitenessMiddleware retries and keeps Retry-After
REDIRECT_MAX_TIMES = 5  # default 20
HTTPERROR_ALLOW_ALL = True  # a 304, 404 or 403 is an answer about a document; the archive wants to know
COOKIES_ENABLED = True  # JPAAS and several firewalls want back the cookie of their first answer
REFERER_ENABLED = True

# What may not happen

TWISTED_DNS_RESOLVER = RESOLVER  # passes on public addresses only
DOWNLOAD_HANDLERS = HANDLERS  # file, data, ftp and s3 off: URLs come from pages and users
DOWNLOADER_MIDDLEWARES = _DOWNLOADER_MIDDLEWARES
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False; a source may state a tls_exception
HTTPPROXY_ENABLED = False  # HTTP_PROXY of the environment would lead around the guard
DOWNLOAD_MAXSIZE = 32 * 2**20  # default 1 GiB; config crawl.max_response_mib
DOWNLOAD_WARNSIZE = 0  # no warning below the limit: scans of 20 MiB are usual
DNS_TIMEOUT = 20  # default 60
URLLENGTH_LIMIT = 2083  # the default, and the limit of the guard
DEPTH_LIMIT = 0  # the spiders count list pages and follow one hop themselves
TELNETCONSOLE_ENABLED = False  # runs any code it is sent
REMOTE_CONTROL_ENABLED = False  # default True since 2.19: an HTTP server that runs any code it is sent
AUTOTHROTTLE_ENABLED = False
HTTPCACHE_ENABLED = False  # its RFC 9111 policy missed a real change (2.19)

# What becomes of items

ITEM_PIPELINES = {
    "policy_crawler.pipelines.NormalisePipeline": 100,
    "policy_crawler.pipelines.ValidatePipeline": 200,
    "policy_crawler.pipelines.DeduplicatePipeline": 300,
    "policy_crawler.pipelines.FileTextPipeline": 350,
    "policy_crawler.pipelines.ArchivePipeline": 400,
}
EXTENSIONS = {"policy_crawler.extensions.RunRecorder": 0, "policy_crawler.pipelines.recognition.PictureReader": 10}
# Both are turned off above. Whatever stands in this table is imported all the same, also with None (2.19), and aiohttp
# alone takes 0.2 s.
EXTENSIONS_BASE = {
    name: order
    for name, order in _EXTENSIONS_BASE.items()
    if name not in {"scrapy.extensions.remote_control.RemoteControl", "scrapy.extensions.telnet.TelnetConsole"}
}
CONCURRENT_ITEMS = 8  # default 100: so many tasks are made for every response; 8 was 1.5 times as fast (2.19)

# Ours

POLICY_RECORD = True  # False: nothing is kept (previews)
POLICY_TRIGGER = "scrapy"  # who began the run; the command and the scheduler name themselves
POLICY_RUN = 0  # the queued run to start; 0: a new one
POLICY_LIST_PAGES = 5  # pages of a list that a usual run reads at most
POLICY_MAX_PAGES = 500  # requests a run makes at most, config crawl.max_pages
POLICY_MAX_MINUTES = 15  # config crawl.max_minutes
POLICY_OCR = "auto"  # config attachments.ocr
POLICY_OCR_MINUTES = 3  # config attachments.ocr_minutes
POLICY_ALLOW_NETWORKS: list[str] = []  # config crawl.allow_networks
POLICY_PROXY = ""  # config crawl.proxy
POLICY_BROWSER = ""  # config browser.executable; only sources with `render = true` need one
POLICY_BROWSER_SECONDS = 60  # config browser.seconds
POLICY_BROWSER_MIB = 1024  # config browser.memory_mib

# The machine

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
REACTOR_THREADPOOL_MAXSIZE = 4  # default 10; names are resolved there
LOG_LEVEL = "INFO"
LOG_SHORT_NAMES = False
LOGSTATS_INTERVAL = 0  # progress goes to POLICY_CRAWLER_EVENTS_FD
MEMUSAGE_ENABLED = False  # the parent sets the memory limit
FEED_EXPORT_ENCODING = "utf-8"  # default: escapes
