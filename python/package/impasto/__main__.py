"""``python -m impasto`` is the command ``impasto``."""

import sys

from impasto._command import main

sys.exit(main())
