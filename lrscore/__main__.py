"""`python -m lrscore`."""

import sys

from lrscore.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
