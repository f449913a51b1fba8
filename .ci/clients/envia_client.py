"""Drives a server of Envia with the Python SDK over stdio: `envia_client.py`, the binary in TICKETING_MCP.

What the back end was asked is held against its documentation after every call, and its activity log at the end.
"""

import asyncio
import base64
import json
import tempfile
from pathlib import Path

import anyio
import mcp

from checks import ENVIA_TOOLS, PLAIN_ENV, Checks, Sandbox
from sdk import MODES, Session, connect, text_of

COMPANY = 4410
# Delivered at origin, without a ticket; delivered, without an extra charge; only created.
SHIPMENT, TRACKING = 900131, "TST0001112231"
PLAIN_TRACKING = "TST0001112224"
CREATED_TRACKING = "TST0001112225"
# Tickets of the demo data.
AT_LIMIT, ABOVE_LIMIT, UNREADABLE, CREDIT_LINE, CLOSED = 58214, 58215, 58216, 58209, 58202
FOLDER = Path(__file__).parents[2] / "sandbox/data/files"
PHOTO = base64.b64encode((FOLDER / "swatch.png").read_bytes()).decode()
QUOTE = base64.b64encode((FOLDER / "quote.pdf").read_bytes()).decode()
FILES = [
    {"name": "box.png", "content_base64": PHOTO, "content_type": "image/png", "description": "the box"},
    {"name": "quote.pdf", "content_base64": QUOTE, "content_type": "application/pdf"},
]
DAMAGED = {"company_id": COMPANY, "type": 5, "comments": "Caja golpeada, contenido roto ñ", "tracking_number": TRACKING}
# The requests by which the double names what the documentation allows.
TYPES, STATUSES = "GET catalog.ticket_types", "GET catalog.shipment_statuses"
CREATE, LIST = "POST tickets.create", "GET tickets.list"
SHOW, UPDATE, UPLOAD = "GET tickets.show", "PUT tickets.update", "POST tickets.upload"
SHIPMENT_OF = "GET shipments.show"
ROUTES = {
    "catalog.ticket_types": "/catalog/ticket-types",
    "catalog.shipment_statuses": "/catalog/shipment-statuses",
    "tickets.create": "/companies/tickets",
    "tickets.list": "/companies/tickets?",
    "tickets.show": "/companies/tickets/",
    "tickets.update": "/companies/tickets/",
    "tickets.upload": "/companies/tickets/",
    "shipments.show": "/shipments/details/",
    "activity_log.create": "/mcp/activity-log",
}


