// What the scripts of the TypeScript SDKs share: counting checks, the sandbox, and what is checked over one connection.

import assert from "node:assert";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";

export const binary = process.env.TICKETING_MCP;
export const customer = "marcus@trailblazers-club.example";
export const tools = [
  "close_ticket", "create_ticket", "get_attachment", "get_search_modes", "get_ticket", "get_token_info", "list_endpoints",
  "list_instances", "list_perspectives", "list_queues", "list_resolutions", "list_responses", "list_staff",
  "list_stock_responses", "list_teams", "list_watchlists", "list_workflow", "query_responses", "query_tickets",
  "respond_to_ticket", "run_report", "tickiti_call", "tickiti_read",
];
export const enviaTools = ["create_ticket", "get_ticket", "get_ticket_types", "list_tickets", "update_ticket"];

let passed = 0;
let failed = 0;

/** One check: the function throws when it does not hold. Gives what the function gives. */
export async function check(who, what, holds) {
  try {
    const value = await holds();
    passed += 1;
    console.log(`ok      typescript ${who}: ${what}`);
    return value;
  } catch (error) {
    failed += 1;
    console.log(`FAILED  typescript ${who}: ${what}`);
    console.log(`        seen: ${String(error?.message ?? error).slice(0, 900)}`);
    return undefined;
  }
}

export const plain = Object.fromEntries(["PATH", "HOME"].filter((n) => process.env[n]).map((n) => [n, process.env[n]]));

/** Starts `ticketing-mcp sandbox` on free ports and gives the addresses of both back ends. */
export async function startSandbox() {
  const child = spawn(binary, ["sandbox", "--tickiti-port", "0", "--envia-port", "0"], {
    env: plain,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = {};
  await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [name, value] = line.split("=");
      printed[name] = value?.split("#")[0].trim();
      if (name === "BACKEND_BOT_AI_TOKEN") resolve();
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the sandbox ended with ${code}`)));
  });
  const state = await mkdtemp(join(tmpdir(), "ticketing-mcp-"));
  return {
    base: printed.TICKITI_API_BASE,
    envia: { base: printed.BACKEND_URL },
    enviaEnv: {
      ...plain,
      BACKEND_URL: printed.BACKEND_URL,
      BACKEND_BOT_AI_TOKEN: printed.BACKEND_BOT_AI_TOKEN,
      MCP_TRANSPORT: "stdio",
      TICKETING_MCP_STATE: state,
    },
    stop: async () => {
      child.kill();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export async function control(sandbox, method, action, body) {
  const answer = await fetch(`${sandbox.base}/__sandbox/${action}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return answer.json();
}

const textOf = (result) => result.content.filter((block) => block.type === "text").map((block) => block.text).join("\n");

/** A call that must succeed; the SDK itself holds the result against the output schema. */
export async function done(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, textOf(result));
  assert.ok(result.structuredContent, "no structured content");
  assert.deepStrictEqual(JSON.parse(textOf(result)), result.structuredContent, "the text is another JSON");
  return result.structuredContent;
}

export async function refused(client, name, args, parts) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(result.isError, `not refused: ${JSON.stringify(result.structuredContent)}`);
  const text = textOf(result);
  for (const part of parts) assert.ok(text.includes(part), `without '${part}': ${text}`);
}

