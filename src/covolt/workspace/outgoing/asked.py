"""Interfaces of messengers, asked over HTTP where the operator says that they are; what they answer is read within bounds."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, cast

import httpx2

__all__ = ["Silent", "asked"]

PATIENCE_s = 10.0
LONGEST_ANSWER_bytes = 65_536
logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs whole addresses, and one of them bears a token


class Silent(Exception):
    """Nobody answers there, or not as the interface does."""


def asked(address: str, **given: Any) -> tuple[int, Mapping[str, Any]]:
    """Status and answer of a post; `given` is what httpx2 takes: `json`, `data`.

    Raises:
        Silent: nobody answers, or no object of JSON.
    """
    try:
        # The proxies of the environment count: whoever runs a workspace may reach a messenger by no other way.
        with (
            httpx2.Client(timeout=PATIENCE_s, follow_redirects=False) as client,
            client.stream("POST", address, **given) as answer,
        ):
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > LONGEST_ANSWER_bytes:
                    raise Silent
            found: object = json.loads(content)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise Silent from error
    if not isinstance(found, dict):
        raise Silent
    return answer.status_code, cast("Mapping[str, Any]", found)
