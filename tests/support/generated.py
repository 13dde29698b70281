"""Policy documents made up at random, as like to real ones as search can tell: issuers and their numbers, titles,
clauses, dates, topics, references, files; mixed with Latin words, full width, traditional characters, brackets and
quotation marks inside words, and lines that break in them.

Every document is made of its place and the seed alone, so that a million can be made in parts, in any order, again.
They come in the order of their dates, as an archive grows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

# Whole name, short names, code of the numbers; what people ask for by either name.
CENTRAL = (
    ("国务院", (), "国发"), ("国务院办公厅", ("国办",), "国办发"), ("财政部", (), "财综"),
    ("国家发展和改革委员会", ("国家发展改革委", "发改委"), "发改产业"), ("工业和信息化部", ("工信部",), "工信部规"),
    ("人力资源和社会保障部", ("人社部",), "人社部发"), ("住房和城乡建设部", ("住建部",), "建房"),
    ("教育部", (), "教高"),
    ("科学技术部", ("科技部",), "国科发资"), ("国家税务总局", ("税务总局",), "税总发"), ("生态环境部", (), "环大气"),
    ("交通运输部", (), "交运发"), ("商务部", (), "商流通发"), ("国家医疗保障局", ("国家医保局", "医保局"), "医保发"),
    ("国家市场监督管理总局", ("市场监管总局",), "国市监发"), ("文化和旅游部", ("文旅部",), "文旅产业发"),
    ("农业农村部", (), "农计财发"),
    ("中国人民银行", ("人民银行", "央行"), "银发"), ("国家卫生健康委员会", ("国家卫健委", "卫健委"), "国卫医发"),
    ("国家知识产权局", ("知识产权局",), "国知发保字"), ("国家能源局", (), "国能发新能"), ("应急管理部", (), "应急"),
)  # fmt: skip
PLACES = (
    "北京市", "上海市", "江苏省", "浙江省", "广东省", "山东省", "四川省", "湖北省", "河南省", "福建省", "陕西省",
    "辽宁省", "云南省", "贵州省", "甘肃省", "深圳市", "杭州市", "南京市", "苏州市", "青岛市", "合肥市", "滨州市",
    "定西市", "滁州市",
)  # fmt: skip
OFFICES = (
    "人民政府", "人民政府办公室", "财政局", "发展和改革委员会", "工业和信息化局", "科学技术局", "教育局", "医疗保障局",
    "商务局", "生态环境局", "交通运输局", "农业农村局",
)  # fmt: skip
KINDS = ("通知", "意见", "办法", "公告", "决定", "批复", "函", "规定", "方案")
TYPES = ("policy", "interpretation", "news", "consultation", "notice", "other")
TOPICS = (
    "工业、交通\\信息产业", "财政、金融、审计\\税务", "劳动、人事、监察\\就业", "卫生、体育\\医药管理",
    "城乡建设、环境保护",
    "农业、林业、水利", "科技、教育", "商贸、海关、旅游",
)  # fmt: skip
VALIDITIES = ("in_force", "unknown", "repealed", "amended", "expired", "pending")
SOURCES = tuple(f"made-{number:02}" for number in range(40))


def _listed(words: str) -> list[str]:
    return words.split()


# Words that policies are made of, the more usual first.
TERMS = _listed(
    "企业 发展 管理 项目 工作 建设 服务 政策 支持 资金 有关 部门 单位 实施 规定 人员 办法 补贴 条件 申请 "
    "标准 产业 技术 安全 创新 制度 改革 环境 信息 机构 保障 质量 重点 生产 推进 经济 完善 市场 材料 监督 农业 "
    "数据 平台 教育 医疗 就业 税收 住房 新能源 医保 社保 养老 人才 培训 奖励 示范 投资 贷款 融资 担保 减免 "
    "审批 备案 登记 评估 考核 检查 处罚 责任 应急 预案 工业互联网 人工智能 集成电路 新能源汽车 数字经济 "
    "中小企业 高新技术企业 专精特新 科技成果转化 知识产权 营商环境 乡村振兴 绿色低碳 碳达峰 碳中和 节能减排 "
    "污染防治 生态保护 循环经济 可再生能源 储能 光伏 风电 氢能 充电设施 动力电池 智能网联 生物医药 医疗器械 "
    "药品集中采购 基本医疗保险 城乡居民 养老服务 托育 残疾人 退役军人 高校毕业生 职业技能 失业保险 工伤保险 "
    "最低工资 劳动合同 农民工 公积金 保障性住房 老旧小区 城市更新 棚户区 土地供应 不动产 招标投标 政府采购 "
    "财政预算 专项资金 转移支付 增值税 企业所得税 出口退税 跨境电商 自由贸易试验区 外商投资 消费券 以旧换新 "
    "家电下乡 物流 港口 铁路 公路 民用航空 低空经济 海洋 渔业 粮食 种业 高标准农田 农村电商 食品安全 校园 "
    "学前教育 义务教育 职业教育 科研 院所 实验室"
)
PLAIN = _listed(
    "的 和 对 应当 按照 以及 可以 不得 进行 加强 提高 促进 加快 组织 开展 落实 负责 通过 根据 符合 以上 以下 "
    "给予 最高 每年 超过 并 由 在 为 与 等 各 地 区 本 年度 其他 需要 情况 要求 方面 内容 相关 具体 一次性 "
    "不超过 自愿 依法 及时 严格 全面"
)
JOINED = ("首台（套）", "“放管服”改革", "“专精特新”中小企业", "《实施方案》所列", "“一带一路”建设", "产学研（用）合作")
LATIN = (
    "5G",
    "AI",
    "GDP",
    "ISO9001",
    "PM2.5",
    "IPv6",
    "LED",
    "C919",
    "3D打印",
    "B2B",
    "APP",
    "VOCs",
    "NB-IoT",
    "R&D",
    "5g",
)
FULL_WIDTH = ("５Ｇ基站", "ＡＩ芯片", "ＧＤＰ增速", "（２０２４年）", "１５％", "ＩＰｖ６")
AMOUNTS = ("2,000万元", "500万元", "30%", "1.5倍", "20个工作日", "12个月", "100万元", "50万元", "3年", "80分", "1：3")
# As a document from before the reform, or from Hong Kong or Taiwan, writes them. Each with its simplified form: what a
# person types to find it.
TRADITIONAL = {
    "補貼": "补贴", "新能源汽車": "新能源汽车", "醫療保險": "医疗保险", "產業發展": "产业发展", "經濟": "经济",
    "機構": "机构", "審批": "审批", "資金": "资金", "技術": "技术", "環境": "环境", "開發區": "开发区",
    "勞動合同": "劳动合同", "農業": "农业",
}  # fmt: skip
_CHARACTERS = (
    "一国在人了有中是年和大业不为发会工经上地市要个产这出行作生家以成到日民来我部对进多全建他公开们场展时理新方主企资实学报制"
    "政济用同于法高长现本月定化加动合品重关机分力自外者区能设后就等体下万元社过前面农也得与说之员而务利电文事可种总改三各好"
    "金第司其从平代当天水省提商十管内小技位目起海所立已通入量子问度北保心还科委都术使明着次将增基名向门应里美由规今题记点计"
    "去强两些表系办教正条最达特革收二期并程厂如道际及西口京华任调性导组东路活广意比投决交统党南安此领结营项情解议义山先车然价"
    "放世间因共院步物界集把持无但城相书村求治取原处府研质信四运县军件育局干队团又造形级标联专少费效据手施权江近深更认果格几看"
)
_PUNCTUATION = ("，", "，", "，", "；", "、", "，", "。")


def _words(count: int) -> list[str]:
    """Further words, made of usual characters: a language has many that are rare."""
    chance = random.Random(20_000)  # noqa: S311 - texts, no secrets
    weights = list(accumulate(1 / (rank + 20) for rank in range(len(_CHARACTERS))))
    return [
        "".join(chance.choices(_CHARACTERS, cum_weights=weights, k=chance.choice((2, 2, 3, 4)))) for _ in range(count)
    ]


RARE = _words(20_000)
VOCABULARY = [word for pair in zip(TERMS, PLAIN * 5, strict=False) for word in pair] + TERMS[len(PLAIN) * 5 :] + RARE
_WEIGHTS = list(accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))


@dataclass(frozen=True, slots=True)
class Made:
    """A document; `organs` are its issuers' whole names, the lead first."""

    place: int
    title: str
    number: str | None
    organs: tuple[str, ...]
    issuer: str  # as printed
    type: str
    kind: str | None
    topic: str | None
    source: str
    validity: str
    published: date | None
    effective: date | None
    written: date | None
    found: date  # the day on which it came
    blocks: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]  # (name, text)
    cited: tuple[tuple[str | None, str | None], ...]  # (title, number) of what it refers to


