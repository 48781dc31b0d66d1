import type { AuthMethod, CallContext } from '../../providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { createManualClock } from './manual-clock.ts';
import { ovhMethod, ovhRegion } from './provider.ovh.harness.ts';

/** One of OVHcloud's form methods on a sandbox whose behaviour and clock the test steers. */
export interface OvhFormOnSandbox {
  readonly cloud: SandboxClient;
  readonly environment: Record<string, string>;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly method: AuthMethod;
  holding(fields: JsonObject): CallContext;
  /** Keys as a customer submits them; by default with all rights, in Ada's name. */
  keys(rules?: readonly { method: string; path: string }[]): Promise<Record<string, string>>;
  /** The record as it is after preparing. */
  prepared(fields: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
}

export async function startOvhForm(id: string): Promise<OvhFormOnSandbox> {
  const clock = createManualClock();
  const sandbox = createSandbox({ clock });
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const method = ovhMethod(id, environment, { clock });
  const { signal } = new AbortController();
  const holding = (fields: JsonObject): CallContext => ({
    region: ovhRegion,
    connectionId: 'con_abcdefghijklmnopqrstuvwxyz',
    record: new Secret(fields),
    signal,
  });
  return {
    cloud,
    environment,
    clock,
    method,
    holding,
    async keys(rules) {
      const keys = await cloud.ovh.createKeys(rules === undefined ? {} : { rules });
      return {
        application_key: keys.applicationKey,
        application_secret: keys.applicationSecret,
        consumer_key: keys.consumerKey,
      };
    },
    async prepared(fields) {
      const made = await method.prepare?.(holding(fields));
      const kept = Object.entries({ ...fields, ...made?.fields.reveal() });
      return Object.fromEntries(kept.filter(([name]) => made?.dropped.includes(name) !== true));
    },
    close: () => sandbox.close(),
  };
}
