"""Train a segmentation network: `python -m models.train`.

With `--data` for any folder or data set, network or checkpoint (`models.segmentation.finetuning.command`), without it
the bundled street network on CamVid as its card says (`models.segmentation.train`).
"""

import sys

from models.segmentation import train
from models.segmentation.finetuning import command


def main() -> int:
    """Run the command line that the arguments ask for; see `lrscore.cli.failures` for the exit codes."""
    own = any(word == "--data" or word.startswith("--data=") for word in sys.argv[1:])
    return command.main(sys.argv[1:]) if own else train.guarded(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
