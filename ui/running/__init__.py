"""Jobs on a page, the machine's speed, the models that are loaded."""
