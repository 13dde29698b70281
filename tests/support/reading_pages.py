"""Pages in the structures of the CMS families, written for the tests of reading."""

# ruff: noqa: E501  (pages stand as they are served)

URL = "https://www.example.gov.cn/zwgk/202602/t20260228_195992.html"
PROSE = (
    "<p>各省、自治区、直辖市人民政府，国务院各部委、各直属机构：</p>"
    "<p>为贯彻落实党中央、国务院决策部署，推动高质量发展，现就有关事项通知如下。</p>"
    "<p>一、提高认识。各地区、各部门要充分认识做好这项工作的重要意义，切实加强组织领导。</p>"
    "<p>二、抓好落实。各地区、各部门要结合实际制定具体措施，明确责任分工，确保取得实效。</p>"
)


def document(body: str, *, head: str = "", title: str = "关于做好试点工作的通知") -> str:
    """A whole page: head tags, a menu, the body, a footer."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}_示例市人民政府</title>{head}</head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/hdjl/">互动交流</a></li></ul></div>
{body}
<div class="footer"><p>主办单位：示例市人民政府办公室，地址：示例市中山路1号，网站标识码：1234567890</p></div></body></html>"""
