"""Calls to OpenAI-compatible endpoints: stored before they are parsed, never bought twice."""
