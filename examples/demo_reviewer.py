"""A script that answers like a reviewer, so that the demo needs no person. Its verdicts say so: it is called `demo-reviewer`.

It submits over Argilla's API under an annotator's account of its own, to both queues. The content of a record decides:
most are approved, some edited (the answer gets its source appended), some rejected, and some left open for whoever wants to try.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from review.people import create_annotator, submit
from review.pull import pull
from review.rest import ReviewServer
from tasks.records import Chunk, Pair, Preference, content_id

NAME = "demo-reviewer"
OPEN = 9  # records with this lot stay open
SOURCE = {"ko": "(근거: {heading})", "en": "(Source: {heading})"}
Answer = Mapping[str, str]


def answer_open_records(
    server: ReviewServer,
    workspace: str,
    project: str,
    pairs: Iterable[Pair],
    preferences: Iterable[Preference],
    chunks: Iterable[Chunk],
) -> Counter[str]:
    """Answer every record that the script has not answered before; how often it decided what."""
    annotator = create_annotator(server, workspace, NAME, content_id(server.api_key, NAME))
    answered = {v.record for v in pull(server, workspace, project) if v.annotator == NAME}
    heading = {chunk.id: chunk.heading[-1] for chunk in chunks}
    qa = {p.id: pair_answer(p, heading[p.chunk]) for p in pairs if p.id not in answered and lot(p.id) != OPEN}
    dpo = {p.id: preference_answer(p) for p in preferences if p.id not in answered and lot(p.id) != OPEN}
    submit(annotator, workspace, project, "qa", qa)
    submit(annotator, workspace, project, "dpo", dpo)
    return Counter(answer["decision"] for answer in (*qa.values(), *dpo.values()))


def lot(record: str) -> int:
    """A number below ten that the record's content decides."""
    return int(record[:8], 16) % 10


def pair_answer(pair: Pair, heading: str) -> Answer:
    """Reject one of ten, edit one of ten, approve the others."""
    match lot(pair.id):
        case 0:
            return {"decision": "reject", "reason": "unclear_question", "comment": "demo"}
        case 1 if pair.kind == "qa":
            edited = f"{pair.answer} {SOURCE[pair.language].format(heading=heading)}"
            return {"decision": "edit", "edited_question": pair.question, "edited_answer": edited}
        case _:
            return {"decision": "approve"}


def preference_answer(preference: Preference) -> Answer:
    """Reject one of ten, approve the others."""
    if lot(preference.id) == 0:
        return {"decision": "reject", "reason": "other", "comment": "demo"}
    return {"decision": "approve"}
