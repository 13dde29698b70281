"""Organs as people name them: what the short names of central bodies stand for. Pure.

For finding only. A short name that may also be a city's (发展改革委) is looked for as written, too; what makes two
documents one work is `identity.issuer_key`, which takes no such name.
"""

import re
import unicodedata

_SHORT = {
    "国家发展和改革委员会": "国家发展改革委 国家发改委 发展改革委 发改委",
    "工业和信息化部": "工信部",
    "人力资源和社会保障部": "人力资源社会保障部 人社部",
    "住房和城乡建设部": "住房城乡建设部 住建部",
    "科学技术部": "科技部",
    "文化和旅游部": "文旅部",
    "国家卫生健康委员会": "国家卫生健康委 国家卫健委 卫生健康委 卫健委",
    "国家民族事务委员会": "国家民委",
    "国务院国有资产监督管理委员会": "国务院国资委 国资委",
    "国家市场监督管理总局": "国家市场监管总局 市场监管总局",
    "国家税务总局": "税务总局 国家税务局",
    "国家金融监督管理总局": "国家金融监管总局 金融监管总局",
    "中国证券监督管理委员会": "中国证监会 证监会",
    "中国人民银行": "人民银行 央行",
    "国家广播电视总局": "广电总局",
    "国家体育总局": "体育总局",
    "国家统计局": "统计局",
    "国家知识产权局": "知识产权局",
    "国家医疗保障局": "国家医保局 医保局",
    "国家药品监督管理局": "国家药监局 药监局",
    "国家中医药管理局": "中医药局",
    "国家疾病预防控制局": "国家疾控局",
    "国家林业和草原局": "国家林草局 林草局",
    "国家粮食和物资储备局": "国家粮食和储备局",
    "国家烟草专卖局": "国家烟草局",
    "国家移民管理局": "国家移民局",
    "国家外汇管理局": "国家外汇局",
    "国家矿山安全监察局": "国家矿山安监局",
    "国家机关事务管理局": "国管局",
    "中国民用航空局": "中国民航局 民航局",
    "国家互联网信息办公室": "国家网信办 网信办",
    "中央网络安全和信息化委员会办公室": "中央网信办",
    "国务院办公厅": "国办",
    "中共中央办公厅": "中办",
    "最高人民法院": "最高法",
    "最高人民检察院": "最高检",
    "全国人民代表大会": "全国人大",
    "全国人民代表大会常务委员会": "全国人大常委会",
    "中华全国总工会": "全国总工会",
    "中国残疾人联合会": "中国残联",
    "中国科学技术协会": "中国科协",
}
_FULL = {short: full for full, names in _SHORT.items() for short in names.split()}


def full_name(name: str) -> str:
    """The whole name that `name` is short for; `name` itself, its spaces and 中华人民共和国 removed, for any other."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    plain = plain.removeprefix("中华人民共和国") or plain
    return _FULL.get(plain, plain)
