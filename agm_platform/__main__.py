"""`python -m agm_platform`: the command line behind the Makefile."""

import sys

from agm_platform.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
