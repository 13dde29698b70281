"""The sample site's pages: templates of `pages/` filled with documents, each in its software's own form."""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from zoneinfo import ZoneInfo

from console.demo.content import Published, chinese_date

CHINA = ZoneInfo("Asia/Shanghai")
COLUMNS = {"gxb-tz": "通知", "fgw-tz": "通知", "fgw-jd": "解读"}
COLUMN_TYPES = {"fgw-tz": "政策文件", "fgw-jd": "政策解读"}
ISSUERS = {"gxb-tz": "示例工业和信息化部", "fgw-tz": "示例发展和改革委员会", "fgw-jd": "示例发展和改革委员会"}
HANWEB = {
    "web_id": "8f1d52c0a7b94e21b3c6d9e01f2a3b4c",
    "page_id": "3c0e7a5b91d84f6fa2b8c7d6e5f40312",
    "template_id": "209741b2109044b5b7695700b2bec37e",
}
PINNED = '<i class="zd">置顶</i>'
LISTED_TITLE = 30  # characters of a title that a row shows; the whole stands in its title attribute


@cache
def template(name: str) -> Template:
    """The template `name` of pages/."""
    return Template(files("console.demo").joinpath("pages", name).read_text(encoding="utf-8"))


def hanweb_column() -> str:
    """A JPAAS column page: it holds no rows, only the script that builds them."""
    return template("gxb_column.html").substitute(HANWEB)


def hanweb_unit(documents: Sequence[Published], page: int, size: int) -> str:
    """The answer of the unit API for page `page` (from 1): JSON whose data.html holds the rows."""
    rows = "\n".join(
        f'<li class="cf"><p>{_link(item, item.path)}{PINNED if item.pinned else ""}</p>'
        f'<span class="date">{item.published:%Y-%m-%d}</span></li>'
        for item in documents[(page - 1) * size : page * size]
    )
    html = template("gxb_unit.html").substitute(HANWEB, rows=rows, count=len(documents), size=size, page=page)
    return json.dumps({"success": True, "message": "", "code": "200", "data": {"html": html}}, ensure_ascii=False)


def hanweb_article(item: Published) -> str:
    """A JPAAS article page, with the disclosure table where the document has a number."""
    return template("gxb_article.html").substitute(
        HANWEB,
        title=escape(item.title),
        published=f"{item.published:%Y-%m-%d %H:%M}",
        office=item.office,
        path=item.path,
        disclosure=_disclosure(item) if item.number else "",
        body=_body(item, 'style="text-indent:2em"'),
        files=_files(item, absolute=True),
    )


def trs_column(column: str, documents: Sequence[Published], page: int, size: int) -> str:
    """A TRS column page, `page` from 0 as its createPageHTML counts."""
    rows = "\n".join(
        f"<li>{_link(item, _relative(item, column))}<span>{item.published:%Y/%m/%d}</span></li>"
        for item in documents[page * size : (page + 1) * size]
    )
    return template("fgw_column.html").substitute(
        column=COLUMNS[column],
        column_type=COLUMN_TYPES[column],
        rows=rows,
        pages=max(1, -(-len(documents) // size)),
        page=page,
    )


def trs_article(item: Published, views: int, related: Sequence[Published]) -> str:
    """A TRS article page with its view counter and its list of related links."""
    return template("fgw_article.html").substitute(
        title=escape(item.title),
        column=COLUMNS[item.column],
        column_type=COLUMN_TYPES[item.column],
        published=f"{item.published:%Y-%m-%d %H:%M:%S}",
        day=f"{item.published:%Y/%m/%d}",
        office=item.office,
        disclosure=_disclosure(item) if item.number else "",
        views=views,
        body=_body(item, 'align="justify"'),
        files=_files(item, absolute=False),
        related="".join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in related),
    )


def news_feed(documents: Sequence[Published]) -> str:
    """The news site's RSS feed."""
    rows = "\n".join(
        f"<item><title>{escape(item.title)}</title><link>{item.url}</link><guid>{item.url}</guid>"
        f"<description><![CDATA[<p>{escape(item.lines[0])}</p>]]></description>"
        f"<pubDate>{_moment(item.published)}</pubDate></item>"
        for item in documents
    )
    newest = max(item.published for item in documents)
    return template("news_feed.xml").substitute(rows=rows, built=_moment(newest))


def news_article(item: Published, targets: dict[str, str], others: Sequence[Published]) -> str:
    """A news report; `targets` maps words of its text to the addresses they link to."""
    at = item.published
    body = "".join(f"<p>{escape(line)}</p>" for line in item.lines)
    for words, url in targets.items():
        body = body.replace(words, f'<a href="{url}" target="_blank">{words}</a>', 1)
    return template("news_article.html").substitute(
        title=escape(item.title),
        summary=escape(item.lines[0]),
        url=item.url,
        published=f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M:%S}",
        office=item.office,
        comments=12,
        body=body,
        related="".join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in others),
    )


