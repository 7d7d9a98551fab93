"""Seconds and memory to read one manifest, by Weir, by Python's json and by simdjson's DOM; and whether it grows linearly."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LARGE = 47_000_000  # bytes
MAPS = ("nodes", "sources", "exposures", "disabled", "unit_tests", "macros", "parent_map", "child_map")


def repeated(manifest, maps, size):
    """The manifest with the entries of `maps` again and again, under other ids, until its text is as long as that."""
    grown = {key: dict(value) if key in maps else value for key, value in manifest.items()}
    length, copy = len(json.dumps(grown)), 0
    while length < size:
        copy += 1
        for key in maps:
            for unique_id, entry in manifest[key].items():
                if length >= size:
                    return grown
                other = f"{unique_id}_{copy}"
                if isinstance(entry, dict) and "unique_id" in entry:
                    entry = dict(entry, unique_id=other)
                grown[key][other] = entry
                length += len(json.dumps(entry)) + len(other) + 6
    return grown


class Reader:
    """One process that reads the same file whenever it is told to."""

    def __init__(self, program, what, path):
        self.seconds = []  # (processor, clock)
        self.process = subprocess.Popen([program, what, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.seconds.append(tuple(map(float, self.process.stdout.readline().split())))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class PythonReader:
    def __init__(self, path):
        self.path, self.seconds = path, []

    def measure(self):
        processor, clock = time.process_time(), time.perf_counter()
        with open(self.path, encoding="utf-8") as file:
            json.load(file)
        self.seconds.append((time.process_time() - processor, time.perf_counter() - clock))

    def close(self):
        pass


def median(reader, which=0):
    return statistics.median(seconds[which] for seconds in reader.seconds[1:])  # the first one has a line of its own


def main():
    program, path, rounds = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    size = path.stat().st_size
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        # As dbt leaves it: the kernel copies faster out of a cache that was written in one go (2.4 ms for 20 MB) than out of one
        # that was filled page by page, at some earlier time, from the disk (3 to 4.4 ms).
        path = pathlib.Path(shutil.copyfile(path, pathlib.Path(folder) / path.name))
        manifest = json.loads(path.read_bytes())
        large = []
        for name, maps in (("all of it", MAPS), ("its nodes", ("nodes",))):
            file = pathlib.Path(folder) / f"{name.replace(' ', '_')}.json"
            file.write_text(json.dumps(repeated(manifest, maps, LARGE)), encoding="utf-8")
            large.append((name, file))
        del manifest
        weir = Reader(program, "read", path)
        digest = Reader(program, "read_and_digest", path)
        dom = Reader(program, "dom", path)
        python = PythonReader(path)
        grown = [(name, file, Reader(program, "read", file)) for name, file in large]
        readers = [weir, digest, dom, python, *(reader for _, _, reader in grown)]
        for _ in range(rounds + 1):
            for reader in readers:
                reader.measure()
        for reader in readers:
            reader.close()

        def line(name, processor, clock, length=size):
            print(f"{name:<44} {processor * 1e3:8.1f} ms {clock * 1e3:8.1f} ms  {length / processor / 1e9:6.3f} GB/s")

        print(f"{path.name}: {size / 1e6:.1f} MB, {rounds} rounds, one thread each; processor time, clock")
        for name, reader in (("Weir", weir), ("Weir, with the file's SHA-256", digest), ("simdjson's DOM", dom),
                             ("Python's json.load", python)):
            line(name, median(reader), median(reader, 1))
            if reader is not python:
                line("  the first file of its process", *reader.seconds[0])
        for name, file, reader in grown:
            length = file.stat().st_size
            line(f"Weir, {name} repeated to {length / 1e6:.1f} MB", median(reader), median(reader, 1), length)
            print(f"{'':<44} {median(reader) / length / (median(weir) / size):8.2f} times the seconds a byte")
        memory = [int(subprocess.run([program, "memory", str(file)], check=True, capture_output=True).stdout)
                  for file in (path, *(file for _, file in large))]
        print("peak of memory above an empty process: " + ", ".join(f"{peak / 1e6:.1f}" for peak in memory) + " MB")
    print(f"figure manifest_gb_per_s {size / median(weir) / 1e9:.3f} GB/s")
    print(f"figure json_load_time_ratio {median(python) / median(weir):.2f} x")
    print(f"figure simdjson_dom_time_ratio {median(dom) / median(weir):.2f} x")
    print(f"figure manifest_memory_mb {memory[0] / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
