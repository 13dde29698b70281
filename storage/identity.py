"""Keys by which URLs, document numbers, issuers and titles are found again, however they are written. Pure.

Numbers follow GB/T 9704-2012 7.2.5 and the variants seen on sites; a key is only ever compared, never shown.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from w3lib.url import canonicalize_url

KEY_LENGTH = 300  # characters; PostgreSQL cannot index more than about 2,700 bytes

# Parameters that say how a reader came, not what is read (seen on .gov.cn and WeChat pages).
_TRACKING = re.compile(
    r"(?:utm_[a-z]+|spm|from|isappinstalled|scene|chksm|jsessionid|_t|timestamp|wd_?xid|share_token)", re.IGNORECASE
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def url_key(url: str) -> str:
    """What a URL is known by: no scheme, default port, tracking or session parts, parameters sorted.

    Only for comparing: the URL fetched stays as found. A fragment counts where a script routes by it (#/…, #!…)."""
    url = _SESSION_IN_PATH.sub("", url.strip())
    try:
        parts = urlsplit(canonicalize_url(url, keep_fragments=True))
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:  # no URL at all; a key of its own is still better than none
        return bounded(url)
    query = "&".join(
        pair for pair in parts.query.split("&") if not _TRACKING.fullmatch(unquote(pair.partition("=")[0]))
    )
    place = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("/", "!")) else ""
    return bounded(f"{place}{parts.path or '/'}{'?' + query if query else ''}{fragment}")


def host_of(url: str) -> str:
    """The host a URL names, lower case; empty where there is none."""
    try:
        return (urlsplit(url.strip()).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def same_site(host: str, site: str) -> bool:
    """Whether `host` is `site` or belongs to it: www.miit.gov.cn and wap.miit.gov.cn, not gov.cn and miit.gov.cn."""
    bare = site.lower().removeprefix("www.")
    if bare in {"", "gov.cn"}:
        return bool(host) and host == site.lower()
    return host == bare or host.endswith(f".{bare}")


def bounded(key: str) -> str:
    """`key`, its end replaced by a digest where it is too long to index."""
    if len(key) <= KEY_LENGTH:
        return key
    return key[: KEY_LENGTH - 65] + "#" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


_OPEN, _CLOSE = r"[〔\[\(（【﹝〈［]", r"[〕\]\)）】﹞〉］]"
_ORDINAL = r"(?P<seq>[0-9]{1,6}|[〇零○一二三四五六七八九十百千]{1,9})"
_YEAR = r"(?P<year>[12][0-9]{3}|[一二][〇零○一二三四五六七八九]{3})"
_DISPATCH = re.compile(rf"(?P<code>[\u4e00-\u9fff]{{1,16}}){_OPEN}{_YEAR}年?{_CLOSE}(?:第)?{_ORDINAL}号")
_OLD_STYLE = re.compile(rf"{_OPEN}{_YEAR}{_CLOSE}(?P<code>[\u4e00-\u9fff]{{1,8}})字第?{_ORDINAL}号")
_YEARLY = re.compile(
    rf"(?P<org>[\u4e00-\u9fff、,]{{0,60}}?)(?P<kind>公告|通告|公报|令){_OPEN}?{_YEAR}年?{_CLOSE}?,?(?:第)?{_ORDINAL}号"
)
_PLAIN = re.compile(rf"(?P<org>[\u4e00-\u9fff、,]{{0,60}}?)(?P<kind>公告|通告|令|){_OPEN}?(?:第){_ORDINAL}号{_CLOSE}?")
_LEAD_IN = re.compile(r"^(?:.*(?:文件|文号|字号|编号):?)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def number_key(raw: str | None) -> str | None:
    """The one normal form of a document number, or None where `raw` is none.

    `工信部联信管〔2022〕12号` for every way of writing its brackets, digits and spaces; `工业和信息化部令第50号`,
    `财政部税务总局公告2020年第8号`; `第50号` alone keeps its words, and `is_bare` says that it needs an issuer."""
    if not raw:
        return None
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw))
    text = re.sub(r"^(?:发文字号|文号|文件编号):?", "", text)
    for form, name in _FORMS:
        if match := form.search(text):
            return bounded(name(match))
    return None


def _dispatch(match: re.Match[str]) -> str:
    code = _LEAD_IN.sub("", match["code"]) or match["code"]
    if code.endswith(("公告", "通告", "令")):  # 公告〔2021〕第3号 is 公告2021年第3号
        return f"{_organs(code)}{_number(match['year'])}年第{_number(match['seq'])}号"
    return f"{code}〔{_number(match['year'])}〕{_number(match['seq'])}号"


def _yearly(match: re.Match[str]) -> str:
    return f"{_organs(match['org'])}{match['kind']}{_number(match['year'])}年第{_number(match['seq'])}号"


