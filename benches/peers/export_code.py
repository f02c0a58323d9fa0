"""What the benches use of export/: the writer of ONNX graphs and atomic file writes. And the name of the machine."""
import os
import platform
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(ROOT)

from export.common import graph  # noqa: E402,F401
from export.common.manifest import write_whole  # noqa: E402,F401


def machine():
    """The processor, as far as the system tells, and its cores."""
    try:
        with open('/proc/cpuinfo') as f:
            name = re.search(r'^model name\s*:\s*(.+)$', f.read(), re.M)
    except OSError:
        name = None
    return f'{os.cpu_count()} cores, {name[1] if name else platform.processor() or platform.machine()}'
