"""Rows for the tests of the review: clauses, pairs, preferences and verdicts, each with a number of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tasks.records import (
    Box,
    Chunk,
    Evidence,
    Language,
    Lineage,
    Option,
    Pair,
    Preference,
    Region,
    Sampling,
    Span,
    Verdict,
)

BOX = Box(x0=10, y0=20, x1=300, y1=40)
MODEL = "jeongdap-extractive"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def chunk(number: int, text: str | None = None, heading: tuple[str, ...] | None = None, path: str = "pdf/약관.pdf") -> Chunk:
    text = text or f"회사는 피보험자에게 보험금을 지급합니다.\n다만, 계약일부터 {number}개월 이내에는 3.5%만 지급합니다."
    heading = heading or ("제3관 보험금", f"제{number}조(보험금의 지급사유)")
    span = Span(page=number + 1, box=BOX, start=0, end=len(text))
    chunk_id = Chunk.make_id(heading, str(number), 1, text)
    return Chunk(
        id=chunk_id,
        document="d" * 32,
        path=path,
        language="ko",
        heading=heading,
        clause=str(number),
        part=1,
        text=text,
        spans=(span,),
    )


def pair(
    of: Chunk,
    question: str = "가입 직후에는 보험금을 얼마나 받나요?",
    answer: str = "일부만 받습니다.",
    *,
    kind: str = "qa",
    options: tuple[Option, ...] = (),
    model: str = MODEL,
    language: Language = "ko",
) -> Pair:
    start = of.text.find("다만")
    start, quote = (start, of.text[start:]) if start >= 0 else (0, of.text)
    region = Region(page=of.spans[0].page, box=BOX)
    sampling = Sampling(temperature=0, top_p=1, max_tokens=256)
    return Pair(
        id=Pair.make_id(of.id, kind, question, answer, (quote,), options),
        chunk=of.id,
        document=of.document,
        path=of.path,
        language=language,
        kind=kind,
        question=question,
        answer=answer,
        quotes=(quote,),
        evidence=(Evidence(quote=quote, start=start, end=start + len(quote), regions=(region,)),),
        options=options,
        parent=None,
        lineage=Lineage(prompt="qa", prompt_hash="0", model=model, sampling=sampling, call="0", run="0", code="0"),
    )


def preference(of: Pair, rejected: str = "전액을 받습니다.") -> Preference:
    return Preference(
        id=Preference.make_id(of.id, of.question, of.answer, rejected),
        pair=of.id,
        prompt=of.question,
        chosen=of.answer,
        rejected=rejected,
        origin="distractor",
        error="amount",
        margin=None,
    )


def rows(count: int) -> tuple[list[Chunk], list[Pair], list[Preference]]:
    """That many clauses, a pair and a preference on each."""
    chunks = [chunk(number) for number in range(1, count + 1)]
    pairs = [pair(each) for each in chunks]
    return chunks, pairs, [preference(each) for each in pairs]


def verdict(
    record: str,
    decision: str = "approve",
    annotator: str = "kim",
    minutes: int = 0,
    queue: str = "qa",
    **fields: str,
) -> Verdict:
    texts = {"question": "", "answer": "", "reason": "", "comment": ""} | fields
    return Verdict.model_validate(
        {
            "record": record,
            "queue": queue,
            "decision": decision,
            "annotator": annotator,
            "time": START + timedelta(minutes=minutes),
            **texts,
        }
    )
