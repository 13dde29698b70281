"""H8, H9: challenges, logins and soft 404s told from documents, both ways without an error."""

# ruff: noqa: E501  (pages stand as they are served)

import pytest
from support.reading_pages import PROSE, URL, document

from policy_crawler.reading import PageState, is_refusal, read

SCRIPT = "<script>var a=1;function f(){return a}</script>"


def shell(words: str = "", *, title: str = "", script: str = SCRIPT, extra: str = "") -> str:
    return f"<html><head><meta charset=utf-8><title>{title}</title>{script}</head><body>{extra}<div>{words}</div></body></html>"


def code(text: str) -> str:
    return f"<script>{text}</script>"


# Each after the public description of a kind of challenge; the key names it. Status 200 unless the kind uses another.
BLOCKED = {
    "ruishu 412": (412, shell(script=code("$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;$_ts.cd='qcp';"))),
    "ruishu 202": (202, shell(script='<meta id="x" content="abc">' + code('$_ts.cd="abc";if($_ts.lcd)$_ts.lcd();'))),
    "ruishu 200": (200, shell(script=code("var $_ts=window['$_ts'];(function(){_$a1();})()"))),
    "jiasule 521": (521, code("document.cookie='__jsl_clearance_s=1;max-age=3600';location.href=location.pathname")),
    "jiasule 200": (200, "<html><head>" + code("var x='__jsluid_s';document.cookie=x") + "</head><body></body></html>"),
    "edgeone": (200, shell(script=code("document.cookie='EO_Bot_Ssid=123;path=/';location.reload()"))),
    "edgeone tst": (200, shell(script=code("document.cookie='__tst_status=1#';"))),
    "cloudflare wait": (403, shell("Checking if the site connection is secure", title="Just a moment...")),
    "cloudflare 1020": (
        403,
        shell(
            "Sorry, you have been blocked. You are unable to access example.gov.cn",
            title="Attention Required! | Cloudflare",
        ),
    ),
    "cloudflare platform": (
        200,
        shell(script='<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1"></script>'),
    ),
    "aliyun acw": (
        200,
        shell(script=code("var arg1='0123456789ABCDEF0123456789ABCDEF01234567';function setCookie(){}")),
    ),
    "aliyun acw v2": (200, shell(script=code("document.cookie='acw_sc__v2='+x"))),
    "aliyun waf 405": (
        405,
        shell("很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。您的请求ID是：0a1b2c", title="405"),
    ),
    "aliyun slider": (
        200,
        shell(
            "访问验证 别离开，为了更好的访问体验，请进行验证，通过后即可继续访问网页",
            script=code("window.AWSC.use('nc')"),
        ),
    ),
    "wzws": (200, shell(script=code("document.cookie='wzws_sessionid=1'"))),
    "wzws challenge": (200, shell(script=code("var WZWS_CONFIRM_PREFIX_LABEL=1;location='/WZWSREL/'"))),
    "incapsula": (200, shell(extra='<iframe src="/_Incapsula_Resource?CWUDNSAI=1"></iframe>', script="")),
    "waf cookie": (200, shell(script=code("document.cookie='https_waf_cookie=1';window.location.reload()"))),
    "ccdi cookie": (200, shell(script=code("document.cookie='HOY_TR=abc'"))),
    "safeline": (
        468,
        shell("安全检测能力由雷池 WAF 驱动", title="正在进行人机识别", script=code("window.safeline_x=1")),
    ),
    "too often": (200, shell("您的访问过于频繁，请稍后再试。", script="")),
    "too often 429": (429, "<html><body><h1>429 Too Many Requests</h1><hr>nginx</body></html>"),
    "requests too often": (200, shell("操作过于频繁，请输入验证码后继续", script="")),
    "rate": (200, shell("对不起，您的IP访问频率过高，已被限制访问", title="提示")),
    "ip banned": (403, shell("您的IP 1.2.3.4 已被封禁，如有疑问请联系管理员", title="")),
    "yunsuo": (
        200,
        shell(
            "您的请求带有不合法参数，已被网站管理员设置拦截！可能原因：您提交的内容包含危险的攻击请求",
            title="网站防火墙",
        ),
    ),
    "safedog": (200, shell("您的请求带有不合法参数，已被网站安全狗拦截", title="网站安全狗提示")),
    "baota": (200, shell("您的请求已被拦截。宝塔网站防火墙", title="网站防火墙")),
    "chuangyu": (200, shell("当前访问疑似黑客攻击，已被创宇盾拦截", title="403")),
    "hushenwei": (403, shell("您的访问存在异常，护卫神已阻止", title="禁止访问")),
    "f5": (
        200,
        "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.</body></html>",
    ),
    "nginx 403": (
        403,
        "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr>nginx</body></html>",
    ),
    "akamai": (
        403,
        "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission.</BODY></HTML>",
    ),
    "empty 403": (403, "<html><body> </body></html>"),
    "geetest": (
        200,
        shell(
            "请完成安全验证后继续访问",
            script='<script src="https://static.geetest.com/static/js/gt.0.5.0.js"></script>',
        ),
    ),
    "tencent captcha": (
        200,
        shell(
            script='<script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>'
            + code("new TencentCaptcha()")
        ),
    ),
    "captcha image": (200, shell('请输入验证码 <img src="/captcha.jpg"><input name="code">')),
    "slide": (200, shell("拖动滑块完成拼图", title="安全验证")),
    "browser check": (200, shell("浏览器安全检查中，请稍候…", title="")),
    "checking browser": (503, shell("Checking your browser before accessing example.gov.cn.")),
    "javascript off": (
        200,
        "<html><head></head><body><noscript>请开启JavaScript并刷新该页.</noscript><script>x()</script></body></html>",
    ),
    "human": (200, shell("Please verify you are a human to continue")),
    "policy rule": (200, shell("您的请求触发了安全防护策略，已被拦截。事件ID：123")),
    "explains at length": (
        200,
        shell(
            "<h2>您的请求已被网站防火墙拦截</h2><p>您的访问行为存在异常，可能造成威胁，已被设置拦截。</p><ul><li>可能原因：您的访问过于频繁，或者提交的内容包含危险的请求。</li>"
            "<li>如何解决：请稍后重试；如为网站管理员，请查看防护日志。</li></ul><p>拦截编号：abc。</p>",
            title="网站防火墙",
        ),
    ),
    "spider refused": (403, shell("拒绝您的访问：检测到爬虫行为")),
}

