#!/usr/bin/env node
// Built from src/ by build.ts.
import { createHash } from "node:crypto";
import { getServers } from "node:dns";
import { readFileSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { connect } from "node:tls";
import { gunzipSync } from "node:zlib";
import { userInfo } from "node:os";
// sandbox/ovhcloud/src/log.ts
const two = (value) => String(value).padStart(2, "0");
/** A line on stderr as Go's log package writes it: local time, no time zone. */
function log(text) {
	const now = /* @__PURE__ */ new Date();
	const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
	const time = [
		now.getHours(),
		now.getMinutes(),
		now.getSeconds()
	].map(two).join(":");
	process.stderr.write(`${day} ${time} ${text}${text.endsWith("\n") ? "" : "\n"}`);
}
// sandbox/ovhcloud/src/debug.ts
const RULE = "-----------------------------------------------------";
/** The real program prints the bearer token here, and so does this: never pass `--debug`. */
function logCall(call) {
	const url = new URL(call.url);
	const { "User-Agent": agent, "Accept-Encoding": encoding, ...others } = call.headers;
	const sorted = Object.entries(others).sort(([a], [b]) => a < b ? -1 : 1);
	const lines = [
		["Host", url.host],
		["User-Agent", agent],
		...sorted,
		["Accept-Encoding", encoding]
	].map(([name, value]) => `${name}: ${value}\r\n`).join("");
	log(`[DEBUG] OVH API Request Details:\n---[ REQUEST ]---------------------------------------\n${`${call.method} ${call.url.slice(url.origin.length)} HTTP/1.1\r\n`}${lines}\r\n\n${RULE}`);
}
function logAnswer(answer) {
	const headers = Object.entries(answer.headers).map(([name, value]) => `${canonical(name)}: ${String(value)}\r\n`).sort();
	log(`[DEBUG] OVH API Response Details:\n---[ RESPONSE ]--------------------------------------\n${`${`HTTP/1.1 ${answer.status} ${answer.statusText}\r\n`}${headers.join("")}\r\n${indented(answer.body)}`}\n${RULE}`);
}
const canonical = (name) => name.replace(/(^|-)([a-z])/g, (found) => found.toUpperCase());
function indented(body) {
	try {
		return JSON.stringify(JSON.parse(body), null, 1);
	} catch {
		return body;
	}
}
// sandbox/ovhcloud/src/failures.ts
/** What was being done, and what came in its way: Go's `%s: %s`. */
const because = (what, cause) => new Error(`${what}: ${reasonOf(cause)}`, { cause });
const reasonOf = (error) => error instanceof Error ? error.message : String(error);
/** Says what was being done, should it fail. */
async function doing(what, promise) {
	try {
		return await promise;
	} catch (error) {
		throw because(what, error);
	}
}
// sandbox/ovhcloud/src/json.ts
const ESCAPED = {
	"<": "\\u003c",
	">": "\\u003e",
	"&": "\\u0026",
	"\u2028": "\\u2028",
	"\u2029": "\\u2029"
};
/** JSON as Go's encoder writes it: keys of maps in byte order, HTML characters escaped. */
function goJson(value, indent = 0) {
	return JSON.stringify(inKeyOrder(value), null, indent).replace(/[<>&\u2028\u2029]/g, (found) => ESCAPED[found] ?? "");
}
function inKeyOrder(value) {
	if (Array.isArray(value)) return value.map(inKeyOrder);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, inner]) => [key, inKeyOrder(inner)]));
}
const isRow = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** A string as Go's `%q` quotes it. */
const quoted = (text) => JSON.stringify(text);
/** A value as Go's `%v` prints it. */
function goText(value) {
	if (value === null) return "<nil>";
	if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
	if (!isRow(value)) return String(value);
	return `map[${Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, inner]) => `${key}:${goText(inner)}`).join(" ")}]`;
}
// sandbox/ovhcloud/src/transport.ts
/** The program's own limit; a test of the stand-in can't wait that long. */
const TIMEOUT_MS = Number(process.env["OVHCLOUD_STANDIN_TIMEOUT_MS"] ?? 18e4);
const PARALLEL$1 = 10;
const ca = process.env["SSL_CERT_FILE"] ? [readFileSync(process.env["SSL_CERT_FILE"], "utf8")] : void 0;
const plain = new http.Agent({
	keepAlive: true,
	maxSockets: PARALLEL$1
});
const secure = new https.Agent({
	keepAlive: true,
	maxSockets: PARALLEL$1,
	...ca ? { ca } : {}
});
/** One request, answered whole. Throws with the words that Go's HTTP client has for what went wrong. */
async function send(call) {
	try {
		return await attempt(call);
	} catch (error) {
		if (error instanceof StaleConnection) return await send(call);
		const what = `${call.method === "GET" ? "Get" : "Post"} ${quoted(call.url)}`;
		throw because(what, new Error(inGoWords(error, new URL(call.url))));
	}
}
/** A kept connection that the server closed meanwhile: Go sends such a request once more. */
var StaleConnection = class extends Error {};
async function attempt(call) {
	const url = new URL(call.url);
	if (/(^|\.)invalid$/.test(url.hostname)) throw Object.assign(/* @__PURE__ */ new Error("RFC 6761, 6.4"), { code: "ENOTFOUND" });
	const proxy = url.protocol === "https:" ? process.env["HTTPS_PROXY"] : void 0;
	const socket = proxy === void 0 ? void 0 : await tunnel(new URL(proxy), url);
	return await new Promise((resolve, reject) => {
		const module = url.protocol === "https:" ? https : http;
		const request = module.request(call.url, {
			method: call.method,
			headers: call.headers,
			...socket ? { createConnection: () => socket } : { agent: module === https ? secure : plain },
			path: call.url.slice(url.origin.length) || "/"
		});
		request.setTimeout(TIMEOUT_MS, () => request.destroy(Object.assign(/* @__PURE__ */ new Error(), { code: "ETIMEDOUT" })));
		request.on("error", (error) => {
			reject(request.reusedSocket && error.code === "ECONNRESET" ? new StaleConnection() : error);
		});
		request.on("response", (response) => {
			const chunks = [];
			response.on("data", (chunk) => chunks.push(chunk));
			response.on("error", reject);
			response.on("end", () => {
				const bytes = Buffer.concat(chunks);
				const isZipped = response.headers["content-encoding"] === "gzip";
				resolve({
					status: response.statusCode ?? 0,
					statusText: response.statusMessage ?? "",
					headers: response.headers,
					body: (isZipped ? gunzipSync(bytes) : bytes).toString("utf8")
				});
			});
		});
		request.end(call.body);
	});
}
/** RFC 9110, 9.3.6. */
async function tunnel(proxy, target) {
	const authority = `${target.hostname}:${target.port || 443}`;
	return await new Promise((resolve, reject) => {
		const request = http.request({
			host: proxy.hostname,
			port: proxy.port || 80,
			method: "CONNECT",
			path: authority,
			headers: { host: authority }
		});
		request.on("error", reject);
		request.on("connect", (_response, socket) => {
			const secured = connect({
				socket,
				servername: target.hostname,
				...ca ? { ca } : {}
			}, () => resolve(secured));
			secured.on("error", reject);
		});
		request.end();
	});
}
const UNTRUSTED = /* @__PURE__ */ new Set([
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"DEPTH_ZERO_SELF_SIGNED_CERT"
]);
function inGoWords(error, url) {
	const { code = "", message } = error;
	if (code === "ECONNREFUSED") return `dial tcp ${url.hostname}:${url.port || 443}: connect: connection refused`;
	if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `dial tcp: lookup ${url.hostname} on ${getServers()[0] ?? "127.0.0.1"}:53: no such host`;
	if (code === "ETIMEDOUT") return "net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
	if (UNTRUSTED.has(code)) return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
	if (code === "ECONNRESET") return "EOF";
	return message;
}
// sandbox/ovhcloud/src/client.ts
const VERSION = "0.5.0-16-g546f3c8";
function createClient(settings, debug) {
	const { endpoint, credentials } = settings;
	let clockAheadSeconds;
	let token;
	const base = {
		Accept: "application/json",
		"Accept-Encoding": "gzip",
		"User-Agent": `github.com/ovh/go-ovh (ovh-cli/${VERSION})`,
		...credentials.kind === "application" ? { "X-Ovh-Application": credentials.key } : {}
	};
	const exchange = async (call) => {
		if (debug) logCall(call);
		const answer = await send(call);
		if (debug) logAnswer(answer);
		return answer;
	};
	const authenticated = async (method, url) => {
		switch (credentials.kind) {
			case "token": return { Authorization: `Bearer ${credentials.accessToken}` };
			case "client":
				token ??= mintToken(credentials);
				return { Authorization: `Bearer ${await token}` };
			case "application": {
				clockAheadSeconds ??= readClock(exchange, {
					method: "GET",
					url: targetOf(endpoint, "/auth/time"),
					headers: base
				});
				const timestamp = String(Math.floor(Date.now() / 1e3) + await clockAheadSeconds);
				const signed = [
					credentials.secret,
					credentials.consumerKey,
					method,
					url,
					"",
					timestamp
				].join("+");
				return {
					"X-Ovh-Timestamp": timestamp,
					"X-Ovh-Consumer": credentials.consumerKey,
					"X-Ovh-Signature": `$1$${createHash("sha1").update(signed).digest("hex")}`
				};
			}
		}
	};
	const prepare = async (path) => {
		const url = targetOf(endpoint, path);
		return {
			method: "GET",
			url,
			headers: {
				...base,
				...await authenticated("GET", url)
			}
		};
	};
	return {
		prepare,
		exchange,
		get: async (path) => decoded(await exchange(await prepare(path)))
	};
}
/** Paths that name a version of their own replace the endpoint's, but for endpoints that end otherwise. */
function targetOf(endpoint, path) {
	return (endpoint.endsWith("/1.0") && /^\/v[12]\//.test(path) ? endpoint.slice(0, -4) : endpoint) + path;
}
async function readClock(exchange, call) {
	const time = decoded(await exchange(call));
	return Number(time) - Math.floor(Date.now() / 1e3);
}
/** RFC 6749, 4.4: credentials in the header first, in the body where the server refuses that. Never printed. */
async function mintToken(client) {
	const form = new URLSearchParams({
		grant_type: "client_credentials",
		scope: "all"
	});
	const headers = {
		"Content-Type": "application/x-www-form-urlencoded",
		"User-Agent": "Go-http-client/1.1"
	};
	const basic = Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`).toString("base64");
	const post = async (more, body) => await send({
		method: "POST",
		url: client.tokenUrl,
		headers: {
			...headers,
			...more
		},
		body
	});
	try {
		let answer = await post({ Authorization: `Basic ${basic}` }, form.toString());
		if (answer.status !== 200) {
			form.set("client_id", client.id);
			form.set("client_secret", client.secret);
			answer = await post({}, form.toString());
		}
		const body = JSON.parse(answer.body);
		if (!isRow(body)) throw new Error("oauth2: cannot parse json");
		if (answer.status !== 200) throw new Error(`oauth2: ${quoted(goText(body["error"] ?? ""))} ${quoted(goText(body["error_description"] ?? ""))}`);
		return goText(body["access_token"] ?? "");
	} catch (error) {
		throw because("failed to retrieve OAuth2 Access Token", error);
	}
}
/** The body of a success; throws the API's error in the program's words otherwise. */
function decoded(answer) {
	if (answer.status >= 200 && answer.status < 300) {
		if (answer.body === "") return null;
		try {
			return JSON.parse(answer.body);
		} catch {
			throw new Error(`invalid character ${goCharacter(answer.body)} looking for beginning of value`);
		}
	}
	const { errorClass, message, missing } = errorBody(answer.body);
	const text = missing.length > 0 ? `${message} (missing IAM permissions: ${missing.join(", ")})` : message;
	const queryId = answer.headers["x-ovh-queryid"];
	throw new Error(`OVHcloud API error (status code ${answer.status}): ${errorClass === "" ? "" : `${errorClass}: `}${quoted(text)}` + (queryId === void 0 ? "" : ` (X-OVH-Query-Id: ${String(queryId)})`));
}
/** The program knows details that are strings; with any other it shows the body as it came. */
function errorBody(text) {
	let body;
	try {
		body = JSON.parse(text);
	} catch {
		return {
			errorClass: "",
			message: text,
			missing: []
		};
	}
	if (!isRow(body)) return {
		errorClass: "",
		message: text,
		missing: []
	};
	const errorClass = goText(body["class"] ?? "");
	const details = isRow(body["details"]) ? body["details"] : {};
	if (Object.values(details).some((detail) => typeof detail !== "string")) return {
		errorClass,
		message: text,
		missing: []
	};
	const missing = ["unauthorizedActionsByAuthentication", "unauthorizedActionsByIAM"].map((name) => goText(details[name] ?? "")).filter((actions) => actions !== "");
	return {
		errorClass,
		message: goText(body["message"] ?? ""),
		missing
	};
}
const goCharacter = (text) => `'${text.trimStart()[0] ?? ""}'`;
// sandbox/ovhcloud/src/command.ts
/** The deepest command that the arguments name, and the arguments that are left. */
function findCommand(root, args) {
	let path = [root];
	const rest = [...args];
	for (let index = 0; index < rest.length; index++) {
		const arg = rest[index] ?? "";
		if (arg.startsWith("-")) continue;
		const next = path.at(-1)?.commands?.find((one) => one.name === arg || one.aliases?.includes(arg));
		if (next === void 0) break;
		path = [...path, next];
		rest.splice(index--, 1);
	}
	return {
		path,
		rest
	};
}
// sandbox/ovhcloud/src/flags.ts
var UsageError = class extends Error {};
const outputFlags = [
	flag("debug", "d", "bool", "Activate debug mode (will log all HTTP requests details)"),
	flag("format", "f", "string", [
		"Output value according to given format (expression using https://github.com/PaesslerAG/gval syntax)",
		"Examples:",
		"  --format 'id' (to extract a single field)",
		"  --format 'nested.field.subfield' (to extract a nested field)",
		"  --format '[id, 'name']' (to extract multiple fields as an array)",
		`  --format '{"newKey": oldKey, "otherKey": nested.field}' (to extract and rename fields in an object)`,
		`  --format 'name+","+type' (to extract and concatenate fields in a string)`,
		"  --format '(nbFieldA + nbFieldB) * 10' (to compute values from numeric fields)"
	].join("\n")),
	flag("ignore-errors", "e", "bool", "Ignore errors in API calls when it is not fatal to the execution"),
	flag("interactive", "i", "bool", "Interactive output"),
	flag("json", "j", "bool", "Output in JSON"),
	flag("yaml", "y", "bool", "Output in YAML")
];
const cloudProjectFlag = {
	name: "cloud-project",
	type: "string",
	usage: "Cloud project ID"
};
const filterFlag = {
	name: "filter",
	type: "stringArray",
	usage: [
		"Filter results by any property using https://github.com/PaesslerAG/gval syntax",
		"Examples:",
		`  --filter 'state="running"'`,
		`  --filter 'name=~"^my.*"'`,
		"  --filter 'nested.property.subproperty>10'",
		`  --filter 'startDate>="2023-12-01"'`,
		`  --filter 'name=~"something" && nbField>10'`
	].join("\n")
};
const helpFlag = (command) => flag("help", "h", "bool", `help for ${command}`);
const EXCLUSIVE = [
	"json",
	"yaml",
	"interactive",
	"format"
];
/** Flags and positional arguments, in any order. Throws {@link UsageError} with the program's words. */
function parseFlags(args, known) {
	const flags = /* @__PURE__ */ new Map();
	const rest = [];
	const queue = [...args];
	const set = (found, given) => {
		const value = given ?? (found.type === "bool" ? "true" : queue.shift());
		if (value === void 0) throw new UsageError(`flag needs an argument: --${found.name}`);
		flags.set(found.name, found.type === "stringArray" ? [...flags.get(found.name) ?? [], value] : [value]);
	};
	for (let arg = queue.shift(); arg !== void 0; arg = queue.shift()) if (arg === "--") rest.push(...queue.splice(0));
	else if (arg.startsWith("--")) {
		const [name = "", ...value] = arg.slice(2).split("=");
		const found = known.find((one) => one.name === name);
		if (found === void 0) throw new UsageError(`unknown flag: --${name}`);
		set(found, value.length > 0 ? value.join("=") : void 0);
	} else if (arg.startsWith("-") && arg.length > 1) parseShorthands(arg, known, set);
	else rest.push(arg);
	const given = EXCLUSIVE.filter((name) => flags.has(name));
	if (given.length > 1) throw new UsageError(`if any flags in the group [${EXCLUSIVE.join(" ")}] are set none of the others can be; [${given.toSorted().join(" ")}] were all set`);
	return {
		flags,
		rest
	};
}
function parseShorthands(arg, known, set) {
	for (let letters = arg.slice(1); letters !== "";) {
		const found = known.find((one) => one.shorthand === letters[0]);
		if (found === void 0) throw new UsageError(`unknown shorthand flag: '${letters[0]}' in ${arg}`);
		const after = letters.slice(1);
		const isLast = found.type !== "bool" || after.startsWith("=");
		set(found, isLast && after !== "" ? after.replace(/^=/, "") : void 0);
		letters = isLast ? "" : after;
	}
}
function flag(name, shorthand, type, usage) {
	return {
		name,
		shorthand,
		type,
		usage
	};
}
// sandbox/ovhcloud/src/fetching.ts
const PARALLEL = 10;
/** A segment as Go's url.PathEscape has it. */
const escaped = (segment) => encodeURIComponent(segment).replace(/%(?:24|26|2B|3A|3D|40)/g, (found) => decodeURIComponent(found)).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
/** All pages of a list. The identifiers are the elements, or one field of them. */
async function fetchArray(client, path, idField) {
	const call = await doing("error crafting request", client.prepare(path));
	const all = [];
	for (let cursor = "";;) {
		const headers = cursor === "" ? call.headers : {
			...call.headers,
			"X-Pagination-Cursor": cursor
		};
		const answer = await doing(`error fetching ${path}`, client.exchange({
			...call,
			headers
		}));
		all.push(...page(answer, idField));
		cursor = String(answer.headers["x-pagination-cursor-next"] ?? "");
		if (cursor === "") return all;
	}
}
function page(answer, idField) {
	let elements;
	try {
		elements = decoded(answer);
	} catch (error) {
		throw because("failed to parse ids", error);
	}
	if (elements === null) return [];
	if (!Array.isArray(elements)) throw new Error("failed to parse ids: json: cannot unmarshal object into Go value of type []interface {}");
	if (idField === void 0) return elements;
	return elements.map((element) => {
		if (isRow(element)) return element[idField] ?? null;
		throw new Error(`failed to extract ID from object, value ${quoted(goText(element))} is not an object`);
	});
}
/** The objects behind identifiers, ten at a time, in the order of the identifiers; null where an error was ignored. */
async function fetchObjects(client, pathOf, ids, ignoreErrors) {
	const objects = ids.map(() => null);
	let next = 0;
	let failed;
	const worker = async () => {
		while (next < ids.length && failed === void 0) {
			const index = next++;
			const id = goText(ids[index] ?? null);
			try {
				objects[index] = await client.get(pathOf(escaped(id)));
			} catch (error) {
				if (ignoreErrors) log(`error fetching ${pathOf(escaped(id))}: ${reasonOf(error)}`);
				else failed ??= because(`failed to fetch object ${quoted(id)}`, error);
			}
		}
	};
	await Promise.all(Array.from({ length: PARALLEL }, worker));
	if (failed === void 0) return objects;
	if (next < ids.length) log("failed to acquire semaphore: context canceled");
	throw failed;
}
async function fetchExpanded(client, path, idField, ignoreErrors) {
	return (await doing("failed to fetch objects", fetchObjects(client, (id) => `${path}/${id}`, await doing("failed to fetch ids", fetchArray(client, path, idField)), ignoreErrors))).filter(isRow);
}
// sandbox/ovhcloud/src/expression.ts
const TOKEN = /\s*(==|!=|<=|>=|=~|&&|\|\||[<>!()[\]{},:]|"(?:[^"\\]|\\.)*"|'[^']*'|\d+(?:\.\d+)?|[A-Za-z_][\w.-]*)/y;
function compile(text) {
	const tokens = tokenise(text);
	let at = 0;
	const peek = () => tokens[at];
	const expect = (token) => {
		if (tokens[at++] !== token) throw parseError(text);
	};
	const primary = () => {
		const token = tokens[at++];
		if (token === void 0) throw parseError(text);
		if (token === "!") return negate(primary());
		if (token === "(") return closing(or(), ")");
		if (token === "[") return array();
		if (token === "{") return object();
		if (/^["']/.test(token)) return constant(token.startsWith("\"") ? JSON.parse(token) : token.slice(1, -1));
		if (/^\d/.test(token)) return constant(Number(token));
		if (token === "true" || token === "false") return constant(token === "true");
		if (token === "nil" || token === "null") return constant(null);
		return (row) => field(row, token);
	};
	const closing = (inner, token) => {
		expect(token);
		return inner;
	};
	const array = () => {
		const elements = [];
		while (peek() !== "]") {
			elements.push(or());
			if (peek() === ",") at++;
		}
		return closing((row) => elements.map((element) => element(row)), "]");
	};
	const object = () => {
		const entries = [];
		while (peek() !== "}") {
			const key = or();
			expect(":");
			entries.push([key, or()]);
			if (peek() === ",") at++;
		}
		return closing((row) => Object.fromEntries(entries.map(([key, value]) => [goText(key(row)), value(row)])), "}");
	};
	const binary = (operand, operators) => () => {
		let left = operand();
		while (operators.includes(peek() ?? "")) {
			const [operator, before, after] = [
				tokens[at++] ?? "",
				left,
				operand()
			];
			left = (row) => apply(operator, before(row), () => after(row));
		}
		return left;
	};
	const or = binary(binary(binary(primary, [
		"==",
		"!=",
		"<",
		"<=",
		">",
		">=",
		"=~"
	]), ["&&"]), ["||"]);
	const compiled = or();
	if (at < tokens.length) throw parseError(text);
	return compiled;
}
function tokenise(text) {
	const tokens = [];
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < text.trimEnd().length) {
		const found = TOKEN.exec(text)?.[1];
		if (found === void 0) throw parseError(text);
		tokens.push(found);
	}
	return tokens;
}
function parseError(text) {
	const end = `1:${text.length + 1}`;
	return /* @__PURE__ */ new Error(`parsing error: ${text}\t:${end} - ${end} unexpected EOF while scanning extensions`);
}
const constant = (value) => () => value;
const negate = (inner) => (row) => inner(row) !== true;
function field(row, path) {
	return path.split(".").reduce((value, name) => isRow(value) ? value[name] ?? null : null, row);
}
function apply(operator, left, right) {
	switch (operator) {
		case "&&": return left === true && right() === true;
		case "||": return left === true || right() === true;
		case "==": return JSON.stringify(left) === JSON.stringify(right());
		case "!=": return JSON.stringify(left) !== JSON.stringify(right());
		case "=~": return new RegExp(goText(right())).test(goText(left));
		default: return compare(operator, left, right());
	}
}
function compare(operator, left, right) {
	if (left === null || right === null) return false;
	if (operator === "<") return left < right;
	if (operator === "<=") return left <= right;
	return operator === ">" ? left > right : left >= right;
}
// sandbox/ovhcloud/src/table.ts
const HINT = "💡 Use option --json or --yaml to get the raw output with all information";
/** A column is a field, or `field title`. */
const table = (rows, columns) => {
	const [fields, titles] = [columns.map((column) => column.split(" ")[0] ?? ""), columns.map(title)];
	return `${boxed(titles, rows.map((row) => fields.map((name) => goText(field(row, name)))))}\n${HINT}`;
};
function boxed(titles, cells) {
	const padding = cells.length > 0 ? 2 : 0;
	const widths = titles.map((name, column) => {
		return Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)) + padding;
	});
	const rule = (left, cross, right) => left + widths.map((width) => "─".repeat(width)).join(cross) + right;
	const line = (texts) => `│${texts.join("│")}│`;
	return [
		rule("┌", "┬", "┐"),
		line(titles.map((name, column) => centred(name, widths[column] ?? 0))),
		rule("├", "┼", "┤"),
		...cells.map((row) => line(row.map((text, column) => ` ${text}`.padEnd(widths[column] ?? 0)))),
		rule("└", "┴", "┘")
	].join("\n");
}
const title = (column) => column.split(" ")[1] ?? column;
function centred(text, width) {
	const left = Math.floor((width - text.length) / 2);
	return `${" ".repeat(left)}${text}`.padEnd(width);
}
// sandbox/ovhcloud/src/yaml.ts
/** Block style, keys in order, lists at the indentation of their key: what the program's YAML library writes. */
function yaml(value) {
	return `${lines(value).join("\n")}\n`;
}
function lines(value) {
	if (Array.isArray(value)) {
		if (value.length === 0) return ["[]"];
		return value.flatMap((element) => lines(element).map((line, index) => index === 0 ? `- ${line}` : `  ${line}`));
	}
	if (!isRow(value)) return [scalar(value)];
	const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
	if (entries.length === 0) return ["{}"];
	return entries.flatMap(([key, inner]) => {
		const nested = lines(inner);
		if (Array.isArray(inner) && inner.length > 0) return [`${scalar(key)}:`, ...nested];
		if (isRow(inner) && Object.keys(inner).length > 0) return [`${scalar(key)}:`, ...nested.map((line) => `  ${line}`)];
		return [`${scalar(key)}: ${nested[0] ?? ""}`];
	});
}
const AMBIGUOUS = /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|: |:$| #|\s$|^(true|false|yes|no|on|off|null|~)$|^[-+]?[\d_]*\.?\d*(e[-+]?\d+)?$|^\d{4}-\d\d?-\d\d?([Tt ]|$)/i;
function scalar(value) {
	if (typeof value !== "string") return String(value);
	return AMBIGUOUS.test(value) ? JSON.stringify(value) : value;
}
// sandbox/ovhcloud/src/output.ts
const print$2 = (text) => void process.stdout.write(`${text}\n`);
/** A list; an empty one is `null` in JSON, as Go prints a slice that was never made. */
function printRows(rows, columns, output) {
	if (output.format !== "") {
		const evaluate = compile(output.format);
		for (const row of rows) print$2(goJson(evaluate(row)));
	} else if (output.yaml) print$2(yaml(rows.length === 0 ? null : [...rows]));
	else if (output.json) print$2(rows.length === 0 ? "null" : goJson(rows, 2));
	else print$2(table(rows, columns));
}
/** One object. The real program fills a template where neither JSON nor YAML is asked for; here that is JSON too. */
function printObject(object, output) {
	if (output.format !== "") process.stdout.write(goJson(compile(output.format)(object)));
	else if (output.yaml) print$2(yaml(object));
	else print$2(goJson(object, 2));
}
/** Errors are told on stdout, in the format asked for. */
function printError(message, output) {
	const text = `🛑 ${message}`;
	if (output.json) print$2(`{\n  "message": ${goJson(text)},\n  "error": true\n}`);
	else if (output.yaml) print$2(yaml({
		error: true,
		message: text
	}));
	else print$2(text);
}
// sandbox/ovhcloud/src/panic.ts
/** A Go panic: the program has no row for what the API answered. */
var Panic = class extends Error {
	frames;
	constructor(frames) {
		super("interface conversion: interface {} is nil, not []interface {}");
		this.frames = frames;
	}
};
const OUTER = [
	"github.com/spf13/cobra.(*Command).execute(0xc0000ea908, {0xc000236f00, 0x3, 0x3})\n	github.com/spf13/cobra@v1.10.1/command.go:1019 +0xafb",
	"github.com/spf13/cobra.(*Command).ExecuteC(0x1d87820)\n	github.com/spf13/cobra@v1.10.1/command.go:1148 +0x465",
	"github.com/spf13/cobra.(*Command).Execute(...)\n	github.com/spf13/cobra@v1.10.1/command.go:1071",
	"github.com/ovh/ovhcloud-cli/internal/cmd.Execute({0x0?, 0x166ae68?, 0xc0000621e0?})\n	github.com/ovh/ovhcloud-cli/internal/cmd/root.go:57 +0x65",
	"main.main()\n	github.com/ovh/ovhcloud-cli/cmd/ovhcloud/main.go:16 +0x1a"
];
const printPanic = (panic) => void process.stderr.write(`panic: ${panic.message}\n\ngoroutine 1 [running]:\n${[...panic.frames, ...OUTER].join("\n")}\n`);
const SERVICES = "github.com/ovh/ovhcloud-cli/internal/services/cloud";
const panicFrames = {
	networks: [`${SERVICES}.ListPrivateNetworks(0xc000079500?, {0xdbf30f?, 0x4?, 0xdbf403?})\n\t${SERVICES}/cloud_network.go:158 +0x7e5`],
	regions: [`${SERVICES}.getCloudRegionsWithFeatureAvailable({0xc000cd1f37?, 0x0?}, {0xc00026b9fc, 0x2, 0x0?})\n\t${SERVICES}/cloud_project.go:94 +0x474`, `${SERVICES}.ListCloudStorageS3(0xc0000a41200?, {0xdbf30f?, 0x4?, 0xdbf403?})\n\t${SERVICES}/cloud_storage_s3.go:131 +0xcd`]
};
// sandbox/ovhcloud/src/ini.ts
/** Later files win over earlier ones. The home folder comes from the user database: HOME does not move it. */
const configurationFiles = () => [
	"/etc/ovh.conf",
	`${userInfo().homedir}/.ovh.conf`,
	"./ovh.conf"
];
/** All files that exist, merged section by section. Throws on one that can't be parsed. */
function readMerged(files) {
	const merged = /* @__PURE__ */ new Map();
	for (const file of files) {
		const text = readIfThere(file);
		if (text === void 0) continue;
		for (const [name, keys] of parse(text)) {
			const section = merged.get(name) ?? /* @__PURE__ */ new Map();
			for (const [key, value] of keys) section.set(key, value);
			merged.set(name, section);
		}
	}
	return merged;
}
/** The first file that loads, alone: the program reads its own settings so, other than its credentials. */
function readFirst(files) {
	for (const path of files) {
		const text = readIfThere(path);
		if (text === void 0) continue;
		try {
			return {
				ini: parse(text),
				path
			};
		} catch {
			continue;
		}
	}
	return {
		ini: /* @__PURE__ */ new Map(),
		path: void 0
	};
}
function parse(text) {
	const sections = /* @__PURE__ */ new Map();
	let section = /* @__PURE__ */ new Map();
	for (const raw of text.split(/(?<=\n)/)) {
		const line = raw.trim();
		if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
		if (line.startsWith("[")) {
			const end = line.lastIndexOf("]");
			if (end < 0) throw new Error(`unclosed section: ${raw}`);
			const name = line.slice(1, end);
			section = sections.get(name) ?? /* @__PURE__ */ new Map();
			sections.set(name, section);
			continue;
		}
		const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
		if (key === void 0) throw new Error(`key-value delimiter not found: ${raw}`);
		section.set(key, unquoted(value ?? ""));
	}
	return sections;
}
const print$1 = (ini) => [...ini].map(([name, keys]) => `[${name}]\n${[...keys].map(([key, value]) => `${key} = ${value}\n`).join("")}`).join("\n");
const unquoted = (value) => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
function readIfThere(path) {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return;
	}
}
// sandbox/ovhcloud/src/project.ts
/** Below the endpoint. By flag, else environment, else the default of the configuration file. */
function projectPath(context) {
	const project = context.flags.get("cloud-project")?.[0] || process.env["OVH_CLOUD_PROJECT_SERVICE"] || readFirst(configurationFiles()).ini.get("ovh-cli")?.get("default_cloud_project");
	if (project) return `/cloud/project/${escaped(project)}`;
	throw new Error("no project ID configured, please use --cloud-project <id> or set a default cloud project in your configuration. Alternatively, you can set the OVH_CLOUD_PROJECT_SERVICE environment variable");
}
// sandbox/ovhcloud/src/listings.ts
const inProject = (below) => (context) => projectPath(context) + below;
const atAccount = (path) => () => path;
/** Identifiers, then one request for each. `idField` where the list holds objects. */
const expandedList = (pathOf, columns, idField) => async (context) => {
	const path = pathOf(context);
	print(context, await fetching(fetchExpanded(context.client, path, idField, context.ignoreErrors)), columns);
};
/** Lists that hold their objects whole. */
const flatList = (pathOf, columns) => async (context) => {
	print(context, (await fetching(fetchArray(context.client, pathOf(context)))).filter(isRow), columns);
};
const object = (pathOf) => async (context) => {
	printObject(await getObject(context, `${pathOf(context)}/${escaped(context.args[0] ?? "")}`), context.output);
};
const kubeCluster = async (context) => {
	const path = `${projectPath(context)}/kube/${escaped(context.args[0] ?? "")}`;
	const cluster = await getObject(context, path);
	try {
		cluster["etcdUsage"] = await context.client.get(`${path}/metrics/etcdUsage`);
	} catch (error) {
		log(`failed to fetch etcd usage: ${reasonOf(error)}`);
	}
	printObject(cluster, context.output);
};
/** One row for each network and region. */
const privateNetworks = async (context) => {
	const path = `${projectPath(context)}/network/private`;
	print(context, (await fetching(fetchExpanded(context.client, path, "id", context.ignoreErrors))).flatMap((network) => {
		const regions = network["regions"];
		if (!Array.isArray(regions)) throw new Panic(panicFrames.networks);
		const { id = null, name = null, vlanId = null, type = null } = network;
		return regions.filter(isRow).map(({ openstackId = null, region = null, status = null }) => {
			return {
				id,
				name,
				vlanId,
				openstackId,
				region,
				status,
				type
			};
		});
	}), [
		"id",
		"name",
		"openstackId",
		"region",
		"status"
	]);
};
const registries = async (context) => {
	const project = projectPath(context);
	const found = await fetching(fetchArray(context.client, `${project}/containerRegistry`));
	const regions = await fetchRegions(context, project);
	const rows = [];
	for (const registry of found.filter(isRow)) {
		const path = `${project}/containerRegistry/${escaped(goText(registry["id"] ?? null))}/plan`;
		const plan = await doing("error fetching plan details", context.client.get(path));
		const region = regions.find((one) => one["name"] === registry["region"]);
		rows.push({
			...registry,
			plan,
			...region ? { deploymentMode: deploymentMode(region) } : {}
		});
	}
	print(context, rows, [
		"id",
		"name",
		"region",
		"plan.name plan",
		"deploymentMode",
		"version",
		"status"
	]);
};
/** Regions that fail are left out, with a line on stderr and nothing else: with or without `-e`. */
const buckets = async (context) => {
	const project = projectPath(context);
	const names = (await doing("failed to fetch regions with storage feature available", fetchRegions(context, project))).filter(hasObjectStorage).map((region) => region["name"] ?? null);
	const pathOf = (region) => `${project}/region/${region}/storage`;
	print(context, (await fetchObjects(context.client, pathOf, names, true)).flat().filter(isRow), [
		"name",
		"region",
		"createdAt"
	]);
};
const sshKeys = async (context) => {
	const keys = await doing("failed to fetch SSH keys", context.client.get(`${projectPath(context)}/sshkey`));
	print(context, Array.isArray(keys) ? keys.filter(isRow) : [], [
		"id",
		"name",
		"regions"
	]);
};
function hasObjectStorage(region) {
	if (region["status"] !== "UP") return false;
	const services = region["services"];
	if (!Array.isArray(services)) throw new Panic(panicFrames.regions);
	return services.filter(isRow).some(({ name, status }) => /^storage-s3-(high-perf|standard)$/.test(goText(name ?? null)) && status === "UP");
}
async function fetchRegions(context, project) {
	return await doing("failed to fetch regions", fetchExpanded(context.client, `${project}/region`, void 0, context.ignoreErrors));
}
function deploymentMode(region) {
	return {
		region: "1-AZ",
		"region-3-az": "3-AZ",
		localzone: "Local Zone"
	}[goText(region["type"] ?? null)] ?? region["type"] ?? null;
}
async function getObject(context, path) {
	const found = await doing(`error fetching ${path}`, context.client.get(path));
	return isRow(found) ? found : {};
}
function print(context, rows, columns) {
	printRows(filtered(rows, context.flags.get("filter") ?? []), columns, context.output);
}
function filtered(rows, filters) {
	const tests = filters.map((filter) => {
		try {
			return compile(filter);
		} catch (error) {
			throw because(`failed to filter results: failed to parse filter ${quoted(filter)}`, error);
		}
	});
	return rows.filter((row) => tests.every((test) => test(row) === true));
}
const fetching = async (promise) => await doing("failed to fetch results", promise);
// sandbox/ovhcloud/src/settings-commands.ts
const SECTIONS = {
	endpoint: "default",
	default_cloud_project: "ovh-cli"
};
function showConfiguration() {
	const { ini } = readFirst(configurationFiles());
	const cells = [...ini].flatMap(([section, keys]) => [[section], ...[...keys].map(([key, value]) => [
		"",
		key,
		value
	])]);
	process.stdout.write(`${boxed([
		"section",
		"key",
		"value"
	], cells)}\n`);
}
/** Writes to the file that was read. The real program makes /etc/ovh.conf where there is none; this does not. */
function setConfiguration({ args }) {
	const [name = "", value = ""] = args;
	const section = SECTIONS[name];
	const known = Object.keys(SECTIONS).join(" ");
	if (section === void 0) throw new Error(`unknown configuration field "${name}", customizable fields are: [${known}]`);
	const { ini, path } = readFirst(configurationFiles());
	if (path === void 0) throw new Error("failed to set configuration: the stand-in changes existing files only");
	const changed = new Map([...ini].map(([title, keys]) => [title, new Map(keys)]));
	changed.set(section, new Map([...changed.get(section) ?? [], [name, value]]));
	writeFileSync(path, print$1(changed));
}
function login() {
	throw new Error("Error running program: could not open a new TTY: open /dev/tty: no such device or address");
}
// sandbox/ovhcloud/src/commands.ts
const list = (short, run) => ({
	name: "list",
	short,
	aliases: ["ls"],
	flags: [filterFlag],
	run
});
const get = (short, argument, run) => ({
	name: "get",
	short,
	argument,
	run
});
const group = (name, short, ...commands) => ({
	name,
	short,
	commands
});
const inCloud = (name, short, ...commands) => ({
	...group(name, `${short} in the given cloud project`, ...commands),
	flags: [cloudProjectFlag]
});
/** Named in the help of its group only: whatever changes something is not for a stand-in. */
const unavailable = (name, short) => ({
	name,
	short,
	run: () => {
		throw new Error(`the stand-in for ovhcloud does not know how to run "${name}"`);
	}
});
const instance = inCloud("instance", "Manage instances", unavailable("activate-monthly-billing", "Activate monthly billing for the given instance"), unavailable("create", "Create a new instance"), unavailable("delete", "Delete the given instance"), unavailable("exit-rescue", "Exit the given instance from rescue mode"), get("Get a specific instance", "<instance_id>", object(inProject("/instance"))), unavailable("interface", "Manage interfaces of the given instance"), list("List your instances", expandedList(inProject("/instance"), [
	"id",
	"name",
	"region",
	"flavor.name",
	"status"
], "id")), unavailable("reboot", "Reboot the given instance"), unavailable("reboot-rescue", "Reboot the given instance in rescue mode"), unavailable("reinstall", "Reinstall the given instance"), unavailable("resume", "Resume the given suspended instance"), unavailable("set-flavor", "Migrate the given instance to the specified flavor"), unavailable("set-name", "Set the name of the given instance"), unavailable("shelve", "Shelve the given instance"), unavailable("snapshot", "Manage snapshots of the given instance"), unavailable("start", "Start the given instance"), unavailable("stop", "Stop the given instance"), unavailable("unshelve", "Unshelve the given instance"));
const cloud = group("cloud", "Manage your projects and services in the Public Cloud universe (MKS, MPR, MRS, Object Storage...)", inCloud("container-registry", "Manage container registries", list("List your registries", registries)), inCloud("database-service", "Manage database services", list("List your database services", expandedList(inProject("/database/service"), [
	"id",
	"engine",
	"version",
	"description",
	"status"
]))), instance, inCloud("kube", "Manage Kubernetes clusters", get("Get the given Kubernetes cluster", "<cluster_id>", kubeCluster), list("List your Kubernetes clusters", expandedList(inProject("/kube"), [
	"id",
	"name",
	"region",
	"plan",
	"version",
	"status"
]))), inCloud("loadbalancer", "Manage loadbalancers", list("List your load balancers", expandedList(inProject("/loadbalancer"), [
	"id",
	"openstackRegion",
	"size",
	"status"
]))), inCloud("network", "Manage networks", group("private", "Manage private networks in the given cloud project", list("List your private networks", privateNetworks))), inCloud("operation", "List and get operations"), group("project", "Retrieve information and manage your CloudProject services", get("Get a cloud project", "<project_id>", object(atAccount("/cloud/project"))), list("List your cloud projects", expandedList(atAccount("/cloud/project"), [
	"project_id",
	"projectName",
	"status",
	"description"
]))), inCloud("quota", "Check quotas"), inCloud("rancher", "Manage Rancher services"), inCloud("reference", "Fetch reference data"), inCloud("region", "Check regions", list("List your regions", expandedList(inProject("/region"), [
	"name",
	"type",
	"status"
]))), inCloud("ssh-key", "Manage SSH keys", list("List your SSH keys", sshKeys)), inCloud("storage-block", "Manage block storage volumes", list("List your volumes", flatList(inProject("/volume"), [
	"id",
	"name",
	"region",
	"type",
	"status"
]))), {
	...group("storage-s3", `Manage S3™* compatible storage containers in the given cloud project (* S3 is a trademark filed by Amazon Technologies,Inc. OVHcloud's service is not sponsored by, endorsed by, or otherwise affiliated with Amazon Technologies,Inc.)`, list("List your S3 containers", buckets)),
	flags: [cloudProjectFlag]
}, inCloud("storage-swift", "Manage SWIFT storage containers", list("List your SWIFT containers", flatList(inProject("/storage"), [
	"id",
	"name",
	"region"
]))), inCloud("user", "Manage users"));
const accountList = (path, columns, idField) => list("List your services", expandedList(atAccount(path), columns, idField));
const root = {
	name: "ovhcloud",
	short: "CLI to manage your OVHcloud services (a stand-in: some commands only)",
	flags: outputFlags,
	commands: [
		group("account", "Manage your account", {
			name: "get",
			short: "Show your account",
			run: object(atAccount("/me"))
		}),
		group("baremetal", "Dedicated servers", accountList("/dedicated/server", [
			"name",
			"region",
			"iam.displayName displayName",
			"os",
			"state"
		])),
		cloud,
		group("config", "The configuration file", {
			name: "set",
			short: "Set a value",
			run: setConfiguration,
			withoutClient: true
		}, {
			name: "show",
			short: "Show the configuration",
			run: showConfiguration,
			withoutClient: true
		}),
		group("iam", "IAM", group("resource", "Resources", list("List your resources", flatList(atAccount("/v2/iam/resource"), [
			"urn",
			"type",
			"displayName"
		])))),
		group("ip", "IP addresses", accountList("/ip", [
			"ip",
			"rir",
			"routedTo.serviceName",
			"country",
			"description"
		])),
		{
			name: "login",
			short: "Log in",
			run: login,
			withoutClient: true
		},
		group("okms", "Key management services", accountList("/v2/okms/resource", ["id", "region"], "id")),
		{
			name: "version",
			short: "Show the version",
			run: ({ output }) => printRows([{ version: VERSION }], [
				"version",
				"last_commit",
				"last_commit_time"
			], output),
			withoutClient: true
		},
		group("vps", "Virtual private servers", accountList("/vps", [
			"name",
			"displayName",
			"state",
			"zone"
		])),
		group("vrack", "Private networks of the account", accountList("/vrack", [
			"serviceName",
			"name",
			"description"
		]))
	]
};
// sandbox/ovhcloud/src/credentials.ts
const endpoints = {
	"ovh-eu": "https://eu.api.ovh.com/1.0",
	"ovh-ca": "https://ca.api.ovh.com/1.0",
	"ovh-us": "https://api.us.ovhcloud.com/1.0"
};
const tokenUrls = {
	"https://eu.api.ovh.com/1.0": "https://www.ovh.com/auth/oauth2/token",
	"https://ca.api.ovh.com/1.0": "https://ca.ovh.com/auth/oauth2/token",
	"https://api.us.ovhcloud.com/1.0": "https://us.ovhcloud.com/auth/oauth2/token"
};
/** Environment before files; a section is named like the endpoint as given. Throws the program's own sentences. */
function readSettings(environment) {
	const ini = merged();
	const setting = (section, name) => environment[`OVH_${name.toUpperCase()}`] || (ini.get(section)?.get(name) ?? "");
	const name = setting("default", "endpoint") || "ovh-eu";
	const at = (key) => setting(name, key);
	const application = [
		at("application_key"),
		at("application_secret"),
		at("consumer_key")
	];
	const client = [at("client_id"), at("client_secret")];
	const accessToken = at("access_token");
	const given = [
		...application.some(Boolean) ? ["application_key/application_secret"] : [],
		...client.some(Boolean) ? ["client_id/client_secret"] : [],
		...accessToken === "" ? [] : ["access_token"]
	];
	if (given.length > 1) throw new Error(`can't use multiple authentication methods: ${given.join(", ")}`);
	if (given.length === 0) throw new Error("missing authentication information, you need to provide one of the following: application_key/application_secret, client_id/client_secret, or access_token");
	if (client.some(Boolean) && !client.every(Boolean)) throw new Error("invalid oauth2 config, both client_id and client_secret must be given");
	if (application.some(Boolean) && !(application[0] && application[1])) throw new Error("invalid authentication config, both application_key and application_secret must be given");
	const endpoint = name.includes("/") ? name : endpoints[name];
	if (endpoint === void 0) throw new Error(`unknown endpoint '${name}', consider checking 'Endpoints' list or using an URL`);
	if (accessToken !== "") return {
		endpoint,
		credentials: {
			kind: "token",
			accessToken
		}
	};
	if (application[0] !== "") {
		const [key, secret, consumerKey] = application;
		return {
			endpoint,
			credentials: {
				kind: "application",
				key,
				secret,
				consumerKey
			}
		};
	}
	const tokenUrl = tokenUrls[endpoint];
	if (tokenUrl === void 0) throw new Error(`oauth2 authentication is not compatible with endpoint ${quoted(endpoint)}`);
	return {
		endpoint,
		credentials: {
			kind: "client",
			id: client[0],
			secret: client[1],
			tokenUrl
		}
	};
}
function merged() {
	try {
		return readMerged(configurationFiles());
	} catch (error) {
		throw because("cannot load configuration", error);
	}
}
// sandbox/ovhcloud/src/usage.ts
const NAME_COLUMN = 11;
const commandPath = (path) => path.map((command) => command.name).join(" ");
const leaf = (path) => path.at(-1) ?? path[0];
const localFlags = (path) => [...leaf(path).flags ?? [], helpFlag(leaf(path).name)];
const inheritedFlags = (path) => path.slice(0, -1).flatMap((above) => above.flags ?? []);
const help = (path) => `${leaf(path).short}\n\n${usage(path)}`;
function usage(path) {
	const command = leaf(path);
	const name = commandPath(path);
	const children = command.commands ?? [];
	const width = Math.max(NAME_COLUMN, ...children.map((child) => child.name.length));
	return `${[
		`Usage:\n  ${command.run ? `${name}${command.argument ? ` ${command.argument}` : ""} [flags]` : `${name} [command]`}`,
		command.aliases && `Aliases:\n  ${[command.name, ...command.aliases].join(", ")}`,
		children.length > 0 && `Available Commands:\n${children.map((child) => `  ${child.name.padEnd(width)} ${child.short}`).join("\n")}`,
		`Flags:\n${flagLines(localFlags(path))}`,
		path.length > 1 && `Global Flags:\n${flagLines(inheritedFlags(path))}`,
		children.length > 0 && `Use "${name} [command] --help" for more information about a command.`
	].filter((section) => typeof section === "string").join("\n\n")}\n`;
}
function flagLines(flags) {
	const sorted = flags.toSorted((a, b) => a.name < b.name ? -1 : 1);
	const heads = sorted.map(({ name, shorthand, type }) => {
		return `${shorthand === void 0 ? "      " : `  -${shorthand}, `}--${name}${type === "bool" ? "" : ` ${type}`}`;
	});
	const width = Math.max(...heads.map((head) => head.length)) + 3;
	return sorted.map((flag, index) => (heads[index] ?? "").padEnd(width) + flag.usage.replaceAll("\n", `\n${" ".repeat(width)}`)).join("\n");
}
// sandbox/ovhcloud/src/main.ts
const PANIC_EXIT = 2;
/** The exit code. Whatever the run has to say stands on stdout and stderr by then. */
async function main(args) {
	const settings = trySettings();
	const { path, rest } = findCommand(root, args);
	const command = path.at(-1) ?? root;
	const usageFailure = (message) => {
		process.stderr.write(`Error: ${message}\n${usage(path)}\n`);
		return 1;
	};
	let parsed;
	try {
		parsed = parseFlags(rest, [...localFlags(path), ...inheritedFlags(path)]);
	} catch (error) {
		if (error instanceof UsageError) return usageFailure(error.message);
		throw error;
	}
	if (path.length === 1 && parsed.rest.length > 0) return unknownCommand(path, parsed.rest[0] ?? "");
	if (command.run === void 0 || parsed.flags.has("help")) {
		process.stdout.write(help(path));
		return 0;
	}
	if (command.argument !== void 0 && parsed.rest.length !== 1) return usageFailure(`accepts 1 arg(s), received ${parsed.rest.length}`);
	const output = outputOf(parsed.flags);
	if (settings === void 0 && !command.withoutClient) {
		printError("API client is not initialized, please run `ovhcloud login` to authenticate", output);
		return 1;
	}
	try {
		const client = settings ? createClient(settings, parsed.flags.has("debug")) : noClient;
		const ignoreErrors = parsed.flags.has("ignore-errors");
		await command.run({
			client,
			args: parsed.rest,
			flags: parsed.flags,
			output,
			ignoreErrors
		});
		return 0;
	} catch (error) {
		if (error instanceof Panic) printPanic(error);
		else printError(reasonOf(error), output);
		return error instanceof Panic ? PANIC_EXIT : 1;
	}
}
function trySettings() {
	try {
		return readSettings(process.env);
	} catch (error) {
		log(`OVHcloud API client not initialized, please run "ovhcloud login" to authenticate (${reasonOf(error)})`);
		return;
	}
}
function unknownCommand(path, name) {
	const program = commandPath(path);
	process.stderr.write(`Error: unknown command "${name}" for "${program}"\nRun '${program} --help' for usage.\n`);
	return 1;
}
const outputOf = (flags) => ({
	json: flags.has("json"),
	yaml: flags.has("yaml"),
	format: flags.get("format")?.[0] ?? ""
});
const unreachable = () => {
	throw new Error("no client");
};
const noClient = {
	prepare: unreachable,
	exchange: unreachable,
	get: unreachable
};
process.exit(await main(process.argv.slice(2)));
export {};
