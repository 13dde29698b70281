"""Names made by rule: ids of sources, names of issuers and columns, regions, topics, and what a column publishes."""

import pytest

from policy_crawler.catalog.columns import column_of, kind_of
from policy_crawler.catalog.ids import host_part, suggest_id
from policy_crawler.catalog.issuers import full_name, short_name
from policy_crawler.catalog.regions import CITIES, PROVINCES, region_of
from policy_crawler.catalog.topics import TOPICS, topics_of


@pytest.mark.parametrize(
    ("issuer", "host", "region"),
    [
        ("广东省发展和改革委员会", "", "广东"),
        ("深圳市龙岗区人民政府", "", "广东/深圳/龙岗区"),
        ("深圳市发展和改革委员会", "", "广东/深圳"),
        ("北京市东城区人民政府", "", "北京/东城区"),
        ("北京市规划和自然资源委员会", "", "北京"),
        ("重庆市渝中区人民政府", "", "重庆/渝中区"),
        ("上海市浦东新区人民政府", "", "上海/浦东新区"),
        ("新疆维吾尔自治区人民政府", "", "新疆"),
        ("国家能源局福建监管办公室", "", "福建"),
        ("江苏省连云港市哲学社会科学界联合会", "", "江苏/连云港"),
        ("中国共产党南京市委员会", "", "江苏/南京"),
        ("中国人民政治协商会议扬州市委员会", "", "江苏/扬州"),
        ("共产主义青年团连云港市委员会", "", "江苏/连云港"),
        ("信用苏州", "", "江苏/苏州"),
        ("泉州半导体高新技术产业园区管理委员会", "", "福建/泉州"),
        ("吉林省人民政府", "", "吉林"),
        ("生态环境部", "www.mee.gov.cn", ""),
        ("某厅", "fgw.sc.gov.cn", "四川"),
        ("某厅", "fzggw.jiangsu.gov.cn", "江苏"),
        ("某厅", "www.example.com", ""),
        ("某厅", "www.xz.gov.cn", ""),  # 徐州 and 西藏 both go by xz
    ],
)
def test_region(issuer, host, region):
    assert region_of(issuer, host) == region


def test_provinces_and_cities():
    assert len(PROVINCES) == 31
    assert len(CITIES) > 280
    assert set(CITIES.values()) <= {short for short, _, _ in PROVINCES.values()}


@pytest.mark.parametrize(
    ("issuer", "short"),
    [
        ("工业和信息化部", "工信部"),
        ("中华人民共和国工业和信息化部", "工信部"),
        ("中华人民共和国国务院", "国务院"),
        ("国家金融监督管理总局(原银保监会)", "金融监管总局"),
        ("国家互联网信息办公室与中央网络安全和信息化委员会办公室", "国家网信办"),
        ("广东省人民政府", "广东省政府"),
        ("广东省工业和信息化厅", "广东工信厅"),
        ("宁夏回族自治区医疗保障局", "宁夏医保局"),
        ("北京市发展和改革委员会", "北京市发改委"),
        ("北京市东城区人民政府", "北京东城区政府"),
        ("苏州市人民政府", "苏州市政府"),
        ("厦门市人民政府（办公厅）", "厦门市政府办公厅"),
        ("福建省人民政府国有资产监督管理委员会", "福建国资委"),
        ("漳州市住房和城乡建设局", "漳州市住建局"),
        ("国家能源局甘肃监管办公室", "能源局甘肃监管办"),
        ("中共扬州市委组织部", "扬州市委组织部"),
        ("江苏省连云港市哲学社会科学界联合会", "连云港市哲学社会科学界联合会"),
        ("审计署", "审计署"),
    ],
)
def test_short_name(issuer, short):
    assert short_name(issuer) == short


def test_full_name_is_one_form():
    assert full_name("厦门市人民政府（办公厅）（注）") == "厦门市人民政府办公厅"
    assert full_name("福建省人民政府外事办公室网站") == "福建省人民政府外事办公室"
    assert full_name("中华人民共和国") == "中华人民共和国"


