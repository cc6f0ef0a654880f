"""Score a segmentation network: `python -m models.evaluate`. The code is `models.segmentation.evaluate`'s."""

import sys
from functools import partial

from lrscore.cli.failures import run_command
from models.segmentation.evaluate import main

if __name__ == "__main__":
    sys.exit(run_command(partial(main, sys.argv[1:])))
