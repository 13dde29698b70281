"""Is it a page at all? Challenges, logins and soft 404s, told from documents before anything is read.

Nothing is bypassed: a challenge is reported with its words. A page that merely embeds a captcha widget, or writes about
firewalls, is a document: every rule asks that the page says little else.
"""

import re

from policy_crawler.reading.model import PageState

_NOSCRIPT = re.compile(r"<noscript[^<>]{0,200}>(.{0,1000}?)</noscript", re.DOTALL | re.IGNORECASE)
_PROSE = re.compile("[。；！]")
_PASSWORD = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)

_SHORT = 400  # visible characters: a challenge says little, a document says more
_VERY_SHORT = 120
_FEW = 3  # sentences a challenge says
_TALKATIVE = 1200  # the longest block page seen says this much (a firewall's form for complaints)
ENOUGH = 4000  # visible characters of a page that says too much to be anything but a document
_SOURCE = 300_000  # characters of the source in which marks are looked for
_REFUSING = frozenset({401, 403, 405, 412, 418, 429, 503, 521})

# Marks in the source that only a challenge page has, whatever it says.
_CHALLENGES = (
    (r"\$_ts\s*=\s*window\[|\$_ts\.cd|\$_ts\s*=\s*\{\}|_\$[A-Za-z0-9]{2}\(\)\s*;", "Ruishu script challenge"),
    (r"__jsl_clearance|__jsluid_", "Jiasule script challenge"),
    (r"EO_Bot_Ssid|__tst_status", "EdgeOne bot check"),
    (r"/cdn-cgi/challenge-platform/|cf-browser-verification|cf_chl_opt|id=[\"']challenge-form", "Cloudflare challenge"),
    (r"aliyun_waf|acw_sc__v[23]|arg1\s*=\s*['\"][0-9A-F]{40}|_waf_bd8ce2ce37|aliyunwaf_", "Aliyun WAF challenge"),
    (r"wzws_sessionid|WZWS-RAY|wzwschallenge|WZWS_CONFIRM_PREFIX|wzws-waf-cgi", "WZWS challenge"),
    (r"_Incapsula_Resource|Incapsula incident", "Incapsula challenge"),
    (r"https_waf_cookie|HOY_TR|safeline_|sl-challenge|chaitin", "WAF cookie check"),
    (r"probe\.js\?|botdefense|/_sec/cp_challenge|ak_bmsc", "bot check"),
)
_CHALLENGE_MARKS = tuple((re.compile(mark, re.IGNORECASE), name) for mark, name in _CHALLENGES)
# What every mark has one of, in small letters: looked for first, since a search for each mark is slow.
_SIGNS = (
    b"$_ts", b"_$", b"__jsl", b"eo_bot", b"__tst", b"cdn-cgi", b"cf-browser", b"cf_chl", b"challenge-form", b"aliyun",
    b"acw_sc", b"arg1", b"_waf_", b"wzws", b"incapsula", b"hoy_tr", b"safeline", b"sl-challenge", b"chaitin",
    b"probe.js", b"botdefense", b"_sec/cp", b"ak_bmsc",
)  # fmt: skip
_CAPTCHA = re.compile(
    r"TencentCaptcha|turing\.captcha|geetest|grecaptcha|g-recaptcha|h-captcha|smCaptcha|nc_scene|AWSC\.use|NECaptcha|vaptcha|verifycode",
    re.IGNORECASE,
)
# Said to a visitor, never in a document.
_SAID_TO_VISITORS = (
    r"(?:访问|请求|操作|刷新)(?:过于|太过|太)频繁|访问频率(?:过高|过快|超)",
    r"(?:您|你)的(?:访问|请求|操作|IP|行为).{0,20}(?:拦截|阻断|禁止|拒绝|封禁|限制|异常|威胁|攻击|不合法)",
    r"(?:拒绝|禁止|限制)了?(?:您|你)的?(?:访问|请求)|(?:访问|请求)已被(?:拦截|阻断|拒绝|禁止|阻止|屏蔽)",
    r"(?:触发|命中|违反)了?.{0,10}(?:防护|安全|拦截|访问)(?:策略|规则)",
    r"安全(?:验证|检测|检查)(?:中|页面|，?请稍)|正在(?:进行|为您进行).{0,6}(?:安全|人机)",
    r"(?:请|正在)(?:您)?(?:先)?(?:完成|进行|输入|通过).{0,12}(?:人机|下方|以下|图形|滑块|安全)(?:.{0,4}验证|检测)",
    r"人机(?:验证|识别|校验)|滑动(?:验证|滑块)|拖动(?:滑块|下方|左侧)|点击(?:按钮)?(?:进行|完成)验证|请输入(?:图中)?验证码",
    r"浏览器(?:安全)?检(?:查|测)|正在(?:验证|检查|检测)(?:您|浏览器)",
    r"请(?:开启|启用|打开)(?:您的)?(?:浏览器的?)? ?Java[Ss]cript",
    r"创宇盾|网站安全狗|D盾_拦截|玄武盾|网防G01|护卫神|宝塔网站防火墙|云锁拦截",
    r"Access Denied|Request (?:was )?(?:blocked|rejected|denied)|unusual traffic|Checking (?:if the site|your browser)",
    r"Just a moment\.\.\.|Attention Required|enable JavaScript and cookies|enable JavaScript to (?:run|continue|view)",
    r"verify (?:that )?you(?:'re| are) (?:not a robot|a human|human)|Too Many Requests|Sorry, you have been blocked",
    r"403 Forbidden|The requested URL was rejected|Web Application Firewall",
    r"blocked by.{0,30}(?:security|firewall|policy)",
)
# Also the words of a document: believed only on a page that says next to nothing else.
_ALSO_DOCUMENTS = (
    r"(?:网站|云|应用)防火墙|安全(?:验证|检测|检查|防护|拦截)|访问验证|身份验证|(?:访问|请求)被|(?:拒绝|禁止)(?:访问|请求)",
    r"疑似(?:黑客|恶意)?攻击|恶意(?:访问|请求|爬虫)|非法(?:访问|请求)|forbidden|captcha|验证码",
)
# A title that says nothing but that one is refused; a document's title names its matter and its kind.
_TITLE_OF_REFUSAL = re.compile(
    r"^\W*(?:(?:网站|云|应用|Web应用|WAF)?防火墙|(?:网站)?(?:安全|访问|防护|拦截|防御){1,2}(?:验证|提示|拦截|限制|检测|系统|页面|平台)?|"
    r"(?:您的)?(?:访问|请求)(?:已|已经)?被?(?:拦截|拒绝|阻断|禁止)|拦截页面?|安全狗|人机验证|滑动验证页面?|验证码|创宇盾|玄武盾)\W*$",
    re.IGNORECASE,
)
# A page drawn by scripts asks for JavaScript too; its empty root says that it is no challenge.
_SHELL = re.compile(r"<div id=[\"']?(?:app|root|__next|__nuxt)\b", re.IGNORECASE)
_BLOCKED_WORDS = re.compile("|".join(_SAID_TO_VISITORS), re.IGNORECASE)
_DOUBTFUL_WORDS = re.compile("|".join(_ALSO_DOCUMENTS), re.IGNORECASE)
_THING = r"(?:页面|网页|内容|文章|信息|资源|栏目|稿件|链接|网址|地址|文件)"
_GONE = r"(?:不存在|找不到|未找到|已?被?(?:删除|移除|撤销|下架|下线|屏蔽)|已?失效|已?过期|丢失|走丢了?|不见了|飞走了)"
_MISSING = (
    rf"(?:访问|请求|查看|查找|浏览|寻找|要找|打开)的?{_THING}.{{0,8}}{_GONE}",
    r"(?:该|此|本)?(?:页面|网页|链接|网址)" + _GONE,
    r"(?:该|此)?(?:文章|稿件|信息|内容|栏目)(?:不存在|未找到|找不到|已被删除|已删除|已被移除|已下线|已下架)",
    rf"(?:找不到|无法找到|未找到|没有找到|未能找到)(?:您|你|该|此)?所?(?:请求|访问|需要|要|想|查找)?看?的?{_THING}",
    r"(?:对不起|抱歉|很遗憾|您访问).{0,20}(?:不存在|找不到|已删除|没有找到)",
    r"Page Not Found|404 Not Found|HTTP Status 404|The requested (?:URL|resource).{0,80}not (?:found|available)",
    r"page (?:you.{0,30})?(?:could not be found|does not exist|cannot be found|no longer exists)|no longer available",
    r"domain (?:name )?(?:is|may be) for sale|域名.{0,12}(?:出售|已过期|转让|停放)|This domain has expired",
)
_MISSING_WORDS = re.compile("|".join(_MISSING), re.IGNORECASE)
_MISSING_TITLE = re.compile(
    r"^\W*(?:(?:HTTP Status |error |错误[:：]?)?404\b.{0,40}|.{0,30}[-_ |]404|出错了?|错误页?面?|.{0,12}"
    + _THING
    + _GONE
    + r".{0,24}|"
    r"找不到.{0,4}网页|(?:page )?not found.{0,20}|对不起.{0,30}不存在.{0,10}|系统提示|提示信息|出错提示|错误提示)\W*$",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(r"登[录陆]|统一身份认证|单点登录|Log ?in|Sign ?in", re.IGNORECASE)
_LOGIN_WORDS = re.compile(
    r"请(?:您)?先?登[录陆]|登[录陆]后(?:才|方|即)?可?(?:查看|访问|浏览|阅读|继续)|(?:尚|还)?未登[录陆]|会话(?:已)?(?:过期|超时)|请输入(?:用户名|账号|密码)|统一身份认证"
)


def judge(source: str, status: int, *, words: str, title: str) -> tuple[PageState, str]:
    """The state of a page and why it is no document ("" when it is).

    `words` are what the page shows, all of it or the first ENOUGH characters, `title` its <title>; of its `source` only
    marks of challenges are looked for.
    """
    source = source[:_SOURCE]
    refusal = _challenge(source, words, title, refusing=status in _REFUSING)
    if refusal:
        return PageState.BLOCKED, refusal
    login = _login(source, words, title)
    if login:
        return PageState.LOGIN, login
    missing = f"status {status}" if status in {404, 410} else _missing(words, title)
    if missing:
        return PageState.MISSING, missing
    if status in _REFUSING and len(words) < _SHORT:
        return PageState.BLOCKED, f"status {status} with {len(words)} characters of text"
    return PageState.DOCUMENT, ""


def _challenge(source: str, words: str, title: str, *, refusing: bool) -> str | None:
    """What a challenge says, or whose it is; None when the page says too much else to be one."""
    length = len(words)
    if length >= (3 * _TALKATIVE if refusing else _TALKATIVE):
        return None
    sentences = len(_PROSE.findall(words))
    said = _BLOCKED_WORDS.search(title) or (_BLOCKED_WORDS.search(words) if length < _SHORT or refusing else None)
    if said is None and length < _VERY_SHORT and sentences <= 1:
        said = _DOUBTFUL_WORDS.search(f"{title} {words}") if refusing or "<script" in source else None
    explains = refusing or _TITLE_OF_REFUSAL.match(title) is not None  # such a page may say more, in whole sentences
    if said and sentences <= (3 * _FEW if explains else _FEW):
        return f"says {said[0]!r}"
    if length >= _SHORT or sentences >= _FEW:
        return None
    small = source.encode("ascii", "ignore").lower()
    signed = any(sign in small for sign in _SIGNS)
    marked = next((name for mark, name in _CHALLENGE_MARKS if mark.search(source)), None) if signed else None
    if marked or length >= _VERY_SHORT or sentences:
        return marked
    if _CAPTCHA.search(source) and "登录" not in words:
        return "a captcha and little else"
    hidden = _NOSCRIPT.search(source[:50_000])
    asked = _BLOCKED_WORDS.search(hidden[1]) if hidden and length < 20 and not _SHELL.search(source) else None
    return f"asks {asked[0]!r}" if asked else None


def _login(source: str, words: str, title: str) -> str | None:
    if len(words) >= 2 * _SHORT or len(_PROSE.findall(words)) >= 4:
        return None
    said = _LOGIN_WORDS.search(words)
    if _PASSWORD.search(source) and (said or _LOGIN_TITLE.search(title) or _LOGIN_TITLE.search(words)):
        return "a password form and little else"
    return f"says {said[0]!r}" if said and len(words) < _SHORT // 2 else None


def _missing(words: str, title: str) -> str | None:
    length = len(words)
    if length >= 2 * _TALKATIVE:
        return None
    titled = _MISSING_TITLE.match(title)
    if not titled and length >= _SHORT:
        return None
    said = _MISSING_WORDS.search(words[:_TALKATIVE])
    if titled and (length < _SHORT or said):
        return f"title {title!r}"
    if said and length < _SHORT and len(_PROSE.findall(words)) < 5:
        return f"says {said[0]!r}"
    return None
