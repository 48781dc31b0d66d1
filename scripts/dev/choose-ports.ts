import { isFree, nextFreePort } from './ports.ts';
import { StackError } from './stack-error.ts';

export interface Ports {
  readonly api: number;
  readonly metrics: number;
  readonly sandbox: number;
  readonly temporal: number;
  readonly ui: number;
}

const usual: Ports = { api: 5000, metrics: 5001, sandbox: 5010, temporal: 7233, ui: 8233 };

/**
 * The API's port is what redirect URIs and bookmarks name: it is taken as asked or not at all. The others move on
 * to the next free one.
 */
export async function choosePorts(environment: NodeJS.ProcessEnv, wanted: Partial<Ports> = {}): Promise<Ports> {
  const api = wanted.api ?? portIn(environment, 'PORT') ?? usual.api;
  if (!(await isFree(api))) {
    throw new StackError(
      `Port ${api} is in use by another program (on macOS, AirPlay Receiver has 5000): stop it, or choose another port ` +
        `for the API, e.g. PORT=${await nextFreePort(api + 80)} npm start.`,
    );
  }
  const taken = new Set([api]);
  const next = async (first: number): Promise<number> => {
    const port = await nextFreePort(first, taken);
    taken.add(port);
    return port;
  };
  return {
    api,
    metrics: await next(wanted.metrics ?? portIn(environment, 'METRICS_PORT') ?? usual.metrics),
    sandbox: await next(wanted.sandbox ?? usual.sandbox),
    temporal: await next(wanted.temporal ?? usual.temporal),
    ui: await next(wanted.ui ?? usual.ui),
  };
}

function portIn(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = environment[name];
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(`${name} "${text}" is not valid: it must be a port number, e.g. 5000.`);
}
