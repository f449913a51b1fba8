"""What the Python scripts share: counting checks, running the server and the sandbox."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

BINARY = os.environ.get("TICKETING_MCP", "target/release/ticketing-mcp")
PLAIN_ENV = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

ENVIA_TOOLS = ["create_ticket", "get_ticket", "get_ticket_types", "list_tickets", "update_ticket"]
# What is served without a choice of toolsets.
TOOLS = [
    "close_ticket",
    "create_ticket",
    "get_attachment",
    "get_search_modes",
    "get_ticket",
    "get_token_info",
    "list_endpoints",
    "list_instances",
    "list_perspectives",
    "list_queues",
    "list_resolutions",
    "list_responses",
    "list_staff",
    "list_stock_responses",
    "list_teams",
    "list_watchlists",
    "list_workflow",
    "query_responses",
    "query_tickets",
    "respond_to_ticket",
    "run_report",
    "tickiti_call",
    "tickiti_read",
]
WRITING_TOOLS = ["close_ticket", "create_ticket", "respond_to_ticket", "tickiti_call"]
READING_TOOLS = [name for name in TOOLS if name not in WRITING_TOOLS]


class Checks:
    """Prints every check and keeps the count."""

    def __init__(self, title):
        self.title = title
        self.passed = 0
        self.failed = 0

    def that(self, holds, what, seen=None):
        """One check; `seen` is shown when it fails."""
        if holds:
            self.passed += 1
            print(f"ok      {self.title}: {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {self.title}: {what}", flush=True)
            if seen is not None:
                print(f"        seen: {shortened(seen)}", flush=True)
        return bool(holds)

    def equal(self, seen, expected, what):
        return self.that(seen == expected, what, f"{shortened(seen)}, expected {shortened(expected)}")

    def contains(self, text, parts, what):
        """All the parts occur in the text, whatever their case."""
        text = str(text)
        missing = [part for part in parts if part.lower() not in text.lower()]
        return self.that(not missing, what, f"without {missing}: {shortened(text)}")

    def died(self, where, error):
        """A script that stops early has failed, however much went well before."""
        self.that(False, f"{where} ran to its end", repr(error))

    def finish(self):
        sys.exit(1 if self.failed or not self.passed else 0)


def shortened(value, limit=600):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


class Double:
    """A simulated back end, with its controls."""

    def __init__(self, base):
        self.base = base

    def ask(self, method, action, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/__sandbox/{action}", data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def plant(self, endpoint, **fault):
        self.ask("POST", "faults", {"endpoint": endpoint, **fault})

    def clear_faults(self):
        self.ask("DELETE", "faults")

    def entries(self, endpoint=None):
        entries = self.ask("GET", "log")["entries"]
        return [entry for entry in entries if endpoint in (None, entry["endpoint"])]

    def wait_for(self, endpoint, outcome, seconds=5.0):
        """True as soon as the newest request to the endpoint has the outcome."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            entries = self.entries(endpoint)
            if entries and entries[-1]["outcome"] == outcome:
                return True
            time.sleep(0.02)
        return False


class Sandbox(Double):
    """`ticketing-mcp sandbox` on free ports: the controls of its Tickiti, and `envia` with those of its Envia."""

    def __init__(self):
        self.state = tempfile.TemporaryDirectory()

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "sandbox", "--tickiti-port", "0", "--envia-port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=PLAIN_ENV,
        )
        printed = {}
        for line in self.process.stdout:
            name, _, value = line.partition("#")[0].partition("=")
            printed[name.strip()] = value.strip()
            if "BACKEND_BOT_AI_TOKEN" in printed:
                break
        try:
            super().__init__(printed["TICKITI_API_BASE"])
            self.envia = Double(printed["BACKEND_URL"])
            self.bot = printed["BACKEND_BOT_AI_TOKEN"]
        except KeyError as missing:
            raise RuntimeError(f"the sandbox did not print {missing}: {printed}") from None
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.state.cleanup()

    def env(self, token="sandbox-admin"):
        """What the user of a real install sets, and nothing more."""
        return {**PLAIN_ENV, "TICKITI_API_BASE": self.base, "TICKITI_API_TOKEN": token}

    def envia_env(self):
        """What the user of Envia sets; and a folder of our own, so that nothing is left in the user's."""
        return {
            **PLAIN_ENV,
            "BACKEND_URL": self.envia.base,
            "BACKEND_BOT_AI_TOKEN": self.bot,
            "MCP_TRANSPORT": "stdio",
            "TICKETING_MCP_STATE": self.state.name,
        }


def find(value, key):
    """The first value under the key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            found = find(inner, key)
            if found is not None:
                return found
    return None
