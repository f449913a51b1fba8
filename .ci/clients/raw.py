"""Drives the server with bytes of its own, good and bad: `raw.py`, the binary in TICKETING_MCP. Standard library only."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time

from checks import BINARY, ENVIA_TOOLS, PLAIN_ENV, TOOLS, Checks, Sandbox, find

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "ci", "version": "1.0.0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
LEGACY_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"]
TICKET = {"name": "get_ticket", "arguments": {"ticket_number": "709383"}}


class Server:
    """The server behind two pipes. Every line that it writes is kept."""

    def __init__(self, env, *arguments, log=None):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [BINARY, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**env, **({"TICKETING_MCP_LOG": log} if log else {})},
        )
        self.lines = []
        self.arrived = queue.Queue()
        self.unclaimed = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            self.arrived.put(line)
        self.arrived.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.write(json.dumps(message).encode() + b"\n")

    def request(self, id, method, params=None, era="legacy"):
        params = dict(params or {})
        if era == "modern":
            params["_meta"] = {**MODERN, **params.get("_meta", {})}
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})

    def answer(self, id, seconds=10.0):
        """The answer to a request, or None."""
        end = time.monotonic() + seconds
        while True:
            for at, message in enumerate(self.unclaimed):
                # `True == 1` in Python, but not in JSON.
                if message.get("id") == id and type(message.get("id")) is type(id):
                    return self.unclaimed.pop(at)
            try:
                line = self.arrived.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                self.arrived.put(None)
                return None
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self.unclaimed.append(message)

    def ask(self, id, method, params=None, era="legacy", seconds=10.0):
        self.request(id, method, params, era)
        return self.answer(id, seconds) or {}

    def initialize(self, version="2025-11-25"):
        hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "ci", "version": "1.0.0"}}
        answer = self.ask("hello", "initialize", hello)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer.get("result", {})

    def end_of_input(self):
        self.process.stdin.close()

    def exit_code(self, seconds=10.0):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return "still running"

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()


def only_protocol(checks, server, what):
    """Every line on stdout is one JSON-RPC message."""
    bad = []
    for line in server.lines:
        try:
            message = json.loads(line)
            if message["jsonrpc"] != "2.0" or not line.endswith(b"\n"):
                bad.append(line)
        except (ValueError, TypeError, KeyError):
            bad.append(line)
    checks.that(not bad, f"{what}: nothing but messages on stdout", bad[:3])


def code(answer):
    return answer.get("error", {}).get("code")


def text_of(answer):
    content = answer.get("result", {}).get("content", [])
    return "\n".join(block.get("text", "") for block in content)


def legacy(checks, sandbox):
    for version in LEGACY_VERSIONS:
        with Server(sandbox.env()) as server:
            hello = server.initialize(version)
            checks.equal(hello.get("protocolVersion"), version, f"{version} is spoken when asked for")
            checks.that("tools" in hello.get("capabilities", {}), f"{version}: tools are declared", hello)
            names = [tool["name"] for tool in server.ask(1, "tools/list").get("result", {}).get("tools", [])]
            checks.that(set(TOOLS) <= set(names), f"{version}: the tools are listed", names)
            checks.that("result" in server.ask(2, "ping"), f"{version}: ping is answered")
            checks.equal(code(server.ask(3, "tools/frobnicate")), -32601, f"{version}: an unknown method is -32601")
            unknown = server.ask(4, "tools/call", {"name": "close_everything", "arguments": {}})
            checks.equal(code(unknown), -32602, f"{version}: an unknown tool is -32602")
            shown = server.ask(5, "tools/call", TICKET)
            checks.that(not shown.get("result", {}).get("isError", True), f"{version}: a call succeeds", shown)
            checks.that("resultType" not in shown.get("result", {}), f"{version}: no field of the newer era", shown)
            for id in (0, -7, 2**53 - 1, "text", "7"):
                checks.that("result" in server.ask(id, "ping"), f"{version}: the id {id!r} comes back as it was")
            only_protocol(checks, server, version)
    with Server(sandbox.env()) as server:
        offered = server.initialize("1999-01-01").get("protocolVersion")
        checks.that(offered in LEGACY_VERSIONS, "an unknown version is answered with a known one", offered)


def modern(checks, sandbox):
    with Server(sandbox.env()) as server:
        listed = server.ask(1, "tools/list", era="modern").get("result", {})
        checks.that(set(TOOLS) <= {tool["name"] for tool in listed.get("tools", [])}, "modern: the first request is answered", listed)
        checks.equal(listed.get("cacheScope"), "private", "modern: the list is private")
        checks.that(isinstance(listed.get("ttlMs"), int), "modern: the list has a time to live", listed.get("ttlMs"))
        found = server.ask(2, "server/discover", era="modern").get("result", {})
        checks.that("2026-07-28" in found.get("supportedVersions", []), "modern: the version is offered", found)
        checks.that(found.get("instructions"), "modern: the server says what it is for", found)
        shown = server.ask(3, "tools/call", TICKET, era="modern").get("result", {})
        checks.equal(shown.get("resultType"), "complete", "modern: a call is complete")
        checks.that("structuredContent" in shown, "modern: a call has a structured answer", shown)
        checks.equal(code(server.ask(4, "tools/frobnicate", era="modern")), -32601, "modern: an unknown method is -32601")
        unknown = server.ask(5, "tools/call", {"name": "close_everything", "arguments": {}}, era="modern")
        checks.equal(code(unknown), -32602, "modern: an unknown tool is -32602")
        future = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}}
        refused = server.ask(6, "tools/list", future, era="modern")
        checks.equal(code(refused), -32022, "modern: an unsupported version is -32022")
        checks.that("2026-07-28" in str(refused.get("error", {}).get("data")), "modern: and it names those it speaks", refused)
        again = server.ask(7, "tools/list", era="modern").get("result", {})
        checks.equal(again.get("tools"), listed.get("tools"), "modern: the list is the same every time")
        only_protocol(checks, server, "modern")


GARBAGE = {
    "text": b"hello\n",
    "half a message": b'{"jsonrpc":"2.0","id":1,"meth\n',
    "a number": b"42\n",
    "an empty line": b"\n",
    "an empty list": b"[]\n",
    "a batch": b'[{"jsonrpc":"2.0","id":901,"method":"ping"},{"jsonrpc":"2.0","id":902,"method":"ping"}]\n',
    "no method": b'{"jsonrpc":"2.0","id":903}\n',
    "no version": b'{"id":904,"method":"ping"}\n',
    "another version": b'{"jsonrpc":"1.0","id":905,"method":"ping"}\n',
    "params that are a list": b'{"jsonrpc":"2.0","id":906,"method":"tools/call","params":["get_ticket"]}\n',
    "params without a name": b'{"jsonrpc":"2.0","id":907,"method":"tools/call","params":{}}\n',
    "arguments that are text": b'{"jsonrpc":"2.0","id":908,"method":"tools/call","params":{"name":"get_ticket","arguments":"x"}}\n',
    "an id that is a list": b'{"jsonrpc":"2.0","id":[1],"method":"ping"}\n',
    "bytes that are not UTF-8": b'{"jsonrpc":"2.0","id":909,"method":"\xff\xfe"}\n',
    "a zero byte": b'\x00\n',
    "an answer to nothing": b'{"jsonrpc":"2.0","id":910,"result":{}}\n',
    "an error to nothing": b'{"jsonrpc":"2.0","id":911,"error":{"code":1,"message":"m"}}\n',
    "an unknown notification": b'{"jsonrpc":"2.0","method":"notifications/whatever","params":{"a":1}}\n',
    "a cancel of nothing": b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":912}}\n',
    "deep nesting": b"[" * 200_000 + b"\n",
    "deep arguments": b'{"jsonrpc":"2.0","id":913,"method":"tools/call","params":{"name":"tickiti_call","arguments":{"payload":'
    + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}}}\n",
    "a carriage return": b'{"jsonrpc":"2.0","id":914,"method":"ping"}\r\n',
    "half a character": b'{"jsonrpc":"2.0","id":915,"method":"ping","params":{"_meta":{"note":"half \\ud83d"}}}\n',
    "metadata that is a number": b'{"jsonrpc":"2.0","id":916,"method":"ping","params":{"_meta":5}}\n',
    "17 MiB": b'{"jsonrpc":"2.0","method":"ping","params":{"x":"' + b"x" * (17 << 20) + b'"},"id":917}\n',
}
# Id and error code of the answers to them; what is not here asks for none, or is answered well.
ANSWERS = {
    "text": (None, -32700),
    "half a message": (1, -32700),
    "a number": (None, -32600),
    "an empty list": (None, -32600),
    "a batch": (None, -32600),
    "no method": (903, -32600),
    "no version": (904, -32600),
    "another version": (905, -32600),
    "params that are a list": (906, -32600),
    "params without a name": (907, -32602),
    "arguments that are text": (908, None),
    "an id that is a list": (None, -32600),
    "bytes that are not UTF-8": (909, -32700),
    "a zero byte": (None, -32700),
    "deep nesting": (None, -32700),
    "deep arguments": (913, -32700),
    "a carriage return": (914, None),
    "half a character": (915, None),
    "metadata that is a number": (916, -32600),
    "17 MiB": (917, -32600),
}


def garbage(checks, sandbox):
    with Server(sandbox.env()) as server:
        server.initialize()
        for number, (what, data) in enumerate(GARBAGE.items()):
            try:
                server.write(data)
                alive = "result" in server.ask(1000 + number, "ping")
            except OSError:
                alive = False
            if not checks.that(alive, f"the server goes on after {what}", server.stderr()[-500:]):
                return
            if what in ANSWERS:
                id, expected = ANSWERS[what]
                answer = server.answer(id) or {}
                told = "id" in answer and ("result" in answer if expected is None else code(answer) == expected)
                checks.that(told, f"{what}: the answer has the id {id!r} and the code {expected!r}", answer)
        checks.equal(server.unclaimed, [], "nothing else is answered")
        only_protocol(checks, server, "after bad input")
        server.end_of_input()
        checks.equal(server.exit_code(), 0, "after bad input the end is a good one")
    first = ["text", "half a message", "a number", "an empty line", "an empty list", "an answer to nothing", "a cancel of nothing"]
    for what in first:
        data = GARBAGE[what]
        with Server(sandbox.env()) as server:
            server.write(data)
            checks.that(server.initialize(), f"a conversation opens after {what}", server.stderr()[-500:])
            only_protocol(checks, server, f"first {what}")


def huge(checks, sandbox):
    with Server(sandbox.env()) as server:
        server.initialize()
        note = {"ticket_number": "709383", "from_email": "x" * 6_000_000, "content": "y"}
        answer = server.ask(1, "tools/call", {"name": "respond_to_ticket", "arguments": note}, seconds=30)
        checks.that("result" in answer or "error" in answer, "a line of 6 MB is answered")
        checks.that(len(json.dumps(answer)) < 100_000, "and the answer does not repeat it", len(json.dumps(answer)))
        checks.that("result" in server.ask(2, "ping"), "the server goes on after it")
        server.write(b"x" * 8_000_000 + b"\n")
        checks.that("result" in server.ask(3, "ping", seconds=30), "the server goes on after a huge line of nothing")
        checks.equal(code(server.answer(None) or {}), -32700, "which is answered")
        only_protocol(checks, server, "huge lines")


def endings(checks, sandbox):
    with Server(sandbox.env()) as server:
        server.end_of_input()
        checks.equal(server.exit_code(), 0, "end of input before any message ends with 0")
        checks.equal(server.lines, [], "and nothing is written")
    for era in ("legacy", "modern"):
        with Server(sandbox.env()) as server:
            if era == "legacy":
                server.initialize()
            sandbox.plant("tickets.show", kind="delay", ms=700)
            for id in range(1, 9):
                server.request(id, "tools/call", TICKET, era)
            server.end_of_input()
            answers = [server.answer(id) for id in range(1, 9)]
            sandbox.clear_faults()
            good = [answer for answer in answers if answer and not answer.get("result", {}).get("isError", True)]
            checks.equal(len(good), 8, f"{era}: calls that run at the end of input are answered")
            checks.equal(server.exit_code(), 0, f"{era}: and then the server ends with 0")
            only_protocol(checks, server, f"{era} end of input")
    with Server(sandbox.env()) as server:
        server.initialize()
        server.process.send_signal(signal.SIGTERM)
        checks.equal(server.exit_code(), 0, "SIGTERM ends an idle server with 0")
    with Server(sandbox.env()) as server:
        server.process.send_signal(signal.SIGCONT)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        checks.equal(server.exit_code(), 0, "SIGTERM before any message ends with 0")
    with Server(sandbox.env()) as server:
        server.initialize()
        sandbox.plant("tickets.show", kind="delay", ms=700)
        server.request(1, "tools/call", TICKET)
        checks.that(sandbox.wait_for("tickets.show", "running"), "the slow call is on its way")
        server.process.send_signal(signal.SIGTERM)
        answer = server.answer(1) or {}
        sandbox.clear_faults()
        checks.that(not answer.get("result", {}).get("isError", True), "a call that runs at SIGTERM is answered", answer)
        checks.equal(server.exit_code(), 0, "and then the server ends with 0")
    with Server(sandbox.env()) as server:
        server.initialize()
        server.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        server.end_of_input()
        checks.that("result" in (server.answer(1) or {}), "a last line without an end is answered")
        checks.equal(server.exit_code(), 0, "and then the server ends with 0")
    deaf(checks, sandbox)
    for how in ("end of input", "SIGTERM"):
        unread(checks, sandbox, how)


def unread(checks, sandbox, how):
    """A client that keeps both pipes of the server's output open, and reads neither."""
    limits = {"TICKITI_API_TIMEOUT_MS": "500", "TICKETING_MCP_CALL_TIMEOUT_MS": "1000", "TICKETING_MCP_LOG": "trace"}
    process = subprocess.Popen(
        [BINARY], env={**sandbox.env(), **limits}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        for id in range(40):
            message = {"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {"_meta": MODERN}}
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        time.sleep(0.5)
        if how == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        ended = process.wait(10)
    except subprocess.TimeoutExpired:
        ended = "still running"
    finally:
        process.kill()
        process.wait()
    checks.equal(ended, 0, f"{how} ends the server although nobody reads what it wrote")


def deaf(checks, sandbox):
    """A client that closes its end of the server's stdout and then its own."""
    read, write = os.pipe()
    process = subprocess.Popen([BINARY], env=sandbox.env(), stdin=subprocess.PIPE, stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    os.close(read)
    try:
        for id in range(20):
            message = {"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {"_meta": MODERN}}
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            time.sleep(0.02)
        process.stdin.close()
    except OSError:
        pass
    try:
        process.wait(10)
        ended = True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        ended = False
    checks.that(ended, "a client that does not read any more ends the server")


def cancelling(checks, sandbox):
    for era in ("legacy", "modern"):
        with Server(sandbox.env()) as server:
            if era == "legacy":
                server.initialize()
            sandbox.plant("tickets.show", kind="delay", ms=20_000)
            server.request(1, "tools/call", TICKET, era)
            checks.that(sandbox.wait_for("tickets.show", "running"), f"{era}: the slow call is on its way")
            quick = server.ask(2, "tools/call", {"name": "list_queues", "arguments": {}}, era)
            checks.that("result" in quick, f"{era}: a slow call does not hold up another", quick)
            server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "no need"}})
            checks.that(sandbox.wait_for("tickets.show", "aborted"), f"{era}: a cancelled call stops its request")
            sandbox.clear_faults()
            checks.that(server.answer(1, 0.3) is None, f"{era}: a cancelled call is not answered")
            again = server.ask(3, "tools/call", TICKET, era)
            checks.that(not again.get("result", {}).get("isError", True), f"{era}: the next call is answered", again)
            server.end_of_input()
            checks.equal(server.exit_code(), 0, f"{era}: a cancelled call does not hold up the end")


def mistakes(checks, sandbox):
    secret = "correct-horse-battery"
    envia = {"BACKEND_URL": "http://127.0.0.1:9", "BACKEND_BOT_AI_TOKEN": secret}
    cases = [
        ("nothing set", {}, ["TICKITI_API_BASE", "TICKITI_API_TOKEN", "BACKEND_URL", "BACKEND_BOT_AI_TOKEN", "--sandbox"]),
        ("a base without a token", {"TICKITI_API_BASE": sandbox.base}, ["TICKITI_API_TOKEN"]),
        ("a token without a base", {"TICKITI_API_TOKEN": secret}, ["TICKITI_API_BASE"]),
        (
            "three mistakes",
            {"TICKITI_API_BASE": "helpdesk", "TICKITI_API_TIMEOUT_MS": "soon", "TICKITI_INSTANCES": "{"},
            ["TICKITI_API_BASE", "TICKITI_API_TOKEN", "TICKITI_API_TIMEOUT_MS", "TICKITI_INSTANCES"],
        ),
        (
            "a base in clear text",
            {"TICKITI_API_BASE": "http://helpdesk.example", "TICKITI_API_TOKEN": secret},
            ["https"],
        ),
        ("a bot token without an address", {"BACKEND_BOT_AI_TOKEN": secret}, ["BACKEND_URL is missing"]),
        ("an address without a bot token", {"BACKEND_URL": "https://admon.example"}, ["BACKEND_BOT_AI_TOKEN"]),
        (
            "mistakes of both modules",
            {"TICKITI_API_BASE": "helpdesk", "BACKEND_URL": "admon", "TICKETING_MCP_MODULES": "tickiti,envia,cargo"},
            ["TICKITI_API_BASE", "TICKITI_API_TOKEN", "BACKEND_URL", "BACKEND_BOT_AI_TOKEN", "`cargo`"],
        ),
        ("Envia without a transport", envia, ["over HTTP a key is wanted", "MCP_API_KEY", "MCP_TRANSPORT=stdio"]),
        ("Envia over HTTP", {**envia, "MCP_TRANSPORT": "http"}, ["over HTTP a key is wanted", "MCP_API_KEY"]),
        ("a module that is not set", {**envia, "TICKETING_MCP_MODULES": "tickiti"}, ["tickiti", "TICKITI_API_BASE"]),
        ("a state folder that cannot be", {**envia, "MCP_TRANSPORT": "stdio", "TICKETING_MCP_STATE": "/dev/null"}, ["--state"]),
    ]
    for what, env, parts in cases:
        with Server({**PLAIN_ENV, **env}) as server:
            server.end_of_input()
            checks.equal(server.exit_code(), 1, f"{what}: the start fails with 1")
            checks.equal(server.lines, [], f"{what}: nothing on stdout")
            checks.contains(server.stderr(), parts, f"{what}: stderr names every mistake")
            checks.that(secret not in server.stderr(), f"{what}: the token is not shown")
    with Server(sandbox.env(), "--no-such-flag") as server:
        server.end_of_input()
        checks.that(server.exit_code() not in (0, "still running"), "an unknown flag is refused")
        checks.equal(server.lines, [], "and nothing is on stdout")


def unreachable(checks):
    env = {**PLAIN_ENV, "TICKITI_API_BASE": "http://127.0.0.1:9", "TICKITI_API_TOKEN": "correct-horse-battery"}
    with Server(env, log="trace") as server:
        server.initialize()
        listed = server.ask(1, "tools/list").get("result", {}).get("tools", [])
        checks.that(len(listed) >= len(TOOLS), "tools are listed although the helpdesk is away")
        answer = server.ask(2, "tools/call", TICKET, seconds=40)
        checks.that(answer.get("result", {}).get("isError"), "a call is an error then", answer)
        checks.contains(text_of(answer), ["TICKITI_API_BASE", "nothing was sent"], "and says what could not be reached")
        checks.that("correct-horse" not in json.dumps(answer) + server.stderr(), "and no token is shown, not even in the log")


def instances(checks, sandbox):
    second = {"second": {"base": sandbox.base, "token": "sandbox-reader"}}
    env = {**sandbox.env(), "TICKITI_INSTANCE_NAME": "first", "TICKITI_INSTANCES": json.dumps(second)}
    with Server(env) as server:
        server.initialize()
        listed = server.ask(1, "tools/list").get("result", {}).get("tools", [])
        lacking = [tool["name"] for tool in listed if "instance" not in tool["inputSchema"].get("properties", {})]
        checks.that(listed and not lacking, "with two installs every tool takes an instance", lacking)
        for id, instance, refused in ((2, "first", False), (3, "second", True)):
            arguments = {
                "originator_email_address": "marcus@trailblazers-club.example",
                "is_public": True,
                "subject": f"To the {instance} install",
                "content": "<p>Hello</p>",
                "instance": instance,
            }
            answer = server.ask(id, "tools/call", {"name": "create_ticket", "arguments": arguments})
            checks.equal(bool(answer.get("result", {}).get("isError")), refused, f"the call goes to the {instance} install")
        wrong = server.ask(4, "tools/call", {"name": "list_queues", "arguments": {"instance": "secnd"}})
        checks.contains(text_of(wrong), ["instance", "second"], "an unknown install is refused with the nearest name")


def command_line(checks, sandbox):
    def run(*arguments, env=None):
        return subprocess.run(
            [BINARY, *arguments], env=env or sandbox.env(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )

    table = run("tools", "--json", env=PLAIN_ENV)
    checks.equal(table.returncode, 0, "`tools --json` needs no account")
    tools = [(tool["module"], tool["name"]) for tool in json.loads(table.stdout)]
    expected = [("tickiti", name) for name in TOOLS] + [("envia", name) for name in ENVIA_TOOLS]
    checks.equal(sorted(tools), sorted(expected), "and names every tool of both modules")
    checks.equal(run("tools", env=PLAIN_ENV).returncode, 0, "`tools` prints a table")
    shown = run("call", "get_ticket", '{"ticket_number": "709383"}')
    checks.equal(shown.returncode, 0, "`call` calls a tool")
    checks.equal(str(find(json.loads(shown.stdout), "number")), "709383", "and prints its answer as JSON")
    refused = run("call", "get_ticket", '{"ticket_nubmer": 1}')
    checks.that(refused.returncode != 0, "a refused `call` is an error for the shell")
    checks.contains(refused.stderr, ["ticket_nubmer"], "and says why on stderr")
    checks.that("0." in run("--version").stdout, "`--version` prints a version")
    checks.contains(run("--help").stdout, ["serve", "sandbox", "demo", "tools", "call"], "`--help` names the commands")
    with Server(PLAIN_ENV, "--sandbox") as server:
        server.initialize()
        for id, (name, arguments) in enumerate([("tickiti_get_ticket", TICKET["arguments"]), ("envia_get_ticket", {"ticket_id": 58201})]):
            answer = server.ask(id, "tools/call", {"name": name, "arguments": arguments})
            checks.that(not answer.get("result", {}).get("isError", True), f"`--sandbox` needs no account for {name}", answer)
        only_protocol(checks, server, "--sandbox")
        server.end_of_input()
        checks.equal(server.exit_code(), 0, "and ends with 0")
    for module, names in (("tickiti", TOOLS), ("envia", ENVIA_TOOLS)):
        with Server(PLAIN_ENV, "--sandbox", "--modules", module) as server:
            server.initialize()
            listed = server.ask(1, "tools/list").get("result", {}).get("tools", [])
            checks.equal(sorted(tool["name"] for tool in listed), sorted(names), f"{module} alone has its plain names")


def main():
    checks = Checks("raw")
    with Sandbox() as sandbox:
        for part in (legacy, modern, garbage, huge, endings, cancelling, mistakes, instances, command_line):
            try:
                part(checks, sandbox)
            except Exception as error:
                checks.died(part.__name__, error)
            finally:
                sandbox.clear_faults()
        try:
            unreachable(checks)
        except Exception as error:
            checks.died("unreachable", error)
    checks.finish()


main()
