/* Firebase Hosting on a free port of this machine, with the files and the rules of firebase.json:
 *
 *     node hosting.mjs --api=URL [--streams]
 *
 * `run` rewrites go to the API. Like Hosting, it passes an answer on when that is complete, answers 504 in place of one
 * that takes longer than a minute, and lets no cookie through but __session. With --streams it passes on what there is,
 * as Cloud Run does without Hosting. Writes its port, and ends when its standard input does. */

import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import superstatic from "superstatic"; // what firebase-tools serves Hosting with

const PATIENCE_MS = 60_000;

const { api, streams } = parseArgs({
  options: { api: { type: "string" }, streams: { type: "boolean", default: false } },
}).values;
const root = fileURLToPath(new URL("../..", import.meta.url));

const isSession = (cookie) => cookie.trim().startsWith("__session=");

function forwarded({ headers: { host, cookie = "", ...others }, socket }) {
  return {
    ...others,
    cookie: cookie.split(";").filter(isSession).join(";"),
    "x-forwarded-host": host,
    "x-forwarded-for": socket.remoteAddress,
  };
}

function askApi(question, response) {
  const url = new URL(question.url, api);
  const asked = request(url, { method: question.method, headers: forwarded(question) });
  const refuse = (status) => {
    if (!response.headersSent) response.writeHead(status);
    response.end();
    asked.destroy();
  };
  const timer = setTimeout(refuse, PATIENCE_MS, 504);

  asked.on("response", async (answer) => {
    try {
      const body = streams ? null : await buffer(answer);
      clearTimeout(timer);
      response.writeHead(answer.statusCode, answer.headers);
      if (streams) answer.pipe(response);
      else response.end(body);
    } catch {
      refuse(502);
    }
  });
  asked.on("error", () => refuse(502));
  response.on("close", () => refuse(502));
  question.pipe(asked);
}

const site = superstatic.default({
  config: JSON.parse(readFileSync(`${root}/firebase.json`, "utf8")).hosting,
  cwd: root,
  stack: "strict",
  compression: true,
  rewriters: { run: () => Promise.resolve(askApi) },
});

const fail = (problem) => {
  throw problem ?? new Error("Superstatic left a question without an answer");
};

const server = createServer((question, response) => site(question, response, fail));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
