"""Names of issuers: the full name in one form, and what people call it."""

import re

from policy_crawler.catalog.regions import MUNICIPALITIES, PROVINCES, region_of

DEPARTMENTS: tuple[str, ...] = (
    *(
        "外交部",
        "国防部",
        "国家发展和改革委员会",
        "教育部",
        "科学技术部",
        "工业和信息化部",
        "国家民族事务委员会",
        "公安部",
    ),
    *(
        "国家安全部",
        "民政部",
        "司法部",
        "财政部",
        "人力资源和社会保障部",
        "自然资源部",
        "生态环境部",
        "住房和城乡建设部",
    ),
    *(
        "交通运输部",
        "水利部",
        "农业农村部",
        "商务部",
        "文化和旅游部",
        "国家卫生健康委员会",
        "退役军人事务部",
        "应急管理部",
    ),
    *("中国人民银行", "审计署"),
)
"""The departments that make up the State Council (国务院组成部门) since 2023. 国家安全部 has no site of documents."""

SHORT_NAMES: dict[str, str] = {
    "国务院": "国务院",
    "中共中央 国务院": "中央",
    "全国人民代表大会常务委员会": "全国人大",
    "全国人民代表大会": "全国人大",
    "中国人民政治协商会议全国委员会": "全国政协",
    "最高人民法院": "最高法",
    "最高人民检察院": "最高检",
    "中央纪委国家监委": "中央纪委",
    "中央政法委员会": "中央政法委",
    "中共中央组织部": "中组部",
    "国家发展和改革委员会": "国家发展改革委",
    "科学技术部": "科技部",
    "工业和信息化部": "工信部",
    "国家民族事务委员会": "国家民委",
    "人力资源和社会保障部": "人社部",
    "住房和城乡建设部": "住建部",
    "文化和旅游部": "文旅部",
    "国家卫生健康委员会": "国家卫健委",
    "退役军人事务部": "退役军人部",
    "中国人民银行": "人民银行",
    "国务院国有资产监督管理委员会": "国务院国资委",
    "国家市场监督管理总局": "市场监管总局",
    "国家金融监督管理总局": "金融监管总局",
    "中国证券监督管理委员会": "证监会",
    "国家税务总局": "税务总局",
    "国家广播电视总局": "广电总局",
    "国家体育总局": "体育总局",
    "国家国际发展合作署": "国合署",
    "国家医疗保障局": "国家医保局",
    "国家机关事务管理局": "国管局",
    "国家认证认可监督管理委员会": "国家认监委",
    "国家标准化管理委员会": "国家标准委",
    "国家新闻出版署": "国家新闻出版署",
    "国务院港澳事务办公室": "国务院港澳办",
    "国务院侨务办公室": "国务院侨办",
    "国务院台湾事务办公室": "国务院台办",
    "国务院新闻办公室": "国新办",
    "国家互联网信息办公室": "国家网信办",
    "国家粮食和物资储备局": "国家粮食和储备局",
    "国家国防科技工业局": "国防科工局",
    "国家林业和草原局": "国家林草局",
    "中国民用航空局": "民航局",
    "国家外汇管理局": "国家外汇局",
    "国家药品监督管理局": "国家药监局",
    "国家疾病预防控制局": "国家疾控局",
    "国家矿山安全监察局": "国家矿山安监局",
    "国家自然科学基金委员会": "自然科学基金委",
    "全国网络安全标准化技术委员会": "网安标委",
    "全国哲学社会科学工作办公室": "全国社科办",
    "国家知识产权局": "国家知识产权局",
    "国家烟草专卖局": "国家烟草局",
    "国家中医药管理局": "国家中医药局",
    "国家密码管理局": "国家密码局",
    "国家移民管理局": "国家移民局",
}
"""Central bodies by the name that people use."""

_PARTS: tuple[tuple[str, str], ...] = (
    ("发展和改革委员会", "发改委"),
    ("工业和信息化", "工信"),
    ("经济和信息化委员会", "经信委"),
    ("经济和信息化", "经信"),
    ("人力资源和社会保障", "人社"),
    ("住房和城乡建设委员会", "住建委"),
    ("住房和城乡建设", "住建"),
    ("科学技术委员会", "科委"),
    ("科学技术", "科技"),
    ("文化和旅游发展委员会", "文旅委"),
    ("文化和旅游", "文旅"),
    ("文化广电和旅游", "文旅"),
    ("卫生健康委员会", "卫健委"),
    ("医疗保障", "医保"),
    ("市场监督管理", "市场监管"),
    ("药品监督管理", "药监"),
    ("人民政府国有资产监督管理委员会", "国资委"),
    ("国有资产监督管理委员会", "国资委"),
    ("民族宗教事务委员会", "民宗委"),
    ("民族事务委员会", "民委"),
    ("民族与宗教事务", "民宗"),
    ("规划和自然资源委员会", "规划自然资源委"),
    ("规划和自然资源", "规划资源"),
    ("教育委员会", "教委"),
    ("商务委员会", "商务委"),
    ("交通运输委员会", "交通委"),
    ("交通委员会", "交通委"),
    ("农业农村委员会", "农业农村委"),
    ("疾病预防控制", "疾控"),
    ("粮食和物资储备", "粮食和储备"),
    ("机构编制委员会办公室", "编办"),
    ("人民代表大会常务委员会办公厅", "人大"),
    ("人大常委会办公室", "人大"),
    ("人大常委会", "人大"),
    ("人民代表大会", "人大"),
    ("纪律检查委员会", "纪委"),
    ("国防动员办公室", "国动办"),
    ("人民政府外事办公室", "外办"),
    ("人民政府信访局", "信访局"),
    ("人民政府口岸和物流办公室", "口岸物流办"),
    ("人民政府办公", "政府办公"),
    ("人民政府", "政府"),
    ("管理委员会", "管委会"),
)

_PREFIXES = ("中华人民共和国", "中国共产党", "中共", "中国人民政治协商会议")


def full_name(issuer: str) -> str:
    """The issuer's name in one form: without remarks in brackets, without 中华人民共和国 before a body's own name."""
    name = issuer.strip().replace("（", "(").replace("）", ")")
    name = re.sub(r"\((办公[厅室])\)", r"\1", name)
    name = re.sub(r"\s*\([^()]*\)", "", name).removesuffix("网站")
    name = re.sub(r"与(?:中央|中共中央).*$", "", name)
    return name.removeprefix("中华人民共和国") if len(name) > len("中华人民共和国") else name


def short_name(issuer: str) -> str:
    """What people call an issuer: 工信部, 广东发改委, 厦门市财政局, 北京海淀区政府.

    A province's department goes without 省 or 自治区, its government with it; municipalities and cities keep 市."""
    name = full_name(issuer)
    if name in SHORT_NAMES:
        return SHORT_NAMES[name]
    if match := re.fullmatch(r"国家能源局(.+)监管办公室", name):
        return f"能源局{match[1]}监管办"
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    for full, (short, _, _) in PROVINCES.items():
        if (region := region_of(name)).count("/") == 1 and name.startswith(f"{full}{region.split('/')[1]}市"):
            return _shortened(name[len(full) :])
        if name.startswith(full) and short not in MUNICIPALITIES:
            rest = _shortened(name[len(full) :])
            return full + rest if rest.startswith("政府") or not rest else short + rest
        if name.startswith(full) and region_of(name).count("/"):
            return short + _shortened(name[len(full) :])
    return _shortened(name)


def _shortened(name: str) -> str:
    for long, short in _PARTS:
        name = name.replace(long, short)
    return name
