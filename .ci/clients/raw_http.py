"""Drives the server over HTTP with requests of its own: `raw_http.py`, the binary in TICKETING_MCP. Standard library only.

Who is let in, what is answered where, what a client that goes away and a restart do, and the file of profiles.
"""

import json
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from checks import BINARY, ENVIA_TOOLS, PLAIN_ENV, READING_TOOLS, TOOLS, Checks, Sandbox, find
from serving import KEY, VERSIONS, Http, message, new_key, waited

# `tickiti_call` says already whose it is.
PREFIXED = [f"envia_{name}" for name in ENVIA_TOOLS] + [f"tickiti_{name.removeprefix('tickiti_')}" for name in TOOLS]
PLACES = {"/mcp": PREFIXED, "/mcp/tickiti": TOOLS, "/mcp/envia": ENVIA_TOOLS}
# A call of each module, by place.
CALLS = [
    ("/mcp", "tickiti_get_ticket", {"ticket_number": "709383"}, "number", "709383"),
    ("/mcp", "envia_get_ticket", {"ticket_id": 58201}, "id", "58201"),
    ("/mcp/tickiti", "get_ticket", {"ticket_number": "709383"}, "number", "709383"),
    ("/mcp/envia", "get_ticket", {"ticket_id": 58201}, "id", "58201"),
]
SLOW = {"name": "tickiti_get_ticket", "arguments": {"ticket_number": "709383"}}
WELL_KNOWN = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
]
NEW_TICKET = {
    "originator_email_address": "marcus@trailblazers-club.example",
    "is_public": True,
    "subject": "A stove that does not light",
    "content": "<p>It clicks and does not light.</p>",
}


def both(sandbox):
    return {**sandbox.envia_env(), **sandbox.env()}


def names(answer):
    return sorted(tool["name"] for tool in answer.result.get("tools", []))


def text_of(answer):
    return "\n".join(block.get("text", "") for block in answer.result.get("content", []))


def conversation(checks, server, era):
    if era == "legacy":
        hello = {"protocolVersion": VERSIONS[era], "capabilities": {}, "clientInfo": {"name": "ci", "version": "1.0.0"}}
        opened = server.ask("initialize", hello)
        checks.equal(opened.result.get("protocolVersion"), VERSIONS[era], f"{era}: a conversation opens")
        checks.equal(opened.headers.get("Mcp-Session-Id"), None, f"{era}: without a session")
        body, headers = message("ping")
        told = server.request("POST", "/mcp", body.replace('"id": 1, ', "").replace("ping", "notifications/initialized"), headers)
        checks.equal((told.status, told.body), (202, ""), f"{era}: a notification is taken without an answer")
        checks.equal(server.ask("ping").result, {}, f"{era}: ping needs no opening")
    else:
        found = server.ask("server/discover", era=era)
        checks.that("2026-07-28" in found.result.get("supportedVersions", []), f"{era}: the version is offered", found)
    for path, tools in PLACES.items():
        listed = server.ask("tools/list", era=era, path=path)
        checks.equal(names(listed), sorted(tools), f"{era}: {path} has its tools and no other")
        checks.equal(listed.headers.get_content_type(), "application/json", f"{era}: {path} answers plain JSON")
        checks.equal(listed.result.get("cacheScope"), "private" if era == "modern" else None, f"{era}: {path} has the hints of its era alone")
    for path, name, arguments, key, value in CALLS:
        shown = server.ask("tools/call", {"name": name, "arguments": arguments}, era, path)
        checks.equal(str(find(shown.result.get("structuredContent"), key)), value, f"{era}: {name} at {path} shows the ticket")
        checks.equal(shown.result.get("resultType"), "complete" if era == "modern" else None, f"{era}: {name} at {path} has the form of its era")


def errors(checks, server, era):
    for path, name in (("/mcp", "get_ticket_types_of"), ("/mcp/envia", "query_tickets"), ("/mcp/tickiti", "update_ticket")):
        unknown = server.ask("tools/call", {"name": name, "arguments": {}}, era, path)
        checks.equal((unknown.status, unknown.error.get("code")), (200, -32602), f"{era}: {name} is no tool of {path}")
    for path in ("/mcp", "/mcp/envia"):
        listed = server.ask("resources/list", era=era, path=path)
        uris = sorted(resource["uri"] for resource in listed.result.get("resources", []))
        checks.equal(uris, ["shipments://statuses", "tickets://statuses"], f"{era}: {path} lists the resources")
        read = server.ask("resources/read", {"uri": "shipments://statuses"}, era, path)
        checks.contains(read.body, ["Delivered at Origin"], f"{era}: {path} reads one")
    expected = {"legacy": -32002, "modern": -32602}[era]
    for path in PLACES:
        missing = server.ask("resources/read", {"uri": "tickets://types"}, era, path)
        checks.equal((missing.status, missing.error.get("code")), (200, expected), f"{era}: {path} tells of a resource that is not there")
        checks.equal((missing.error.get("data") or {}).get("uri"), "tickets://types", f"{era}: {path} says which")
    method = server.ask("tools/frobnicate", era=era)
    expected = {"legacy": 200, "modern": 404}[era]
    checks.equal((method.status, method.error.get("code")), (expected, -32601), f"{era}: an unknown method")
    refused = server.ask("tools/call", {"name": "tickiti_get_ticket", "arguments": {"ticket_nubmer": "1"}}, era)
    checks.equal(refused.result.get("isError"), True, f"{era}: a misspelt argument is an error of the tool")
    checks.contains(text_of(refused), ["ticket_number"], f"{era}: which names the right one")


