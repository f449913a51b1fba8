"""Drives the server with the Python SDK over HTTP: `python_http.py`, the binary in TICKETING_MCP."""

import asyncio
import tempfile
from pathlib import Path

import anyio
import mcp

from checks import ENVIA_TOOLS, PLAIN_ENV, READING_TOOLS, TOOLS, Checks, Sandbox
from envia_client import Admon, activity, every_request
from python_client import CUSTOMER, Helpdesk, staff_address
from sdk import MODES, Session, connect_http
from serving import KEY, Http, new_key, waited

# Both ways to send a key are used.
BY_HEADER, BY_BEARER = {"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}

# Fewer than the requests that one key may have under way.
LANES = 32


async def helpdesk(checks, server, sandbox, mode):
    """Tickiti alone, with a key in a header of its own."""
    async with connect_http(server.url("/mcp/tickiti"), BY_HEADER, mode) as client:
        checks.equal(client.protocol_version, MODES[mode], "the era is the expected one")
        session = Helpdesk(checks, client, sandbox)
        await session.listing()
        checks.equal(sorted(session.tools), sorted(TOOLS), "/mcp/tickiti has Tickiti's tools and no other")
        session.staff = await staff_address(client)
        await session.ticket()
        await session.refusals()
        await session.many_at_once(LANES)
        # The older era cancels with a notification. Without a session nothing says which call of which client it means, so
        # the call goes on to its end, or until the client goes away.
        if mode != "legacy":
            await session.cancelled()


async def admon(checks, server, sandbox, mode):
    """Envia alone, with a bearer token: the whole life of a ticket, held against the log of the back end."""
    async with connect_http(server.url("/mcp/envia"), BY_BEARER, mode) as client:
        checks.equal(client.protocol_version, MODES[mode], "the era is the expected one")
        session = Admon(checks, client, sandbox)
        await session.surface()
        await session.types()
        ticket = await session.creation()
        await session.refusals()
        await session.life(ticket)
        await session.documents()
        await session.many_at_once(LANES)
    return session.made


async def leaving(checks, server, sandbox, mode):
    """A client that is closed while it waits."""
    sandbox.plant("tickets.show", kind="delay", ms=20_000)
    try:
        with anyio.move_on_after(0.6) as scope:
            async with connect_http(server.url("/mcp/tickiti"), BY_BEARER, mode) as client:
                await client.call_tool("get_ticket", {"ticket_number": "709383"})
        checks.that(scope.cancelled_caught, "the client went away")
        aborted = await anyio.to_thread.run_sync(sandbox.wait_for, "tickets.show", "aborted")
        checks.that(aborted, "a client that goes away stops its request", sandbox.entries("tickets.show")[-1:])
    finally:
        sandbox.clear_faults()


async def both(checks, server, sandbox, mode):
    """Both modules, on a connection that outlives the server."""
    async with connect_http(server.url(), BY_HEADER, mode) as client:
        session = Session(checks, client, sandbox)
        session.promised = [f"envia_{name}" for name in ENVIA_TOOLS] + ["tickiti_call", "tickiti_create_ticket"]
        await session.listing()
        bare = [name for name in session.tools if not name.startswith(("tickiti_", "envia_"))]
        checks.equal(bare, [], "at /mcp every tool carries the name of its module")
        await session.done("tickiti_get_ticket", {"ticket_number": "709383"})
        await session.done("envia_get_ticket", {"ticket_id": 58201})
        await anyio.to_thread.run_sync(server.restart)
        await session.done("tickiti_get_ticket", {"ticket_number": "709383"})
        await session.done("envia_get_ticket", {"ticket_id": 58201})
        (content,) = (await client.read_resource("tickets://statuses")).contents
        checks.contains(content.text, ["requires_comment"], "after a restart of the server a resource is read")
        try:
            answer = await client.read_resource("tickets://types")
            checks.that(False, "an unknown resource is an error of the protocol", answer)
        except mcp.MCPError as error:
            checks.that(error.error.code in (-32002, -32602), "an unknown resource is an error of the protocol", error.error)


async def kept_out(checks, server, mode):
    """What the server says of a key must reach the person in front of the client."""
    for what, headers, parts in (
        ("no key", {}, ["X-API-Key", "bearer"]),
        ("a wrong key", {"X-API-Key": "guess"}, ["the key is not known", "X-API-Key"]),
        ("a wrong bearer token", {"Authorization": "Bearer guess"}, ["the key is not known", "bearer"]),
    ):
        try:
            async with connect_http(server.url(), headers, mode) as client:
                listed = await client.list_tools()
            checks.that(False, f"{what} is not let in", listed)
        except BaseException as error:
            checks.contains(told(error), parts, f"{what}: the client shows the server's words")


def delivered(sandbox):
    """Records of calls that the back end has taken."""
    return sum(entry["status"] == 201 for entry in sandbox.envia.entries("activity_log.create"))


def told(error):
    """What an error says, also one among several."""
    inner = getattr(error, "exceptions", ())
    return "; ".join([str(error), *map(told, inner)])


async def one_mode(mode, log):
    checks = Checks(f"python http {mode}")
    with Sandbox() as sandbox:
        try:
            with Http({**sandbox.envia_env(), **sandbox.env()}) as server:
                made = await admon(checks, server, sandbox, mode)
                await anyio.to_thread.run_sync(waited, lambda: delivered(sandbox) >= len(made))
                activity(checks, sandbox, made)
                every_request(checks, sandbox)
                await helpdesk(checks, server, sandbox, mode)
                await leaving(checks, server, sandbox, mode)
                await both(checks, server, sandbox, mode)
                await kept_out(checks, server, mode)
            log.append(server.log())
        except BaseException as error:
            checks.died("the session", error)
    return checks


async def two_people(log):
    """One server, two keys: each of its holders goes by a token of their own."""
    checks = Checks("python http profiles")
    people = {}
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        text = f'tickiti_api_base = "{sandbox.base}"\n'
        for name in ("reader", "admin"):
            people[name], hash = new_key(name)
            text += f'[[profiles]]\nname = "{name}"\nkey = "{hash}"\ntickiti_api_token = "sandbox-{name}"\n'
        file = Path(folder) / "profiles.toml"
        file.write_text(text)
        new = {"originator_email_address": CUSTOMER, "is_public": True, "subject": "s", "content": "<p>c</p>"}
        try:
            with Http(PLAIN_ENV, "--config", str(file), key=None) as server:
                async with (
                    connect_http(server.url(), {"X-API-Key": people["reader"]}) as one,
                    connect_http(server.url(), {"X-API-Key": people["admin"]}) as other,
                ):
                    reader, admin = Session(checks, one, sandbox), Session(checks, other, sandbox)
                    for session, promised in ((reader, READING_TOOLS), (admin, TOOLS)):
                        session.promised = promised
                        await session.listing()
                    for _ in range(3):
                        await reader.refused("create_ticket", new, ["tickets:write"], "a new ticket by the reader")
                        await admin.done("create_ticket", new)
                    await reader.done("get_ticket", {"ticket_number": "709383"})
            log.append(server.log())
        except BaseException as error:
            checks.died("the sessions", error)
    return checks, list(people.values())


async def main():
    log = []
    results = [await one_mode(mode, log) for mode in MODES]
    result, keys = await two_people(log)
    text = "".join(log)
    total = Checks("python http stderr")
    total.that("panicked" not in text, "the server did not panic", text[-600:])
    secrets = [KEY, "sandbox-admin", "sandbox-reader", "sandbox-bot", *keys]
    total.equal([secret for secret in secrets if secret in text], [], "no key and no token is logged")
    total.failed += sum(result.failed for result in [*results, result])
    total.finish()


asyncio.run(main())