def home(name: str, links: dict[str, str]) -> str:
    """A site's home page: its name and its columns."""
    rows = "".join(f'<li><a href="{path}">{text}</a></li>' for text, path in links.items())
    return template("home.html").substitute(name=name, rows=rows)


def _disclosure(item: Published) -> str:
    """The table that disclosure rules ask for (政府信息公开): index number, issuer, dates, number."""
    index = f"0000{ord(item.key[0]):05d}/{item.published:%Y}-{item.published:%m%d}{len(item.key):02d}"
    cells = [
        ("索 引 号：", index),
        ("主题分类：", item.topic or ""),
        ("发文机关：", ISSUERS[item.column]),
        ("成文日期：", chinese_date(item.signed)),
        ("发文字号：", item.number or ""),
        ("发布日期：", chinese_date(item.published.date())),
    ]
    pairs = [f"<td><b>{label}</b></td><td>{escape(value)}</td>" for label, value in cells]
    rows = "".join(f"<tr>{left}{right}</tr>" for left, right in zip(pairs[::2], pairs[1::2], strict=True))
    return f'<table class="xxgk_table" width="100%"><tbody>{rows}</tbody></table>'


def _body(item: Published, attributes: str) -> str:
    parts: list[str] = []
    for line in item.lines:
        if line.startswith("|"):
            cells = "".join(f"<td>{escape(cell.strip())}</td>" for cell in line.strip("|").split("|"))
            if parts and parts[-1].endswith("</table>"):
                parts[-1] = parts[-1].removesuffix("</table>") + f"<tr>{cells}</tr></table>"
            else:
                parts.append(f'<table border="1"><tr>{cells}</tr></table>')
        elif line.startswith("# "):
            parts.append(f'<p style="text-align:center"><strong>{escape(line[2:])}</strong></p>')
        elif line.startswith("> "):
            parts.append(f'<p style="text-align:right">{escape(line[2:])}&nbsp;&nbsp;&nbsp;&nbsp;</p>')
        else:
            parts.append(f"<p {attributes}>{escape(line)}</p>")
    return "\n".join(parts)


def _files(item: Published, *, absolute: bool) -> str:
    links = []
    for number, file in enumerate(item.attachments):
        path = item.file_path(number)
        href = path if absolute else "./" + path.rpartition("/")[2]
        links.append(f'<p><a href="{href}" target="_blank" title="{escape(file.name)}">{escape(file.name)}</a></p>')
    return "\n".join(links)


def _relative(item: Published, column: str) -> str:
    """A link as TRS prints it in a column: ./202611/t20261120_1.html."""
    return f"./{'/'.join(item.path.split('/')[-2:])}" if item.column == column else item.path


def _link(item: Published, href: str) -> str:
    """A row's link: the title cut short, the whole in its title attribute."""
    shown = item.title if len(item.title) <= LISTED_TITLE else item.title[:LISTED_TITLE] + "…"
    return f'<a href="{href}" title="{escape(item.title)}" target="_blank">{escape(shown)}</a>'


def _moment(published: datetime) -> str:
    return format_datetime(published.replace(tzinfo=CHINA))
