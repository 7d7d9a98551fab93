"""Tells how often a file was opened: inotify(7) through ctypes, so that a test knows which phase a program is in."""

import ctypes
import os
import select
import struct
import time

IN_OPEN, IN_CLOSE_NOWRITE = 0x20, 0x10  # both are watched: equal events in a row would become one
HEADER = struct.Struct("iIII")


class OpenCount:
    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0 or libc.inotify_add_watch(self.descriptor, os.fsencode(path), IN_OPEN | IN_CLOSE_NOWRITE) < 0:
            raise OSError(ctypes.get_errno(), "inotify", str(path))
        self.count = 0

    def reset(self):
        self.wait_for(1 << 30, 0)
        self.count = 0

    def wait_for(self, count, timeout_s):
        """True once the file was opened so often; False after the time."""
        end = time.monotonic() + timeout_s
        while self.count < count:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.descriptor], [], [], max(0.0, left))
            if not ready:
                return False
            data, at = os.read(self.descriptor, 4096), 0
            while at < len(data):
                _, mask, _, length = HEADER.unpack_from(data, at)
                at += HEADER.size + length
                self.count += 1 if mask & IN_OPEN else 0
        return True

    def close(self):
        os.close(self.descriptor)
