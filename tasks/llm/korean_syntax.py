"""Korean sentences taken apart: the predicate in the form of a question, topic, condition, and coordinate parts.

No dictionary and no tagger: legal prose is regular enough for endings and particles to tell, and where they do not, the
functions say so (None, or an empty part) instead of guessing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.text.particles import particle

NIEUN, RIEUL, BIEUP = 4, 8, 17  # final consonants, as Unicode numbers them

# ---------------------------------------------------------------- predicates
# The end of a sentence and what it is in a polite question. The first that fits counts.
ASK_FORMS: tuple[tuple[str, str], ...] = (
    (r"(?:아니|안)\s?(?:된다|됩니다)$", "안 되나요"),
    (r"지\s?(?:아니한다|아니합니다|않는다|않습니다|아니하다)$", "지 않나요"),
    (r"못(?:한다|합니다)$", "못하나요"),
    (r"(?:아니다|아닙니다)$", "아닌가요"),
    (r"(?:입니다|이다)$", "인가요"),
    (r"(벌금|과료|징역|금고|형)에 처한다$", r"\1에 처해지나요"),
    (r"같(?:다|습니다)$", "같은가요"),
    (r"(있|없)(?:다|습니다|음)$", r"\1나요"),
    (r"([았었였했됐])(?:다|습니다)$", r"\1나요"),
    (r"(?:습니다|는다)$", "나요"),
    (r"함$", "하나요"),
    (r"됨$", "되나요"),
)


def ask_form(text: str) -> str | None:
    """A sentence with its predicate in the form of a question, without the mark: 지급합니다. -> 지급하나요."""
    text = text.rstrip(" .")
    if re.search(r"그러하지\s?(?:아니|않)", text):
        return None
    for pattern, form in ASK_FORMS:
        if re.search(pattern, text):
            return re.sub(pattern, form, text)
    for pattern, mark in ((r"([가-힣])니다$", BIEUP), (r"([가-힣])다$", NIEUN)):
        if (match := re.search(pattern, text)) and (ord(match[1]) - 0xAC00) % 28 == mark:
            return f"{text[: match.start()]}{chr(ord(match[1]) - mark)}나요"
    return None


def without_brackets(text: str) -> str:
    """A sentence without what stands in round brackets, which makes a question hard to read."""
    previous = ""
    while previous != text:
        previous, text = text, re.sub(r"\s?\([^()]*\)", "", text)
    return text


# ---------------------------------------------------------------- topic and condition
ADNOMINAL = re.compile(
    r"(?:하|되|있|없|않|시키|받|려|어지|려지|여지|따르|이르|속하|미치|관하|대하)는$|^(?:보|주|쓰|두|오|가|나|내|드|얻|사|지|맺|갖)는$"
    r"|(?:받|얻|입|않|같|많|높|낮|좋|넘|맺|남|적|작|늦|붙)은$|^(?:또|혹)[는은]$"
)
NO_TOPIC = re.compile(r"(?:에|에서|로서|께서|해서|여서|로|부터|까지|게|께|지|고|만|때|경우|자마다)는$")
CONDITION = re.compile(r"([가-힣]) (?:경우|때)(?:에는|에|)(?:,|)(?= (?!한[하한합정]))")
IF = re.compile(r"(?<=[가-힣])(?:으면|하면|되면|이면|없으면|있으면|지나면|않으면)(?:,|)(?= )")
NO_IF = re.compile(r"(?:^| )(?:서면|지면|화면|측면|방면|장면|대면|도면|전면|반면|수면|국면|예를 들면|하면)$")
# 사고, 신고, 보고 are nouns.
COORDINATE = re.compile(
    r"(?:[가-힣]며|(?:하|되|않|있|없|받|내|주|두|지|리|치|키|이|르|으|쓰|열|늘|줄|넣|맺|얻|적|누|추|꾸|기)고"
    r"|으나|하나|지만|거나|[하으]되), "
)
AGENTS = re.compile(
    r"(?:자|인|장|관|원|부|회사|사람|기관|위원회|장관|원장|법원|은행|위원장|청장|위원|단체|사업자|업자|의사|주체|당사자|국가|조합|협회|검사|가족"
    r"|신청인|법인|이사|감사|총회|이사회|지점|대리점|영업소)(?:등|들)?(?:은|는|이|가|도)$|누구든지$|누구나$"
)


@dataclass(frozen=True, slots=True)
class Parse:
    """A sentence in two: what is kept in a question (topic and condition, in the sentence's order) and what is asked for."""

    topic: str
    condition: str
    kept: str
    main: str

    @property
    def agent(self) -> bool:
        """Whether the topic is somebody who can act, or leaves open who does."""
        return bool(AGENTS.search(self.topic)) or self.topic.endswith(("하여는", "해서는", "하여서는"))


def parse(sentence: str) -> Parse:
    """Topic, condition and main part of a sentence."""
    topic = find_topic(sentence)
    condition = _condition(sentence)
    end = max(topic[1], condition[1])
    return Parse(
        sentence[slice(*topic)].strip(), sentence[slice(*condition)].strip(" ,"), sentence[:end].strip(), sentence[end:].strip()
    )


def find_topic(sentence: str) -> tuple[int, int]:
    """Where the topic stands: from the start, or from the condition before it, to the first noun with 은 or 는."""
    depth = 0
    for match in re.finditer(r"\S+", sentence):
        word = match[0]
        depth += sum(word.count(c) for c in "(「“[") - sum(word.count(c) for c in ")」”]")
        if word in ("누구든지", "누구나"):
            return 0, match.end()
        if depth == 0 and _isfind_topic(word.rstrip(","), sentence[match.end() :]):
            return 0, match.end()
    return 0, 0


def _isfind_topic(word: str, after: str) -> bool:
    """A noun with 은 or 는, no verb before its noun (보내는 방법, 받은 날)."""
    if len(word) < 2 or word[-1] not in "은는" or particle(word[:-1], "는") != word[-1]:
        return False
    return not (ADNOMINAL.search(word) or NO_TOPIC.search(word) or MODIFIED.match(after))


# A noun that a verb stands before: whatever ends in 는 or 은 before it is that verb.
MODIFIED = re.compile(r" (?:때|경우|것|날|방법|기간|동안|대로|즉시|바(?=[에를의가 ])|자(?=[는가를에의 ])|데(?=[에 ]))")


def _condition(sentence: str) -> tuple[int, int]:
    """Where the condition stands: one clause that ends in 경우, 때 or 면. More than one is too much for a question."""
    ends = [m for m in CONDITION.finditer(sentence) if (ord(m[1]) - 0xAC00) % 28 in (NIEUN, RIEUL) or m[1] == "는"]
    ends = [m for m in ends if not re.search(r"(?:^|\s)(?:이|그|각 호의|다음의|위의)$", sentence[: m.start() + 1])]
    ifs = [m for m in IF.finditer(sentence) if not NO_IF.search(sentence[: m.end()].rstrip(","))]
    found = sorted(ends + ifs, key=lambda m: m.end())
    if len(found) != 1 or len(sentence) - found[0].end() < 5:
        return 0, 0
    topic = find_topic(sentence)[1]
    if COORDINATE.search(sentence[topic : found[0].end()]):
        return 0, 0
    return (topic if topic < found[0].start() else 0), found[0].end()


# ---------------------------------------------------------------- coordinate parts
# Words that need what stood before them.
POINTS_BACK = re.compile(r"^이미|(?:^|\s)(?:그|같은|이를|이에|그에|해당|이로|이와|그러하지|그때|이러한)(?:\s|$)")


def segments(sentence: str) -> Iterator[str]:
    """The coordinate parts of a sentence (…하며, …한다), each as a question with the topic and the condition it shares."""
    edges = [0, *(match.end() for match in COORDINATE.finditer(sentence)), len(sentence)]
    first = parse(sentence[: edges[1]])
    for start, end in itertools.pairwise(edges):
        part = sentence[start:end].rstrip(" ,.")
        asked = ask_form(part) if end == len(sentence) else _connective_asked(part)
        if asked is None or POINTS_BACK.search(part if start else ""):
            continue
        if start == 0 or _own_subject(part):
            yield asked
        else:
            shared = "" if not first.agent else first.topic if parse(part).condition else first.kept
            yield f"{shared.rstrip(' ,')} {asked}".strip()


def _connective_asked(part: str) -> str:
    """돌려드리며 -> 돌려드리나요: what joins two clauses stands on the same stem as what asks."""
    return re.sub(r"(?:으며|며|고|으나|나|지만|거나|되)$", "나요", part).replace("아니하나요", "않나요")


def _own_subject(part: str) -> bool:
    return find_topic(part)[1] > 0 or bool(re.match(r"(?:\S+ ){0,3}\S+[이가] ", part))