LOGIN = {
    "password form": '<form action="/login"><input name="u"><input type="password" name="p"><button>登录</button></form>',
    "unified": "<h2>统一身份认证平台</h2><form><input type=text><input type=password></form><p>忘记密码</p>",
    "please log in": "<div>您尚未登录，请先登录</div>",
    "session": "<div>会话已过期，请重新登录</div>",
    "english": '<h1>Sign in</h1><form><input type="password"></form>',
}

MISSING = {
    "404": ("404", "<h1>404</h1>"),
    "404 nginx": ("404 Not Found", "<center><h1>404 Not Found</h1></center><hr>nginx"),
    "no such page": ("页面不存在", "<p>您访问的页面不存在</p>"),
    "deleted": ("提示信息", "<p>对不起，您访问的页面已被删除或不存在，3秒后返回首页</p>"),
    "article gone": ("示例市人民政府", "<p>该信息不存在</p><a href='/'>返回首页</a>"),
    "article deleted": ("示例网", "<p>文章已被删除</p>"),
    "cannot find": ("出错了", "<p>抱歉，找不到您要的页面</p>"),
    "page not found": ("Page not found", "<p>Sorry.</p>"),
    "tomcat": ("HTTP Status 404 – 未找到", "<h1>HTTP Status 404</h1><p>The requested resource is not available.</p>"),
    "lost": ("404错误", "<p>页面走丢了，去首页看看吧</p>"),
    "link dead": ("", "<p>该链接已失效</p>"),
    "parked": ("example.cn", "<p>This domain is for sale. Buy it now.</p>"),
    "domain expired": ("域名已过期", "<p>该域名已过期，请联系注册商</p>"),
}