def _plain(match: re.Match[str]) -> str:
    return f"{_organs(match['org'])}{match['kind']}第{_number(match['seq'])}号"


# Tried in this order: the more a form says, the earlier.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_DISPATCH, _dispatch),
    (_OLD_STYLE, lambda match: f"{match['code']}字〔{_number(match['year'])}〕{_number(match['seq'])}号"),
    (_YEARLY, _yearly),
    (_PLAIN, _plain),
)


def is_bare(key: str) -> bool:
    """Whether a number key names a document only together with its issuer (and, without a year, the year)."""
    return "〔" not in key


def has_year(key: str) -> bool:
    """Whether a number key says its year."""
    return re.search(r"〔\d{4}〕|\d{4}年第", key) is not None


def _number(text: str) -> int:
    """Arabic or Chinese digits, digit-wise (二〇二二) or with units (七十四)."""
    if text.isdigit():
        return int(text)
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _organs(text: str) -> str:
    return re.sub(r"[、,]|中华人民共和国", "", text)


# Short names that stand for one body alone: 发改委 or 医保局 without 国家 may be a city's.
_SHORT_NAMES = {
    "工信部": "工业和信息化部",
    "国家发改委": "国家发展和改革委员会",
    "国家发展改革委": "国家发展和改革委员会",
    "人社部": "人力资源和社会保障部",
    "人力资源社会保障部": "人力资源和社会保障部",
    "住建部": "住房和城乡建设部",
    "住房城乡建设部": "住房和城乡建设部",
    "科技部": "科学技术部",
    "文旅部": "文化和旅游部",
    "市场监管总局": "国家市场监督管理总局",
    "国家市场监管总局": "国家市场监督管理总局",
    "税务总局": "国家税务总局",
    "人民银行": "中国人民银行",
    "央行": "中国人民银行",
    "国家卫健委": "国家卫生健康委员会",
    "国家卫生健康委": "国家卫生健康委员会",
    "国家网信办": "国家互联网信息办公室",
    "国务院国资委": "国务院国有资产监督管理委员会",
    "证监会": "中国证券监督管理委员会",
    "中国证监会": "中国证券监督管理委员会",
    "金融监管总局": "国家金融监督管理总局",
    "国家药监局": "国家药品监督管理局",
    "国家医保局": "国家医疗保障局",
}


def short_names(organ: str) -> list[str]:
    """The short names that stand for an organ, given by its key, alone: 市场监管总局 for 国家市场监督管理总局."""
    return [short for short, long in _SHORT_NAMES.items() if long == organ]


_OFFICES_OF_THEIR_OWN = frozenset({"国务院办公厅", "中共中央办公厅"})


def issuer_key(text: str | None) -> str | None:
    """The lead issuer's one normal name, or None.

    `工信部办公厅`, `中华人民共和国工业和信息化部` and `工业和信息化部等八部门` are one; of joint issuers
    the first counts."""
    if not text:
        return None
    folded = unicodedata.normalize("NFKC", text).strip()
    lead = re.split(r"[、,;/|\s]+", folded)[0]
    lead = re.sub(r"等[0-9一二三四五六七八九十]*(?:个)?(?:部门|单位|部委|机关)?$", "", lead)
    lead = re.sub(r"[^\w]|_", "", lead).removeprefix("中华人民共和国")
    if lead not in _OFFICES_OF_THEIR_OWN:
        lead = re.sub(r"(?<=..)(?:办公厅|(?<=政府)办公室|(?<=员会)办公室)$", "", lead)
    return bounded(_SHORT_NAMES.get(lead, lead)) or None


_TITLE_NOISE = re.compile(r"[^\w]|_|中华人民共和国")
_INNER_QUOTED = re.compile(
    r"(?:印发|发布|公布|转发|批转|下发|颁布)\s*[《〈](?P<inner>[^《》]+(?:《[^《》]+》[^《》]*)*)[》〉]"
    r"(?:[（(].*?[)）])?"
    r"的(?:通知|公告|通报|令|函|决定)"
)
_INNER_PLAIN = re.compile(r"关于(?:印发|发布|公布|转发|批转|下发)(?P<inner>[^《》]{4,}?)的(?:通知|公告|通报|函)\s*$")


def title_key(text: str | None) -> str | None:
    """A title without spaces, punctuation and width, or None. 征求意见稿 and the like stay: a draft is another work."""
    if not text:
        return None
    return bounded(_TITLE_NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()) or None


def inner_title(title: str | None) -> str | None:
    """The title of the text that a notice carries: `X` of `关于印发《X》的通知`; None where there is none."""
    if not title:
        return None
    folded = re.sub(r"\s+", "", title)
    match = _INNER_QUOTED.search(folded) or _INNER_PLAIN.search(folded)
    return match["inner"] if match else None
