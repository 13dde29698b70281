"""How well OCR reads Chinese pages with tables: pages are drawn here, recognised, and compared character by character.

    python benchmarks/ocr_accuracy.py [--font PATH …]

Needs the extra `ocr` and a Chinese font (Debian: fonts-noto-cjk, fonts-wqy-microhei). Prints one line a page: the share
of characters read right, of table cells read exactly, and the seconds; spaces do not count.
"""

import argparse
import io
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from policy_crawler.attachments import extract, ocr

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
PAGE = (1654, 2339)  # A4 at 200 dots an inch
MARGIN, SIZE = 180, 44  # 16 point, GB/T 9704-2012
LINES = """\
示例省人民政府办公厅文件
示政办发〔2026〕17号
关于印发《示例省促进人工智能产业
高质量发展若干措施》的通知

各市、县（市、区）人民政府，省政府各部门、各直属机构：
《示例省促进人工智能产业高质量发展若干措施》已经省政府第
86次常务会议审议通过，现印发给你们，请结合实际认真组织实
施。到2028年，全省人工智能核心产业规模突破3,500亿元，年
均增长18.6%以上，培育“专精特新”企业不少于120家。
第一条 对首次认定的国家级创新平台，给予不超过500万元的一
次性奖励；对省级平台给予80万元补助（每年12月31日前兑现）。
第二条 本措施自2026年1月1日起施行，有效期至2028年12月31
日。《关于加快软件业发展的意见》（示政发〔2019〕8号）同时废止。
""".splitlines()
TABLE = (
    ("序号", "项目名称", "承担单位", "金额（万元）", "完成时间"),
    ("1", "工业大模型训练平台", "示例市数据集团", "1,280.50", "2026-09-30"),
    ("2", "智能网联汽车测试场", "东湖科技公司", "965.00", "2027-03-15"),
    ("3", "低空经济监管系统", "省测绘研究院", "418.75", "2026-12-01"),
    ("4", "算力调度中心（二期）", "示例大学", "2,036.40", "2028-06-30"),
    ("5", "政务知识库", "省大数据局", "89.90", "2026-08-20"),
)
WIDTHS = (110, 380, 320, 250, 234)


def drawn(font_path: str) -> Image.Image:
    """A page with text and a ruled table."""
    page = Image.new("L", PAGE, 255)
    draw = ImageDraw.Draw(page)
    font, small = ImageFont.truetype(font_path, SIZE), ImageFont.truetype(font_path, 34)
    y = MARGIN
    for line in LINES:
        draw.text((MARGIN, y), line, font=font, fill=0)
        y += 78
    y += 30
    for row in TABLE:
        x = MARGIN
        for text, width in zip(row, WIDTHS, strict=True):
            draw.rectangle((x, y, x + width, y + 72), outline=0, width=2)
            draw.text((x + 12, y + 14), text, font=small, fill=0)
            x += width
        y += 72
    return page


def scanned(page: Image.Image, seed: int) -> Image.Image:
    """The page as a poor scanner gives it: turned by a degree, blurred, grey and noisy."""
    turned = page.rotate(0.8, fillcolor=255, resample=Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1.0))
    noise = np.random.default_rng(seed).normal(0, 14, (PAGE[1], PAGE[0]))
    return Image.fromarray(np.clip(np.asarray(turned, dtype=float) * 0.85 + 25 + noise, 0, 255).astype("uint8"))


def small(page: Image.Image) -> Image.Image:
    """The page at 120 dots an inch, as pictures of plans on web pages are."""
    return page.resize((PAGE[0] * 6 // 10, PAGE[1] * 6 // 10), Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", action="append", help="a font file to draw with, in place of Debian's")
    fonts = [font for font in parser.parse_args().font or FONTS if Path(font).is_file()]
    if not fonts or not ocr.available():
        raise SystemExit(f"needs a Chinese font (looked for {', '.join(FONTS)}) and the extra ocr")
    rates, cells_right, cells_all = [], 0, 0
    expected = "".join("".join(LINES).split()) + "".join("".join(row) for row in TABLE)
    for font in fonts:
        for name, page in _pages(font):
            buffer = io.BytesIO()
            page.save(buffer, "PNG")
            started = time.perf_counter()
            found = extract(buffer.getvalue(), recogniser=ocr.Recogniser(ocr.Recognition()))
            seconds = time.perf_counter() - started
            wrong = Levenshtein.distance(expected, "".join(found.text.split()))
            right = _cells(found.text)
            rates.append(wrong / len(expected))
            cells_right, cells_all = cells_right + right, cells_all + len(TABLE) * len(WIDTHS)
            label = f"{Path(font).stem} {name}"
            print(
                f"{label:38} characters {1 - rates[-1]:.4f}  cells {right}/{len(TABLE) * len(WIDTHS)}  {seconds:.1f} s"
            )
    print(
        f"mean {1 - sum(rates) / len(rates):.4f} of {len(expected)} characters; {cells_right}/{cells_all} cells exactly"
    )


def _pages(font: str) -> list[tuple[str, Image.Image]]:
    page = drawn(font)
    return [("clean 200 dpi", page), ("scan", scanned(page, 1)), ("picture 120 dpi", small(page))]


def _cells(text: str) -> int:
    """How many cells of the table stand exactly, in their row, between tabs or spaces."""
    lines = [line.replace("\t", " ").split() for line in text.split("\n")]
    right = 0
    for row in TABLE:
        best = max((sum(cell in line for cell in row) for line in lines), default=0)
        right += best
    return right


if __name__ == "__main__":
    main()