class Admon(Session):
    """What is checked over one connection to a server of Envia."""

    promised = ENVIA_TOOLS

    def __init__(self, checks, client, sandbox):
        super().__init__(checks, client, sandbox)
        self.envia = sandbox.envia
        self.seen = 0
        # Tool and outcome of every call that was made.
        self.made = []

    def new_requests(self):
        """What the back end was asked since the last time, the activity log left out."""
        entries = [entry for entry in self.envia.entries() if entry["endpoint"] != "activity_log.create"]
        new, self.seen = entries[self.seen :], len(entries)
        return new

    def asked(self, what, *expected):
        """The back end was asked this, in this order, and nothing else. Gives the requests."""
        new = self.new_requests()
        seen = [f"{entry['method']} {entry['endpoint']}" for entry in new]
        self.checks.equal(seen, list(expected), f"{what}: the requests are the documented ones")
        return new

    async def done(self, name, arguments):
        self.made.append((name, "success"))
        return await super().done(name, arguments)

    async def refused(self, name, arguments, parts, what, outcome="error"):
        self.made.append((name, outcome))
        await super().refused(name, arguments, parts, what)

    async def surface(self):
        await self.listing()
        self.checks.equal(sorted(self.tools), ENVIA_TOOLS, "the five tools are there under their plain names, and no other")
        resources = (await self.client.list_resources()).resources
        uris = sorted(resource.uri for resource in resources)
        self.checks.equal(uris, ["shipments://statuses", "tickets://statuses"], "the two resources are listed")
        lacking = [resource.uri for resource in resources if not (resource.title and resource.description and resource.mime_type)]
        self.checks.equal(lacking, [], "and described")
        self.asked("listing")

    async def types(self):
        every = (await self.done("get_ticket_types", {})).get("types", [])
        self.asked("the list of types", TYPES)
        ids = [row["id"] for row in every]
        self.checks.that({1, 3, 5, 9} <= set(ids), "the types for agents are listed", ids)
        hidden = {2, 10, 13, 17, 20, 22} & set(ids)
        self.checks.that(not hidden, "types that are blocked, inactive or without context are not", hidden)
        first = {"id", "name", "description", "use_case", "requires_guide"}
        self.checks.that(all(first <= set(row) for row in every), "each with what is needed to choose", every[:1])
        one = await self.done("get_ticket_types", {"type_id": 5})
        self.asked("one type", STATUSES)
        self.checks.equal(one.get("amount_limit_mxn"), 5000, "a type shows its limit")
        self.checks.contains(json.dumps(one), ["Delivered at Origin", "declared_value", "Never promise a refund"], "its statuses by name, variables and notes")
        self.checks.that(one.get("input_schema", {}).get("type") == "object", "and the schema of its inputs", one)
        named = await self.done("get_ticket_types", {"type_name": "DAMAGED"})
        self.checks.equal(named, one, "the name leads to the same type")
        text = await self.done("get_ticket_types", {"type_id": 6})
        names = [variable["name"] for variable in text.get("required_variables", [])]
        self.checks.equal(names, ["package_features", "address_references"], "rules that are text are read")
        await self.refused("get_ticket_types", {"type_id": 10}, ["get_ticket_types"], "a blocked type", "denied")
        self.asked("further types come from memory")

    async def creation(self):
        found = await self.done("list_tickets", {"tracking_number": TRACKING})
        (request,) = self.asked("the search for a ticket", LIST)
        self.checks.equal(found.get("total"), 0, "the shipment has no ticket yet")
        self.checks.contains(request["path"], [f"tracking_number={TRACKING}", "start=0", "length=10"], "page and filter are sent")
        draft = await self.done("create_ticket", {**DAMAGED, "amount": 900, "files": FILES, "dry_run": True})
        self.asked("a dry run, which also looks for a ticket of the kind", SHIPMENT_OF, LIST)
        self.checks.that("ticket_id" not in draft, "a dry run opens nothing", draft)
        opened = await self.done("create_ticket", {**DAMAGED, "amount": 900, "files": FILES})
        requests = self.asked("a new ticket with two files", SHIPMENT_OF, CREATE, UPLOAD, UPLOAD)
        ticket = opened.get("ticket_id")
        self.checks.that(isinstance(ticket, int), "the ticket has an id", opened)
        self.checks.equal(opened.get("shipment_id"), SHIPMENT, "the tracking number became a shipment")
        self.checks.equal([file.get("ok") for file in opened.get("files", [])], [True, True], "both files are there")
        self.created(requests)
        await self.refused("create_ticket", DAMAGED, ["list_tickets", "update_ticket"], "a second ticket of the kind")
        self.asked("a second ticket of the kind", SHIPMENT_OF, CREATE)
        found = await self.done("list_tickets", {"tracking_number": TRACKING, "ticket_type": "damaged", "international": 0, "sla": 0})
        (request,) = self.asked("the search with more filters", LIST)
        self.checks.equal([row.get("id") for row in found.get("tickets", [])], [ticket], "the new ticket is found")
        self.checks.contains(request["path"], ["ticket_type=damaged", "international=0", "sla=0"], "a zero is sent")
        return ticket

    def created(self, requests):
        create, uploads = requests[1], requests[2:]
        body = create.get("body") or {}
        expected = {"company_id": COMPANY, "type": 5, "comments": DAMAGED["comments"], "tracking_number": TRACKING, "amount": 900}
        self.checks.equal({name: body.get(name) for name in expected}, expected, "the ticket is sent as the API names it")
        self.checks.that("files" not in body and "dry_run" not in body, "and nothing of our own with it", body)
        self.checks.equal(json.loads(body.get("data", "null")), {"amount": 900}, "the variables travel as JSON text")
        sent = sorted((upload["body"]["name"], upload["body"]["content_base64"], upload["body"]["company_id"]) for upload in uploads)
        self.checks.equal(sent, sorted((file["name"], file["content_base64"], COMPANY) for file in FILES), "each file is sent whole")

    async def refusals(self):
        arguments = {"company_id": COMPANY, "type": 10, "comments": "falta"}
        await self.refused("create_ticket", arguments, ["blocked"], "a blocked type", "denied")
        arguments = {"company_id": COMPANY, "type": 2, "comments": "activar"}
        await self.refused("create_ticket", arguments, ["2"], "a type without context", "denied")
        self.asked("a type that agents may not use")
        arguments = {**DAMAGED, "tracking_number": CREATED_TRACKING}
        await self.refused("create_ticket", arguments, ["Created", "Delivered", "Delivered at Origin"], "a wrong shipment status")
        self.asked("a wrong shipment status", SHIPMENT_OF)
        arguments = {"company_id": COMPANY, "type": 3, "comments": "sobrepeso", "tracking_number": PLAIN_TRACKING}
        await self.refused("create_ticket", arguments, ["overcharge_applied"], "a condition that does not hold")
        self.asked("a condition that does not hold", SHIPMENT_OF)
        payment = {"company_id": COMPANY, "type": 9, "comments": "pago"}
        await self.refused("create_ticket", payment, ["payment_method_id"], "a missing variable")
        await self.refused("create_ticket", {**payment, "type": 7, "amount": 1}, ["credit_id"], "a missing credit")
        await self.refused("create_ticket", {"company_id": COMPANY, "type": 8, "comments": "x"}, ["tracking_number"], "a missing shipment")
        bad = [{"name": "a.png", "content_base64": "?", "content_type": "image/png"}]
        await self.refused("create_ticket", {**payment, "variables": {"payment_method_id": 1}, "files": bad}, ["files[0].content_base64"], "a file that is no base64")
        await self.refused("create_ticket", {"company_id": 0, "type": "x"}, ["company_id", "type", "comments"], "wrong arguments")
        await self.refused("list_tickets", {"created_start_date": "2026-02-30", "length": 500}, ["created_start_date", "length"], "a wrong date and length")
        await self.refused("list_tickets", {"trackin_number": "x"}, ["tracking_number"], "a misspelt filter")
        await self.refused("update_ticket", {"ticket_id": 58201}, ["update_ticket"], "a change of nothing")
        await self.refused("update_ticket", {"ticket_id": 58201, "files": FILES}, ["company_id"], "files without their company")
        self.asked("what arguments and rules refuse")
        await self.done("create_ticket", {**payment, "variables": {"payment_method_id": 3}})
        self.asked("a ticket without a shipment", CREATE)
        await self.refused("get_ticket", {"ticket_id": 999999}, ["list_tickets"], "a ticket that is not there")
        self.asked("a ticket that is not there", SHOW)

    async def life(self, ticket):
        """From pending to closed; only the move to a claim looks at the ticket first."""
        for status, comment, expected in (
            (6, None, [UPDATE]),
            (4, "Falta la foto", [UPDATE]),
            (5, None, [UPDATE]),
            (9, None, [UPDATE]),
            (10, "Se reclama", [SHOW, UPDATE]),
            (7, "Completo", [UPDATE]),
        ):
            change = {"ticket_id": ticket, "status_id": status, **({"comment": comment} if comment else {})}
            await self.done("update_ticket", change)
            requests = self.asked(f"the change to {status}", *expected)
            sent = {"status_id": status, **({"comment": comment} if comment else {})}
            self.checks.equal(requests[-1].get("body"), sent, f"the change to {status} sends what was given alone")
        for status in (2, 3, 7, 8, 10):
            await self.refused("update_ticket", {"ticket_id": ticket, "status_id": status}, ["comment"], f"the change to {status} without a comment")
        self.asked("a missing comment")
        await self.done("update_ticket", {"ticket_id": ticket, "assigned_to_id": 79, "company_id": COMPANY, "files": FILES[:1]})
        self.asked("a new hand and a file", UPDATE, UPLOAD)
        await self.done("update_ticket", {"ticket_id": ticket, "company_id": COMPANY, "files": FILES[1:]})
        self.asked("a file alone", UPLOAD)
        claim = {"status_id": 10, "comment": "Se reclama"}
        await self.refused("update_ticket", {"ticket_id": ABOVE_LIMIT, **claim}, ["5000.01", "5000", "person"], "a claim above the limit", "denied")
        self.asked("a claim above the limit", SHOW)
        await self.refused("update_ticket", {"ticket_id": UNREADABLE, **claim}, ["por confirmar"], "an amount that is no number", "denied")
        self.asked("an amount that is no number", SHOW)
        await self.done("update_ticket", {"ticket_id": AT_LIMIT, **claim})
        self.asked("a claim at the limit", SHOW, UPDATE)
        await self.done("update_ticket", {"ticket_id": ticket, "status_id": 2, "comment": "Pagado"})
        self.asked("the end", UPDATE)
        await self.refused("update_ticket", {"ticket_id": ticket, "status_id": 5}, ["closed"], "a change of a closed ticket")
        self.asked("a change of a closed ticket", UPDATE)
        shown = await self.done("get_ticket", {"ticket_id": ticket})
        self.asked("the ticket", SHOW)
        self.checks.equal(shown.get("ticket_variables"), {"amount_in_mxn": 900}, "its variables say their unit")
        # Sent side by side, they arrive in any order.
        names = sorted(file["name"].get("untrusted_from_outside", "") for file in shown.get("files", []))
        self.checks.equal(names, ["box.png"] * 2 + ["quote.pdf"] * 2, "its files are there, their names marked")
        self.checks.contains(json.dumps(shown, ensure_ascii=False), [DAMAGED["comments"], "Falta la foto", "Pagado", "accepted"], "its life is told")
        shown = await self.done("get_ticket", {"ticket_id": CREDIT_LINE})
        self.checks.equal(shown.get("ticket_variables", {}).get("term_in_days"), 30, "days are a term in days")
        self.asked("another ticket", SHOW)

    async def documents(self):
        statuses = await self.document("tickets://statuses")
        needing = {row["id"] for row in statuses if row["requires_comment"]}
        self.checks.equal((len(statuses), needing), (10, {2, 3, 7, 8, 10}), "ten statuses, five of them with a comment")
        shipments = await self.document("shipments://statuses")
        self.checks.that({"id": 3, "name": "Delivered"} in shipments and len(shipments) == 24, "24 statuses of shipments", shipments)
        for uri in ("tickets://types", "tickets://nothing"):
            try:
                answer = await self.client.read_resource(uri)
                self.checks.that(False, f"{uri} is an error of the protocol", answer)
            except mcp.MCPError as error:
                told = error.error
                self.checks.that(told.code in (-32002, -32602), f"{uri} is an error of the protocol", told.code)
                self.checks.contains(json.dumps(told.data), [uri], f"{uri}: the error names it")
        self.asked("resources: what is known is not asked again")

    async def document(self, uri):
        (content,) = (await self.client.read_resource(uri)).contents
        self.checks.equal(content.mime_type, "application/json", f"{uri} is JSON")
        return json.loads(content.text)

    async def many_at_once(self, lanes=1000):
        wrong = []
        lane = anyio.CapacityLimiter(lanes)

        async def look(ticket):
            async with lane:
                shown = await self.client.call_tool("get_ticket", {"ticket_id": ticket})
            if shown.is_error or shown.structured_content.get("id") != ticket:
                wrong.append((ticket, text_of(shown)[:200]))

        tickets = list(range(58201, 58223)) * 4
        async with anyio.create_task_group() as group:
            for ticket in tickets:
                self.made.append(("get_ticket", "success"))
                group.start_soon(look, ticket)
        self.checks.that(not wrong, f"{len(tickets)} calls at once get their own answers", wrong)
        self.asked("many at once", *[SHOW] * len(tickets))