def documents(first: int, last: int, *, of: int, seed: int = 1, length: int = 1_650) -> Iterator[Made]:
    """Those at the places `first` to `last` (not included) of `of`; `length`: characters of a text, on average."""
    for place in range(first, last):
        yield document(place, of=of, seed=seed, length=length)


def document(place: int, *, of: int, seed: int = 1, length: int = 1_650) -> Made:
    """The document at a place of `of`."""
    chance = random.Random(seed * 1_000_000_007 + place)  # noqa: S311
    day = date(2000, 1, 1) + timedelta(place * 9_800 // of)
    organs = _organs(chance)
    kind, type_ = chance.choice(KINDS), chance.choices(TYPES, (70, 10, 10, 5, 3, 2))[0]
    about = "".join(chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=chance.randint(2, 4)))
    short = [_SHORT.get(name, (name,))[0] if chance.random() < 0.3 else name for name in organs]
    verb = chance.choice(("印发", "做好", "加强", "支持", "开展"))
    joined = chance.choice(JOINED) if chance.random() < 0.05 else ""
    title = f"{' '.join(short)}关于{verb}{about}{joined}的{kind}"
    return Made(
        place=place, title=title, number=_number(chance, organs[0], day.year) if type_ == "policy" else None,
        organs=organs, issuer=" ".join(short), type=type_, kind=kind if type_ == "policy" else None,
        topic=chance.choice(TOPICS) if chance.random() < 0.5 else None, source=chance.choice(SOURCES),
        validity=chance.choices(VALIDITIES, (40, 40, 8, 5, 4, 3))[0],
        published=day if chance.random() < 0.98 else None,
        effective=day + timedelta(chance.randint(0, 90)) if chance.random() < 0.4 else None,
        written=day - timedelta(chance.randint(0, 20)) if chance.random() < 0.6 else None, found=day,
        blocks=_blocks(chance, max(3, int(chance.lognormvariate(0, 0.6) * length / 1.2)), organs[0]),
        files=_files(chance) if chance.random() < 0.05 else (), cited=_cited(chance, day.year),
    )  # fmt: skip


