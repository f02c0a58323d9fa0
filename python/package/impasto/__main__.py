"""``python -m impasto`` is the command ``impasto``."""

import sys

from impasto._command import main

if __name__ == "__main__":
    sys.exit(main())
