// Drives the server with both TypeScript SDKs over HTTP: `node typescript_http.mjs`, the binary in TICKETING_MCP.

import assert from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import {
  backOffice, binary, cancelled, check, control, customer, done, enviaTools, finish, helpdesk, manyAtOnce, opening, plain,
  recorded, refusals, refused, startSandbox, tools,
} from "./steps.mjs";

const key = "correct-horse-battery-staple";
const byHeader = { "X-API-Key": key };
const byBearer = { Authorization: `Bearer ${key}` };
// Fewer than the requests that one key may have under way.
const lanes = 32;
const me = { name: "ci", version: "1.0.0" };
const fresh = (Transport) => (url, headers) => new Transport(new URL(url), { requestInit: { headers } });
const clients = {
  "http sdk 1 legacy": { era: "legacy", client: () => new OldClient(me), transport: fresh(OldTransport) },
  "http sdk 2 auto": {
    era: "modern",
    client: () => new NewClient(me, { versionNegotiation: { mode: "auto" } }),
    transport: fresh(NewTransport),
  },
  "http sdk 2 pinned": {
    era: "modern",
    client: () => new NewClient(me, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
    transport: fresh(NewTransport),
  },
  "http sdk 2 legacy": { era: "legacy", client: () => new NewClient(me), transport: fresh(NewTransport) },
};

/** The server over HTTP, on a port of its own that it keeps over a restart. */
class Server {
  port = 0;
  log = "";

  constructor(env) {
    this.env = { ...env, MCP_TRANSPORT: "http", MCP_API_KEY: key };
  }

  async start() {
    this.child = spawn(binary, ["serve", "--port", String(this.port), "--log", "info"], {
      env: this.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await new Promise((resolve, reject) => {
      createInterface({ input: this.child.stderr }).on("line", (line) => {
        this.log += `${line}\n`;
        const found = /serving at http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(line);
        if (found) {
          this.port = Number(found[1]);
          resolve();
        }
      });
      this.child.on("error", reject);
      this.child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${this.log.slice(-600)}`)));
    });
    return this;
  }

  /** Ends it at once: what a client notices must not depend on a farewell. */
  async kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  url(path = "/mcp") {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}

async function session(who, kind, url, headers, steps) {
  const client = kind.client();
  try {
    await client.connect(kind.transport(url, headers));
    await steps(client);
  } catch (error) {
    await check(who, "the session ran to its end", () => Promise.reject(error));
  } finally {
    await client.close();
  }
}

/** Both modules, on a connection that outlives the server. */
async function both(who, client, server) {
  await check(who, "at /mcp every tool carries the name of its module", async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    const own = tools.map((name) => `tickiti_${name.replace(/^tickiti_/, "")}`);
    assert.deepStrictEqual(names.sort(), [...enviaTools.map((name) => `envia_${name}`), ...own].sort());
  });
  const calls = async () => {
    await done(client, "tickiti_get_ticket", { ticket_number: "709383" });
    await done(client, "envia_get_ticket", { ticket_id: 58201 });
    assert.strictEqual(JSON.parse((await client.readResource({ uri: "tickets://statuses" })).contents[0].text).length, 10);
  };
  await check(who, "tools of both modules are called and a resource is read", calls);
  await server.kill();
  await server.start();
  await check(who, "another server in the place of the first one goes unnoticed", calls);
  await check(who, "an unknown tool is an error of the protocol", () =>
    assert.rejects(client.callTool({ name: "close_everything", arguments: {} }), (error) => error.code === -32602),
  );
}

/** A client that is closed while it waits. */
async function leaving(who, kind, server) {
  await control(sandbox, "POST", "faults", { endpoint: "tickets.show", kind: "delay", ms: 20000 });
  try {
    await session(who, kind, server.url("/mcp/tickiti"), byBearer, async (client) => {
      const call = client.callTool({ name: "get_ticket", arguments: { ticket_number: "709383" } });
      call.catch(() => undefined);
      await check(who, "the slow call is on its way", () => newest("tickets.show", "running"));
    });
    await check(who, "a client that goes away stops its request", () => newest("tickets.show", "aborted"));
  } finally {
    await control(sandbox, "DELETE", "faults");
  }
}

/** Waits until the newest request to the endpoint has the outcome. */
async function newest(endpoint, outcome) {
  let last;
  for (let tries = 0; tries < 150; tries += 1) {
    const { entries } = await control(sandbox, "GET", "log");
    last = entries.filter((entry) => entry.endpoint === endpoint).at(-1);
    if (last?.outcome === outcome) return;
    await sleep(20);
  }
  assert.fail(JSON.stringify(last));
}

/** What an error says, with its causes. */
function told(error) {
  if (error === undefined || error === null) return "";
  return [error.message, error.data === undefined ? "" : JSON.stringify(error.data), told(error.cause)].join(" ");
}

/** What the server says of a key must reach the person in front of the client. */
async function keptOut(who, kind, server) {
  for (const [what, headers, parts] of [
    ["no key", {}, ["X-API-Key", "bearer"]],
    ["a wrong key", { "X-API-Key": "guess" }, ["the key is not known", "X-API-Key"]],
    ["a wrong bearer token", { Authorization: "Bearer guess" }, ["the key is not known", "bearer"]],
  ]) {
    await check(who, `${what}: the client shows the server's words`, async () => {
      const client = kind.client();
      try {
        await client.connect(kind.transport(server.url(), headers));
      } catch (error) {
        for (const part of parts) assert.ok(told(error).includes(part), `without '${part}': ${told(error)}`);
        return;
      } finally {
        await client.close();
      }
      assert.fail("it was let in");
    });
  }
}

/** The records of calls are delivered while the server goes on. */
async function delivered(sandbox, before, count) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { entries } = await control(sandbox.envia, "GET", "log");
    const written = entries.slice(before).filter((entry) => entry.endpoint === "activity_log.create" && entry.status === 201);
    if (written.length >= count) return;
    await sleep(30);
  }
}

const sandbox = await startSandbox();
const tickiti = (token) => ({ ...plain, TICKITI_API_BASE: sandbox.base, TICKITI_API_TOKEN: token });
// Delivered, at the address or at the origin, and without a ticket about damage.
const shipments = [[4410, "TST0001112223"], [4410, "TST0001112231"], [4410, "TST0001112239"], [4411, "EJM0002220006"]];
const reader = new Server(tickiti("sandbox-reader"));
let log = "";
try {
  await reader.start();
  for (const [who, kind] of Object.entries(clients)) {
    const server = await new Server({ ...sandbox.enviaEnv, ...tickiti("sandbox-admin") }).start();
    try {
      const before = (await control(sandbox.envia, "GET", "log")).entries.length;
      await session(who, kind, server.url("/mcp/envia"), byBearer, async (client) => {
        await opening(who, kind.era, client);
        await backOffice(who, client, shipments.shift());
      });
      await delivered(sandbox, before, 13);
      await recorded(who, sandbox, before);
      await session(who, kind, server.url("/mcp/tickiti"), byHeader, async (client) => {
        await opening(who, kind.era, client);
        await helpdesk(who, client);
        await refusals(who, client);
        await manyAtOnce(who, client, lanes);
        // The older era cancels with a notification. Without a session nothing says which call of which client it means,
        // so the call goes on to its end, or until the client goes away.
        if (kind.era === "modern") await cancelled(who, client, sandbox);
      });
      await leaving(who, kind, server);
      await session(who, kind, server.url(), byHeader, (client) => both(who, client, server));
      await keptOut(who, kind, server);
      await session(who, kind, reader.url(), byBearer, (client) =>
        check(who, "a missing permission is named", () =>
          refused(
            client,
            "create_ticket",
            { originator_email_address: customer, is_public: true, subject: "s", content: "<p>c</p>" },
            ["tickets:write"],
          ),
        ),
      );
    } finally {
      await server.kill();
      log += server.log;
    }
  }
  await check("http", "the server did not panic, and no key and no token is in its log", () => {
    for (const word of ["panicked", key, "sandbox-admin", "sandbox-bot"]) assert.ok(!log.includes(word), word);
  });
} finally {
  await reader.kill();
  await sandbox.stop();
}
finish();
