"""Where the pages lie, for navigation and links between them."""

from pathlib import Path

_PAGES = Path(__file__).resolve().parents[1] / "pages"

OVERVIEW = _PAGES / "main" / "overview.py"
SEGMENTATION = _PAGES / "main" / "segmentation.py"
BROWSE = _PAGES / "main" / "browse.py"
COMPARE = _PAGES / "main" / "compare.py"
STUDIES = _PAGES / "main" / "studies.py"
GRAPH = _PAGES / "main" / "graph.py"
LEARN = _PAGES / "main" / "learn.py"
ABOUT = _PAGES / "main" / "about.py"
