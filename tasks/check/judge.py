"""A second model's opinion of a row, with the source in view: five criteria, 1 to 5, each with a reason.

Scores are opinions. A low one sends a row to people with the judge's words beside it, or drops it where the settings say so; a
row that could not be judged says that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from prompts.loader import Prompt
from tasks.generate.replies import JudgeReply
from tasks.llm.asks import Answer, Ask
from tasks.records import Chunk, Doubt, Dropped, Kept, Language, Pair, Score
from tasks.settings import JudgeSettings

STEP: Final = "judge"
LONGEST_REASON = 300
LOW, UNJUDGED = "judged_low", "not_judged"


def make_asks(pairs: Sequence[Pair], chunks: Mapping[str, Chunk], title: str, prompts: Mapping[Language, Prompt]) -> list[Ask]:
    """One ask a pair; the source is its clause and what it is linked to."""
    return [_ask(pair, chunks, title, prompts[pair.language]) for pair in pairs]


def _ask(pair: Pair, chunks: Mapping[str, Chunk], title: str, prompt: Prompt) -> Ask:
    source = [chunks[id_] for id_ in (pair.chunk, *pair.linked) if id_ in chunks]
    values = {
        "document": title,
        "heading": " > ".join(source[0].heading) if source else "",
        "text": "\n\n".join(chunk.text for chunk in source),
        "question": pair.question,
        "answer": pair.answer,
        "quotes": "\n".join(pair.quotes),
    }
    return Ask(pair.id, STEP, prompt.system, prompt.user(values), JudgeReply, prompt.hash)


def judged(pairs: Sequence[Pair], answers: Sequence[Answer], settings: JudgeSettings) -> Kept[Pair]:
    """The pairs with their scores; a score below `drop_below` drops its pair, one below `doubt_below` is a doubt."""
    rows: list[Pair] = []
    dropped: list[Dropped] = []
    for pair, answer in zip(pairs, answers, strict=True):
        scores = _scores(answer)
        lowest = min(scores, key=lambda score: score.score, default=None)
        if lowest and lowest.score < settings.drop_below:
            dropped.append(Dropped.of(pair, pair.id, STEP, LOW, _said(lowest)))
            continue
        doubts = [Doubt(reason=LOW, detail=_said(score)) for score in scores if score.score < settings.doubt_below]
        if not scores:
            doubts = [Doubt(reason=UNJUDGED, detail=f"{answer.problem}: {answer.detail}"[:LONGEST_REASON])]
        rows.append(pair.model_copy(update={"scores": scores, "doubts": (*pair.doubts, *doubts)}))
    return Kept(rows, dropped)


def _scores(answer: Answer) -> tuple[Score, ...]:
    if not isinstance(answer.value, JudgeReply):
        return ()
    return tuple(Score(criterion=s.criterion, score=s.score, reason=s.reason[:LONGEST_REASON]) for s in answer.value.scores)


def _said(score: Score) -> str:
    return f"{score.criterion} {score.score}/5: {score.reason}"
