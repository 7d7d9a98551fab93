"""The frames of a log's live segment (audit/log_format.h), to lose the end of a file as a power cut does."""

import json
import pathlib


def header_size(data):
    at = 8 + 2 + 8 + 8 + 16
    for _ in range(3):
        at += 2 + int.from_bytes(data[at:at + 2], "big")
    return at + 4


def live_segment(log):
    found = sorted(pathlib.Path(log).rglob("*.seg"))
    return found[-1] if found else None


def frames(data):
    """(offset, kind, place, bytes) of each whole frame."""
    at = header_size(data)
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 1:at + 4], "big")
        if at + 16 + length > len(data):
            return
        yield at, data[at], int.from_bytes(data[at + 8:at + 12], "big"), data[at + 16:at + 16 + length]
        at += 16 + length


def first_entry(data):
    return int.from_bytes(data[18:26], "big")


class LastBatch:
    """The batch that was written last: all of it may be lost, unless its commit returned."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        data = self.path.read_bytes()
        self.begin, self.end, self.entries, self.frames, self.index = None, len(data), [], [], first_entry(data)
        for at, kind, place, content in frames(data):
            if place == 0:
                self.begin, self.index = at, self.index + len(self.entries)
                self.entries, self.frames = [], []
            self.frames.append((at, kind))
            if kind == 1:
                self.entries.append(json.loads(content))

    def cut(self, at):
        with open(self.path, "r+b") as file:
            file.truncate(at)
