"""A CRM on a free port of this machine, inside the test: it survives the program, remembers every request, and can
misbehave on demand."""

import http.server
import json
import socket
import threading
import time
from decimal import Decimal


class Received:
    def __init__(self, number, path, headers, raw, body):
        self.number, self.path, self.headers, self.raw, self.body = number, path, headers, raw, body
        self.applied = False
        self.time = time.time()

    @property
    def operation(self):
        return self.body["operation"]

    @property
    def records(self):
        return self.body["records"]


class Answer:
    """How one request is answered. `apply`: whether its records count as arrived."""

    def __init__(self, status=200, body=None, headers=None, apply=None, kind="plain", content_type="application/json"):
        self.status, self.body, self.headers, self.kind = status, body, headers or {}, kind
        self.apply = status < 300 if apply is None else apply
        self.content_type = content_type


def hang():
    """Says nothing until the CRM stops."""
    return Answer(kind="hang", apply=False)


def close(apply=False):
    """Ends the connection without an answer, before or after taking the records."""
    return Answer(kind="close", apply=apply)


def truncated():
    """Announces more bytes than come."""
    return Answer(kind="truncated", apply=False)


def parse(raw):
    return json.loads(raw, parse_float=Decimal)


class Crm:
    def __init__(self, identity="external_id", delay_s=0.0, behave=None, before=None):
        """`behave(received)` gives an Answer or None for the good one; `before(received)` looks at each request as it
        arrives. Both run on the server's threads; what they raise is kept in `problems`."""
        self.identity, self.delay_s, self.behave, self.before = identity, delay_s, behave, before
        self.lock = threading.Lock()
        self.requests, self.problems, self.objects, self.last_keys = [], [], {}, {}
        self.active = 0
        self.quiet = threading.Condition(self.lock)
        self.stopping = threading.Event()
        crm = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def handle(self):
                with crm.lock:
                    crm.active += 1
                try:
                    super().handle()
                except (ConnectionError, TimeoutError, OSError):
                    pass  # the program was killed
                finally:
                    with crm.quiet:
                        crm.active -= 1
                        crm.quiet.notify_all()

            def do_POST(self):
                crm.post(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/contacts"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def post(self, handler):
        length = int(handler.headers.get("Content-Length", "0"))
        raw = handler.rfile.read(length)
        if len(raw) < length:
            return  # the sender died in the middle of its request: a real server never sees it whole
        with self.lock:
            received = Received(len(self.requests), handler.path, dict(handler.headers), raw, None)
        try:
            received.body = parse(raw)
        except ValueError as error:
            self.problem(f"request {received.number} is no JSON: {error}")
            received.body = {"operation": "", "records": []}
        with self.lock:
            received.number = len(self.requests)
            self.requests.append(received)
        answer = None
        try:
            if self.before:
                self.before(received)
            if self.behave:
                answer = self.behave(received)
        except Exception as error:  # noqa: BLE001 - the test fails on it
            self.problem(f"request {received.number}: {error!r}")
        if self.delay_s:
            time.sleep(self.delay_s)
        answer = answer or Answer()
        if answer.apply:
            self.apply(received)
        self.send(handler, received, answer)

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def apply(self, received):
        with self.lock:
            received.applied = True
            held = self.objects.setdefault(received.body["object"], {})
            keys = received.body.get("idempotency_keys") or [None] * len(received.records)
            for record, key in zip(received.records, keys):
                name = str(record[self.identity])
                if key and self.last_keys.get((received.body["object"], name)) == key:
                    continue
                self.last_keys[received.body["object"], name] = key
                if received.operation in ("delete", "suppress"):
                    held.pop(name, None)
                elif received.operation != "update" or name in held:
                    held[name] = {**held.get(name, {}), **record}

    def send(self, handler, received, answer):
        if answer.kind == "hang":
            self.stopping.wait(120)
            handler.close_connection = True
            return
        if answer.kind == "close":
            handler.close_connection = True
            try:
                handler.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            return
        body = answer.body
        if body is None:
            body = {"accepted": len(received.records)} if answer.status < 300 else {"error": "refused"}
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(body) + (100 if answer.kind == "truncated" else 0)))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        if answer.kind == "truncated":
            handler.wfile.flush()
            handler.close_connection = True

    def wait_until_quiet(self, timeout=30):
        """After a program was killed: until all that it had sent is taken or lost."""
        with self.quiet:
            if not self.quiet.wait_for(lambda: self.active == 0, timeout):
                raise AssertionError(f"{self.active} connections stay open")

    def contacts(self, name="contacts"):
        with self.lock:
            return {key: dict(value) for key, value in self.objects.get(name, {}).items()}

    def count(self):
        with self.lock:
            return len(self.requests)

    def since(self, number):
        with self.lock:
            return self.requests[number:]
