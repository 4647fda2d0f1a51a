"""Run a command where there is no network but the machine's own loopback, which tests speak to.

The loopback device of a new network namespace is down; this brings it up, then becomes the command.

    unshare --net --map-root-user python .ci/without_network.py COMMAND [ARGUMENT ...]
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys

_SIOCSIFFLAGS = 0x8914
_IFF_UP_AND_RUNNING = 0x1 | 0x40


def main() -> None:
    """Bring the loopback device up and run the command in this process's place."""
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    request = struct.pack("16sh14x", b"lo", _IFF_UP_AND_RUNNING)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SIOCSIFFLAGS, request)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    main()