def every_request(checks, sandbox):
    """What holds for each request to the back end."""
    entries = sandbox.envia.entries()
    odd = [entry["path"] for entry in entries if not entry["path"].startswith(ROUTES.get(entry["endpoint"], "?"))]
    checks.equal(odd, [], "every request goes to a documented route")
    unsigned = [entry["path"] for entry in entries if not entry["headers"].get("x-bot-ai-signature")]
    checks.equal(unsigned, [], "every request is signed")
    failed = [entry for entry in entries if entry["status"] in (401, 403) or entry["outcome"] != "answered"]
    checks.equal(failed, [], "every request was accepted as the bot's and answered")
    others = {entry["headers"].get("user-agent", "").split("/")[0] for entry in entries}
    checks.equal(others, {"ticketing-mcp"}, "every request says who sends it")


def activity(checks, sandbox, made):
    """Each call has left exactly one record, in the order of the calls."""
    rows = [entry for entry in sandbox.envia.entries("activity_log.create") if entry["status"] == 201]
    bodies = [row["body"] for row in rows]
    checks.equal([(body["tool_name"], body["status"]) for body in bodies], made, f"each of {len(made)} calls left one record, in order")
    text = json.dumps(bodies)
    checks.that(PHOTO not in text and QUOTE not in text, "no file is in a record")
    checks.that(sandbox.bot not in text, "no token is in a record")
    checks.contains(text, [f"[base64, {len(PHOTO)} characters]"], "files are there by their length")
    odd = [body for body in bodies if body.get("user_id") != 0 or body.get("mcp_name") != "ticketing-mcp" or not isinstance(body.get("execution_time_ms"), int)]
    checks.equal(odd, [], "every record names the bot, the server and the time it took")
    silent = [body for body in bodies if (body["status"] == "success") == bool(body.get("error_message"))]
    checks.equal(silent, [], "a record has a message when the call did not succeed, and only then")


