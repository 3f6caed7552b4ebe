"""sdg_hub: a flow of chat, extraction and JSON parsing, with checkpoints in the state folder.

A checkpoint is written after so many samples went through the whole flow, and the next ones wait for it: four rounds here.
"""

from __future__ import annotations

import pandas as pd
from sdg_hub import Flow, FlowMetadata
from sdg_hub.core.blocks import JSONParserBlock, LLMChatBlock, LLMResponseExtractorBlock

from benchmarks.llm_peers import task


def main() -> None:
    """Run and report."""
    given = task.start()
    chat = LLMChatBlock(
        block_name="chat", input_cols="messages", output_cols="raw", async_mode=True, response_format=task.RESPONSE_FORMAT
    )
    extract = LLMResponseExtractorBlock(block_name="extract", input_cols="raw")
    parse = JSONParserBlock(block_name="parse", input_cols="extract_content", output_cols=["question", "answer"])
    flow = Flow(blocks=[chat, extract, parse], metadata=FlowMetadata(name="benchmark", id="benchmark"))
    flow.set_model_config(model=f"openai/{task.MODEL}", api_base=given.base_url, api_key=task.KEY)
    rows = pd.DataFrame({"messages": [task.messages(number) for number in range(given.prompts)]})
    done = flow.generate(
        rows,
        checkpoint_dir=str(given.state / "checkpoints"),
        save_freq=4 * given.concurrency,
        max_concurrency=given.concurrency,
    )
    accepted: dict[int, object] = {}
    for row in done[["messages", "question", "answer"]].to_dict("records"):
        if isinstance(row["answer"], str) or isinstance(row["question"], str):
            accepted[task.number_in(row["messages"][1]["content"])] = {"question": row["question"], "answer": row["answer"]}
    task.finish(given, accepted)


if __name__ == "__main__":
    main()
