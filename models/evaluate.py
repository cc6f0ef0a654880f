"""Score a segmentation network: `python -m models.evaluate`. The code is `models.segmentation.evaluate`'s."""

from models.segmentation.evaluate import main

if __name__ == "__main__":
    main()
