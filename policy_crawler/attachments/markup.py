"""XML out of packages, parsed without DTDs, entities or the network."""

import re

from lxml import etree

from policy_crawler.attachments.model import FileState, Refused

_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def parse(xml: bytes, name: str) -> etree._Element:
    """The root of a member. Raises Refused(DAMAGED): not well-formed, or with a DTD, which no office program writes."""
    plain = xml.replace(b"\0", b"")  # UTF-16 too
    if _DTD.search(plain):
        raise Refused(FileState.DAMAGED, f"{name} declares a DTD")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(FileState.DAMAGED, f"{name} is not well-formed: {error}") from error
    if root is None:
        raise Refused(FileState.DAMAGED, f"{name} is empty")
    return root


def local(node: etree._Element) -> str:
    """A tag without its namespace: files use the transitional, the strict and several old ones."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(node: etree._Element, name: str) -> str | None:
    """An attribute by its name without a namespace."""
    return next((str(value) for key, value in node.items() if str(key).rpartition("}")[2] == name), None)
