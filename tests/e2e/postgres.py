"""A PostgreSQL server of the test's own: a free port of this machine, everything in a temporary folder, thrown away."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from decimal import Decimal

PASSWORD = "not-a-secret-" + "e2e"


def binaries():
    for folder in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").is_file():
            return folder
    found = shutil.which("initdb")
    return pathlib.Path(found).resolve().parent if found else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    def __init__(self):
        self.bin = binaries()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-pg-"))
        self.as_user = []
        if os.geteuid() == 0:
            # PostgreSQL does not run as root.
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o644)
        self.call("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password,
                  "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        for attempt in range(5):
            if self.start():
                break
        else:
            raise AssertionError(f"the server does not start: {(self.folder / 'server.log').read_text()}")
        self.execute("create database shop", database="postgres")

    def start(self):
        """On a free port; another program may take it first, so that it may need another attempt."""
        self.port = free_port()
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
                    "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "64MB"}
        with open(self.folder / "server.log", "ab") as log:
            # --pdeathsig: a test that is killed leaves no server behind.
            self.server = subprocess.Popen(
                ["setpriv", "--pdeathsig", "QUIT", *self.as_user[1:], str(self.bin / "postgres"), "-D",
                 str(self.folder / "data"), *[word for name, value in settings.items() for word in ("-c", f"{name}={value}")]],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while self.server.poll() is None and time.monotonic() < end:
            ready = subprocess.run([str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
            if ready.returncode == 0:
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(30)

    def call(self, name, *arguments):
        done = subprocess.run([*self.as_user, str(self.bin / name), *map(str, arguments)], cwd="/", capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            log = self.folder / "server.log"
            raise AssertionError(f"{name}: {done.stdout}{done.stderr}{log.read_text() if log.is_file() else ''}")

    def environment(self):
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": PASSWORD,
                "PGDATABASE": "shop"}

    def execute(self, sql, database="shop"):
        done = subprocess.run([str(self.bin / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"],
                              input=sql, env={**os.environ, **self.environment(), "PGDATABASE": database,
                                              "PGOPTIONS": "-c timezone=UTC -c extra_float_digits=3"},
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{sql}: {done.stderr}")
        return done.stdout

    def rows(self, sql):
        """As dicts of Python values; numbers with a fraction as Decimal."""
        out = self.execute(f"select row_to_json(r) from ({sql}) r")
        return [json.loads(line, parse_float=Decimal) for line in out.split("\n") if line]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
