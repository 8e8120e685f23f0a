"""The configuration: read from the environment, once, and refused with one line if it makes no sense."""

import json
import os
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "HDV_"
DATABASE_URL = "DATABASE_URL"
FOLDER = "hdv-booking"
ROOTS_FOLDER = Path("/var/lib") / FOLDER
"""Root's home is closed to the unprivileged user that PostgreSQL runs as."""


class SettingsRefused(Exception):
    """The environment makes no sense; the message is one line that says what to do."""


def _postgres(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("write it as postgresql://user:password@host:5432/database")
    return url


def _origins(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        raise ValueError('write it as JSON: ["https://example.org"]') from None


def _data_dir() -> Path:
    return ROOTS_FOLDER if os.geteuid() == 0 else user_data_path(FOLDER)


class Settings(BaseSettings):
    """What can be configured; the README's table names all of it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True, str_strip_whitespace=True
    )

    database_url: Annotated[str, AfterValidator(_postgres)] | None = Field(
        default=None,
        validation_alias=DATABASE_URL,
        description="A PostgreSQL 17 or newer with btree_gist; an embedded PostgreSQL 18, if unset.",
    )
    data_dir: Path = Field(
        default_factory=_data_dir,
        description="Where the embedded PostgreSQL and the demo tokens lie; the user's data folder, if unset.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    connections: int = Field(default=16, ge=2, le=80, description="Connections to PostgreSQL, at most.")
    demo: bool | None = Field(
        default=None,
        description="Whether to load the demo network into an empty database; with the embedded one only, if unset.",
    )
    worker: bool = Field(default=True, description="Whether `serve` also does what falls due; else run `worker`.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)] = Field(
        default=(), description='Web pages of other origins that may connect, as JSON: ["https://example.org"].'
    )

    @property
    def loads_demo(self) -> bool:
        """Whether the demo network belongs into this database."""
        return self.demo if self.demo is not None else self.database_url is None

    @property
    def cluster_dir(self) -> Path:
        """Where the embedded PostgreSQL keeps its data."""
        return self.data_dir / "postgres"


def read() -> Settings:
    """Return the settings of this process, or raise SettingsRefused."""
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in _names())
    if unknown:
        raise SettingsRefused(f"{unknown[0]} is no setting; there are DATABASE_URL, {', '.join(sorted(_names()))}.")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        shown = name if name == "DATABASE_URL" else PREFIX + name.upper()
        given = "" if name == "DATABASE_URL" else f"={first['input']!r}"  # it may hold a password
        why = first["msg"].removeprefix("Value error, ")
        raise SettingsRefused(f"{shown}{given} is refused: {why}.") from None
    except ValueError as error:
        raise SettingsRefused(f"The environment is refused: {error}.") from None


def _names() -> list[str]:
    return [PREFIX + name.upper() for name in Settings.model_fields if name != "database_url"]
