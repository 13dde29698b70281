"""Pages of the Guangdong disclosure platform (gkmlpt) carry their document as JSON in a script: window._CONFIG.DETAIL.

What the page's own script would draw is written out as HTML, so that the rest of reading needs no rule for it.
"""

import html
import json
import re
from datetime import UTC, datetime

from policy_crawler.reading.dates import CHINA

_DETAIL = re.compile(r"\bDETAIL\s*[:=]\s*(?=\{)")
_LONGEST = 4_000_000  # characters of one page's JSON
# The platform's article fields under the labels of a disclosure table.
_LABELS = (
    ("索引号", "identifier"),
    ("发布机构", "publisher"),
    ("文号", "document_number"),
    ("公文种类", "classify_genre_name"),
    ("主题分类", "classify_theme_name"),
)
_MOMENTS = (("成文日期", "date"), ("发布日期", "display_publish_time"))  # seconds since 1970


def drawn(source: str) -> str:
    """The page with its document written out behind it; `source` itself where it carries none."""
    match = _DETAIL.search(source) if "_CONFIG" in source else None
    if match is None:
        return source
    try:
        detail, _ = json.JSONDecoder().raw_decode(source[match.end() : match.end() + _LONGEST])
    except (ValueError, RecursionError):
        return source
    content = detail.get("content") if isinstance(detail, dict) else None
    if not isinstance(content, str) or not content.strip():
        return source
    rows = [(label, str(detail[key])) for label, key in _LABELS if isinstance(detail.get(key), str)]
    rows += [(label, day) for label, key in _MOMENTS if (day := _day(detail.get(key)))]
    table = "".join(f"<tr><td>{label}</td><td>{html.escape(value)}</td></tr>" for label, value in rows)
    title = detail.get("title")
    tag = f'<meta name="ArticleTitle" content="{html.escape(title)}">' if isinstance(title, str) and title else ""
    return f'{source}{tag}<table>{table}</table><div class="article-content" id="zoom">{content}</div>'


def _day(seconds: object) -> str | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 4_102_444_800:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(CHINA):%Y-%m-%d}"
