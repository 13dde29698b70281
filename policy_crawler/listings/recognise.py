"""Which family serves a listing (the order of tests matters: special signs before common ones)."""

import re
from urllib.parse import urlsplit

from policy_crawler.listings.described import describe, is_json

_BEFORE_ROOT = r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<\?[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*"
_FEED = re.compile(_BEFORE_ROOT + r"<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL)
_SITEMAP = re.compile(_BEFORE_ROOT + r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.DOTALL)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# (family, where to look, sign). A family without a reader of its own is read by `links`.
_SIGNS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (family, place, re.compile(sign, re.IGNORECASE | re.ASCII))
    for family, place, sign in (
        ("gkmlpt", "url", r"/gkmlpt/"),
        ("gkmlpt", "page", r"window\._CONFIG\b(?=[\s\S]*\bSID\s*:\s*['\"]\d+)(?=[\s\S]*\bTREE\s*:\s*\[)"),
        ("cac", "url", r"^https?://www\.cac\.gov\.cn/[\w/]*A\d{4,}index_\d+\.html?"),
        ("cac", "both", r"/cms/JsonList"),
        ("flk", "url", r"^https?://flk\.npc\.gov\.cn/"),
        ("govcn_search", "url", r"^https?://sousuo\.www\.gov\.cn/(?:search-gov|zcwjk)/"),
        ("govcn_json", "url", r"^https?://www\.gov\.cn/.*\.json$"),
        ("ndrc_query", "url", r"^https?://fwfx\.ndrc\.gov\.cn/"),
        (
            "nfra",
            "both",
            r"/cbircweb/DocInfo/|/static/data/DocInfo/|^https?://www\.nfra\.gov\.cn/cn/view/pages/ItemList",
        ),
        ("sichuan", "both", r"/qryZFWJListByConditionsNew"),
        ("suzhou", "both", r"/szinf/xxgk/interfacesWebZcwj/loadData|/szinf/info/getInfoCommon"),
        ("xinhua", "url", r"/ds_[0-9a-f]{32}\.json$"),
        ("ucap_api", "url", r"/common/search/[0-9a-f]{32}|/searchList/[0-9a-f]{32}|/getLocalList\b|/queryList\b"),
        ("ucap_api", "both", r"getFileListByCodeId"),
        ("jpaas", "both", r"/front/page/build/unit|\bquerydata\s*=|^\s*\{[^<]*\"data\"\s*:\s*\{[^<]*\"html\"\s*:"),
        ("jpaas_search", "both", r"/search-front-server/api/search/"),
        ("jpaas_search", "url", r"/search/\w+\.html\?(?:[^#]*&)?websiteid=\d"),
        ("jpaas_search", "page", r"\"searchResult\"\s*:\s*\{[^<]*\"dataResults\""),
        ("jpolicy", "both", r"/jpaas-jpolicy-(?:console|web)-server/"),
        ("jcms", "url", r"/col/col\d+/(?:index\.html)?\?uid=\d+"),
        ("jcms", "page", r"dataproxy\.jsp|<datastore\b|<recordset\b"),
        ("hanweb_xxgk", "both", r"/module/xxgk/\w+\.jsp"),
        # Hunan's TRS calls its pager the way UCAP does; its articles tell.
        (
            "trs",
            "page",
            r"\A(?=[\s\S]*createPageHTML\s*\(\s*['\"])(?=[\s\S]*?href=['\"]\./(?:20\d{4}/)?t20\d{6}_\d+\.)",
        ),
        (
            "ucap",
            "page",
            r"createPageHTML\s*\(\s*['\"]|<ucaptitle|<ucapcontent|<publishtime|\barticleList\s*:\s*\[|\\\"aT\\\"\s*:",
        ),
        (
            "ucap_api",
            "page",
            r"/common/search/[0-9a-f]{32}|/searchList/[0-9a-f]{32}|\bgetLocalList\b|[\"\']/queryList\b",
        ),
        ("ucap", "url", r"/c\d{6}/[\w/]+\.shtml$"),
        # In pages the services count later: a search box of WAS5 is on most TRS pages.
        (
            "trs_search",
            "url",
            r"/was5?/(?:web/)?[\w/]+(?:\.jsp)?\?|/fjdzapp/search\?|/govsearch/jsonp/|/igs/front/search/list|/ssp/search/api/",
        ),
        ("xinhua", "page", r"\bdata\s*=\s*['\"]datasource:[0-9a-f]{32}"),
        ("hebei", "both", rf"/columns/{_UUID}/templates/{_UUID}/blocks/{_UUID}"),
        ("trs", "page", r"createPage(?:HTML)?\s*\(\s*\d|\./20\d{4}/t20\d{6}_\d+\.|TRS_Editor|TRS_UEDITOR"),
        ("trs_search", "page", r"ajaxdata_jsonp\.jsp|/govsearch/jsonp/|/igs/front/search/list|/ssp/search/api/"),
        ("vsb", "page", r"/system/resource/js/|\.vsb\.css|\bid=['\"]line_u\d|class=['\"]p_pages"),
        (
            "huilan",
            "both",
            r"/eportal/ui\?pageId=|huilan-jquery-ui|article_paging_list_hidden|queryArticleByCondition|javascript:\s*next\(\d",
        ),
        ("lonsun", "both", r"/site/label/8888|/site/tpl/\d+"),
        ("truecms", "both", r"/iList\.jsp\?(?:node_id|cat_id)="),
        ("epoint", "both", r"/(?:subPage|secondPage)\.html|EpointWebBuilder|categorypagingcontent|class=['\"]ewb-page"),
        ("nc", "page", r"/n\d+/c\d+/content\.html"),
        ("shanghai", "url", r"/nw\d+/(?:index\.html)?$"),
        # Articles of other sites are linked by their whole address, so these count only when nothing else does.
        ("trs", "page", r"/20\d{4}/t20\d{6}_\d+\.s?html"),
        ("govcn", "url", r"^https?://(?:sousuo\.)?www\.gov\.cn/"),
    )
)


# Families whose lists are pages: an answer that is JSON is none of theirs, whatever its links look like.
_PAGES_ONLY = frozenset({"trs", "vsb", "huilan", "lonsun", "truecms", "epoint", "nc", "hebei", "shanghai", "govcn"})


def recognise(text: str, url: str) -> str:
    """The family of the listing `text` at `url`: "feed", "jpaas", "jcms", "ucap", "trs", …; "links" when none."""
    start = text[:4000].lstrip("\ufeff")
    if _FEED.match(start):
        return "feed"
    if _SITEMAP.match(start):
        return "sitemap"
    json = is_json(text)
    for family, place, sign in _SIGNS:
        if json and family in _PAGES_ONLY:
            continue
        if (place != "page" and sign.search(url)) or (place != "url" and sign.search(text)):
            return family
    if json and describe(text, url):
        return "api"
    return (
        "feed" if urlsplit(url).path.endswith((".rss", "/rss.xml")) and text.lstrip().startswith("<?xml") else "links"
    )
