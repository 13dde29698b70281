"""Is it a page at all? Challenges, logins and soft 404s, told from documents before anything is read.

Nothing is bypassed: a challenge is reported with its words. A page that merely embeds a captcha widget is a document.
"""

import re

from policy_crawler.reading.model import PageState

_TAGS = re.compile(
    r"<(?:script|style|noscript|head|svg)\b.*?</(?:script|style|noscript|head|svg)\s*>|<!--.*?-->|<[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)
_SHORT = 400  # visible characters: a challenge says little, a document says more

# Marks in the source that only a challenge page has, whatever it says (cms.md §15).
_CHALLENGE_SOURCE = (
    (re.compile(r"\$_ts\s*=\s*window\[|\$_ts\.cd|_\$[a-z0-9]{2}\(\)"), "Ruishu script challenge"),
    (re.compile(r"__jsl_clearance|__jsluid_"), "Jiasule script challenge (521)"),
    (re.compile(r"EO_Bot_Ssid|__tst_status"), "EdgeOne bot check"),
    (
        re.compile(r"/cdn-cgi/challenge-platform/|cf-browser-verification|cf_chl_opt|id=[\"']challenge-form"),
        "Cloudflare challenge",
    ),
    (
        re.compile(
            r"aliyun_waf|acw_sc__v2|arg1\s*=\s*['\"][0-9A-F]{40}|renderData.{0,80}_waf_|TraceId.{0,200}aliyun",
            re.DOTALL,
        ),
        "Aliyun WAF challenge",
    ),
    (re.compile(r"wzws_sessionid|WZWS-RAY|waf_text_verify|wzwschallenge|WZWS_CONFIRM_PREFIX"), "WZWS challenge"),
    (re.compile(r"_Incapsula_Resource|incapsula incident", re.IGNORECASE), "Incapsula challenge"),
    (re.compile(r"https_waf_cookie|HOY_TR|safeline|SafeLine|sl-challenge|chaitin", re.IGNORECASE), "WAF cookie check"),
    (
        re.compile(
            r"TencentCaptcha|turing\.captcha|geetest|initGeetest|grecaptcha\.execute|h-captcha|smCaptcha|nc_scene|AWSC\.use",
            re.IGNORECASE,
        ),
        "captcha",
    ),
)
_BLOCKED_WORDS = re.compile(
    r"访问过于频繁|请求过于频繁|访问频率过高|操作过于频繁|您的访问(?:被|已被)(?:拦截|阻断|禁止|拒绝)|访问被(?:拦截|阻断|拒绝|禁止)|请求(?:被|已被)(?:拦截|阻断)|"
    r"您的请求(?:存在|带有|可能存在|疑似).{0,16}(?:攻击|威胁|不合法|异常|参数)|(?:触发|命中)了?.{0,10}(?:防护|安全|拦截)(?:策略|规则)|"
    r"(?:网站|云)防火墙|安全(?:验证|检测|检查)中|(?:请|正在)(?:完成|进行).{0,12}(?:安全|人机)?验证|人机验证|滑动(?:验证|滑块|完成)|拖动(?:滑块|下方)|"
    r"IP.{0,20}(?:被|已被)(?:封禁|限制|禁止|拉黑|拦截)|疑似(?:黑客)?攻击|浏览器(?:安全)?检(?:查|测)|正在(?:验证|检查)您(?:的浏览器|是否)|"
    r"Access Denied|Request (?:blocked|rejected)|unusual traffic|Checking your browser|Just a moment\.\.\.|Attention Required|"
    r"enable JavaScript and cookies to continue|verify (?:that )?you are (?:a )?human|Too Many Requests|Sorry, you have been blocked|403 Forbidden|"
    r"The requested URL was rejected|Web Application Firewall|blocked by.{0,20}(?:security|firewall)|请开启JavaScript并刷新|请启用JavaScript|"
    r"您访问的(?:网站|页面).{0,10}(?:受到|存在).{0,10}(?:保护|风险)|创宇盾|安全狗|云锁|D盾_拦截|玄武盾|网防G01",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(
    r"^\W*(?:404|出错了?|错误页?面?|页面不存在|找不到页面|页面未找到|访问(?:的)?页面不存在|not found|page not found|404 not found|404错误.{0,10}|"
    r"404[-_ |].{0,40}|.{0,30}[-_ |]404|.{0,12}页面不存在.{0,20}|error 404.{0,20}|对不起.{0,30}不存在.{0,10}|找不到网页|无法找到该页|系统提示|提示信息|HTTP Status 404.{0,40})\W*$",
    re.IGNORECASE,
)
_MISSING_WORDS = re.compile(
    r"(?:您|你)?(?:所)?(?:访问|请求|查看|查找|浏览|寻找|要找)的?(?:页面|网页|内容|文章|信息|文件|资源|栏目|稿件|链接)(?:已经?|可能|暂时|暂)?(?:被)?(?:不存在|已?删除|已?移除|已下线|失效|找不到|撤销|过期|丢失|未找到|下架)|"
    r"(?:页面|网页|文章|内容|信息|稿件|该信息|该文章|该页面)(?:不存在|已被删除|已删除|已下线|未找到|已失效|已过期|找不到了|走丢了|不见了)|"
    r"找不到(?:您|你)?(?:所)?(?:请求|访问|需要|要|想)?的?(?:页面|网页|文件|资源)|无法找到(?:该|此)(?:页|网页|资源)|"
    r"Page Not Found|404 Not Found|HTTP Status 404|The requested URL .{0,80} was not found|could not be found|no longer available|"
    r"(?:this )?domain (?:is|may be) for sale|域名(?:出售|已过期|转让)|抱歉.{0,20}(?:不存在|找不到|已删除)",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^.{0,20}(?:登录|登陆|用户登录|统一身份认证|单点登录|Log ?in|Sign ?in)(?:页面?|系统|平台|中心)?(?:[-_|—].{0,30})?$",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(
    r"(?:请(?:先|您)?登[录陆](?:后|再)?|登[录陆]后(?:才|方|即)?可?(?:查看|访问|浏览|阅读)|您(?:尚|还)?未登[录陆]|会话(?:已)?(?:过期|超时)|请输入(?:用户名|账号|密码)|统一身份认证)"
)
_PASSWORD = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_PROSE = re.compile("[。；！]")


def visible_text(source: str) -> str:
    """The words of a page without its tags, scripts and styles; cheap, and cut at 200,000 characters of source."""
    return " ".join(_TAGS.sub(" ", source[:200_000]).replace("&nbsp;", " ").split())


def judge(source: str, status: int) -> tuple[PageState, str]:
    """The state of a page by its source and status, and why it is no document ("" when it is)."""
    visible = visible_text(source)
    title_match = _TITLE.search(source[:20_000])
    title = " ".join(title_match[1].split()) if title_match else ""
    short = len(visible) < _SHORT
    if short or status in {403, 412, 418, 429, 503, 521}:
        refusal = _challenge(source, visible, title, short=short)
        if refusal:
            return PageState.BLOCKED, refusal
    login = _login(source, visible, title)
    if login:
        return PageState.LOGIN, login
    missing = _missing(visible, title)
    if missing:
        return PageState.MISSING, missing
    if status in {403, 412, 418, 429, 521} and short:
        return PageState.BLOCKED, f"status {status} with {len(visible)} characters of text"
    if status in {404, 410}:
        return PageState.MISSING, f"status {status}"
    return PageState.DOCUMENT, ""


def _challenge(source: str, visible: str, title: str, *, short: bool) -> str | None:
    words = _BLOCKED_WORDS.search(title) or _BLOCKED_WORDS.search(visible[:1500])
    if words and (short or len(visible) < 1200):
        return f"says {words[0]!r}"
    if not short or len(_PROSE.findall(visible)) >= 3:
        return None
    for pattern, name in _CHALLENGE_SOURCE:
        if pattern.search(source) and (name != "captcha" or len(visible) < 120):
            return name
    return None


def _login(source: str, visible: str, title: str) -> str | None:
    prose = len(_PROSE.findall(visible))
    if (
        _PASSWORD.search(source)
        and len(visible) < 600
        and prose < 4
        and (_LOGIN_TITLE.match(title) or _LOGIN_WORDS.search(visible) or "登录" in visible)
    ):
        return "a password form and little else"
    if len(visible) < 200 and _LOGIN_WORDS.search(visible) and prose < 3:
        return f"says {_LOGIN_WORDS.search(visible)[0]!r}"  # type: ignore[index]
    return None


def _missing(visible: str, title: str) -> str | None:
    if _MISSING_TITLE.match(title) and len(visible) < 1500 and (len(visible) < 300 or _MISSING_WORDS.search(visible)):
        return f"title {title!r}"
    found = _MISSING_WORDS.search(visible[:1500])
    if found and len(visible) < _SHORT and len(_PROSE.findall(visible)) < 5:
        return f"says {found[0]!r}"
    return None
