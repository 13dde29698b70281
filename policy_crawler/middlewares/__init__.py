"""Downloader middlewares: what stands between a spider's request and the wire, and on the way back.

Settings name them all through `DOWNLOADER_MIDDLEWARES`; `policy_crawler.network.assert_guarded` refuses a crawl that
lacks one of `REQUIRED`. They read these keys of a request's meta:

    purpose          listing, document, recheck, attachment, robots, script (asked by a page while it is drawn): for
                     the fetch log; "document" when absent
    conditional      True: send the archive's validators, so that an unchanged page answers 304

and set, besides what `policy_crawler.handler` sets: `truncated` (True: the body was cut short) and `robots_delay`.
A request that is not made, or whose answer is not taken, fails with `policy_crawler.network.Refused`, whose `reason`
is a word to count by. Requests pass downwards, answers upwards; the order is explained beside each number.
"""

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    # Nothing else may see a URL that is refused.
    "policy_crawler.middlewares.guard.RequestGuardMiddleware": 5,
    # Gets the final answer, last of all; what a drawn page asks for begins at the top again.
    "policy_crawler.middlewares.render.RenderMiddleware": 20,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "policy_crawler.middlewares.robots.RobotsMiddleware": 100,
    # Before Scrapy's, at 350, which leaves alone what is set.
    "policy_crawler.middlewares.transfer.TimeLimitMiddleware": 340,
    # Above 550, or the answers would be gone to the retrying middleware before they are read.
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "policy_crawler.middlewares.politeness.PolitenessMiddleware": 560,
    # Below the redirects, so that only the final answer is judged.
    "policy_crawler.middlewares.conditional.ConditionalMiddleware": 570,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "policy_crawler.middlewares.transfer.CarefulMetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "policy_crawler.middlewares.transfer.BoundedCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "policy_crawler.middlewares.transfer.CarefulRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "policy_crawler.middlewares.transfer.OfflineCookiesMiddleware": 700,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    # Nearest to the wire: sees every hop, every retry and every failure.
    "policy_crawler.middlewares.fetchlog.FetchLogMiddleware": 890,
}

REQUIRED = (
    "policy_crawler.middlewares.guard.RequestGuardMiddleware",
    "policy_crawler.middlewares.robots.RobotsMiddleware",
    "policy_crawler.middlewares.politeness.PolitenessMiddleware",
    "policy_crawler.middlewares.transfer.CarefulMetaRefreshMiddleware",
    "policy_crawler.middlewares.transfer.BoundedCompressionMiddleware",
    "policy_crawler.middlewares.transfer.CarefulRedirectMiddleware",
    "policy_crawler.middlewares.fetchlog.FetchLogMiddleware",
)