_SHORT = {name: short for name, short, _ in CENTRAL if short}
_CODES = {name: code for name, _, code in CENTRAL}


def _organs(chance: random.Random) -> tuple[str, ...]:
    if chance.random() < 0.4:
        return tuple(name for name, _, _ in chance.sample(CENTRAL, chance.choices((1, 2, 3), (80, 15, 5))[0]))
    return (chance.choice(PLACES) + chance.choice(OFFICES),)


def code_of(organ: str) -> str:
    """What the numbers of an organ begin with."""
    return _CODES.get(organ) or f"{organ[0]}{'政' if '政府' in organ else organ[3]}发"


def _number(chance: random.Random, organ: str, year: int) -> str:
    serial = chance.randint(1, 120)
    if chance.random() < 0.1:
        return f"{organ}公告{year}年第{serial}号"
    left, right = chance.choices(("〔〕", "[]", "［］", "（）", "【】"), (80, 8, 4, 4, 4))[0]
    written = f"{code_of(organ)}{left}{year}{right}{serial}号"
    return written.translate(_WIDE) if chance.random() < 0.04 else written


_WIDE = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


def _blocks(chance: random.Random, length: int, organ: str) -> tuple[tuple[str, str], ...]:
    words = chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=length // 3)
    blocks = [("paragraph", f"各{'省、自治区、直辖市' if organ in _CODES else '县（市、区）'}人民政府，有关单位：")]
    at, article = 0, 1
    while at < len(words):
        sentences = []
        for _ in range(chance.randint(1, 4)):
            run = chance.randint(3, 9)
            sentences += [*words[at : at + run], chance.choice(_PUNCTUATION)]
            at += run
            if chance.random() < 0.15:
                sentences.append(_oddity(chance))
        text = "".join(sentences)
        if chance.random() < 0.05 and len(text) > 8:  # a line broken inside a word
            middle = chance.randrange(2, len(text) - 2)
            text = f"{text[:middle]}\n{text[middle:]}"
        blocks.append(("article", f"第{article}条　{text}"))
        article += 1
    blocks.append(("signature", organ))
    return tuple(blocks)


def _oddity(chance: random.Random) -> str:
    what = chance.random()
    if what < 0.35:
        return f"最高{chance.choice(AMOUNTS)}，"
    if what < 0.6:
        return chance.choice(JOINED)
    if what < 0.8:
        return f"{chance.choice(LATIN)}{chance.choice(('基站', '技术', '、', ' '))}"
    return chance.choice(FULL_WIDTH) if what < 0.9 else chance.choice(list(TRADITIONAL))


def _files(chance: random.Random) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"附件{number + 1}.docx", "申报指南\n" + "".join(chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=150)))
        for number in range(chance.randint(1, 2))
    )


def _cited(chance: random.Random, year: int) -> tuple[tuple[str | None, str | None], ...]:
    found = []
    for _ in range(chance.choices((0, 1, 2), (50, 35, 15))[0]):
        organ = chance.choice(CENTRAL)[0]
        about = "".join(chance.choices(TERMS, k=2))
        number = f"{code_of(organ)}〔{year - chance.randint(0, 5)}〕{chance.randint(1, 120)}号"
        found.append((f"关于促进{about}的意见" if chance.random() < 0.7 else None, number))
    return tuple(found)


def short_names(organ: str) -> tuple[str, ...]:
    """What people call an organ."""
    return _SHORT.get(organ, ())
