"""`python -m lrscore`."""

import sys


def _main() -> int:
    """Run the command line; an interrupt while it is still being loaded is as quiet as a later one."""
    try:
        from lrscore.cli.main import main

        return main()
    except KeyboardInterrupt:
        print("cancelled; nothing was written", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(_main())
