"""`--checks-off`: a pattern that names no check is refused before anything is touched."""

import pytest

from agm_platform.cli.main import main


@pytest.mark.parametrize("command", ["run", "replay"])
def test_a_misspelt_pattern_is_refused_before_anything_runs(command, tmp_path, capsys):
    places = ["--landing", str(tmp_path / "landing"), "--data", str(tmp_path / "data")]
    off = "peak.orders.*,peak.ordres.*"
    assert main([command, *places, "--checks-off", off]) == 2
    said = capsys.readouterr().out
    assert "--checks-off: no check is called peak.ordres.*" in said
    assert "peak.orders.*\n" not in said
    assert not (tmp_path / "data").exists()