LONG = "<p>各单位要认真学习，结合实际抓好落实，重要情况及时报告。</p>" * 4
CLEAN = {
    "embeds geetest": document(f'<div id="zoom">{PROSE}</div><script src="https://static.geetest.com/gt.js"></script>'),
    "embeds recaptcha": document(f'<div id="zoom">{PROSE}</div><div class="g-recaptcha" data-sitekey="x"></div>'),
    "embeds tencent captcha": document(
        f'<div id="zoom">{PROSE}</div><script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>'
    ),
    "ruishu kept on the real page": document(
        f'<script>$_ts=window["$_ts"];$_ts.cd="x";</script><div id="zoom">{PROSE}</div>'
    ),
    "cloudflare beacon": document(
        f'<div id="zoom">{PROSE}</div><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    ),
    "aliyun cookie script": document(
        f'<div id="zoom">{PROSE}</div><script>var arg1="0123456789ABCDEF0123456789ABCDEF01234567"</script>'
    ),
    "wzws cookie": document(f'<div id="zoom">{PROSE}</div><script>document.cookie="wzws_sessionid=1"</script>'),
    "login box in the head": document(f'<form><input type="password"></form><a>登录</a><div id="zoom">{PROSE}</div>'),
    "login to comment": document(f'<div id="zoom">{PROSE}</div><div>请先登录后发表评论</div>'),
    "about firewalls": document(
        f'<div id="zoom"><p>关于加强网站防火墙建设的通知，各单位要防范恶意访问和非法请求。</p>{LONG}</div>',
        title="关于加强网站防火墙建设的通知",
    ),
    "about safety checks": document(
        f'<div id="zoom"><p>现就开展安全检查有关事项通知如下。</p>{LONG}</div>', title="关于开展安全检查的通知"
    ),
    "about robots": document(
        f'<div id="zoom"><p>人机验证技术规范已经公布，浏览器检查办法同时施行。</p>{LONG}</div>',
        title="关于人机验证技术规范的公告",
    ),
    "about captchas": document(
        f'<div id="zoom"><p>请输入验证码是登录的常见步骤，滑动验证更方便。</p>{LONG}{LONG}{LONG}{LONG}{LONG}{LONG}</div>',
        title="验证码的历史",
    ),
    "about page not found": document(
        f'<div id="zoom"><p>网站管理员应当检查页面不存在的情况，及时修复失效链接。</p>{LONG}{LONG}{LONG}</div>',
        title="关于网站错链的通报",
    ),
    "about order 404": document(f'<div id="zoom"><p>国务院令第404号公布。</p>{LONG}</div>', title="国务院令第404号"),
    "number 404 in the title": document(f'<div id="zoom">{PROSE}</div>', title="国函〔2018〕404号"),
    "a notice that links died": document(
        f'<div id="zoom"><p>原链接已失效，请使用新链接。</p>{LONG}{LONG}{LONG}</div>', title="关于更换网址的公告"
    ),
    "short notice": document(
        '<div id="zoom"><p>经研究，决定任命张三为办公室主任。</p><p>2022年4月13日</p></div>', title="关于张三任职的通知"
    ),
    "short fragment": '<div id="nr"><p>关于开展安全检查的公告</p><p>经研究，自即日起开展检查，特此公告。</p><p>示例市应急管理局</p></div>',
    "pictures only": document(
        '<h1>一图读懂管理办法</h1><div id="zoom"><img src="a.png"></div>', title="一图读懂管理办法"
    ),
    "attachment only": document(
        '<h1>许可结果公示</h1><div id="zoom"><p>附件：<a href="a.docx">许可结果.docx</a></p></div>',
        title="许可结果公示",
    ),
    "document withdrawn by another": document(
        f'<div id="zoom"><p>下列文件已失效，不再执行。</p>{LONG}</div>', title="关于废止部分文件的决定"
    ),
    "visit denied in prose": document(
        f'<div id="zoom"><p>外方拒绝访问请求，禁止访问的规定仍然有效。</p>{LONG}</div>', title="外交部发言人答记者问"
    ),
    "json answer": '{"success":true,"data":{"html":"<ul><li>关于印发通知</li></ul>"}}',
    "feed": '<?xml version="1.0"?><rss><channel><title>要闻</title><item><title>关于印发管理办法的通知</title></item></channel></rss>',
    "datastore": "<datastore><totalrecord>1</totalrecord><recordset><record><![CDATA[<li><a href='a.html'>关于印发办法的通知</a></li>]]></record></recordset></datastore>",
    "listing with a search captcha": document(
        "<ul>"
        + "".join(f'<li><a href="t2022041{n}_1.html">关于印发第{n}号管理办法的通知</a></li>' for n in range(9))
        + '</ul><img src="verifycode.jsp">'
    ),
    "empty listing": document("<ul></ul><p>暂无数据</p>"),
    "news on hacking": document(
        f'<div id="zoom"><p>黑客疑似攻击了多家网站，多国加强防火墙。</p>{LONG}</div>', title="多国网站遭疑似黑客攻击"
    ),
    "javascript hint": document(f'<noscript>请启用JavaScript以获得更好体验</noscript><div id="zoom">{PROSE}</div>'),
    "script shell": '<html><body><noscript>We\'re sorry but app doesn\'t work properly without JavaScript enabled.</noscript><div id="app"></div><script src="app.js"></script></body></html>',
    "real 404 of a law": document(
        f'<div id="zoom"><p>第四百零四条　本法自公布之日起施行。</p>{LONG}</div>', title="中华人民共和国示例法"
    ),
    "system hint column": document(f'<div id="zoom">{PROSE}{LONG}{LONG}</div>', title="系统提示类软件管理办法"),
    "verify in the text": document(
        f'<div id="zoom"><p>申请人应当进行身份验证，通过人脸识别完成验证。</p>{LONG}</div>', title="关于电子证照的规定"
    ),
    "too often in the text": document(
        f'<div id="zoom"><p>不得对同一企业检查过于频繁。</p>{LONG}</div>', title="涉企行政检查办法"
    ),
    "login guide": document(
        f'<div id="zoom"><p>请登录平台填报，登录后即可查看进度。</p>{LONG}</div>', title="关于网上填报的通知"
    ),
    "share widget asks to log in": document(f'<div id="zoom">{PROSE}</div><span>登录后收藏</span>'),
    "domain rules": document(
        f'<div id="zoom"><p>域名已过期的，由注册局收回。</p>{LONG}{LONG}{LONG}</div>', title="互联网域名管理办法"
    ),
    "captcha in a form below": document(
        f'<div id="zoom">{PROSE}</div><form><input name="verifycode"><img src="/verifycode.do">请输入验证码</form>'
    ),
    "blocked word in a comment": document(f'<!-- Access Denied --><div id="zoom">{PROSE}</div>'),
    "error style sheet": document(f'<style>.error404{{}}</style><div id="zoom">{PROSE}</div>'),
}


@pytest.mark.parametrize("kind", BLOCKED)
def test_H8_a_challenge_is_blocked_and_says_why(kind: str) -> None:
    status, html = BLOCKED[kind]
    reading = read(html.encode(), URL, status=status)
    assert (reading.state, kind) == (PageState.BLOCKED, kind)
    assert reading.state_reason
    assert reading.blocks == ()
    state, reason = is_refusal(html.encode(), URL, "text/html", status)
    assert state is PageState.BLOCKED
    assert reason


@pytest.mark.parametrize("kind", CLEAN)
def test_H8_a_clean_page_is_no_challenge(kind: str) -> None:
    state, reason = is_refusal(CLEAN[kind].encode(), URL, None, 200)
    assert (state, reason) == (PageState.DOCUMENT, "")
    assert read(CLEAN[kind].encode(), URL).state in {PageState.DOCUMENT, PageState.EMPTY}


def test_H8_the_fixtures_are_enough() -> None:
    assert len(BLOCKED) >= 40
    assert len(CLEAN) >= 40


@pytest.mark.parametrize("kind", LOGIN)
def test_a_login_page_is_told(kind: str) -> None:
    html = f"<html><head><title>登录</title></head><body>{LOGIN[kind]}</body></html>"
    assert read(html.encode(), URL).state is PageState.LOGIN


@pytest.mark.parametrize("kind", MISSING)
def test_H9_a_soft_404_is_missing(kind: str) -> None:
    title, words = MISSING[kind]
    html = f"<html><head><title>{title}</title></head><body>{words}</body></html>"
    reading = read(html.encode(), URL)
    assert reading.state is PageState.MISSING
    assert reading.state_reason


@pytest.mark.parametrize("status", [404, 410])
def test_a_status_of_absence_is_missing_whatever_the_page_says(status: int) -> None:
    assert is_refusal(document(f'<div id="zoom">{PROSE}</div>').encode(), URL, None, status)[0] is PageState.MISSING


@pytest.mark.parametrize("body", [b"", b"  \r\n\t", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_body_is_empty(body: bytes) -> None:
    assert read(body, URL).state is PageState.EMPTY
    assert is_refusal(body, URL, None, 200) == (PageState.EMPTY, "empty body")


def test_a_shell_for_scripts_is_empty() -> None:
    reading = read(CLEAN["script shell"].encode(), URL)
    assert reading.state is PageState.EMPTY
    assert "script" in reading.state_reason
