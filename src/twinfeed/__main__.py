"""``python -m twinfeed``."""

import sys

from twinfeed.cli import main

if __name__ == "__main__":
    sys.exit(main())