def keys(checks, server):
    for what, headers in (
        ("X-API-Key", {"X-API-Key": KEY}),
        ("a bearer token", {"Authorization": f"Bearer {KEY}"}),
        ("a bearer token whose scheme is in lower case", {"authorization": f"bearer {KEY}"}),
    ):
        for era in VERSIONS:
            answer = server.ask("tools/list", era=era, headers=headers)
            checks.equal(answer.status, 200, f"{era}: {what} lets in")
    for what, headers, parts in (
        ("no key", {}, ["X-API-Key", "bearer"]),
        ("a wrong key", {"X-API-Key": "guess"}, ["not known", "X-API-Key"]),
        ("a wrong bearer token", {"Authorization": "Bearer guess"}, ["not known", "bearer"]),
        ("a key under another scheme", {"Authorization": f"Basic {KEY}"}, ["X-API-Key"]),
        ("an empty key", {"X-API-Key": ""}, ["X-API-Key"]),
        ("half of the key", {"X-API-Key": KEY[:-1]}, ["not known"]),
    ):
        for path in PLACES:
            answer = server.ask("tools/list", path=path, headers=headers)
            checks.equal(answer.status, 401, f"{what} is not let in at {path}")
        checks.that(answer.headers.get("WWW-Authenticate", "").startswith("Bearer"), f"{what}: the answer says how to ask", answer)
        checks.contains(answer.error.get("message"), parts, f"{what}: and what to do, for a person")


def places(checks, server):
    for path in PLACES:
        for method in ("GET", "DELETE", "PUT"):
            for headers in ({"X-API-Key": KEY, "Accept": "text/event-stream"}, {}):
                answer = server.request(method, path, headers=headers)
                checks.equal((answer.status, answer.headers.get("Allow")), (405, "POST"), f"{method} {path} with {sorted(headers)}: only POST")
    for path in WELL_KNOWN:
        for headers in ({}, {"X-API-Key": "guess"}, {"X-API-Key": KEY}):
            answer = server.request("GET", path, headers=headers)
            checks.equal(answer.status, 404, f"{path} is not there, whatever the key: {sorted(headers.values())}")
    answer = server.request("POST", "/register", "{}", {"Content-Type": "application/json"})
    checks.equal(answer.status, 404, "nobody is registered")
    checks.contains(answer.body, ["/mcp"], "and a person is told where to go")
    checks.equal(server.ask("tools/list", path="/mcp/cargo").status, 404, "an unknown module is not there")
    checks.equal(server.request("GET", "/healthz").status, 200, "health needs no key")


def gone(checks, server, sandbox):
    """A client that closes its connection does not want the answer any more."""
    for era in VERSIONS:
        sandbox.plant("tickets.show", kind="delay", ms=20_000)
        try:
            connection = server.connection()
            connection.request("POST", "/mcp", *message("tools/call", SLOW, era))
            checks.that(sandbox.wait_for("tickets.show", "running"), f"{era}: the slow call is on its way")
            quick = server.ask("tools/call", {"name": "tickiti_list_queues", "arguments": {}}, era)
            checks.equal(quick.result.get("isError"), False, f"{era}: a slow call does not hold up another")
            connection.close()
            checks.that(sandbox.wait_for("tickets.show", "aborted"), f"{era}: a client that goes away stops its request", sandbox.entries("tickets.show")[-1:])
        finally:
            sandbox.clear_faults()
        again = server.ask("tools/call", SLOW, era)
        checks.equal(again.result.get("isError"), False, f"{era}: the next call is answered")


