"""Which pictures of a page are files of its document."""

import pytest

from policy_crawler.attachments.pictures import MOST, pictures_of
from policy_crawler.reading import read

URL = "https://czj.example.gov.cn/zwgk/t1.html"
TITLE = "关于做好工业互联网工作的通知"
TEXT = "<p>各有关单位：</p><p>现将《示例工业互联网工作计划》印发给你们，请遵照执行，执行中的问题请及时反馈。</p>" * 4


def shown(body: str, text: str = TEXT) -> list[tuple[str, str, str]]:
    page = (
        f'<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{TITLE}"></head><body><h1>{TITLE}</h1>'
        f'<div class="TRS_Editor">{text}{body}</div></body></html>'
    ).encode()
    return [(link.url.rsplit("/", 1)[-1], link.name, link.type) for link in pictures_of(read(page, URL), page)]


def test_all_pictures_of_a_body_of_pictures_in_their_order():
    body = "".join(f'<p><img src="/images/{n}.jpg"></p>' for n in range(3))
    assert shown(body, "") == [(f"{n}.jpg", f"图片（图{n + 1}）", "jpg") for n in range(3)]
    assert len(shown("".join(f'<p><img src="/images/{n}.jpg"></p>' for n in range(MOST + 5)), "")) == MOST


@pytest.mark.parametrize(
    ("picture", "kept"),
    [
        ('<img src="/a.png" alt="示例工业互联网工作计划">', True),  # the text names it
        ('<img src="/a.png" alt="示例市数字经济发展规划（2026年）">', True),  # it ends in a kind of document
        ('<img src="/a.png" alt="会议现场照片，王某某摄">', False),
        ('<img src="/a.png">', False),
        (f'<img src="/a.png" alt="{TITLE}">', False),  # the page's own title says nothing of the picture
        ('<img src="/a.png" alt="示例工业互联网工作计划" width="90" height="90">', False),  # a code to scan
        ('<img src="data:image/png;base64,AAAA" alt="示例工业互联网工作计划">', False),
        ('<a href="/a.png">附件：申报流程图</a>', True),
        ('<a href="/a.png">查看大图</a>', False),
    ],
)
def test_beside_a_text_those_that_show_a_document(picture, kept):
    assert [url for url, _, _ in shown(f"<p>{picture}</p>")] == (["a.png"] if kept else [])
