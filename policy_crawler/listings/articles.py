"""URLs of articles, by the dialects of the families that publish them."""

import re
from urllib.parse import urlsplit

_DIALECTS = re.compile(
    r"""
      /t20\d{6}_\d+\.s?html?$                      # TRS
    | /art/(?:\d{4}/(?:\d{1,2}/\d{1,2}/)?)?art_[0-9a-f_]+\.html$   # Hanweb, both generations
    | /20\d\d-\d\d/\d\d/(?:content|c)_\d+\.s?html?$                # gov.cn of old
    | /20\d{4}/content_\d+\.html?$                 # gov.cn
    | /content_\d+\.s?html?$                       # UCAP
    | /20\d{6}/[0-9a-f]{32}/c\.html$               # Xinhua
    | /20\d\d/\d\d/\d\d/ARTI\w+\.shtml$            # CNTV, 12371
    | /20\d{4}/[0-9a-f]{32}\.s?html$               # UCAP
    | /20\d{6}/[0-9a-f]{32}\.html$                 # Shanghai
    | /20\d\d/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.shtml$ # Sichuan
    | /c\d+/content\.s?html?$                      # the n/c system
    | /20\d\d-\d\d-\d\d/\d+\.html$
    | /20\d\d/\d\d-\d\d/\d+\.s?html$               # China News
    | /20\d{6}/\d+\.html?$
    | /gkmlpt/content/\d+/\d+/post_\d+\.html$      # Guangdong
    | /info/\d+/\d+\.htm$                          # VSB
    | /columns/[0-9a-f-]{36}/20\d{4}/\d\d/[0-9a-f-]{36}\.html$     # Hebei
    | /n1/20\d\d/\d{4}/c\d+-\d+\.html$             # People's Daily Online
    | /0/\d+/\d+\.html?$                           # IThome
    | /public/\d+/\d+\.html$                       # Lonsun
    | /\d{12,}/index\.s?html$                      # EasySite, PBC
    | /\d{12,}(?:_pc)?\.s?html?$
    | /pnidpv\d+\.html$                            # Xicheng district
    | /portal/article/\d+/\d+$                     # TC260
    | /p1/(?:\d+/)+\d+\.html$                      # NSFC
    | /fabu/xiangqing/\d+\.html$                   # the supreme court
    | /20\d\d/\d{4}/\d+\.html$                    # foreign exchange administration
    """,
    re.VERBOSE | re.ASCII,
)
# A folder of Huilan's that holds one article; parts of a column are called the same, so only under the column's own.
_NUMBERED = re.compile(r"/\d{5,9}/index\.html$")
_INDEX = re.compile(r"/(?:index|list|default)(?:_\w+)?\.\w+$|/$", re.IGNORECASE)


def looks_like_article(url: str, column: str = "") -> bool:
    """True for a URL of a known dialect, or a page (not a folder) under the folder of `column` on the same host."""
    parts = urlsplit(url)
    if _DIALECTS.search(parts.path):
        return True
    if not column or (_INDEX.search(parts.path) and not _NUMBERED.search(parts.path)):
        return False
    own = urlsplit(column)
    folder = own.path.rsplit("/", 1)[0] + "/"
    return parts.hostname == own.hostname and len(folder) > 1 and parts.path.startswith(folder)


def site_of(url: str) -> str:
    """The host's last two labels, three under gov.cn, com.cn and the like."""
    labels = (urlsplit(url).hostname or "").split(".")
    return ".".join(labels[-3:] if labels[-1:] == ["cn"] and len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:])