def ending(checks, server, sandbox):
    """A call under way at SIGTERM is answered; who comes later finds nobody; the next process goes on."""
    sandbox.plant("tickets.show", kind="delay", ms=700)
    kept = []
    caller = threading.Thread(target=lambda: kept.append(server.ask("tools/call", SLOW, "modern")))
    caller.start()
    try:
        checks.that(sandbox.wait_for("tickets.show", "running"), "the slow call is on its way")
        server.process.send_signal(signal.SIGTERM)
        caller.join(10)
    finally:
        sandbox.clear_faults()
    checks.that(kept and kept[0].result.get("isError") is False, "a call that runs at SIGTERM is answered", kept)
    checks.equal(server.ended(), 0, "and then the server ends with 0")
    checks.equal(server.process.stdout.read(), "", "nothing was written on stdout")
    server.start()
    checks.equal(server.ask("tools/call", SLOW, "modern").result.get("isError"), False, "the next process answers on the same port")


def entry(name, hash, modules, **settings):
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    return f'[[profiles]]\nname = "{name}"\nkey = "{hash}"\nmodules = "{modules}"\n{lines}\n'


def profiles(checks, sandbox):
    """Two people, each with a token of their own, on one server; the file is changed while it runs."""
    reader_key, reader_hash = new_key("reader")
    admin_key, admin_hash = new_key("admin")
    third_key, third_hash = new_key("third")
    general = f'tickiti_api_base = "{sandbox.base}"\n\n'
    reader = entry("reader", reader_hash, "tickiti", tickiti_api_token="sandbox-reader")
    admin = entry(
        "admin", admin_hash, "tickiti,envia", tickiti_api_token="sandbox-admin", backend_url=sandbox.envia.base, backend_bot_ai_token=sandbox.bot
    )
    third = entry("third", third_hash, "envia", backend_url=sandbox.envia.base, backend_bot_ai_token=sandbox.bot)

    def status(key):
        return server.ask("tools/list", headers={"X-API-Key": key}).status

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profiles.toml"
        file.write_text(general + reader + admin)
        with Http(PLAIN_ENV, "--config", str(file), key=None) as server:
            for era in VERSIONS:
                two_people(checks, server, era, {"X-API-Key": reader_key}, {"Authorization": f"Bearer {admin_key}"})
            checks.equal(status(third_key), 401, "who is not in the file is not let in")
            reloaded(checks, server, file, "another good file", general + admin + third, "was read again")
            checks.equal(status(third_key), 200, "SIGHUP: who is new in the file is let in")
            checks.equal(status(reader_key), 401, "SIGHUP: who is no longer in it is not")
            checks.equal(status(admin_key), 200, "SIGHUP: who has stayed has stayed")
            for what, wrong in (
                ("no TOML", "[[profiles"),
                ("a profile without its token", general + entry("third", third_hash, "tickiti")),
                ("a hash that is none", general + entry("third", "sha256:12", "tickiti", tickiti_api_token="sandbox-reader")),
                ("nobody", general),
            ):
                reloaded(checks, server, file, what, wrong, "stays as it was")
                checks.equal((status(admin_key), status(third_key)), (200, 200), f"SIGHUP with {what}: the last good file stays")
            reloaded(checks, server, file, "a good file after bad ones", general + reader, "was read again")
            checks.equal(status(reader_key), 200, "SIGHUP: a good file after bad ones holds")
            checks.equal(status(admin_key), 401, "SIGHUP: and it alone")
        log = server.log()
    secrets = [reader_key, admin_key, third_key, "sandbox-reader", "sandbox-admin", sandbox.bot]
    shown = [secret for secret in secrets if secret in log]
    checks.equal(shown, [], "no key and no token is in the log")


def reloaded(checks, server, file, what, text, outcome):
    """Puts another text in the file, and has the server read it; the outcome is told on stderr."""
    file.write_text(text)
    since = len(server.lines)
    server.reload()
    checks.that(server.logged(f"the configuration {outcome}", since), f"SIGHUP with {what}: the configuration {outcome}", server.log()[-600:])


def two_people(checks, server, era, reader, admin):
    checks.equal(names(server.ask("tools/list", era=era, headers=reader)), sorted(READING_TOOLS), f"{era}: the reader sees one module, under plain names, and what reads in it")
    checks.equal(names(server.ask("tools/list", era=era, headers=admin)), sorted(PREFIXED), f"{era}: the administrator sees both")
    elsewhere = server.ask("tools/list", era=era, path="/mcp/envia", headers=reader)
    checks.equal(elsewhere.status, 404, f"{era}: the other module is not there for the reader")
    create = {"name": "create_ticket", "arguments": NEW_TICKET}
    refused = server.ask("tools/call", create, era, "/mcp/tickiti", reader)
    checks.equal(refused.result.get("isError"), True, f"{era}: the reader may not write")
    checks.contains(text_of(refused), ["tickets:write"], f"{era}: and is told the permission")
    opened = server.ask("tools/call", create, era, "/mcp/tickiti", admin)
    checks.equal(opened.result.get("isError"), False, f"{era}: the administrator may")
    for who, name, headers in (("reader", "get_token_info", reader), ("administrator", "tickiti_get_token_info", admin)):
        info = server.ask("tools/call", {"name": name, "arguments": {}}, era, headers=headers)
        abilities = find(info.result.get("structuredContent"), "abilities") or []
        checks.equal("tickets:write" in abilities, who == "administrator", f"{era}: the {who} goes by a token of their own")


