"""NVIDIA NeMo Data Designer: a structured column over a seed dataset, resumed from the state folder.

It keeps finished row groups, so their size decides what a kill costs: two full rounds of what may be in flight, with as many
groups at work as its documentation has.
"""

from __future__ import annotations

import data_designer.config as dd
import pandas as pd
from data_designer.interface import DataDesigner
from pydantic import BaseModel

from benchmarks.llm_peers import task


class Reply(BaseModel):
    """The reply to a prompt of the task."""

    question: str
    answer: str


def config(given: task.Given) -> dd.DataDesignerConfigBuilder:
    """One model, one column."""
    parameters = dd.ChatCompletionInferenceParams(max_parallel_requests=given.concurrency, timeout=60)
    model = dd.ModelConfig(alias="writer", model=task.MODEL, provider="benchmark", inference_parameters=parameters)
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    rows = pd.DataFrame({"prompt": [task.user_prompt(number) for number in range(given.prompts)]})
    builder.with_seed_dataset(dd.DataFrameSeedSource(df=rows))
    column = dd.LLMStructuredColumnConfig(
        name="reply", prompt="{{ prompt }}", system_prompt=task.SYSTEM, model_alias="writer", output_format=Reply
    )
    builder.add_column(column)
    return builder


def main() -> None:
    """Run and report."""
    given = task.start()
    provider = dd.ModelProvider(name="benchmark", endpoint=given.base_url, api_key=task.KEY)
    designer = DataDesigner(artifact_path=given.state / "artifacts", model_providers=[provider])
    designer.set_run_config(dd.RunConfig(buffer_size=2 * given.concurrency, disable_early_shutdown=True, otel_metrics_port=None))
    result = designer.create(config(given), num_records=given.prompts, resume=dd.ResumeMode.IF_POSSIBLE)
    rows = result.load_dataset()
    replies = zip(rows["prompt"], rows["reply"], strict=True)
    task.finish(given, {task.number_in(prompt): task.parsed(reply) for prompt, reply in replies if reply is not None})


if __name__ == "__main__":
    main()
