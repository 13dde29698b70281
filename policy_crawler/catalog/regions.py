"""Provinces and cities: which one an issuer or a host belongs to."""

import re

PROVINCES: dict[str, tuple[str, str, str]] = {
    "北京市": ("北京", "beijing", "bj"),
    "天津市": ("天津", "tianjin", "tj"),
    "河北省": ("河北", "hebei", "he"),
    "山西省": ("山西", "shanxi", "sx"),
    "内蒙古自治区": ("内蒙古", "neimenggu", "nmg"),
    "辽宁省": ("辽宁", "liaoning", "ln"),
    "吉林省": ("吉林", "jilin", "jl"),
    "黑龙江省": ("黑龙江", "heilongjiang", "hlj"),
    "上海市": ("上海", "shanghai", "sh"),
    "江苏省": ("江苏", "jiangsu", "js"),
    "浙江省": ("浙江", "zhejiang", "zj"),
    "安徽省": ("安徽", "anhui", "ah"),
    "福建省": ("福建", "fujian", "fj"),
    "江西省": ("江西", "jiangxi", "jx"),
    "山东省": ("山东", "shandong", "sd"),
    "河南省": ("河南", "henan", "ha"),
    "湖北省": ("湖北", "hubei", "hb"),
    "湖南省": ("湖南", "hunan", "hn"),
    "广东省": ("广东", "guangdong", "gd"),
    "广西壮族自治区": ("广西", "guangxi", "gxzf"),
    "海南省": ("海南", "hainan", "hi"),
    "重庆市": ("重庆", "chongqing", "cq"),
    "四川省": ("四川", "sichuan", "sc"),
    "贵州省": ("贵州", "guizhou", "gz"),
    "云南省": ("云南", "yunnan", "yn"),
    "西藏自治区": ("西藏", "xizang", "xz"),
    "陕西省": ("陕西", "shaanxi", "sn"),
    "甘肃省": ("甘肃", "gansu", "gs"),
    "青海省": ("青海", "qinghai", "qh"),
    "宁夏回族自治区": ("宁夏", "ningxia", "nx"),
    "新疆维吾尔自治区": ("新疆", "xinjiang", "xj"),
}
"""Full name: its short name, its pinyin, and the label it has in the names of hosts (where that is not the pinyin)."""

MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})

_CITIES = """
河北 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
山西 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布
辽宁 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
吉林 长春 四平 辽源 通化 白山 松原 白城
黑龙江 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化
江苏 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
浙江 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
安徽 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福建 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
江西 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
河南 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店
湖北 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州
湖南 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底
广东 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
广西 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海南 海口 三亚 三沙 儋州
四川 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳
贵州 贵阳 六盘水 遵义 安顺 毕节 铜仁
云南 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧
西藏 拉萨 日喀则 昌都 林芝 山南 那曲
陕西 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
甘肃 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南
青海 西宁 海东
宁夏 银川 石嘴山 吴忠 固原 中卫
新疆 乌鲁木齐 克拉玛依 吐鲁番 哈密
"""
CITIES: dict[str, str] = {
    city: province for province, *cities in (line.split() for line in _CITIES.split("\n") if line) for city in cities
}
"""Cities of prefecture level: their province. Places of one name (吉林市, 朝阳区) are told by the issuer's ending."""

_SHORT = {full: short for full, (short, _, _) in PROVINCES.items()}
_PROVINCE = re.compile("|".join(sorted([*_SHORT, *_SHORT.values()], key=len, reverse=True)))
_CITY = re.compile("|".join(sorted(CITIES, key=len, reverse=True)))
_DISTRICT = re.compile(r"([\u4e00-\u9fff]{1,6}?(?:新区|高新区|开发区|自治县|自治旗|区|县|旗))")
_LABELS = {
    label: short
    for short, pinyin, label in PROVINCES.values()
    for label in {pinyin, label}
    if label not in {"gz", "xz"}
}


def region_of(issuer: str, host: str = "") -> str:
    """Where an issuer is: `广东`, `广东/深圳`, `广东/深圳/龙岗区`; empty for central bodies and where nothing tells.

    The issuer's name decides; else the host (`fgw.sc.gov.cn` is 四川)."""
    name = issuer.removeprefix("中国共产党").removeprefix("中共").removeprefix("国家能源局")
    name = re.sub(r"^中国人民政治协商会议|^政协|^共产主义青年团|^共青团|^信用中国\s*\(", "", name)
    if match := _PROVINCE.match(name):
        province = _SHORT.get(match[0], match[0])
        rest = name[match.end() :].removeprefix("市")
        if province == "江苏" and (city := _CITY.match(rest)):
            return f"{province}/{city[0]}"
        district = _DISTRICT.match(rest) if province in MUNICIPALITIES else None
        return f"{province}/{district[1]}" if district and "人民政府" in rest else province
    if match := _CITY.match(name) or _CITY.search(name):
        region = f"{CITIES[match[0]]}/{match[0]}"
        district = _DISTRICT.match(name[match.end() :].removeprefix("市"))
        return f"{region}/{district[1]}" if district and "园区" not in name else region
    labels = host.split(".")
    if labels[-2:] != ["gov", "cn"] or len(labels) < 3:
        return ""
    return _LABELS.get(labels[-3], "")
