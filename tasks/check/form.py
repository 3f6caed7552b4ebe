"""Is the text whole and clean? Markdown that renders, nothing said over and over, nothing left of the machine that wrote it.

A law repeats itself and shows brackets and blanks too, so what stands in the source is never a fault of the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from tasks.check.findings import Finding, Findings, Reason
from tasks.check.seen import Check, Seen
from tasks.text.normal import comparable
from tasks.text.sentences import sentences

# ---------------------------------------------------------------- Markdown
FENCE = re.compile(r"^\s*(```|~~~)", re.MULTILINE)
FENCED = re.compile(r"^\s*(```|~~~).*?^\s*\1[^\n]*$", re.MULTILINE | re.DOTALL)
TABLE_LINE = re.compile(r"^\s*\|.*\|\s*$")
TABLE = re.compile(r"^\s*\|.*$", re.MULTILINE)
RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
CELL_END = re.compile(r"(?<!\\)\|")
BOLD = re.compile(r"(?<![*\\])\*\*(?=[^\s*])[^*\n]*?(?<=[^\s*])\*\*(?!\*)")
STARS = re.compile(r"(?<![*\\])\*\*(?!\*)")
MASKED = re.compile(r"(?<![가-힣])[가-힣]{1,2}\*{1,2}(?=\s|님|씨|의|[은는이가을를])")  # 홍** 씨
CODE = re.compile(r"`[^`\n]+`")
NO_HEADING = re.compile(r"^\s{0,3}#{1,6}(?=[^\s#0-9])|^\s{0,3}#{1,6}\s*$|(?<=[.?!다요]) #{2,6} ", re.MULTILINE)
LAST_HEADING = re.compile(r"(?:^|\n)\s{0,3}#{1,6} [^\n]*\s*\Z")
OPEN_LINK = re.compile(r"\[[^\[\]\n]+\]\([^()\n]*\Z|\]\(\s*\)")


def markdown(seen: Seen) -> Findings:
    """Fences and emphasis that close, tables of one width, headings with something under them."""
    for text in seen.texts:
        yield from (Finding("broken_markdown", detail, hard) for detail, hard in _broken(text))


def _broken(text: str) -> Iterator[tuple[str, bool]]:
    if len(FENCE.findall(text)) % 2:
        yield "a code fence is not closed", True
    plain = CODE.sub("", FENCED.sub("", text))
    if (widths := _uneven(plain)) is not None:
        yield f"a table with rows of {widths} cells", True
    if STARS.search(rest := MASKED.sub("", BOLD.sub("", plain))):
        yield f"** is not closed: {rest[max(0, rest.find('**') - 10) :][:40]}", bool(re.search(r"(?:^|\s)\*\*\S", rest))
    if "`" in plain and plain.count("`") % 2:
        yield "` is not closed", False
    if (heading := NO_HEADING.search(plain) or LAST_HEADING.search(plain)) or OPEN_LINK.search(plain):
        yield f"a stray heading: {heading[0].strip()[:40]}" if heading else "a link without an end", False


def _uneven(text: str) -> str | None:
    """The widths of a table whose rows differ, or that has no rule under its head; None for tables as they should be."""
    if "|" not in text:
        return None
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if TABLE_LINE.match(line):
            block.append(line)
            continue
        widths = {len(CELL_END.findall(row)) - 1 for row in block}
        if len(widths) > 1 or (len(block) > 1 and not RULE.match(block[1])):
            return " and ".join(map(str, sorted(widths)))
        block = []
    return None


# ---------------------------------------------------------------- repeats
WORDS: Final = 8  # of a piece that is counted
TIMES: Final = 3
SAME_WORD: Final = 4  # times one word after the other
LONG_SENTENCE: Final = 10  # characters that count
LONG_WORD: Final = 12  # letters in which a loop without spaces may hide
SYLLABLES = re.compile(r"(?P<piece>[^\W\d_]{1,6}?)(?P=piece){5,}")


def repeats(seen: Seen) -> Findings:
    """The same sentence twice, the same eight words three times, one word four times on end: more often than in the source."""
    for text in seen.texts:
        if (said := next(_repeated(text, seen.clause), None)) is not None:
            yield Finding("repeats", f"said again: {said[:80]}", hard=True)


def _repeated(text: str, source: str) -> Iterator[str]:
    words = TABLE.sub("", text).split()
    yield from (loop for loop in _loops(words) if loop not in source)
    whole = [sentence for sentence in sentences(text) if not sentence.startswith("|")]
    if len(whole) > 1:
        flat = Counter(said for sentence in whole if len(said := comparable(sentence)) >= LONG_SENTENCE)
        known = comparable(source) if any(times > 1 for times in flat.values()) else ""
        yield from (said for said, times in flat.items() if times > 1 and known.count(said) < times)
    yield from _grams(words, source)


def _loops(words: Sequence[str]) -> Iterator[str]:
    """One word four times on end, or pieces of one that go round and round."""
    runs = ((word, len(list(run))) for word, run in groupby(word.rstrip(",") for word in words))
    yield from (" ".join([word] * times) for word, times in runs if times >= SAME_WORD and any(map(str.isalpha, word)))
    yield from (match[0] for word in words if len(word) >= LONG_WORD and (match := SYLLABLES.search(word)))


def _grams(words: Sequence[str], source: str) -> Iterator[str]:
    if len(words) < WORDS * TIMES:
        return
    counts = Counter(zip(*(words[at:] for at in range(WORDS)), strict=False))
    often = [" ".join(gram) for gram, times in counts.items() if times >= TIMES and len(set(gram)) > 2]
    if often:
        spaced = " ".join(source.split())
        yield from (gram for gram in often if spaced.count(gram) < TIMES)


# ---------------------------------------------------------------- what a model leaves
# Said to a person who asked, not said by a text of reference.
CHAT = re.compile(
    r"(?:AI|인공지능) ?(?:언어 ?모델|어시스턴트|비서|챗봇)(?:로서|으로서|이므로|입니다|이기|이라)|언어 ?모델(?:로서"
    r"|이므로|입니다|이기)|\bas an AI\b|\bI(?:'m| am) an AI\b"
    r"|\b(?:as a|I am a|I'm a) (?:large )?language model"
    r"|^\s*(?:물론입니다|물론이죠|물론이에요|네, (?:알겠습니다|물론)|알겠습니다|좋은 질문|도와드리겠습니다|안녕하세요"
    r"|Sure[,!.]|Certainly[,!.]|Of course[,!.]"
    r"|Absolutely[,!.]|Great question|Here(?:'s| is| are) (?:the|your|an?) )"
    r"|(?:도움이 (?:되었기를|되셨기를|되길|되시길|되었으면)|추가(?:로|적인) (?:궁금|질문)[^.\n]{0,20}(?:있으|말씀)"
    r"|더 궁금한 (?:점|사항|것)|언제든지? (?:말씀|문의|질문)해 ?주)"
    r"|\bI hope this helps|\blet me know if\b|\bfeel free to (?:ask|reach)|제(?:가)? 학습(?:한|된) 데이터|\bmy (?:training data"
    r"|knowledge cutoff)\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^\s*[\[<(*#]{0,4}\s*(?:답변|답안|정답|해답|질문|출력|결과|답|응답|모델 답변|최종 답변|Answer|Question|Output"
    r"|Response|Assistant|User"
    r"|Final answer|A|Q)\s*[\])>*]{0,4}\s*[:：]|^\s*[\[<#]{1,4}\s*(?:답변|정답|질문|출력|Answer|Question|Output)\s*[\]>]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
JSON = re.compile(
    r"\{\s*\"\w+\"\s*:|\"(?:items|question|answer|quotes?|correct|distractors|error|text|type)\"\s*:"
    r"|\"\s*\}\s*,?\s*[\]}]|\"\s*,\s*\"quotes?\"|\\u[0-9a-fA-F]{4}|(?<!\\)\\n|\\\""
)
TOKENS = re.compile(
    r"<\|[\w ]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?s>|</?think(?:ing)?>|<(?:eos|bos|pad|unk)>|<(?:start|end)_of_turn>"
    r"|</?source-|<\uff5c|</?(?:answer|question|output)>"
)
PLACEHOLDER = re.compile(
    r"\{\{[^{}]*\}\}|\$\{\w+\}|\{(?:질문|답변|문서|조항|회사명|이름|날짜|금액|document|heading|text|count|question"
    r"|answer|name|date"
    r"|context|clause)\}"
    r"|\[(?:여기에|여기|이곳에)[^\[\]\n]*\]|\[[^\[\]\n]{0,20}(?:입력|기입|삽입|추가|작성|채우)(?:하세요|하십시오"
    r"|해 ?주세요|할 것|합니다|란)?\]|\[(?:이름|회사명"
    r"|날짜|금액|보험명|상품명|조항|문서명|연락처|주소)\]"
    r"|\[(?:insert|your|add|fill in|name|date|amount|company|policyholder|document)\b[^\[\]\n]*\]|<(?:이름|회사명|날짜|금액"
    r"|your [\w ]+|insert [\w ]+|name|date)>|\bTODO\b|\bTBD\b|lorem ipsum",
    re.IGNORECASE,
)
PROMPT_WORDS = re.compile(
    r"(?:주어진|제공된|제시된|제공해 ?주신|입력된) (?:문서|본문|텍스트|글|조항|맥락|문맥|지문|문장|컨텍스트)|프롬프트"
    r"|\b(?:given|provided|supplied) (?:text|context|document|passage|clause|source)\b"
    r"|\bthe (?:passage|context|text) (?:states|says|provides|above|does not)\b|\bprompts?\b",
    re.IGNORECASE,
)
LEFT: Final[tuple[tuple[str, re.Pattern[str], str, bool], ...]] = (  # the third: signs without which it cannot be there
    ("speaks as a chat model", CHAT, "", True),
    ("a label of the reply", LABEL, ":：[<#", True),
    ("the remains of JSON", JSON, '"\\', True),
    ("a token of a chat", TOKENS, "<[", True),
    ("a blank to fill in", PLACEHOLDER, "{[<TtLl", True),
    ("a word of the prompt", PROMPT_WORDS, "", False),
)


def leftovers(seen: Seen) -> Findings:
    """Nothing of the exchange with the model: its talk, labels, JSON, tokens, blanks, words of the prompt."""
    for text in seen.texts:
        for name, pattern, signs, hard in LEFT:
            if signs and not any(sign in text for sign in signs):
                continue
            if (match := pattern.search(text)) and match[0].strip() not in seen.known:
                yield Finding(LEFTOVER, f"{name}: {match[0].strip()[:60]}", hard)


# ---------------------------------------------------------------- the end
STOP = re.compile(r"[.!?。…~:;][)\]」』”’\"'*_`]*$")
HANGING = re.compile(
    r"(?:[,·ㆍ(\[「『“‘\-–/&]|[가-힣](?:을|를)|(?<=\s)(?:및|또는|그리고|혹은|또한|다만|즉)|[가-힣](?:하고|하며|하여"
    r"|으며|되며|되어|에게|에서|부터|으로서|하는|되는|하지"
    r"|는데|지만|므로|경우에는|때에는))$"
)
ENGLISH_HANGING = re.compile(
    r"(?:[,(\[/&–-]|\b(?:the|an?|of|and|or|to|in|on|at|by|for|with|from|that|which|if|is|are|shall|must|may|within|not))$",
    re.IGNORECASE,
)
LINE = re.compile(r"^\s*(?:[-*+•|#>]|\(?(?:\d{1,2}|[가-하])[.)]|[①-⑳])")
PAIRS: Final = ("「」", "『』", "“”", "()", "[]")


def truncated(seen: Seen) -> Findings:
    """The answer ends where a sentence may end, and what it opens it closes."""
    text = seen.answer.rstrip()
    last = text.rpartition("\n")[2]
    if text in seen.known or not text:
        return
    hanging = (HANGING if seen.language == "ko" else ENGLISH_HANGING).search(text)
    if hanging:
        yield Finding(TRUNCATED, f"ends in mid-sentence: {text[-40:]}", hard=True)
    elif (opened := _left_open(last)) is not None:
        yield Finding(TRUNCATED, f"{opened} is not closed: {text[-40:]}", hard=True)
    elif _stops_short(text, last):
        yield Finding(TRUNCATED, f"no end to the last sentence: {text[-40:]}", hard=False)


def _left_open(line: str) -> str | None:
    return next((pair[0] for pair in PAIRS if line.count(pair[0]) > line.count(pair[1])), None)


def _stops_short(text: str, last: str) -> bool:
    """A last sentence without an end, after others that have one; lists and tables end as they like."""
    if STOP.search(last) or LINE.match(last) or re.search(r"(?:다|요|까|함|음|됨|임|것)[)\]」』”’\"'*_]*$", last):
        return False
    said = sentences(text)
    return len(said) > 1 and all(STOP.search(sentence) for sentence in said[:-1])


LEFTOVER: Final[Reason] = "model_leftovers"
TRUNCATED: Final[Reason] = "truncated"
CHECKS: Final[tuple[Check, ...]] = (markdown, repeats, leftovers, truncated)
