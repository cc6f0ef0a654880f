"""Score a segmentation network: `python -m models.evaluate`. The code is `models.segmentation.evaluate`'s."""

import sys

from models.segmentation.evaluate import main

if __name__ == "__main__":
    sys.exit(main())
