"""The command ``impasto``."""

import shutil
import signal
import sys
import sysconfig

from impasto import _impasto


def main() -> int:
    """Run the command with the arguments of this process; its exit status."""
    # `impasto bench` and `impasto runtime install` start the command anew. With `python -m impasto` sys.argv[0] is no
    # program.
    program = shutil.which("impasto", path=sysconfig.get_path("scripts")) or sys.argv[0]
    # The command catches Ctrl-C itself. Python's own handler would be called too, and raise KeyboardInterrupt at the end. Where
    # the signal is ignored it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _impasto.main(sys.argv[1:], program)
