"""The committed samples are what the command makes, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from agm_platform.world import SAMPLE, generate, write
from agm_platform.world.__main__ import main

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob("*/*"))}


def test_the_committed_samples_are_what_the_readme_command_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    command = "python -m agm_platform.world --out data/samples"
    assert command in readme
    main(["--out", str(tmp_path)])
    made, kept = contents(tmp_path), contents(SAMPLES)
    assert list(made) == list(kept)
    assert [name for name in made if made[name] != kept[name]] == []
    assert f"{len(kept)} files in" in capsys.readouterr().out


def test_the_samples_stay_small() -> None:
    sizes = {name: len(content) for name, content in contents(SAMPLES).items()}
    assert max(sizes.values()) < 600_000
    assert sum(sizes.values()) < 2_400_000


def test_the_readme_names_every_file() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for name in contents(SAMPLES):
        assert name in readme or name.startswith("peak/peak_sales_")
    assert "peak/peak_sales_YYYY_MM_DD.json" in readme


def test_another_seed_gives_another_world(landing: Path, tmp_path: Path) -> None:
    write(generate(SAMPLE, seed=1), tmp_path)
    made, kept = contents(tmp_path), contents(landing)
    same = {Path(name).name for name in made if made[name] == kept[name]}
    assert same == {"stores.csv", "products.csv", "holidays.csv", "peak_product_mapping.csv"} | {
        "peak_sales_2020_11_26.json"  # closed: no sales in any world
    }


def test_more_peak_sales_do_not_change_agms_tables(landing: Path, tmp_path: Path) -> None:
    main(["trial", "--out", str(tmp_path), "--peak-sales-per-day", "5", "--peak-days", "3"])
    for path in (landing / "agm").iterdir():
        assert (tmp_path / "agm" / path.name).read_bytes() == path.read_bytes()
    assert len(list((tmp_path / "peak").glob("*.json"))) == 3


def test_the_truth_is_not_written_into_the_landing_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["trial", "--out", str(tmp_path), "--truth", str(tmp_path / "truth")])
    assert "must lie outside" in capsys.readouterr().err
    main(["trial", "--out", str(tmp_path / "landing"), "--truth", str(tmp_path / "truth")])
    assert (tmp_path / "truth" / "peak_accounts.parquet").exists()


def test_what_cannot_be_made_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["trial", "--out", str(tmp_path), "--first-day", "2021-01-01"])
    assert "must lie in 2020" in capsys.readouterr().err
