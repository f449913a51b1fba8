"""The server over HTTP for the scripts that drive it: on a port of its own, with what it writes kept."""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

from checks import BINARY

KEY = "correct-horse-battery-staple"
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "ci", "version": "1.0.0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
VERSIONS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
# The parameter of a request that its `Mcp-Name` repeats.
NAMES = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}


class Answer:
    """What came back: status, headers and the body as text."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()

    @property
    def json(self):
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def result(self):
        return self.json.get("result") or {}

    @property
    def error(self):
        return self.json.get("error") or {}

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body}"


class Http:
    """`ticketing-mcp serve --transport http`, until the end of the block."""

    def __init__(self, env, *arguments, key=KEY):
        self.state = tempfile.TemporaryDirectory()
        keys = {"MCP_API_KEY": key} if key else {}
        self.env = {**env, "TICKETING_MCP_STATE": self.state.name, **keys}
        self.arguments = arguments
        self.port = 0
        self.lines = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        self.state.cleanup()

    def command(self):
        return [BINARY, "serve", "--transport", "http", "--port", str(self.port), "--log", "info", *self.arguments]

    def start(self):
        self.process = subprocess.Popen(
            self.command(), env={**self.env, "MCP_TRANSPORT": "http"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        listening = threading.Event()
        before = len(self.lines)

        def read(process):
            for line in process.stderr:
                self.lines.append(line)
                found = re.search(r"serving at http://127\.0\.0\.1:(\d+)/mcp", line)
                if found:
                    self.port = int(found.group(1))
                    listening.set()
            listening.set()

        self.reader = threading.Thread(target=read, args=(self.process,), daemon=True)
        self.reader.start()
        if not listening.wait(20) or not self.port or self.process.poll() is not None:
            self.kill()
            raise RuntimeError(f"the server did not start: {''.join(self.lines[before:])}")

    def kill(self):
        self.process.kill()
        self.ended()

    def ended(self, seconds=40):
        """The exit code of a server that was told to end."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "still running"
        self.reader.join(5)
        return code

    def restart(self):
        """Another process on the same port; the first has no time for a farewell."""
        self.kill()
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        return "".join(self.lines)

    def logged(self, text, since=0, seconds=5.0):
        """True as soon as a line after `since` holds the text."""
        return waited(lambda: any(text in line for line in self.lines[since:]), seconds)

    def url(self, path="/mcp"):
        return f"http://127.0.0.1:{self.port}{path}"

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def request(self, method, path, body=None, headers=None):
        """One request on a connection of its own."""
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask(self, method, params=None, era="legacy", path="/mcp", headers=None):
        """One request of the protocol, by default with the key."""
        return self.request("POST", path, *message(method, params, era, headers))


def message(method, params=None, era="legacy", headers=None):
    """Body and headers of a request; `headers` say who asks."""
    params = dict(params or {})
    sent = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSIONS[era],
        **({"X-API-Key": KEY} if headers is None else headers),
    }
    if era == "modern":
        sent["Mcp-Method"] = method
        if method in NAMES:
            sent["Mcp-Name"] = params[NAMES[method]]
        params["_meta"] = {**MODERN, **params.get("_meta", {})}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}), sent


def waited(holds, seconds=5.0):
    """True as soon as it holds, False when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def new_key(name):
    """A key and the hash of its entry, from `ticketing-mcp keys new`."""
    made = subprocess.run(
        [BINARY, "keys", "new", name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
        env={"PATH": os.environ["PATH"]},
    )
    key = re.search(r"tmcp_[0-9a-f]+", made.stderr).group(0)
    entry = re.search(r'key = "(sha256:[0-9a-f]{64})"', made.stdout).group(1)
    return key, entry
