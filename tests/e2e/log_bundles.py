"""Reads a log as any C2SP tlog-tiles client would: the signed checkpoint, the entry bundles below it, and the tree's root
computed anew (RFC 6962). Shares no code with the program."""

import base64
import collections
import hashlib
import json
import pathlib

BUNDLE = 256


def tile_path(index):
    text = f"{index:03d}" if index < 1000 else None
    if text:
        return text
    parts = []
    while True:
        parts.append(f"{index % 1000:03d}")
        index //= 1000
        if index == 0:
            break
    return "/".join([f"x{part}" for part in reversed(parts[1:])] + [parts[0]])


class Checkpoint:
    def __init__(self, text):
        body, _, signatures = text.partition("\n\n")
        lines = body.split("\n")
        self.origin, self.size, self.root = lines[0], int(lines[1]), base64.b64decode(lines[2])
        self.signatures = signatures


def read_checkpoint(folder):
    return Checkpoint((pathlib.Path(folder) / "checkpoint").read_text(encoding="utf-8"))


def read_entries(folder):
    """The raw entries that the checkpoint covers."""
    folder = pathlib.Path(folder)
    size = read_checkpoint(folder).size
    entries = []
    for index in range(0, (size + BUNDLE - 1) // BUNDLE):
        want = min(BUNDLE, size - index * BUNDLE)
        full = folder / "tile" / "entries" / tile_path(index)
        path = full
        if not full.is_file():
            partial = folder / "tile" / "entries" / f"{tile_path(index)}.p"
            widths = sorted(int(file.name) for file in partial.iterdir() if file.name.isdigit() and int(file.name) >= want)
            path = partial / str(widths[0])
        data, at, found = path.read_bytes(), 0, []
        while at < len(data):
            length = int.from_bytes(data[at:at + 2], "big")
            if at + 2 + length > len(data):
                raise AssertionError(f"{path} is cut")
            found.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if len(found) < want:
            raise AssertionError(f"{path} holds {len(found)} entries of {want}")
        entries += found[:want]
    return entries


def root_of(entries):
    """RFC 6962 section 2.1."""
    stack = []  # (leaves, hash)
    for entry in entries:
        stack.append((1, hashlib.sha256(b"\0" + entry).digest()))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (leaves, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * leaves, hashlib.sha256(b"\1" + left + right).digest()))
    if not stack:
        return hashlib.sha256(b"").digest()
    _, root = stack.pop()
    while stack:
        _, left = stack.pop()
        root = hashlib.sha256(b"\1" + left + root).digest()
    return root


class Log:
    """The entries by kind, checked against the checkpoint's root."""

    def __init__(self, folder):
        self.checkpoint = read_checkpoint(folder)
        raw = read_entries(folder)
        if root_of(raw) != self.checkpoint.root:
            raise AssertionError(f"the entries of {folder} do not give the checkpoint's root")
        self.raw = raw
        self.entries = [json.loads(entry) for entry in raw]
        for index, (entry, text) in enumerate(zip(self.entries, raw)):
            canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            if canonical != text:
                raise AssertionError(f"entry {index} of {folder} is not canonical: {text!r}")

    def of(self, kind):
        return [(index, entry) for index, entry in enumerate(self.entries) if entry["kind"] == kind]

    def problems(self):
        """What the contract of intents and outcomes forbids, each as a sentence. Every (intent, record) has exactly one
        terminal outcome, after its intent; every retry names the intent that it repeats."""
        out = []
        intents = dict(self.of("intent"))
        terminal = collections.Counter()
        for index, entry in self.of("outcome"):
            intent = intents.get(entry["intent"])
            if intent is None or entry["intent"] >= index:
                out.append(f"outcome {index} belongs to no earlier intent")
                continue
            if not 0 <= entry["pos"] < len(intent["records"]):
                out.append(f"outcome {index} is about a record that its intent does not have")
                continue
            if intent["records"][entry["pos"]] != entry["record"] or intent["op"] != entry["op"]:
                out.append(f"outcome {index} says another record or operation than its intent")
            if intent["commits"][entry["pos"]] != entry["commit"]:
                out.append(f"outcome {index} commits to other bytes than its intent")
            if entry["result"] != "accepted":
                terminal[entry["intent"], entry["pos"]] += 1
        for index, intent in intents.items():
            for position in range(len(intent["records"])):
                if terminal[index, position] != 1:
                    out.append(f"record {position} of intent {index} has {terminal[index, position]} terminal outcomes")
            if "retry_of" in intent:
                before = intents.get(intent["retry_of"])
                if before is None or intent["retry_of"] >= index:
                    out.append(f"intent {index} repeats none before it")
                elif not set(intent["records"]) <= set(before["records"]):
                    out.append(f"intent {index} repeats records that intent {intent['retry_of']} did not have")
        return out
