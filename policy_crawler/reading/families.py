"""Which CMS family made a page, by the marks its templates leave, and whether it is a news medium's."""

import re
from urllib.parse import urlsplit

from policy_crawler.reading.page import Page
from policy_crawler.reading.selecting import Selectors

# Words in the source that only the family's templates print, and shapes of its article addresses.
_WORDS = (
    ("gkmlpt", ("/gkmlpt/",)),
    ("jpaas", ("/api-gateway/jpaas-", "unitbuild.js", "AuthorizedRead.js")),
    ("jcms", ("/module/jslib/", "/module/web/", "/module/download/", "/module/visitcount/", "/module/xxgk/")),
    ("trs", ("TRS_Editor", "TRS_UEDITOR", "trs_editor_view", "trs_paper_default")),
    ("vsb", ("Visual SiteBuilder", ".vsb.css", "vsb_content", "/system/resource/js/")),
    ("ucap", ("UCAP-CONTENT", "<ucaptitle", "<ucapcontent", "CMSPRO_", "manuscriptId")),
    ("xinhua", ("newsimg.cn", "webd.home.news.cn")),
    ("huilan", ("/eportal/ui", "huilan-jquery-ui")),
    ("lonsun", ("/site/label/8888",)),
    ("epoint", ("EpointWebBuilder",)),
)
# Most words hold one of these. A pattern that begins with one character takes two words' time to look for any number.
_ANCHORS = "/_."
_ADDRESSES = (
    ("gkmlpt", re.compile(r"/gkmlpt/content/")),
    ("jpaas", re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html")),
    ("jcms", re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html")),
    ("trs", re.compile(r"/t20\d{6}_\d+\.s?html?")),
    ("ucap", re.compile(r"/c\d{5,6}/\d{6}/[0-9a-f]{32}\.shtml|/c\d{5,6}/[\w/]*content\.shtml")),
    ("xinhua", re.compile(r"/\d{8}/[0-9a-f]{32}/c\.html|xinhuanet\.com/\w+/\d{4}-\d\d/\d\d/c_\d+")),
    ("lonsun", re.compile(r"/public/\d+/\d+\.html")),
    ("vsb", re.compile(r"/info/\d+/\d+\.htm")),
    ("hebei", re.compile(r"/columns/[0-9a-f-]{36}/\d{6}/\d\d/[0-9a-f-]{36}\.html")),
    ("nc", re.compile(r"/n\d+/(?:n\d+/)*c\d+/content\.html")),
)
_MARKED = 1_000_000  # characters of the source in which a template leaves its marks
_GOVERNMENT_MEDIA = ("gov.cn", "npc.gov.cn", "court.gov.cn", "spp.gov.cn", "edu.cn", "mil.cn", "ac.cn")
_MEDIA_MARKS = Selectors("#source_baidu, #author_baidu, #editor_baidu")
_MEDIA_NAME = re.compile(
    r"(?:新闻|日报|晚报|时报|早报|商报|周刊|新闻网|中新网|新华网|人民网|网易|搜狐|新浪|腾讯|凤凰|澎湃|财经|快科技|IT之家|和讯|频道|南方网|中国网|光明网|央视|环球)"
)


def family_of(page: Page, container_family: str, front: dict[str, str]) -> str:
    """The family's name; "govcn" for the portal itself, "generic" when no mark is known."""
    if front:
        return "front-matter"
    host = host_of(page)
    if host in {"www.gov.cn", "gov.cn"}:
        return "govcn"
    for family, address in _ADDRESSES:
        if address.search(page.own_url):
            return family
    source = page.source[:_MARKED]
    found = {_FAMILY_OF_REST[rest] for words in _ANCHORED for rest in words.findall(source)}
    for family, _ in _WORDS:
        if family in found or any(word in source for word in _PLAIN[family]):
            return family
    return container_family


def _anchored(anchor: str) -> re.Pattern[str]:
    """One search for all words with this character; found are their rests behind it, those that overlap, too."""
    parted = [word.partition(anchor) for _, words in _WORDS for word in words if _anchor_of(word) == anchor]
    rests = [re.escape(rest) + (f"(?<={re.escape(head + anchor + rest)})" if head else "") for head, _, rest in parted]
    return re.compile(f"{re.escape(anchor)}(?=({'|'.join(rests)}))")


def _anchor_of(word: str) -> str:
    return next((anchor for anchor in _ANCHORS if anchor in word), "")


_ANCHORED = tuple(map(_anchored, _ANCHORS))
_FAMILY_OF_REST = {
    word.partition(_anchor_of(word))[2]: family for family, words in _WORDS for word in words if _anchor_of(word)
}
_PLAIN = {family: tuple(word for word in words if not _anchor_of(word)) for family, words in _WORDS}


def host_of(page: Page) -> str:
    """The page's host, small; "" when it was read from a file and names none."""
    try:
        return (urlsplit(page.own_url).hostname or "").lower()
    except ValueError:
        return ""


def is_media(page: Page, family: str, front: dict[str, str], *, table: bool) -> bool:
    """True for pages of news media: their 来源 is who reports, and their title's first organ is who is reported on.

    A disclosure table (`table`) or a 政府网站标识码 makes any host a public body's.
    """
    host = host_of(page)
    if table or page.meta("siteidcode"):
        return False
    if host:
        return not any(host == name or host.endswith("." + name) for name in _GOVERNMENT_MEDIA)
    if page.meta("articletitle"):
        return False
    if front or page.select(_MEDIA_MARKS):
        return True
    if family in {"jpaas", "jcms", "trs", "vsb", "ucap", "gkmlpt", "govcn", "huilan", "lonsun", "epoint"}:
        return False
    names = " ".join(
        filter(
            None, (page.document_title[-30:], page.meta("og:site_name"), page.meta("copyright"), page.meta("author"))
        )
    )
    return bool(_MEDIA_NAME.search(names)) or page.meta("og:type") in {"article", "news"}
