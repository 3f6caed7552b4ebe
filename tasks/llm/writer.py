"""The extractive writer: a chat completion without a model.

It reads the fenced source and the wanted number out of the prompt, and which reply is wanted out of its schema or its
words. Questions come from rules (korean.py, english.py); answers and quotes are sentences of the source, wrong options are
those sentences with one thing changed (mutate.py). What the rules cannot do well they leave out: an empty list is a good reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.llm import english, korean
from tasks.llm.clauses import Draft, Source, drafts
from tasks.llm.mutate import korean_mutations

SOURCE = re.compile(r"<source-(?P<fence>[0-9a-f]+)>\n(?P<body>.*)\n</source-(?P=fence)>(?P<rest>.*)", re.DOTALL)
COUNT = re.compile(r"(?:수|write|items)\s*:\s*(\d+)", re.IGNORECASE)
MAX_DISTRACTORS = 3
MIN_DISTRACTORS = 2
LONGEST_OPTION = 260
