"""What the archive of the console's tests holds: a hostile document in two versions."""

PAGE = "https://www.miit.gov.cn/art/1.html"
TITLE = "关于印发《工业互联网<b>平台</b>办法》的通知"
HOSTILE = "<script>alert(1)</script>"
BLOCKS = (
    ("chapter", "第一章 总则"),
    ("article", "第一条 每个平台的补贴不超过二百万元。"),
    ("chapter", "第二章 附则"),
    ("article", f"第二条 由省级主管部门受理{HOSTILE}。"),
    ("table", "序号\t名称\n1\t甲平台"),
)
LATER = (*BLOCKS[:1], ("article", "第一条 每个平台的补贴不超过三百万元。"), *BLOCKS[2:])
