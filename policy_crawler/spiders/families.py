"""The ways a list is served that need nothing beyond reading it, and the one that needs a header."""

from policy_crawler.spiders.listing import ListingSpider


class TrsSpider(ListingSpider):
    """TRS WCM columns: static pages."""


class UcapSpider(ListingSpider):
    """UCAP columns: static pages, or articles as JSON in the page."""


class JcmsSpider(ListingSpider):
    """Hanweb JCMS columns: records in the page, further ones from dataproxy.jsp."""


class LinksSpider(ListingSpider):
    """Any list of links with dates."""


class JpaasSpider(ListingSpider):
    """Hanweb JPAAS columns: the list is built by a script from a unit API. Needs only the column's URL.

    1. Fetch the column; its first answer sets a cookie that the API wants back (the cookie jar does that).
    2. Read the unit's address and query from the page; they change on a redesign.
    3. Ask the API with the column as Referer, page by page through `paramJson`."""

    def list_headers(self) -> dict[str, str]:
        return {"Referer": self.source.list_url}
