#!/usr/bin/env python3
"""A CRM of one page: takes contacts over HTTP on this machine only, keeps them in memory, and tells what it holds.

    receiver.py --port 8765 --log received.jsonl --port-file port

POST /contacts   {"object": "contacts", "operation": "upsert|insert|update|delete|blank|suppress",
                  "records": [{...}], "idempotency_keys": ["..."]}        answers {"accepted": N}
GET  /state      every object's records, by their id: {"contacts": {"17": {...}}}
GET  /stats      {"requests": N, "records": N, "repeated": N, "by_operation": {"upsert": N}}

A record that comes again under the idempotency key of the last change to it is accepted and changes nothing; without
keys of the records, the `Idempotency-Key` header and the record's place serve. Each request accepted is one line of the
log, in order of arrival; a restart with the same log holds the same contacts.
"""

import argparse
import http.server
import json
import os
import pathlib
import signal
import socketserver
import sys
import threading

MAX_BODY_BYTES = 16 << 20
OPERATIONS = ("upsert", "insert", "update", "delete", "blank", "suppress")


class Refused(Exception):
    """The request makes no sense; nothing of it was applied."""


class Contacts:
    """What was received. Thread-safe; the log's line is on disk before the answer leaves. `keep`: new requests are added
    to the log; else it is only read.
    """

    def __init__(self, identity, log, keep=True):
        self.identity = identity
        self.lock = threading.Lock()
        self.objects = {}
        self.last_keys = {}
        self.stats = {"requests": 0, "records": 0, "repeated": 0, "by_operation": {}}
        self.log = None
        if log is None:
            return
        whole = 0  # bytes of whole lines: what a crash left half-written is cut off
        if log.exists():
            with open(log, "rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    entry = json.loads(line)
                    self.take(entry["body"], entry["key"])
                    whole += len(line)
        if not keep:
            return
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            os.truncate(log, whole)
        self.log = open(log, "a", encoding="utf-8")

    def take(self, body, key):
        with self.lock:
            self.check(body)
            if self.log:
                self.log.write(json.dumps({"key": key, "body": body}, ensure_ascii=False) + "\n")
                self.log.flush()
                os.fsync(self.log.fileno())
            return {"accepted": self.apply(body, key)}

    def check(self, body):
        if not isinstance(body, dict) or not isinstance(body.get("object"), str):
            raise Refused("object is missing")
        if body.get("operation") not in OPERATIONS:
            raise Refused(f"operation is none of {', '.join(OPERATIONS)}")
        records, keys = body.get("records"), body.get("idempotency_keys", [])
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise Refused("records is not a list of objects")
        if not isinstance(keys, list) or (keys and len(keys) != len(records)):
            raise Refused("idempotency_keys is not a list with one key a record")
        for position, record in enumerate(records):
            if record.get(self.identity) is None:
                raise Refused(f"record {position} has no {self.identity}")

    def apply(self, body, request_key):
        operation, records = body["operation"], body["records"]
        keys = body.get("idempotency_keys")
        held = self.objects.setdefault(body["object"], {})
        self.stats["requests"] += 1
        for position, record in enumerate(records):
            name = str(record[self.identity])
            key = keys[position] if keys else request_key and f"{request_key}/{position}"
            # Only the last one: a contact that changes from A to B and back to A gets A's key a second time.
            if key and self.last_keys.get((body["object"], name)) == key:
                self.stats["repeated"] += 1
                continue
            self.last_keys[body["object"], name] = key
            if operation in ("delete", "suppress"):
                held.pop(name, None)
            elif operation != "update" or name in held:
                held[name] = {**held.get(name, {}), **record}
            self.stats["records"] += 1
            self.stats["by_operation"][operation] = self.stats["by_operation"].get(operation, 0) + 1
        return len(records)


def handler_for(contacts, path):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "receiver"
        sys_version = ""

        def do_GET(self):
            with contacts.lock:
                if self.path == "/state":
                    self.answer(200, contacts.objects)
                elif self.path == "/stats":
                    self.answer(200, contacts.stats)
                else:
                    self.answer(404, {"error": "not found"})

        def do_POST(self):
            length = self.headers.get("Content-Length")
            if length is None or not length.isdigit() or int(length) > MAX_BODY_BYTES:
                self.close_connection = True
                self.answer(413 if length and length.isdigit() else 411, {"error": "length missing or too large"})
                return
            raw = self.rfile.read(int(length))
            if self.path != path:
                self.answer(404, {"error": "not found"})
                return
            try:
                self.answer(200, contacts.take(json.loads(raw), self.headers.get("Idempotency-Key")))
            except (Refused, ValueError) as refusal:
                self.answer(400, {"error": str(refusal)})

        def answer(self, status, document):
            body = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self):
        # As the parent's, without asking a name server who 127.0.0.1 is.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


def listen(port, or_any, handler):
    try:
        return Server(("127.0.0.1", port), handler)
    except OSError:
        if not or_any:
            raise
        return Server(("127.0.0.1", 0), handler)


def main():
    parser = argparse.ArgumentParser(description="receive contacts over HTTP on this machine")
    parser.add_argument("--port", type=int, default=8765, help="0: any free one")
    parser.add_argument("--or-any", action="store_true", help="take any free port when that one is taken")
    parser.add_argument("--port-file", type=pathlib.Path, help="the port is written there once requests are taken")
    parser.add_argument("--log", type=pathlib.Path, help="JSONL; read again at the start")
    parser.add_argument("--path", default="/contacts")
    parser.add_argument("--identity", default="external_id", help="the field that names a record")
    options = parser.parse_args()

    try:
        contacts = Contacts(options.identity, options.log)
        server = listen(options.port, options.or_any, handler_for(contacts, options.path))
    except (OSError, ValueError, KeyError, Refused) as error:
        sys.exit(f"receiver: cannot start: {error}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.port_file:
        part = options.port_file.with_suffix(".part")
        part.write_text(f"{server.server_address[1]}\n")
        part.replace(options.port_file)
    print(f"receiver: http://127.0.0.1:{server.server_address[1]}{options.path}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
