"""Every path and every environment name, once. Reads TWEETBENCH_* and `.env`; holds no logic of its own."""

import os
import re
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import Exit, TweetbenchError

PROJECT_DIR = Path(__file__).resolve().parents[1]
SURVEY_EXAMPLE = PROJECT_DIR / "data" / "surveys.example.yml"
X_API = "https://api.twitter.com"
BITLY_API = "https://api-ssl.bitly.com"
BLUESKY_APPVIEW = "https://public.api.bsky.app"
OLD_PREFIX, RENAMED = "TWEETBENCH_X_", ("TIME_BUDGET_MINUTES", "BACKFILL_DAYS")
SHORTEST_KEY, FEWEST_LETTERS = 16, 6


def old_names() -> dict[str, str]:
    """Names of settings, in the environment or `.env`, that have another name now, with that name."""
    env_file = Path(".env")
    lines = env_file.read_text(encoding="utf-8", errors="replace").splitlines() if env_file.is_file() else []
    given = {name.upper() for name in os.environ} | {line.partition("=")[0].strip().upper() for line in lines}
    renamed = {OLD_PREFIX + name: f"TWEETBENCH_{name}" for name in RENAMED}
    return {old: new for old, new in renamed.items() if old in given}


def _renamed(name: str) -> AliasChoices:
    """A setting that was of X alone, under its name and the one that it had then."""
    return AliasChoices(f"TWEETBENCH_{name}", OLD_PREFIX + name)


