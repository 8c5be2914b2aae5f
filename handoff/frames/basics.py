"""What every frame has in common."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1
MAX_FRAME = 16 * 1024  # bytes; uvicorn refuses larger ones
MAX_WORDS = 4_000  # characters in one message


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Seq: TypeAlias = Annotated[int, Field(ge=0, lt=2**31)]  # what a column of either database holds
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_WORDS)]
Token: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]  # 256 bits, base64url
