// Puts the key in CONFORMANCE_KEY into every request of a program that has no option for headers.
import { channel } from "node:diagnostics_channel";

const key = process.env.CONFORMANCE_KEY;
channel("undici:request:create").subscribe(({ request }) => request.addHeader("x-api-key", key));
channel("http.client.request.created").subscribe(({ request }) => request.setHeader("x-api-key", key));
