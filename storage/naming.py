"""What a reference's title or number says beside the name: whose it is. Pure.

A page is titled 工业和信息化部关于X的通知 and cited as 《关于X的通知》, or the other way round; an order is numbered
第50号 on its own page and 工业和信息化部令第50号 elsewhere. Such names fit only together with their issuer.
"""

import re
import unicodedata

from storage.identity import issuer_key, title_key

ORGAN_END = (
    "部|委|委员会|局|总局|署|总署|院|厅|办|办公厅|办公室|会|联合会|理事会|政府|银行|中心|管理局|法院|检察院|党委|组织部|宣传部|"
    "集团|公司|协会|学会|总工会|指挥部|领导小组|大队|公署"
)
_LEADING = re.compile(rf"^(?P<organs>[^《》\d]{{2,120}}?(?:{ORGAN_END}|等[0-9一二三四五六七八九十]*部门))(?=关于)")
_ORDERED = re.compile(r"^(?P<organ>.*?)(?P<rest>(?:公告|通告|公报|令|)(?:\d{4}年)?第\d+号)$")
_BEFORE = re.compile(
    rf"(?P<organ>[\u4e00-\u9fff]{{2,30}}?(?:{ORGAN_END}))(?:关于)?(?:印发|发布|公布|下发|制定|的|颁布)*$"
)
_DISPATCH = re.compile(r"^(?P<code>.+?)〔(?P<year>\d{4})〕(?P<serial>\d+)号$")
_YEARLY = re.compile(r"^(?P<code>.*?(?:公告|通告|公报|令))(?P<year>\d{4})年第(?P<serial>\d+)号$")
_RUNNING = re.compile(r"^(?P<code>.+令)第(?P<serial>\d+)号$")


def leading_organ(title: str | None) -> str | None:
    """The lead organ that a title begins with, as a key: 工业和信息化部 of 工信部等八部门关于X的通知."""
    match = _LEADING.match(_plain(re.sub(r"(?<=\S)\s+(?=\S)", "、", title or "")))
    return issuer_key(match["organs"]) if match else None


def short_title_key(title: str | None) -> str | None:
    """The key of a title from its 关于 on, the organs before it left away; None where it has no 关于."""
    plain = _plain(title)
    match = _LEADING.match(plain)
    rest = plain[match.end() :] if match else plain
    return title_key(rest) if rest.startswith("关于") else None


def organ_before(sentence: str, title: str | None) -> str | None:
    """The organ named right before a title in a sentence, as a key: 财政部 of 按照财政部《X办法》."""
    plain, name = _plain(sentence), _plain(title)
    at = plain.find(name) if name else -1
    before = plain[:at].rstrip("《〈") if at >= 0 else ""
    before = re.split(r"[，。；：、]|按照|依照|根据|依据|遵照|贯彻|落实|执行|转发|和|与|及", before)[-1]
    match = _BEFORE.search(before)
    return issuer_key(match["organ"]) if match else None


def order_parts(key: str | None) -> tuple[str | None, str] | None:
    """(issuer's key, rest) of the key of an order or a yearly number: (工业和信息化部, 令第50号); None for others."""
    match = _ORDERED.match(key or "")
    return (issuer_key(match["organ"]) if match["organ"] else None, match["rest"]) if match else None


def order_keys(key: str | None, issuer: str | None) -> set[str]:
    """What an order of `issuer` (its key) may be cited as: 工业和信息化部令第50号 for 第50号; empty for others."""
    parts = order_parts(key)
    if parts is None or (parts[0] or issuer) is None:
        return set()
    organ, rest = parts[0] or issuer, parts[1]
    return {f"{organ}{rest}"} | ({f"{organ}令{rest}"} if rest.startswith("第") else set())


def serial_of(key: str) -> tuple[str, int | None, int] | None:
    """(code, year, serial) of a number's key: (国发, 2026, 12). Orders run through the years: (国务院令, None, 743).

    None for a number that says no issuer."""
    match = _DISPATCH.match(key) or _YEARLY.match(key)
    if match:
        return match["code"], int(match["year"]), int(match["serial"])
    match = _RUNNING.match(key)
    return (match["code"], None, int(match["serial"])) if match else None


def _plain(text: str | None) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text or ""))
