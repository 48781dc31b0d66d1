import { log } from './log.ts';
import type { Answer, Call } from './transport.ts';

const RULE = '-----------------------------------------------------';

/** The real program prints the bearer token here, and so does this: never pass `--debug`. */
export function logCall(call: Call): void {
  const url = new URL(call.url);
  const { 'User-Agent': agent, 'Accept-Encoding': encoding, ...others } = call.headers;
  const sorted = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  const headers = [['Host', url.host], ['User-Agent', agent], ...sorted, ['Accept-Encoding', encoding]];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const first = `${call.method} ${call.url.slice(url.origin.length)} HTTP/1.1\r\n`;
  log(
    `[DEBUG] OVH API Request Details:\n---[ REQUEST ]---------------------------------------\n${first}${lines}\r\n\n${RULE}`,
  );
}

export function logAnswer(answer: Answer): void {
  const headers = Object.entries(answer.headers)
    .map(([name, value]) => `${canonical(name)}: ${String(value)}\r\n`)
    .sort();
  const first = `HTTP/1.1 ${answer.status} ${answer.statusText}\r\n`;
  const body = `${first}${headers.join('')}\r\n${indented(answer.body)}`;
  log(`[DEBUG] OVH API Response Details:\n---[ RESPONSE ]--------------------------------------\n${body}\n${RULE}`);
}

const canonical = (name: string): string => name.replace(/(^|-)([a-z])/g, (found) => found.toUpperCase());

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 1);
  } catch {
    return body;
  }
}
