"""The simulated sites refuse what real ones refuse, each in its way."""

import json
from urllib.parse import urlencode, urlsplit

import pytest
from simulator.asking import Answer, Asked
from simulator.sites import Simulator, served
from simulator.table import columns

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
PROXY = "/module/web/jpage/dataproxy.jsp"


def ask(
    source: str,
    path: str = "",
    query: dict[str, str] | None = None,
    *,
    form: dict[str, str] | None = None,
    body: object = None,
    referer: str = "",
) -> Answer:
    """What the site of a column answers; its own address without a path."""
    column = columns()[source]
    sent = json.dumps(body).encode() if body is not None else urlencode(form or {}).encode()
    method = "POST" if form is not None or body is not None else "GET"
    asked = Asked(method, path or column.path, urlencode(query or {}), sent, lambda name: referer)
    return Simulator([served(source)]).answer(column.host, asked)


def test_a_wrong_path_is_not_there() -> None:
    assert ask("miit-wjfb-tz").status == 200
    assert ask("miit-wjfb-tz", "/zwgk/zcwj/wjfb/xx/index.html").status == 404
    assert ask("miit-wjfb-tz", "/robots.txt").body.startswith("User-agent")


def test_a_unit_of_other_ids_is_empty_and_other_pages_are_page_1() -> None:
    facts = columns()["miit-wjfb-tz"].facts
    ids = {name: facts[name] for name in ("webId", "pageId", "parseType", "tagId", "tplSetId")}
    query = {**ids, "pageType": "column"}
    whole = json.loads(ask("miit-wjfb-tz", UNIT, query).body)["data"]["html"]
    assert whole.count("<li") == facts["size"]
    assert json.loads(ask("miit-wjfb-tz", UNIT, {**query, "pageId": "0"}).body)["data"]["html"] == ""
    again = json.loads(ask("miit-wjfb-tz", UNIT, {**query, "pageNo": "2"}).body)["data"]["html"]
    assert again == whole
    wanted = json.dumps({"pageNo": 2, "pageSize": facts["size"]})
    assert json.loads(ask("miit-wjfb-tz", UNIT, {**query, "paramJson": wanted}).body)["data"]["html"] != whole


@pytest.mark.parametrize("wrong", ["columnid", "unitid", "webid"])
def test_another_column_of_jcms_has_an_empty_recordset(wrong: str) -> None:
    facts = columns()["js-zcwj"].facts
    query = {name: facts[name] for name in ("columnid", "unitid", "webid")} | {"startrecord": "1", "endrecord": "20"}
    assert ask("js-zcwj", PROXY, query).body.count("<record>") == 20
    assert ask("js-zcwj", PROXY, {**query, wrong: "9"}).body.count("<record>") == 0
    assert ask("js-zcwj", PROXY, {**query, "startrecord": "0"}).body.count("<record>") == 0


def test_json_lists_refuse_in_their_own_words() -> None:
    assert json.loads(ask("gkmlpt-gd", "/gkmlpt/api/all/0", {"page": "1", "sid": "1"}).body)["articles"] == []
    assert ask("npc-flk", body={"pageNum": 1, "pageSize": 20}).status == 500
    query = {"t": "zhengcelibrary_gw", "q": "", "p": "1", "n": "20"}
    assert json.loads(ask("govcn-wjk-gw", query=query).body)["searchVO"] is None, "no Referer"
    assert json.loads(ask("govcn-wjk-gw", query=query, referer="https://sousuo.www.gov.cn/").body)["searchVO"]["listVO"]
    assert json.loads(ask("mva-search", form={"siteCode": "bm00000000", "page": "1"}).body)["msg"] == "不存在的站点"
    assert ask("mva-search", query={"siteCode": "bm84000001"}).status == 200
    assert not json.loads(ask("mva-search", query={"siteCode": "bm84000001"}).body)["ok"], "GET is refused"


def test_documents_are_served_where_they_are_read() -> None:
    for source in ("nfra-915", "npc-flk", "gkmlpt-gd", "miit-wjfb-tz"):
        site = served(source)
        document = site.column.document(1)
        parts = urlsplit(site.served_at(document))
        asked = Asked("GET", parts.path, parts.query, b"", lambda name: "")
        assert document.proof in Simulator([site]).answer(parts.hostname or "", asked).body
