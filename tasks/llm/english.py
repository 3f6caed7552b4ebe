from tasks.llm.drafts import Draft, Source
def english_drafts(source: Source) -> list[Draft]:
    return []
