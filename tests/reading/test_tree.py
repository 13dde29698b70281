"""The flat lists say what lexbor's tree says: the same elements and texts, in the same order, in the same places."""

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from policy_crawler.reading.tree import TEXT, Tree

DROPPED = ("script", "style", "noscript", "template", "iframe", "svg", "select", "object", "embed", "audio", "video")
PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div class=x>",
        "</div>",
        "<table>",
        "<tr>",
        "<td id=y>",
        "</table>",
        "<a href=u>",
        "</a>",
        "文",
        " ",
    ]
    + [f"<{tag}>" for tag in DROPPED]
    + [f"</{tag}>" for tag in DROPPED]
    + ["<!-- 注 -->", "<title>", "</title>", "<b>", "</b>", "<br>", "<foo:bar>", "<ucapcontent>", "&amp;", "<frameset>"]
)


def nodes_of(parser: LexborHTMLParser) -> list[LexborNode]:
    """lexbor's own elements and texts, without what is left out and all that it holds."""
    assert parser.root is not None
    parser.strip_tags([*DROPPED, "title"], recursive=False)
    return [node for node in parser.root.traverse(include_text=True) if node.tag != "-comment"]


@given(st.lists(PIECES, max_size=40).map("".join))
def test_the_lists_are_the_tree_of_lexbor(html: str) -> None:
    root = LexborHTMLParser(html).root
    assert root is not None
    tree = Tree(root)
    nodes = nodes_of(LexborHTMLParser(html))

    assert tree.tags == [node.tag for node in nodes]
    assert tree.texts == [node.text_content or "" for node in nodes]
    assert tree.attributes == [node.attributes for node in nodes]
    places = {node.mem_id: place for place, node in enumerate(nodes)}
    assert tree.above == [places.get(node.parent.mem_id, -1) if node.parent else -1 for node in nodes]
    inside = [sum(1 for _ in node.traverse(include_text=True)) for node in nodes if "<!--" not in html]
    assert not inside or tree.ends == [place + count for place, count in enumerate(inside)]
    assert [tree.text(place) for place in range(len(nodes))] == [node.text(deep=True) for node in nodes]


def test_relations_are_comparisons_of_places() -> None:
    root = LexborHTMLParser('<ul><li>甲<a href="1">乙</a></li> <li>丙</li></ul><a>丁</a>').root
    assert root is not None
    tree = Tree(root)
    first, second = tree.named("li")

    assert [tree.tags[place] for place in tree.children(first)] == [TEXT, "a"]
    assert [tree.tags[place] for place in tree.ancestors(second)] == ["ul", "body", "html"]
    assert tree.next_element(first) == second
    assert tree.next_element(second) is None
    assert tree.named("a", second) == []
    assert [(tree.text(place), href) for place, href in tree.links()] == [("乙", "1")]
    assert tree.text(first) == "甲乙"


def test_tags_that_lexbor_does_not_know_are_told_apart_on_every_page() -> None:
    for tag in ("ucaptitle", "ucapcontent", "publishtime", "foo:bar"):
        root = LexborHTMLParser(f"<{tag}>文</{tag}>").root
        assert root is not None
        assert Tree(root).tags[3] == tag


def test_the_title_of_a_picture_is_not_the_pages() -> None:
    icon = "<svg><title>搜索图标</title></svg>"
    for page, title in ((f"<title>题</title>{icon}", "题"), (f"{icon}<p>文</p>", None)):
        root = LexborHTMLParser(f"<!doctype html>{page}").root
        assert root is not None
        assert Tree(root).title == title
