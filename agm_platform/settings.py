"""The only reader of the environment: where files come from, where results go, how eager we are.

What a number means for the business (commission, radius) is contract data and not here.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from agm_platform.contracts.categories import Unseen
from agm_platform.contracts.privacy import SMALLEST_GROUP

REPOSITORY = Path(__file__).resolve().parents[1]


def _from_here(path: Path) -> Path:
    return Path.cwd() / path.expanduser()


def _folder_or_url(landing: str) -> str:
    return landing if "://" in landing else str(_from_here(Path(landing)))


class Settings(BaseSettings):
    """What `AGM_*` variables and the file `.env` in the current folder may set.

    Relative paths mean the current folder and are absolute afterwards. Raises
    `pydantic.ValidationError` with the name of the setting when a value does not fit.
    """

    model_config = SettingsConfigDict(
        env_prefix="AGM_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    landing: Annotated[str, AfterValidator(_folder_or_url)] = Field(
        default="data/landing",
        validate_default=True,
        description="Where senders put their files: a folder, or a URL that fsspec opens",
    )
    data: Annotated[Path, AfterValidator(_from_here)] = Field(
        default=Path("data"),
        validate_default=True,
        description="The folder for everything that runs write",
    )
    settle_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long a file must be unchanged before it counts as whole",
    )
    sensors_default_running: bool = Field(
        default=True, description="Whether sensors and schedules start without a click"
    )
    max_new_files_per_tick: int = Field(
        default=2000, ge=1, description="How many new files one sensor tick takes on"
    )
    review_port: int = Field(
        default=3001,
        ge=1,
        le=65535,
        description="Loopback port at which `make ui` shows the review page of the checks",
    )

    unknown_spellings: Unseen | None = Field(
        default=None,
        description="What becomes of rows with an unreviewed spelling of a category: quarantine or "
        "unknown; empty leaves it to each contract",
    )
    smallest_group: int = Field(
        default=SMALLEST_GROUP,
        ge=1,
        description="How many customers a published figure must describe at least",
    )
    reports: bool = Field(
        default=True, description="Whether every snapshot gets its site and workbook"
    )
    snapshots_kept: int = Field(
        default=7, ge=1, description="How many published snapshots stay, the newest ones"
    )
    pseudonym_key: SecretStr | None = Field(
        default=None,
        description="Key of the pseudonyms, 64 hexadecimal digits or more; else a file keeps one",
    )

    matching_model: str = Field(
        default="customers_v1",
        description="Label or path of the model that customers are matched with",
    )

    value_models: str = Field(
        default="",
        description="Labels of value, return and segment models to use, comma between; else the "
        "newest of each",
    )

    @property
    def models_path(self) -> Path:
        """The folder with the models that the training jobs wrote."""
        return self.data / "models"

    @property
    def keys_path(self) -> Path:
        """The folder with the keys and the list of erased persons, for the owner's eyes only."""
        return self.data / "keys"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file with every table."""
        return self.data / "warehouse" / "warehouse.duckdb"

    @property
    def ledger_path(self) -> Path:
        """The SQLite file with the state of every landed file."""
        return self.data / "ledger" / "ledger.sqlite"

    @property
    def journal_path(self) -> Path:
        """The SQLite file with the result of every check of every run."""
        return self.data / "quality" / "journal.sqlite"

    @property
    def review_path(self) -> Path:
        """The page that shows checks over time, made from the journal after every run."""
        return self.data / "quality" / "review.html"

    @property
    def review_url(self) -> str:
        """Where `make ui` shows that page."""
        return f"http://127.0.0.1:{self.review_port}/{self.review_path.name}"

    @property
    def review_desk_path(self) -> Path:
        """The folder where people decide pairs of customers; what they decided stays there."""
        return self.data / "review"

    @property
    def published_path(self) -> Path:
        """The folder that readers open; replaced only after every blocking check has passed."""
        return self.data / "published"

    @property
    def snapshots_path(self) -> Path:
        """The folder with earlier published states."""
        return self.data / "snapshots"

    @property
    def benchmarks_path(self) -> Path:
        """The folder with one JSON file for each benchmark."""
        return self.data / "benchmarks"

    @property
    def dagster_home(self) -> Path:
        """The folder with Dagster's run history, logs and artifacts."""
        return self.data / "dagster"

    @property
    def expectations_path(self) -> Path:
        """The folder with Great Expectations suites written by hand: <source>/<table>.json."""
        return REPOSITORY / "data" / "expectations"

    @property
    def reference_path(self) -> Path:
        """The committed reference data: part of the repository, wherever the results go."""
        return REPOSITORY / "data" / "reference"


def get_settings() -> Settings:
    """Read the environment as it is now; nothing is remembered between calls."""
    return Settings()