def limits(checks, sandbox):
    """What one of two people may do does not depend on what the other does."""
    narrow_key, narrow_hash = new_key("narrow")
    wide_key, wide_hash = new_key("wide")
    narrow, wide = {"X-API-Key": narrow_key}, {"X-API-Key": wide_key}
    token = {"tickiti_api_token": "sandbox-admin"}
    text = f'tickiti_api_base = "{sandbox.base}"\n\n'
    text += entry("narrow", narrow_hash, "tickiti", requests_per_minute=60, in_flight=1, **token)
    text += entry("wide", wide_hash, "tickiti", **token)
    slow = {**SLOW, "name": "get_ticket"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profiles.toml"
        file.write_text(text)
        with Http(PLAIN_ENV, "--config", str(file), key=None) as server:
            sandbox.plant("tickets.show", kind="delay", ms=20_000)
            connection = server.connection()
            try:
                connection.request("POST", "/mcp", *message("tools/call", slow, "modern", narrow))
                checks.that(sandbox.wait_for("tickets.show", "running"), "the one call that is allowed at once is on its way")
                second = server.ask("tools/list", era="modern", headers=narrow)
                checks.equal((second.status, second.headers.get("Retry-After")), (503, "1"), "a second one at once is refused, and told when to come again")
                checks.equal(server.ask("tools/list", era="modern", headers=wide).status, 200, "which does not touch the other person")
            finally:
                connection.close()
                sandbox.clear_faults()
            freed = waited(lambda: server.ask("tools/list", headers=narrow).status == 200)
            checks.that(freed, "a client that went away has left its place")
            statuses = [server.ask("tools/list", headers=narrow).status for _ in range(40)]
            checks.that(statuses[-1] == 429, "too many requests in a minute are refused", statuses)
            refused = server.ask("tools/list", headers=narrow)
            checks.that(0 < int(refused.headers.get("Retry-After", 0)) <= 60, "and told when to come again", refused)
            statuses = {server.ask("tools/list", headers=wide).status for _ in range(40)}
            checks.equal(statuses, {200}, "which does not touch the other person either")


def mistakes(checks, sandbox):
    def run(*arguments, **env):
        command = [BINARY, "serve", "--transport", "http", *arguments]
        try:
            return subprocess.run(command, env={**sandbox.env(), **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        except subprocess.TimeoutExpired as error:
            return subprocess.CompletedProcess(command, "still running", error.stdout or "", error.stderr or "")

    for what, ended, parts in (
        ("no key", run(), ["MCP_API_KEY"]),
        ("no key beyond loopback", run("--bind", "0.0.0.0", "--no-auth"), ["--no-auth", "key"]),
        ("a file that is not there", run("--config", "/no/such/file.toml"), ["/no/such/file.toml"]),
        ("a port that is none", run(MCP_API_KEY=KEY, PORT="http"), ["PORT"]),
    ):
        checks.equal((ended.returncode, ended.stdout), (1, ""), f"{what} ends with 1, and nothing on stdout")
        checks.contains(ended.stderr, parts, f"{what} is told on stderr")


def without_key(checks, sandbox):
    with Http(sandbox.env(), "--no-auth", key=None) as server:
        for era in VERSIONS:
            checks.equal(server.ask("tools/list", era=era, headers={}).status, 200, f"{era}: --no-auth lets everybody of this machine in")


def main():
    checks = Checks("raw http")
    with Sandbox() as sandbox:
        try:
            with Http(both(sandbox)) as server:
                for era in VERSIONS:
                    conversation(checks, server, era)
                    errors(checks, server, era)
                keys(checks, server)
                places(checks, server)
                gone(checks, server, sandbox)
                ending(checks, server, sandbox)
            log = server.log()
            checks.that("panicked" not in log, "the server did not panic", log[-600:])
            checks.equal([secret for secret in (KEY, "sandbox-admin", sandbox.bot) if secret in log], [], "no key and no token is in the log")
        except Exception as error:
            checks.died("one profile", error)
        for part in (profiles, limits, mistakes, without_key):
            sandbox.clear_faults()
            try:
                part(checks, sandbox)
            except Exception as error:
                checks.died(part.__name__, error)
    checks.finish()


if __name__ == "__main__":
    main()
