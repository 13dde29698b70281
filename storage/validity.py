"""Whether a document is in force on a day, and why. Pure rules over facts; `validity_rows` keeps what they say.

What the page states and what the archive derives (drafts, dates, later documents that repeal or amend) are judged
apart. Of the two the one holds that takes more from the document, and the rule that chose is named: a page that prints
有效 did so on the day it was made, and nobody renews it; a page that prints 废止 knows more than its dates.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class State(StrEnum):
    """时效 in one vocabulary for what sites print in many (现行有效, 全文废止, 尚未生效 …)."""

    PENDING = "pending"
    IN_FORCE = "in_force"
    AMENDED = "amended"  # in force, in other words than its own
    PARTLY_REPEALED = "partly_repealed"
    REPEALED = "repealed"
    EXPIRED = "expired"
    DRAFT = "draft"
    UNKNOWN = "unknown"


OVER = frozenset({State.REPEALED, State.EXPIRED})
# How much a state takes from a document: of what is stated and what is derived the greater holds.
_WEIGHT = {
    State.UNKNOWN: 0, State.IN_FORCE: 1, State.PENDING: 2, State.AMENDED: 3, State.PARTLY_REPEALED: 4,
    State.EXPIRED: 5, State.REPEALED: 6, State.DRAFT: 7,
}  # fmt: skip

# Words of pages, most telling first: 部分失效 holds 失效, 尚未生效 holds 生效, 无效 holds 效.
_STATED = (
    (State.PENDING, re.compile(r"尚未(?:生效|施行|实施)|未生效|待生效")),
    (State.PARTLY_REPEALED, re.compile(r"部分(?:条款)?(?:失效|废止|有效)|条款失效")),
    (State.EXPIRED, re.compile(r"(?:已)?过期|到期失效|有效期届满")),
    (State.REPEALED, re.compile(r"废止|失效|无效|撤销|停止执行|^否$")),
    (State.AMENDED, re.compile(r"(?:已被?|全文)?(?:修改|修订|修正)")),
    (State.DRAFT, re.compile(r"草案|征求意见")),
    (State.IN_FORCE, re.compile(r"有效|^是$|生效|施行|继续执行")),
)
_DRAFT = re.compile(r"征求意见稿|送审稿|[（(]草案|草案[）)]?$|公开征求")

ACTS = ("repeals", "supersedes", "amends")  # relations by which a document changes another's validity
ACTORS = ("policy", "notice", "other")  # types of documents that can: news and interpretations only tell of it
TELLING = ("news", "interpretation")
EXPIRES_SOON = timedelta(days=30)
DEADLINE_NEAR = timedelta(days=3)

_ARTICLE = r"第[一二三四五六七八九十百千零〇0-9]{1,6}[条款项章节]"
_PART_BEHIND = re.compile(
    rf"^[》〉\s]*(?:[（(][^（）()]{{0,60}}[）)])?(?:中的?|的)?(?:{_ARTICLE}|部分条款|有关条款|附件)"
)
# Papers speak more often of rules that somebody is to amend (做好《X》修订工作) than they amend one.
_DECIDES = re.compile(r"(?:修改|修订|修正|废止|失效|清理)")
_AMENDS = re.compile(
    r"(?:作|做)出?(?:如下|以下|相应|部分)?的?(?:修改|修订|修正)|(?:修改|修正|调整)为|(?:予以|决定|现予)(?:修改|修订|修正)|增加一条|删(?:除|去)第|"
    r"现(?:将|对).{0,80}(?:修改|修订|修正|调整)"
)
_ENDS = re.compile(r"废止|停止(?:执行|施行|使用)|不再|失效|取代|代替|替代")
_PLANNED = re.compile(
    r"正在|拟|抓紧|研究|建议|提请|推动|做好|争取|适时|不得|应当|加快|配合|积极|尽快|推进|需要|及时|组织|修改或|修订或|如果|可以|是否|尚未|未被?废止"
)
_QUOTED = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_ON_A_DAY = re.compile(
    r"自(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?:之日)?起?(?:同时)?(?:全文|全部)?(?:予以|正式|即行)?"
    r"(?:废止|停止(?:执行|施行|使用)|失效|不再(?:执行|施行|适用|有效))"
)


@dataclass(frozen=True, slots=True)
class Act:
    """What another document does to this one. `day`: from when; `partly`: only some of its clauses; `file`: the file
    of the other document whose list names this one."""

    relation: str  # repeals, supersedes or amends
    document_id: int
    name: str  # 《title》（number） of the document that does it
    day: date
    partly: bool = False
    sentence: str = ""
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `printed`: the page's own word for 有效性; `sources`: where a day stood on the page."""

    type: str
    title: str | None
    printed: str | None = None
    effective: date | None = None
    expires: date | None = None  # its last day in force
    deadline: date | None = None  # last day for comments
    acts: tuple[Act, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()  # (effective or expires, "text 起施行")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A state with its proof. `rule`: stated, draft, repealed_by, superseded_by, term_ended, not_yet_effective,
    partly_repealed_by, amended_by, effective or no_evidence."""

    state: State
    rule: str
    reason: str
    since: date | None = None
    document_id: int | None = None  # the document that repeals or amends it


@dataclass(frozen=True, slots=True)
class Validity:
    """The judgement that holds, and the two it was chosen from."""

    chosen: Judgement
    stated: Judgement | None
    derived: Judgement | None

    @property
    def disagree(self) -> bool:
        """Whether the page says otherwise than what is derived."""
        return self.stated is not None and self.derived is not None and self.stated.state is not self.derived.state


def validity_on(facts: Facts, day: date) -> Validity:
    """What holds on `day`. News and interpretations, whatever days they name, are not in force themselves."""
    if facts.type in TELLING:
        told = Judgement(State.UNKNOWN, "no_evidence", f"of type {facts.type}: it tells of rules, and is none")
        return Validity(told, None, None)
    stated, derived = _stated(facts.printed), _derived(facts, day)
    if stated is None or derived is None:
        chosen = stated or derived or Judgement(
            State.UNKNOWN, "no_evidence", "neither the page nor another document says whether it is in force"
        )  # fmt: skip
    elif stated.state is State.PENDING:
        chosen = derived  # it was, when the page was made
    else:
        chosen = stated if _WEIGHT[stated.state] > _WEIGHT[derived.state] else derived
    return Validity(chosen, stated, derived)


def stated_state(printed: str | None) -> State | None:
    """What a page's word for 有效性 means; None for no word and for one nobody knows."""
    text = re.sub(r"\s+", "", printed or "")
    return next((state for state, words in _STATED if words.search(text)), None) if text else None


def is_draft(type_: str, title: str | None) -> bool:
    """Whether a document is a draft, which neither is in force nor repeals anything."""
    return type_ == "consultation" or bool(_DRAFT.search(re.sub(r"\s+", "", title or "")))


def acts_partly(sentence: str, title: str | None, number: str | None) -> bool:
    """Whether a sentence that repeals names only clauses of a document: 《X》第五条同时废止."""
    text = re.sub(r"\s+", "", sentence)
    for name in filter(None, (title, number)):
        at = text.find(re.sub(r"\s+", "", name))
        if at >= 0:
            return bool(_PART_BEHIND.match(text[at + len(re.sub(r"\s+", "", name)) :]))
    return False


def performs(relation: str, sentence: str, name: str | None, actor: str | None, *, listed: bool = False) -> bool:
    """Whether a document titled `actor` does what a sentence of it says of the document `name` (its title or number),
    and does not only speak of it. `listed`: the sentence is a row of a list in its files."""
    if listed or _DECIDES.search(_QUOTED.sub("", actor or "")):
        return True
    text = re.sub(r"\s+", "", sentence)
    if relation == "amends":
        return bool(_AMENDS.search(text)) and not _PLANNED.search(_around(text, name))
    return not _PLANNED.search(_around(text, name))


def _around(text: str, name: str | None) -> str:
    """The clause that names a document, up to the word that ends it; quoted titles left out."""
    plain = re.sub(r"\s+", "", name or "")
    at = text.find(plain) if plain else -1
    if at < 0:
        return ""
    words = _QUOTED.sub(lambda title: "《" + "·" * (len(title[0]) - 2) + "》", text)  # what a title says is no act
    begin = max(words.rfind(mark, 0, at) for mark in "，。；：") + 1
    end = _ENDS.search(words, at)
    return words[begin : end.end() if end else at + len(plain) + 40]


def act_day(sentence: str) -> date | None:
    """The day from which a sentence repeals, where it names one: 自2026年5月1日起废止."""
    match = _ON_A_DAY.search(re.sub(r"\s+", "", unicodedata.normalize("NFKC", sentence)))
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    except ValueError:
        return None


def milestones(facts: Facts) -> list[tuple[date, str]]:
    """The days on which time alone makes an event of the document, with the kind of event, the first first."""
    found: list[tuple[date, str]] = []
    if facts.type in TELLING:
        return found
    if facts.effective is not None:
        found.append((facts.effective, "in_force"))
    if facts.expires is not None:
        found += [(facts.expires - EXPIRES_SOON, "expires_soon"), (facts.expires + timedelta(days=1), "expired")]
    if facts.deadline is not None:
        found.append((facts.deadline - DEADLINE_NEAR, "deadline_near"))
    return sorted(found)


def is_due(kind: str, facts: Facts, day: date) -> bool:
    """Whether a milestone that was passed is still worth an event on `day`: a term must not be announced to end soon
    after it ended, nor what a repealed document would have done."""
    state = validity_on(facts, day).chosen.state
    if kind == "deadline_near":
        return facts.deadline is not None and day <= facts.deadline
    if kind == "expires_soon":
        return state not in {*OVER, State.DRAFT} and facts.expires is not None and day <= facts.expires
    if kind == "expired":
        return state is State.EXPIRED
    return state not in {*OVER, State.DRAFT, State.PENDING}


def next_day(facts: Facts, day: date) -> date | None:
    """The next day after `day` on which something becomes of the document; None where nothing will."""
    days = [when for when, _ in milestones(facts)] + [act.day for act in facts.acts]
    return min((when for when in days if when > day), default=None)


# -- the two judgements ------------------------------------------------------------------------------------------------


def _stated(printed: str | None) -> Judgement | None:
    state = stated_state(printed)
    return Judgement(state, "stated", f"the page says {printed}") if state else None


def _derived(facts: Facts, day: date) -> Judgement | None:
    if is_draft(facts.type, facts.title):
        return Judgement(State.DRAFT, "draft", "the title or the call for comments says that it is a draft")
    acting = sorted((act for act in facts.acts if act.day <= day), key=lambda act: (act.day, act.document_id))
    return _ended(facts, acting, day) or _limited(facts, acting, day)


def _ended(facts: Facts, acting: Sequence[Act], day: date) -> Judgement | None:
    """Repealed, superseded, or its term is over."""
    whole = next((act for act in acting if act.relation in {"repeals", "supersedes"} and not act.partly), None)
    if whole is not None:
        return _by(whole, State.REPEALED, "superseded_by" if whole.relation == "supersedes" else "repealed_by")
    if facts.expires is None or facts.expires >= day:
        return None
    reason = f"its term ended on {facts.expires}{_place(facts, 'expires')}"
    return Judgement(State.EXPIRED, "term_ended", reason, facts.expires + timedelta(days=1))


def _limited(facts: Facts, acting: Sequence[Act], day: date) -> Judgement | None:
    """Not yet in force, in force in part or in other words, or in force."""
    if facts.effective is not None and facts.effective > day:
        reason = f"comes into force on {facts.effective}{_place(facts, 'effective')}"
        return Judgement(State.PENDING, "not_yet_effective", reason, facts.effective)
    partly = next((act for act in reversed(acting) if act.relation != "amends"), None)
    if partly is not None:
        return _by(partly, State.PARTLY_REPEALED, "partly_repealed_by")
    if acting:
        return _by(acting[-1], State.AMENDED, "amended_by")
    return _in_force(facts) if facts.effective is not None else None


def _in_force(facts: Facts) -> Judgement:
    coming = min((act for act in facts.acts if act.relation != "amends"), key=lambda act: act.day, default=None)
    until = f"until {facts.expires}" if facts.expires else "without an end"
    if coming is not None:
        until = f"until {coming.name} repeals {'part of ' if coming.partly else ''}it on {coming.day}"
    reason = f"in force since {facts.effective}{_place(facts, 'effective')}, {until}"
    return Judgement(State.IN_FORCE, "effective", reason, facts.effective)


def _by(act: Act, state: State, rule: str) -> Judgement:
    what = {"repealed_by": "repealed", "superseded_by": "superseded", "partly_repealed_by": "partly repealed"}
    listed = f", listed in its file {act.file}" if act.file else ""
    reason = f"{what.get(rule, 'amended')} by {act.name} on {act.day}{listed}"
    return Judgement(state, rule, reason, act.day, act.document_id)


def _place(facts: Facts, field: str) -> str:
    source = dict(facts.sources).get(field)
    return f" ({source})" if source else ""