@pytest.mark.parametrize(
    ("url", "column"),
    [
        ("https://www.mee.gov.cn/zcwj/gwywj/", "国务院文件"),
        ("https://rsj.beijing.gov.cn/xxgk/2024zcwj/", "政策文件"),
        ("http://www.hubei.gov.cn/zfwj/szfl/index.shtml", "政府令"),
        ("https://gat.xizang.gov.cn/zwgk_3249/zcjd_220/index.html", "政策解读"),
        ("https://zrzyt.hunan.gov.cn/zrzyt/zhengcejd/list_zcdh_zcfg_st.html", "政策解读"),
        ("https://czt.jiangsu.gov.cn/col/col77309/index.html", ""),
        ("https://www.example.com/whatever/", ""),
    ],
)
def test_a_path_names_its_column(url, column):
    assert column_of(url) == column


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("文件发布·通知", "policy"),
        ("通知公告", "notice"),
        ("政策解读", "interpretation"),
        ("规范性文件意见征集", "consultation"),
        ("征集调查", "consultation"),
        ("人事任免", "notice"),
        ("财政预决算", "notice"),
        ("行政规范性文件", "policy"),
        ("津政办发", "policy"),
        ("文件库·粤府函", "policy"),
        ("工作动态", "news"),
        ("统计数据", "other"),
        ("数据解读", "interpretation"),
        ("时政", "other"),
    ],
)
def test_a_column_publishes_what_its_name_says(column, kind):
    assert kind_of(column) == kind
    assert kind_of(column, news=True) == "news"


@pytest.mark.parametrize(
    ("issuer", "column", "topics"),
    [
        ("国家税务总局", "税务规范性文件", ("税务",)),
        ("工业和信息化部", "通知", ("工业",)),
        ("广东省人民政府", "文件库", ("综合",)),
        ("深圳市民政局", "通知", ("民政",)),
        ("江苏省人民政府外事办公室", "政策", ("外事",)),
        ("国家能源局", "通知", ("能源",)),
        ("重庆市地方金融管理局", "规范性文件", ("金融",)),
    ],
)
def test_topics(issuer, column, topics):
    assert topics_of(issuer, column) == topics
    assert set(topics) <= TOPICS.keys()


@pytest.mark.parametrize(
    ("host", "part"),
    [
        ("www.miit.gov.cn", "miit"),
        ("fgw.sc.gov.cn", "sichuan-fgw"),
        ("www.sc.gov.cn", "sichuan"),
        ("gsb.nea.gov.cn", "nea-gsb"),
        ("www.chinanews.com.cn", "chinanews"),
        ("it.ithome.com", "ithome-it"),
        ("36kr.com", "36kr"),
    ],
)
def test_the_telling_part_of_a_host(host, part):
    assert host_part(host) == part


def test_an_id_is_as_short_as_it_can_be_and_never_taken():
    url = "https://kjt.nx.gov.cn/zcfg/gfxwj/index.html"
    assert suggest_id(url, ()) == "ningxia-kjt-gfxwj"
    assert suggest_id(url, {"ningxia-kjt-gfxwj"}) == "ningxia-kjt-zcfg-gfxwj"
    assert suggest_id(url, {"ningxia-kjt-gfxwj", "ningxia-kjt-zcfg-gfxwj"}) == "ningxia-kjt-gfxwj-2"
    assert suggest_id("https://czt.jiangsu.gov.cn/col/col77309/index.html", ()) == "jiangsu-czt-col77309"
    assert suggest_id("https://www.wehdz.gov.cn/2022/tz_68628/", ()) == "wehdz-tz"
    assert suggest_id("https://www.wehdz.gov.cn/2022/tz_68628/", {"wehdz-tz"}) == "wehdz-tz-68628"
    assert suggest_id("https://fgw.sc.gov.cn/sfgw/xwfb/common_list.shtml", ()) == "sichuan-fgw-xwfb"
    assert suggest_id("https://36kr.com/", ()) == "36kr"
    assert suggest_id("https://www.sc.gov.cn/cms/qry", (), hint="cff") == "sichuan-cff"
    assert len(suggest_id(f"https://www.example.com/{'a' * 90}/", ())) <= 60
