"""Which work a title is about: a draft, the call for comments on it, and the notice that issues it name one. Pure."""

import re

from storage.identity import inner_title, title_key
from storage.naming import short_title_key

DRAFT = "征求意见稿|草案|送审稿|讨论稿|修订稿"
STATED = re.compile(
    rf"[（(〔\[【][^（）()]*?(?:{DRAFT})[^（）()]*?[）)〕\]】]|(?:公开)?征求意见稿$|(?:草案|送审稿|讨论稿)$"
)
_QUOTED = re.compile(rf"[《〈]([^《》]*(?:《[^《》]+》[^《》]*)*(?:{DRAFT})[^《》]*)[》〉]")
_NAMED = re.compile(r"[《〈]([^《》]+(?:《[^《》]+》[^《》]*)*)[》〉]")
_CALL = re.compile(
    r"关于(?:再次|第二次)?(?:公开)?(?:征求|征集|听取)(?:对)?(?P<asked>[^《》]{4,}?)(?:的)?意见(?:建议)?的(?:通知|公告|通告|函|启事)$"
    r"|关于(?:对)?(?P<about>[^《》]{4,}?)(?:再次|第二次)?(?:向社会)?(?:公开)?征(?:求|集)意见的(?:通知|公告|通告|函|启事)$"
)
_ASKS = re.compile("征求意见|意见的(?:通知|公告|函)|征集意见")


def work_title(title: str | None) -> str | None:
    """The title of the work that a draft, a call for comments on it or its final notice is about: 某办法 of
    关于公开征求《某办法（征求意见稿）》意见的通知 and of 关于印发《某办法》的通知."""
    if not title:
        return None
    quoted = _QUOTED.search(title)
    named = quoted[1] if quoted else inner_title(title)
    if named is None:
        only = _NAMED.findall(title)
        if len(only) == 1 and _ASKS.search(title):
            named = only[0]
        elif call := _CALL.search(title.strip()):
            named = call["asked"] or call["about"]
        else:
            named = title
    return STATED.sub("", named.strip()).strip() or None


def work_title_key(title: str | None) -> str | None:
    """The key of `work_title`, without the organs before its 关于: a draft is titled without them."""
    work = work_title(title)
    return short_title_key(work) or title_key(work)
