"""Which models an endpoint says it serves: the cheapest sign of life, for `jeongdap check`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from tasks.errors import LlmError
from tasks.llm.asks import Endpoint

SECONDS = 10


def served_models(endpoint: Endpoint) -> list[str]:
    """Names from GET /models; empty when the server has no such list. Raises LlmError when it is down or refuses the key."""
    request = urllib.request.Request(f"{endpoint.base_url}/models", headers={"Authorization": f"Bearer {endpoint.api_key}"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:
            listed = json.loads(reply.read())["data"]
        return [str(model["id"]) for model in listed]
    except urllib.error.HTTPError as exc:
        if exc.code in (401, 403):
            raise LlmError(f"{endpoint.base_url}: refuses the API key (HTTP {exc.code})") from None
        return []
    except (urllib.error.URLError, OSError) as exc:
        raise LlmError(f"{endpoint.base_url}: does not answer ({getattr(exc, 'reason', exc)})") from None
    except (ValueError, KeyError, TypeError):
        return []