class Settings(BaseSettings):
    """Configuration of one data folder. Flags win over the environment, the environment over `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="TWEETBENCH_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # a line that was left empty in .env sets nothing
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Path = Field(Path("data"), description="Folder that holds everything tweetbench stores")
    lake_url: str | None = Field(None, description="Bucket that holds the lake, as s3://bucket/prefix; unset: a folder")
    shard: str | None = Field(None, description="Part of the accounts that this process reads, as 2/4; 0/4 reads none")
    readers: int | None = Field(
        None, ge=2, le=64, description="Parts of the accounts that Dagster's runs read side by side; empty: one run"
    )
    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="What builds the models that read posts and readings"
    )
    spark_master: str = Field("local[2]", description="Where Spark works: spark://host:port, or local[threads]")
    spark_python: Path | None = Field(None, description="Python that has PySpark and dbt-spark; unset: this one")
    is_demo: bool = Field(False, description="Mark everything published from this data folder as synthetic")
    threads: int = Field(2, ge=1, le=256, description="DuckDB threads")
    memory_limit: str = Field("512MB", pattern=r"^\d+(\.\d+)?\s*(MB|GB|MiB|GiB)$", description="DuckDB memory limit")
    versions_kept: int = Field(5, ge=3, description="Published versions that stay on disk")
    runs_kept: int = Field(30, ge=3, description="Ended runs whose log stays in the Dagster UI")
    skip_unchanged: bool = Field(True, description="Build and publish nothing where nothing has changed")
    settle_seconds: float = Field(2.0, ge=0, description="An inbox file is read once it has not changed for this long")
    max_file_mb: int = Field(1024, ge=1, description="Largest file that ingest opens, in megabytes")
    max_reading_mb: int = Field(2048, ge=256, description="Memory that reading one file may take, in megabytes")
    max_reading_seconds: float = Field(600.0, gt=0, description="Processor time of reading one file, in seconds")
    max_usd_per_run: float = Field(1.0, ge=0, description="Hard limit for paid API requests in one run, in US dollars")
    x_api_base_url: str = Field(X_API, description="Base address of the X API")
    x_bearer_token: SecretStr | None = Field(None, description="X API app token")
    x_access_token: SecretStr | None = Field(None, description="X API user token of the own account, for link clicks")
    x_access_token_secret: SecretStr | None = Field(None, description="Second part of an OAuth 1.0a user token")
    x_consumer_key: SecretStr | None = Field(None, description="OAuth 1.0a consumer key")
    x_consumer_secret: SecretStr | None = Field(None, description="OAuth 1.0a consumer secret")
    time_budget_minutes: float = Field(
        60.0,
        gt=0,
        description="Longest time that one run reads from each platform, in minutes",
        validation_alias=_renamed("TIME_BUDGET_MINUTES"),
    )
    bluesky_api_base_url: str = Field(BLUESKY_APPVIEW, description="Base address of Bluesky's public AppView")
    mastodon_api_base_url: str = Field("", description="Address that stands for every Mastodon server")
    bitly_api_base_url: str = Field(BITLY_API, description="Base address of the Bitly API")
    bitly_token: SecretStr | None = Field(None, description="Bitly access token, for clicks on your own short links")
    ca_file: Path | None = Field(
        None, description="PEM file of certificate authorities that platforms are trusted by, besides the public ones"
    )
    backfill_days: int = Field(
        30,
        ge=1,
        description="How far back a new account's posts are read, in days",
        validation_alias=_renamed("BACKFILL_DAYS"),
    )
    postgres_url: SecretStr | None = Field(None, description="PostgreSQL database that `publish` copies the marts into")
    dagster_postgres_url: SecretStr | None = Field(
        None, description="PostgreSQL database that keeps Dagster's run history, for Dagster on several machines"
    )
    ui_password: SecretStr | None = Field(None, description="Password of the UI; needed to open it to other machines")
    language: Literal["en", "de"] = Field(
        "en", description="Language of the report, the brief and the digest: en or de"
    )
    notify_urls: SecretStr | None = Field(None, description="Where report --notify sends its digest; apprise URLs")
    hash_key: SecretStr | None = Field(None, description="Key that turns personal identifiers into pseudonyms")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        folder = value.expanduser().resolve()
        # The run history's address would lead to another file, outside the folder; dbt would look for another database.
        if re.search(r"[?#]|%[0-9a-fA-F]{2}|[\x00-\x1f\x7f]", str(folder)):
            raise ValueError("a path with ?, #, control characters or % before two digits cannot hold a data folder")
        return folder

    @field_validator("x_api_base_url", "bluesky_api_base_url", "mastodon_api_base_url", "bitly_api_base_url")
    @classmethod
    def _safe_address(cls, value: str, info: ValidationInfo) -> str:
        default = cls.model_fields[str(info.field_name)].default
        if value == default:
            return value
        parts = urlsplit(value)  # which drops line ends and blanks in front in silence
        is_port_good = parts.port is None or parts.port > 0  # a port beyond 65535 is an error of its own
        is_one_word = not re.search(r"[\s\x00-\x1f\x7f]", value)
        if not is_one_word or not parts.hostname or parts.username or parts.query or parts.fragment or not is_port_good:
            raise ValueError(f"it is not an address such as {default or 'https://proxy.example'}")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(value)):
            raise ValueError("requests are sent by https only, or to this machine")
        return value

    @field_validator("ca_file")
    @classmethod
    def _holds_certificates(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        file = value.expanduser().resolve()
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            raise ValueError(
                f"{file} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----"
            ) from None
        except OSError as error:
            raise ValueError(f"{file} cannot be read ({error.strerror})") from None
        return file

    @field_validator("lake_url")
    @classmethod
    def _is_bucket(cls, value: str | None) -> str | None:
        # Names that every store takes and that are the same as part of an address, a path and a line of a log.
        if value is not None and not re.fullmatch(
            r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][\w.=-]*)*/?", value
        ):
            raise ValueError("it is not a bucket and a prefix such as s3://our-data/tweetbench")
        return value.rstrip("/") if value else None

    @field_validator("spark_master")
    @classmethod
    def _is_master(cls, value: str) -> str:
        host = r"([\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}"
        ports = [int(port) for port in re.findall(r":(\d+)(?=,|$)", value)]
        is_master = re.fullmatch(rf"local(\[([1-9]\d*|\*)\])?|spark://{host}(,{host})*", value)
        if not is_master or not all(0 < port < 65536 for port in ports):  # a connection would take a port modulo 65536
            raise ValueError("it is not a Spark master such as spark://127.0.0.1:7077 or local[2]")
        return value

    @field_validator("spark_python")
    @classmethod
    def _is_program(cls, value: Path | None) -> Path | None:
        # Not resolved: the link in an environment is what makes it one.
        return value.expanduser().absolute() if value else None

    @field_validator("shard")
    @classmethod
    def _is_part(cls, value: str | None) -> str | None:
        if value is not None:
            parts = re.fullmatch(r"(\d{1,3})/(\d{1,3})", value)
            if not parts or not 0 <= int(parts[1]) <= int(parts[2]) or int(parts[2]) < 2:
                raise ValueError("it is not a part of some, such as 2/4; 0/4 is the process that builds and publishes")
        return value

    @field_validator("hash_key")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value().strip() if value else ""
        if value and (len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_LETTERS):
            few = f"a key of fewer than {SHORTEST_KEY} characters, or of fewer than {FEWEST_LETTERS} different ones,"
            raise ValueError(f"{few} can be guessed, and every pseudonym with it")
        return value

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
    def shard_numbers(self) -> tuple[int, int] | None:
        """The part and the count of parts."""
        number, _, count = (self.shard or "").partition("/")
        return (int(number), int(count)) if count else None

    @property
    def parts(self) -> tuple[str, ...]:
        """What each of Dagster's runs reads where they read the accounts in parts; none in a process with a part."""
        return () if self.shard else tuple(f"{number}/{self.readers}" for number in range(1, (self.readers or 0) + 1))

    @property
    def dagster_dir(self) -> Path:
        # Readers that work side by side each have a history of their own.
        number, count = self.shard_numbers or (0, 0)
        return self.data_dir / "dagster" / "readers" / f"{number}-of-{count}" if number else self.data_dir / "dagster"

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
    def demo_truth_file(self) -> Path:
        """What was built into the invented world of a demo, for the report to compare with what was found."""
        return self.data_dir / "built_in.json"

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
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except FileExistsError:
                raise TweetbenchError(
                    "a required folder is not a folder",
                    where=str(folder),
                    why="it is a file, or a broken link: the disk behind it may be missing",
                    next_step="restore the target of the link, or move the file away; then repeat the command",
                    exit_code=Exit.IO,
                ) from None


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine and nowhere else."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: object) -> Settings:
    """Settings from flags, environment and `.env`; a bad value is a configuration error with a message.

    Raises:
        TweetbenchError: a variable does not have the form that its description asks for, or the `.env` of the current
            folder would send a token elsewhere that is not its own.
    """
    if not Path(".env").is_file():  # a pipe of this name would be waited for
        overrides = {"_env_file": None, **overrides}
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "TWEETBENCH_" + str(first["loc"][0]).upper().removeprefix("TWEETBENCH_")
        raise TweetbenchError(
            f"{name} is not usable: {first['msg'].removeprefix('Value error, ')}",
            where="environment or .env",
            next_step=f"correct {name}, then run: tweetbench doctor",
            exit_code=Exit.CONFIGURATION,
        ) from None
    except UnicodeDecodeError:
        raise TweetbenchError(
            "the file .env is not UTF-8 text",
            where=str(Path(".env").resolve()),
            next_step="save it as UTF-8, then run: tweetbench doctor",
            exit_code=Exit.CONFIGURATION,
        ) from None
    _refuse_redirection(settings)
    # Synthetic data stays marked, whoever runs the job on its folder later.
    return settings.model_copy(update={"is_demo": True}) if settings.demo_mark.exists() else settings


def _refuse_redirection(settings: Settings) -> None:
    """A person may be in a folder that is somebody else's: its `.env` must not say where their own token goes.

    Nor whom to trust with it: an authority of certificates can vouch for every address.
    """
    given = {name.upper() for name in os.environ}
    x_tokens, bitly_tokens = {"TWEETBENCH_X_BEARER_TOKEN", "TWEETBENCH_X_ACCESS_TOKEN"}, {"TWEETBENCH_BITLY_TOKEN"}
    for field, default, tokens in (
        ("x_api_base_url", X_API, x_tokens),
        ("bitly_api_base_url", BITLY_API, bitly_tokens),
        ("ca_file", None, x_tokens | bitly_tokens),
    ):
        name, address = f"TWEETBENCH_{field.upper()}", getattr(settings, field)
        # This machine is elsewhere, too: its ports may be other people's.
        if address != default and given & tokens and name not in given:
            raise TweetbenchError(
                "the file .env of this folder could send your token elsewhere",
                where=str(Path(".env").resolve()),
                why=f"it names {address}, while the token comes from the environment",
                next_step=f"if that is what you want, set {name} in the environment as well",
                exit_code=Exit.CONFIGURATION,
            )
