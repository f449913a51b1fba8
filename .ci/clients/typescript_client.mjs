// Drives the server with both TypeScript SDKs over stdio: `node typescript_client.mjs`, the binary in TICKETING_MCP.

import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

import {
  backOffice, binary, cancelled, check, control, customer, finish, helpdesk, manyAtOnce, opening, plain, recorded,
  refusals, refused, startSandbox,
} from "./steps.mjs";

const me = { name: "ci", version: "1.0.0" };
const clients = {
  "sdk 1 legacy": {
    era: "legacy",
    client: () => new OldClient(me),
    transport: (server) => new OldTransport(server),
  },
  "sdk 2 auto": {
    era: "modern",
    client: () => new NewClient(me, { versionNegotiation: { mode: "auto" } }),
    transport: (server) => new NewTransport(server),
  },
  "sdk 2 pinned": {
    era: "modern",
    client: () => new NewClient(me, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
    transport: (server) => new NewTransport(server),
  },
  "sdk 2 legacy": {
    era: "legacy",
    client: () => new NewClient(me),
    transport: (server) => new NewTransport(server),
  },
};

async function session(who, kind, env, steps) {
  const client = kind.client();
  const transport = kind.transport({ command: binary, args: [], env, stderr: "ignore" });
  try {
    await client.connect(transport);
    await steps(client);
  } catch (error) {
    await check(who, "the session ran to its end", () => Promise.reject(error));
  } finally {
    await client.close();
  }
}

const sandbox = await startSandbox();
const tickiti = (token) => ({ ...plain, TICKITI_API_BASE: sandbox.base, TICKITI_API_TOKEN: token });
// Delivered, at the address or at the origin, and without a ticket about damage.
const shipments = [[4410, "TST0001112223"], [4410, "TST0001112231"], [4410, "TST0001112239"], [4411, "EJM0002220006"]];
try {
  for (const [who, kind] of Object.entries(clients)) {
    await session(who, kind, tickiti("sandbox-admin"), async (client) => {
      await opening(who, kind.era, client);
      await helpdesk(who, client);
      await refusals(who, client);
      await manyAtOnce(who, client);
      await cancelled(who, client, sandbox);
    });
    await session(who, kind, tickiti("sandbox-reader"), (client) =>
      check(who, "a missing permission is named", () =>
        refused(
          client,
          "create_ticket",
          { originator_email_address: customer, is_public: true, subject: "s", content: "<p>c</p>" },
          ["tickets:write"],
        ),
      ),
    );
    const before = (await control(sandbox.envia, "GET", "log")).entries.length;
    await session(who, kind, sandbox.enviaEnv, async (client) => {
      await opening(who, kind.era, client);
      await backOffice(who, client, shipments.shift());
    });
    await recorded(who, sandbox, before);
  }
} finally {
  await sandbox.stop();
}
finish();