async def whole_session(mode, errors):
    checks = Checks(f"envia python {mode}")
    with Sandbox() as sandbox:
        try:
            async with connect(sandbox.envia_env(), errors, mode) as client:
                checks.equal(client.protocol_version, MODES[mode], "the era is the expected one")
                session = Admon(checks, client, sandbox)
                await session.surface()
                await session.types()
                ticket = await session.creation()
                await session.refusals()
                await session.life(ticket)
                await session.documents()
                await session.many_at_once()
            # The end of the connection is the end of the server, and of what it still had to tell.
            activity(checks, sandbox, session.made)
            every_request(checks, sandbox)
        except BaseException as error:
            checks.died("the session", error)
    return checks


async def records_wait(errors):
    """The log of the back end is away: calls are answered, and the records are told by the next server."""
    checks = Checks("envia python records")
    with Sandbox() as sandbox:
        try:
            sandbox.envia.plant("activity_log.create", kind="status", status=503)
            async with connect(sandbox.envia_env(), errors) as client:
                for ticket in (58201, 58202):
                    shown = await client.call_tool("get_ticket", {"ticket_id": ticket})
                    checks.that(not shown.is_error, f"ticket {ticket} is shown although the log is away", text_of(shown))
            written = [entry for entry in sandbox.envia.entries("activity_log.create") if entry["status"] == 201]
            checks.equal(written, [], "nothing was written")
            sandbox.envia.clear_faults()
            async with connect(sandbox.envia_env(), errors) as client:
                shown = await client.call_tool("get_ticket", {"ticket_id": 58203})
                checks.that(not shown.is_error, "the next server answers", text_of(shown))
            written = [entry["body"]["input_params"]["ticket_id"] for entry in sandbox.envia.entries("activity_log.create") if entry["status"] == 201]
            checks.equal(sorted(written), [58201, 58202, 58203], "and then each record is written once")
        except BaseException as error:
            checks.died("the session", error)
    return checks


