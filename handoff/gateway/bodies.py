"""Bodies of requests, never larger than we need."""

from __future__ import annotations

from fastapi import Request


async def small_body(request: Request, limit: int) -> bytes:
    """A body of at most `limit` bytes; what is longer is nothing of ours, and reads as empty."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return b""
    return body
