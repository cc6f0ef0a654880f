"""Train a segmentation network: `python -m models.train`. The code is `models.segmentation.train`'s."""

from models.segmentation.train import main

if __name__ == "__main__":
    main()