async def both_modules(errors):
    """One server of two back ends: every tool says whose it is."""
    checks = Checks("envia python both")
    with Sandbox() as sandbox:
        try:
            async with connect({**sandbox.env(), **sandbox.envia_env()}, errors) as client:
                session = Session(checks, client, sandbox)
                session.promised = [f"envia_{name}" for name in ENVIA_TOOLS] + ["tickiti_call", "tickiti_create_ticket"]
                await session.listing()
                bare = [name for name in session.tools if not name.startswith(("tickiti_", "envia_"))]
                checks.equal(bare, [], "every tool carries the name of its module")
                await session.done("tickiti_get_ticket", {"ticket_number": "709383"})
                await session.done("envia_get_ticket", {"ticket_id": 58201})
                await session.refused("envia_get_ticket", {"ticket_number": "709383"}, ["ticket_id"], "an argument of the other module")
            rows = [entry["body"]["tool_name"] for entry in sandbox.envia.entries("activity_log.create")]
            checks.equal(rows, ["get_ticket", "get_ticket"], "calls of Envia's tools alone are recorded there, under their plain names")
        except BaseException as error:
            checks.died("the session", error)
    return checks


async def without_an_account(mode, errors):
    """The same with nothing but `--sandbox`: both modules, so every tool with its prefix."""
    checks = Checks(f"envia python --sandbox {mode}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            async with connect({**PLAIN_ENV, "TMPDIR": folder}, errors, mode, ["--sandbox"]) as client:
                session = Session(checks, client, None)
                await session.listing()
                every = await session.done("envia_get_ticket_types", {})
                checks.that(len(every.get("types", [])) > 10, "types are listed", every)
                one = await session.done("envia_get_ticket_types", {"type_id": 5})
                checks.equal(one.get("amount_limit_mxn"), 5000, "a type shows what it requires")
                found = await session.done("envia_list_tickets", {"tracking_number": TRACKING})
                checks.equal(found.get("total"), 0, "there is no ticket yet")
                opened = await session.done("envia_create_ticket", {**DAMAGED, "amount": 900, "files": FILES})
                checks.equal([file["ok"] for file in opened.get("files", [])], [True, True], "a ticket with two files is opened")
                for what, name, arguments, parts in (
                    ("a blocked type", "envia_create_ticket", {"company_id": COMPANY, "type": 10, "comments": "x"}, ["blocked"]),
                    ("a wrong status", "envia_create_ticket", {**DAMAGED, "tracking_number": CREATED_TRACKING}, ["Created", "Delivered"]),
                    ("a missing variable", "envia_create_ticket", {"company_id": COMPANY, "type": 9, "comments": "x"}, ["payment_method_id"]),
                    ("a claim above the limit", "envia_update_ticket", {"ticket_id": ABOVE_LIMIT, "status_id": 10, "comment": "x"}, ["5000.01"]),
                ):
                    await session.refused(name, arguments, parts, what)
                for change in ({"status_id": 6}, {"status_id": 10, "comment": "Se reclama"}, {"status_id": 2, "comment": "Pagado"}):
                    await session.done("envia_update_ticket", {"ticket_id": opened["ticket_id"], **change})
                shown = await session.done("envia_get_ticket", {"ticket_id": opened["ticket_id"]})
                checks.equal(shown.get("ticket_status_name"), "accepted", "the ticket has moved through its life")
                for uri, rows in (("tickets://statuses", 10), ("shipments://statuses", 24)):
                    (content,) = (await client.read_resource(uri)).contents
                    checks.equal(len(json.loads(content.text)), rows, f"{uri} is read")
            checks.equal(list(Path(folder).iterdir()), [], "nothing is left behind")
        except BaseException as error:
            checks.died("the session", error)
    return checks


async def main():
    with tempfile.TemporaryFile("w+") as errors:
        results = [await whole_session(mode, errors) for mode in MODES]
        results += [await without_an_account(mode, errors) for mode in MODES]
        results.append(await records_wait(errors))
        results.append(await both_modules(errors))
        errors.seek(0)
        log = errors.read()
    total = Checks("envia python stderr")
    total.that("panicked" not in log, "the server did not panic", log[-600:])
    total.that("sandbox-bot" not in log and "sandbox-admin" not in log, "no token is logged", log[-600:])
    total.failed += sum(result.failed for result in results)
    total.finish()


if __name__ == "__main__":
    asyncio.run(main())
