"""What the files of a `file` destination say when they are applied in the order of their names (gateway/file_destination.h)."""

import json
import pathlib
from decimal import Decimal

OWN = ("_op", "_key")


def operations(folder, object_name):
    """Each line of each whole file, in order. A reader sees whole files only: what is half written has another name."""
    for path in sorted((pathlib.Path(folder) / object_name).glob("*.jsonl")):
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise AssertionError(f"{path} is cut")
        for line in text[:-1].split("\n"):
            yield path, json.loads(line, parse_float=Decimal)


def replay(folder, object_name, match):
    """The records by their match fields."""
    held = {}
    for path, line in operations(folder, object_name):
        fields = {name: value for name, value in line.items() if name not in OWN}
        name = ",".join(str(fields[field]) for field in match)
        if line["_op"] in ("delete", "suppress"):
            held.pop(name, None)
        elif line["_op"] != "update" or name in held:
            held[name] = {**held.get(name, {}), **fields}
        if f"-{line['_op']}." not in path.name:
            raise AssertionError(f"{path} holds a line of {line['_op']}")
    return held
