UV_VERSION := 0.13.9
.venv/.installed: requirements.lock
	@test -x .venv/bin/python || python3 -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@.venv/bin/python -m uv pip sync --python .venv/bin/python requirements.lock
	@touch $@

.PHONY: install
install: .venv/.installed