function find(value, key) {
  if (value === null || typeof value !== "object") return undefined;
  if (!Array.isArray(value) && key in value) return value[key];
  for (const inner of Object.values(value)) {
    const found = find(inner, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function opening(who, era, client) {
  return check(who, "the conversation opens in the expected era", () => {
    assert.strictEqual(client.getServerVersion()?.name, "ticketing-mcp");
    assert.ok(client.getInstructions(), "no instructions");
    assert.ok(client.getServerCapabilities()?.tools, "no tools capability");
    if (client.getProtocolEra) assert.strictEqual(client.getProtocolEra(), era);
  });
}

export async function helpdesk(who, client) {
  await check(who, "all the promised tools are listed, each with schemas and hints", async () => {
    const listed = (await client.listTools()).tools;
    const names = listed.map((tool) => tool.name);
    assert.deepStrictEqual(tools.filter((name) => !names.includes(name)), []);
    for (const tool of listed) {
      assert.ok(tool.title && tool.description && tool.outputSchema && tool.annotations, tool.name);
    }
  });
  const staff = await check(who, "tickiti_call reaches an endpoint without a tool", async () =>
    find(await done(client, "tickiti_call", { family: "tickets", action: "staff" }), "email"),
  );
  const number = await check(who, "create_ticket opens a ticket", async () => {
    const opened = await done(client, "create_ticket", {
      originator_email_address: customer,
      is_public: true,
      subject: "A tent with a torn seam",
      content: "<p>The seam tore on the first night.</p>",
      queue_name: "Sales",
    });
    const number = String(find(opened, "ticket_number"));
    assert.match(number, /^\d+$/);
    return number;
  });
  await check(who, "respond_to_ticket answers it", () =>
    done(client, "respond_to_ticket", { ticket_number: number, from_email: staff, content: "<p>We repair it.</p>" }),
  );
  await check(who, "get_ticket shows both messages", async () => {
    const shown = JSON.stringify(await done(client, "get_ticket", { ticket_number: number }));
    assert.ok(shown.includes("We repair it") && shown.includes("torn seam"), shown);
  });
  await check(who, "query_tickets finds it", async () => {
    const criteria = [{ mode: "ticket_number", tokens: [number] }];
    const found = JSON.stringify(await done(client, "query_tickets", { search_object: { criteria } }));
    assert.ok(found.includes(number) && found.includes("torn seam"), found);
  });
  await check(who, "run_report counts May by week", () =>
    done(client, "run_report", {
      report: "volumes",
      filters: { date_from: "2026-05-01", date_to: "2026-05-31", group_by: "week" },
    }),
  );
  for (const name of ["list_perspectives", "list_queues", "list_watchlists", "list_stock_responses", "get_token_info", "list_endpoints"]) {
    await check(who, `${name} succeeds`, () => done(client, name, {}));
  }
}

export async function refusals(who, client) {
  await check(who, "missing and wrong arguments are refused with all mistakes", () =>
    refused(client, "create_ticket", { originator_email_address: "nobody", subject: "s", content: "c", priority: "Urgnt" }, ["originator_email_address", "priority", "Urgent"]),
  );
  await check(who, "a misspelt argument is refused with the right one", () =>
    refused(client, "get_ticket", { ticket_nubmer: "709383" }, ["ticket_nubmer", "ticket_number"]),
  );
  await check(who, "an unknown tool is an error of the protocol", () =>
    assert.rejects(client.callTool({ name: "close_everything", arguments: {} }), (error) => error.code === -32602),
  );
}

export async function manyAtOnce(who, client, lanes = 100) {
  await check(who, `100 calls, ${lanes} at once, get their own answers`, async () => {
    const rows = JSON.stringify(await done(client, "query_tickets", { row_limit: 25 }));
    const numbers = [...new Set([...rows.matchAll(/"number":"?(\d+)/g)].map((found) => found[1]))];
    assert.ok(numbers.length >= 20, rows.slice(0, 300));
    const asked = Array.from({ length: 100 }, (_, at) => numbers[at % numbers.length]);
    const shown = [];
    while (shown.length < asked.length) {
      const some = asked.slice(shown.length, shown.length + lanes);
      shown.push(...(await Promise.all(some.map((number) => done(client, "get_ticket", { ticket_number: number })))));
    }
    shown.forEach((ticket, at) => assert.strictEqual(String(find(ticket, "number")), asked[at]));
  });
}

export async function cancelled(who, client, sandbox) {
  await check(who, "a cancelled call stops its request", async () => {
    await control(sandbox, "POST", "faults", { endpoint: "tickets.show", kind: "delay", ms: 20000 });
    try {
      const stop = new AbortController();
      const call = client.callTool({ name: "get_ticket", arguments: { ticket_number: "709383" } }, ...signalled(client, stop.signal));
      setTimeout(() => stop.abort("not needed any more"), 400);
      await assert.rejects(call);
      let last;
      for (let tries = 0; tries < 100; tries += 1) {
        const { entries } = await control(sandbox, "GET", "log");
        last = entries.filter((entry) => entry.endpoint === "tickets.show").at(-1);
        if (last?.outcome === "aborted") return;
        await sleep(30);
      }
      assert.fail(JSON.stringify(last));
    } finally {
      await control(sandbox, "DELETE", "faults");
    }
  });
  await check(who, "and the next call is answered", () => done(client, "get_ticket", { ticket_number: "709383" }));
}

/** The first SDK takes a result schema before the options. */
function signalled(client, signal) {
  return client instanceof OldClient ? [undefined, { signal }] : [{ signal }];
}

/** The tickets of Envia's back office; every session has a shipment of its own, as a second ticket would be refused. */
export async function backOffice(who, client, [company, tracking]) {
  await check(who, "Envia: the five tools are listed, each with schemas and hints", async () => {
    const listed = (await client.listTools()).tools;
    assert.deepStrictEqual(listed.map((tool) => tool.name), enviaTools);
    for (const tool of listed) {
      assert.ok(tool.title && tool.description && tool.outputSchema && tool.annotations, tool.name);
    }
  });
  await check(who, "Envia: types are listed, and one is shown with its requirements", async () => {
    const { types } = await done(client, "get_ticket_types", {});
    assert.ok(types.some((row) => row.name === "damaged") && !types.some((row) => row.id === 10), JSON.stringify(types));
    const type = await done(client, "get_ticket_types", { type_id: 5 });
    assert.strictEqual(type.amount_limit_mxn, 5000);
    assert.ok(JSON.stringify(type).includes("Delivered at Origin"));
  });
  const ticket = await check(who, "Envia: a ticket with two files is opened where there was none", async () => {
    assert.strictEqual((await done(client, "list_tickets", { tracking_number: tracking, ticket_type: "damaged" })).total, 0);
    const file = { content_base64: "JVBERi0xLjQKJSVFT0YK", content_type: "application/pdf" };
    const opened = await done(client, "create_ticket", {
      company_id: company,
      type: 5,
      comments: "Caja golpeada, contenido roto",
      tracking_number: tracking,
      amount: 900.5,
      files: [{ name: "one.pdf", ...file }, { name: "two.pdf", ...file }],
    });
    assert.deepStrictEqual(opened.files.map((one) => one.ok), [true, true]);
    return opened.ticket_id;
  });
  const wrong = [
    ["a blocked type", "create_ticket", { company_id: 4410, type: 10, comments: "x" }, ["blocked"]],
    ["a wrong shipment status", "create_ticket", { company_id: 4410, type: 5, comments: "x", tracking_number: "TST0001112225" }, ["Created", "Delivered"]],
    ["a missing variable", "create_ticket", { company_id: 4410, type: 9, comments: "x" }, ["payment_method_id"]],
    ["a claim above the limit", "update_ticket", { ticket_id: 58215, status_id: 10, comment: "x" }, ["5000.01", "5000"]],
    ["a change without its comment", "update_ticket", { ticket_id: ticket, status_id: 8 }, ["comment"]],
  ];
  for (const [what, name, args, parts] of wrong) {
    await check(who, `Envia: ${what} is refused`, () => refused(client, name, args, parts));
  }
  await check(who, "Envia: the ticket moves through its life", async () => {
    for (const change of [{ status_id: 6 }, { status_id: 10, comment: "claim" }, { status_id: 2, comment: "paid" }]) {
      await done(client, "update_ticket", { ticket_id: ticket, ...change });
    }
    const shown = await done(client, "get_ticket", { ticket_id: ticket });
    assert.strictEqual(shown.ticket_status_id, 2);
    assert.deepStrictEqual(shown.ticket_variables, { amount_in_mxn: 900.5 });
  });
  await check(who, "Envia: both resources are listed and read", async () => {
    const listed = (await client.listResources()).resources.map((resource) => resource.uri);
    assert.deepStrictEqual(listed, ["shipments://statuses", "tickets://statuses"]);
    const rows = [];
    for (const uri of listed) rows.push(JSON.parse((await client.readResource({ uri })).contents[0].text).length);
    assert.deepStrictEqual(rows, [24, 10]);
  });
  await check(who, "Envia: a resource that is not there is an error of the protocol", () =>
    assert.rejects(client.readResource({ uri: "tickets://types" }), (error) => [-32002, -32602].includes(error.code)),
  );
}

/** After the server has ended: a record for each call, and the ticket looked at only before it became a claim. */
export async function recorded(who, sandbox, before) {
  await check(who, "Envia: each call left one record, and nothing but documented requests was sent", async () => {
    const { entries } = await control(sandbox.envia, "GET", "log");
    const names = entries.slice(before).map((entry) => `${entry.method} ${entry.endpoint} ${entry.status}`);
    const count = (name) => names.filter((one) => one === name).length;
    assert.deepStrictEqual(
      Object.fromEntries([...new Set(names)].sort().map((name) => [name, count(name)])),
      {
        "GET catalog.shipment_statuses 200": 1,
        "GET catalog.ticket_types 200": 1,
        "GET shipments.show 200": 2,
        "GET tickets.list 200": 1,
        "GET tickets.show 200": 3,
        "POST activity_log.create 201": 13,
        "POST tickets.create 200": 1,
        "POST tickets.upload 200": 2,
        "PUT tickets.update 200": 3,
      },
    );
    return entries.length;
  });
}

/** Ends the script with the verdict of all checks. */
export function finish() {
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
