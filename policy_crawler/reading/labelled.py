"""Which labelled values count: the disclosure table before lines, lines above the text before those behind it."""

from dataclasses import dataclass
from itertools import islice

from policy_crawler.reading.containers import Container
from policy_crawler.reading.labels import Label
from policy_crawler.reading.tree import Tree

# Fields only a disclosure table has; two of them in one box make it one.
_DISCLOSED = frozenset(
    {"index_number", "topic", "kind", "issuer", "written", "doc_number", "validity", "effective", "expires"}
)
_BOXES = frozenset({"table", "ul", "dl", "div", "section"})
_TOP = 40  # texts at the top of the container among which a disclosure table stands
_NEAR = 5  # boxes above a label in which its neighbours are looked for


@dataclass(frozen=True, slots=True)
class Labels:
    """The labelled values of a page by where they stand, and the boxes inside the body that are a disclosure table."""

    table: tuple[Label, ...]
    above: tuple[Label, ...]  # lines before the body
    inside: tuple[Label, ...]  # lines of the body, or right behind its text
    behind: tuple[Label, ...]
    boxes: frozenset[int]  # their places

    def first(self, name: str) -> tuple[Label, str, float] | None:
        """The first non-empty value of a field, how its evidence is called, and how far to trust it."""
        for group, source, trust in self.groups():
            for label in group:
                if label.field == name and label.value:
                    return label, f"{source} {label.word}", trust
        return None

    def groups(self) -> tuple[tuple[tuple[Label, ...], str, float], ...]:
        """The groups in order of trust, with the word for the evidence."""
        return (
            (self.table, "table", 0.95),
            (self.above, "line", 0.85),
            (self.inside, "line", 0.6),
            (self.behind, "line", 0.5),
        )


Chain = list[int]  # the boxes above a label, nearest first


def boxes_above(tree: Tree, found: list[Label]) -> list[Chain]:
    """The places of the nearest boxes above each label."""
    return [
        list(islice((above for above in tree.ancestors(label.node) if tree.tags[above] in _BOXES), _NEAR))
        for label in found
    ]


def disclosure_boxes(found: list[Label], chains: list[Chain]) -> frozenset[int]:
    """The smallest boxes that hold a disclosure table: an index number and more, or three of its fields."""
    fields_in = _disclosed_in(found, chains)
    disclosing = (chain for label, chain in zip(found, chains, strict=True) if label.field in _DISCLOSED)
    smallest = (next((box for box in chain if _is_disclosure(fields_in[box])), None) for chain in disclosing)
    return frozenset(box for box in smallest if box is not None)


def _disclosed_in(found: list[Label], chains: list[Chain]) -> dict[int, set[str]]:
    """The fields of a disclosure table that stand in each box."""
    fields_in: dict[int, set[str]] = {}
    for label, chain in zip(found, chains, strict=True):
        if label.field in _DISCLOSED:
            for box in chain:
                fields_in.setdefault(box, set()).add(label.field)
    return fields_in


def _is_disclosure(names: set[str]) -> bool:
    return len(names) >= 3 or (len(names) == 2 and "index_number" in names)


def sort_labels(found: list[Label], chains: list[Chain], container: Container | None, tree: Tree) -> Labels:
    """`found` (in page order) by where each stands."""
    fields_in = _disclosed_in(found, chains)
    tables = {box for box, names in fields_in.items() if len(names) >= 2}
    body_boxes = {container.node, *tree.ancestors(container.node)} if container else set()
    groups: dict[str, list[Label]] = {"table": [], "above": [], "inside": [], "behind": []}
    boxes: set[int] = set()
    passed = False
    for label, chain in zip(found, chains, strict=True):
        box: int | None = next((element for element in chain if element in tables), None)
        if container is not None and container.holds(label.node):
            passed = True
            if box is not None and box not in body_boxes and _opens_body(label, container, fields_in[box]):
                boxes.add(box)
                groups["table"].append(label)
            else:
                groups["inside"].append(label)
        elif box is not None and (box not in body_boxes or label.field in _DISCLOSED):
            groups["table"].append(label)
        else:
            groups["behind" if passed or _is_behind(label, container) else "above"].append(label)
    table, above, inside, behind = (tuple(groups[name]) for name in ("table", "above", "inside", "behind"))
    return Labels(table, above, inside, behind, frozenset(boxes))


def _opens_body(label: Label, container: Container | None, names: set[str]) -> bool:
    """True for a disclosure table that a template prints at the top of the body's container.

    A list of repealed papers has columns 文号 and 发布机关 too; it stands further down, and is the text.
    """
    if container is None or container.first_order is None:
        return False
    return label.order - container.first_order <= _TOP and ("index_number" in names or len(names) >= 3)


def _is_behind(label: Label, container: Container | None) -> bool:
    return container is not None and container.last_order is not None and label.order > container.last_order
