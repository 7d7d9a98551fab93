"""Tells how often a file was opened or written: inotify(7) through ctypes, so that a test knows where a program is."""

import ctypes
import os
import select
import struct
import time

IN_MODIFY, IN_CLOSE_NOWRITE, IN_OPEN = 0x2, 0x10, 0x20
HEADER = struct.Struct("iIII")


class EventCount:
    """How often `counted` happened to the file. Equal events in a row become one, unless `between` is watched as well."""

    def __init__(self, path, counted, between=0):
        self.counted = counted
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0 or libc.inotify_add_watch(self.descriptor, os.fsencode(path), counted | between) < 0:
            raise OSError(ctypes.get_errno(), "inotify", str(path))
        self.count = 0

    def reset(self):
        self.wait_for(1 << 30, 0)
        self.count = 0

    def wait_for(self, count, timeout_s):
        """True once it happened so often; False after the time."""
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
                self.count += 1 if mask & self.counted else 0
        return True

    def close(self):
        os.close(self.descriptor)


def opens(path):
    return EventCount(path, IN_OPEN, IN_CLOSE_NOWRITE)


def writes(path):
    return EventCount(path, IN_MODIFY)
