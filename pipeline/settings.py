"""Every path and every environment name, once. Reads TWEETBENCH_* and `.env`; holds no logic of its own."""

import re
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import Exit, TweetbenchError

PROJECT_DIR = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Configuration of one data folder. Flags win over the environment, the environment over `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="TWEETBENCH_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # a line that was left empty in .env sets nothing
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(Path("data"), description="Folder that holds everything tweetbench stores")
    is_demo: bool = Field(False, description="Mark everything published from this data folder as synthetic")
    threads: int = Field(2, ge=1, le=256, description="DuckDB threads")
    memory_limit: str = Field("512MB", pattern=r"^\d+(\.\d+)?\s*(MB|GB|MiB|GiB)$", description="DuckDB memory limit")
    versions_kept: int = Field(5, ge=3, description="Published versions that stay on disk")
    skip_unchanged: bool = Field(True, description="Build and publish nothing where nothing has changed")
    settle_seconds: float = Field(2.0, ge=0, description="An inbox file is read once it has not changed for this long")
    max_file_mb: int = Field(1024, ge=1, description="Largest file that ingest opens, in megabytes")
    max_reading_mb: int = Field(2048, ge=256, description="Memory that reading one file may take, in megabytes")
    max_reading_seconds: float = Field(600.0, gt=0, description="Time that reading one file may take, in seconds")
    max_usd_per_run: float = Field(1.0, ge=0, description="Hard stop for paid API requests in one run, in US dollars")
    x_api_base_url: str = Field("https://api.twitter.com", description="Base address of the X API")
    x_bearer_token: SecretStr | None = Field(None, description="X API app token")
    x_access_token: SecretStr | None = Field(None, description="X API user token of the own account, for link clicks")
    x_access_token_secret: SecretStr | None = Field(None, description="Second part of an OAuth 1.0a user token")
    x_consumer_key: SecretStr | None = Field(None, description="OAuth 1.0a consumer key")
    x_consumer_secret: SecretStr | None = Field(None, description="OAuth 1.0a consumer secret")
    x_time_budget_minutes: float = Field(60.0, gt=0, description="Longest time that one run reads from X, in minutes")
    x_backfill_days: int = Field(30, ge=1, description="How far back a new account's posts are read, in days")
    postgres_url: SecretStr | None = Field(None, description="PostgreSQL database that `publish` copies the marts into")
    ui_password: SecretStr | None = Field(None, description="Password of the UI; needed to open it to other machines")
    notify_urls: SecretStr | None = Field(None, description="Where report --notify sends its digest; apprise URLs")
    hash_key: SecretStr | None = Field(None, description="Key that turns personal identifiers into pseudonyms")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def memory_bytes(self) -> int:
        number, unit = re.fullmatch(r"([\d.]+)\s*(\w+)", self.memory_limit).groups()  # type: ignore[union-attr]
        return int(float(number) * {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}[unit])

    @property
    def accounts_file(self) -> Path:
        return self.data_dir / "accounts.csv"

    @property
    def inbox_dir(self) -> Path:
        return self.data_dir / "inbox"

    @property
    def mappings_dir(self) -> Path:
        return self.data_dir / "mappings"

    @property
    def surveys_dir(self) -> Path:
        return self.data_dir / "surveys"

    @property
    def lake_dir(self) -> Path:
        return self.data_dir / "lake"

    @property
    def warehouse_file(self) -> Path:
        return self.data_dir / "warehouse" / "build.duckdb"

    @property
    def published_dir(self) -> Path:
        return self.data_dir / "published"

    @property
    def published_file(self) -> Path:
        return self.published_dir / "current" / "warehouse.duckdb"

    @property
    def reports_dir(self) -> Path:
        """Reports that were rebuilt from a kept version; those of each version lie in the version itself."""
        return self.data_dir / "reports"

    @property
    def quarantine_dir(self) -> Path:
        return self.data_dir / "quarantine"

    @property
    def dagster_dir(self) -> Path:
        return self.data_dir / "dagster"

    @property
    def dbt_target_dir(self) -> Path:
        return self.dagster_dir / "dbt"

    @property
    def receipts_dir(self) -> Path:
        return self.data_dir / "receipts"

    @property
    def demo_mark(self) -> Path:
        """A file that marks everything in the data folder as synthetic."""
        return self.data_dir / ".demo"

    @property
    def hash_key_file(self) -> Path:
        """Where a generated key is kept: outside the lake, readable by the owner only."""
        return self.data_dir / ".hash_key"

    def folders(self) -> list[Path]:
        """Every folder that a data folder needs, parents first."""
        return [
            self.data_dir,
            self.inbox_dir,
            self.inbox_dir / "done",
            self.mappings_dir,
            self.surveys_dir,
            self.lake_dir,
            self.warehouse_file.parent,
            self.published_dir,
            self.quarantine_dir,
            self.dagster_dir,
            self.receipts_dir,
        ]

    def make_folders(self) -> None:
        """Create missing folders, readable by the owner only."""
        for folder in self.folders():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def load_settings(**overrides: object) -> Settings:
    """Settings from flags, environment and `.env`; a bad value is a configuration error in words.

    Raises:
        TweetbenchError: a variable does not have the form that its description asks for.
    """
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "TWEETBENCH_" + str(first["loc"][0]).upper()
        raise TweetbenchError(
            f"{name} is not usable: {first['msg']}",
            where="environment or .env",
            next_step=f"correct {name}, then run: tweetbench doctor",
            exit_code=Exit.CONFIGURATION,
        ) from None
    # Synthetic data stays marked, whoever runs the job on its folder later.
    return settings.model_copy(update={"is_demo": True}) if settings.demo_mark.exists() else settings
