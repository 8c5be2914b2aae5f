"""Every setting, read once from the environment (`FRONTDOOR_…`) or a `.env` file beside the Makefile."""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def said(error: ValidationError) -> str:
    """What is wrong with the settings, by their names, without their values: one may be a secret."""
    return "\n".join(
        f"FRONTDOOR_{str(problem['loc'][0]).upper()}: {problem['msg']}. Mend: see docs/operations.md, Settings."
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    )


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FRONTDOOR_", env_file=".env", env_ignore_empty=True, extra="ignore")

    host: str = Field("127.0.0.1", description="address the front door listens on")
    port: int = Field(8000, description="port of the front door")
    bot_port: int = Field(5005, description="port of Rasa, loopback only")
    actions_port: int = Field(5055, description="port of the action server, loopback only")
    bot_url: str = Field("", description="where the bot answers; empty: http://127.0.0.1:<bot_port>")
    bot_secret: SecretStr = Field(SecretStr(""), description="shared with the bot; empty: made once under var/")
    var: Path = Field(Path("var"), description="everything the service keeps; never in git")
    database: SecretStr = Field(SecretStr(""), description="database URL; empty: SQLite at <var>/frontdoor.db")
    redis_url: SecretStr = Field(SecretStr(""), description="Redis, for hints between gateways; empty: in process")
    key_ring: Path | None = Field(None, description="folder of day keys; keep it off the database's disk and backups")
    services: Path | None = Field(None, description="folder of services; empty: the three that ship as examples")
    public_origin: str = Field("", description="https address of the front door; empty: http://<host>:<port>")
    screening_phrases: Path | None = Field(None, description="file of the charity's own phrases, for screening")
    screening_step: str = Field("", description="a listener of the charity's own, as one more step of screening")
    screening_step_seconds: float = Field(0.5, gt=0, le=4, description="how long that listener has for a message")
    on_call_command: str = Field("", description="program called when nobody claims; the page is JSON on its input")
    on_call_webhook: SecretStr = Field(SecretStr(""), description="address the same page is posted to")
    demonstration: bool = Field(False, description="seeded people and banners that say nobody is reading")
    sign_in_hours: int = Field(10, description="how long a staff session lasts")

    @field_validator("on_call_command")
    @classmethod
    def _can_be_split(cls, command: str) -> str:
        shlex.split(command)  # a quote that is never closed is an error now, not at the first page
        return command

    @property
    def bot_address(self) -> str:
        return self.bot_url or f"http://127.0.0.1:{self.bot_port}"

    @property
    def database_url(self) -> str:
        """May hold a password: for connecting, never for saying (`store.address.spoken`)."""
        return self.database.get_secret_value() or f"sqlite:///{self.var / 'frontdoor.db'}"

    @property
    def key_ring_folder(self) -> Path:
        return self.key_ring or self.var / "keys"

    @property
    def origin(self) -> str:
        return self.public_origin or f"http://{self.host}:{self.port}"

    def shared_secret(self) -> str:
        """The secret that the bot and the front door share: as set, or made once and kept, readable by us alone."""
        if self.bot_secret.get_secret_value():
            return self.bot_secret.get_secret_value()
        path = self.var / "bot-secret"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = self.var / f".bot-secret-{secrets.token_hex(8)}"
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
            try:
                os.link(made, path)  # whole or not at all; whoever comes second keeps the first one's
            except FileExistsError:
                pass
            finally:
                made.unlink()
        return path.read_text().strip()
