import {
  SecretStoreConflict,
  SecretStoreUnavailable,
  type Gate,
  type SecretStore,
} from '../../../stores/secrets/port.ts';

type Operation = 'read' | 'write' | 'destroy' | 'prune' | 'list';

/**
 * - `fails`: the store is not there; nothing happened
 * - `times_out_after_landing`: it did what was asked, and its answer was lost
 * - `conflicts`: another writer was a moment faster
 */
export type StoreFault = 'fails' | 'times_out_after_landing' | 'conflicts';

interface Rule {
  readonly operation: Operation;
  readonly gate: Gate | undefined;
  readonly key: string | undefined;
  readonly fault: StoreFault;
  /** How many matching calls pass before it hits one. */
  after: number;
}

export interface FaultySecretStore extends SecretStore {
  /** Hits one call: the first that matches, or a later one. */
  fail(fault: StoreFault, match: { operation: Operation; gate?: Gate; key?: string; after?: number }): void;
  /** While down, every call fails. */
  down: boolean;
  /** Goes down as soon as that many more writes have landed: between a refresh's marker and its reply, say. */
  goesDownAfterWrites(count: number): void;
  /** The same, with what is destroyed counted too; 0 = the next change does not land. A killed process looks like this. */
  goesDownAfterChanges(count: number): void;
  /** Done once just before the next write, or a later one: what another process does meanwhile. */
  meanwhile(work: () => Promise<unknown>, after?: number): void;
  /** Done once just after the next write to that gate. */
  meanwhileAfter(gate: Gate, work: () => Promise<unknown>): void;
  /** Gates of the writes that landed, in order. */
  readonly written: readonly Gate[];
}

/** A real store that fails on command. */
export function createFaultySecretStore(store: SecretStore): FaultySecretStore {
  const rules: Rule[] = [];
  const written: Gate[] = [];
  let writesLeft = Infinity;
  let changesLeft = Infinity;
  let following: { readonly gate: Gate; readonly work: () => Promise<unknown> } | undefined;
  let intrusion: { readonly work: () => Promise<unknown>; after: number } | undefined;

  function hit(operation: Operation, gate: Gate, key: string): StoreFault | undefined {
    const rule = rules.find(
      (each) => each.operation === operation && (each.gate ?? gate) === gate && (each.key ?? key) === key,
    );
    if (!rule || rule.after-- > 0) return undefined;
    rules.splice(rules.indexOf(rule), 1);
    return rule.fault;
  }

  async function guarded<T>(operation: Operation, gate: Gate, key: string, work: () => Promise<T>): Promise<T> {
    const changes = operation === 'write' || operation === 'destroy' || operation === 'prune';
    if (changes && changesLeft <= 0) {
      self.down = true;
      changesLeft = Infinity;
    }
    if (self.down) throw new SecretStoreUnavailable('The store is down.', { ambiguous: false });
    const fault = hit(operation, gate, key);
    if (fault === 'fails') throw new SecretStoreUnavailable('The store failed.', { ambiguous: false });
    if (fault === 'conflicts') throw new SecretStoreConflict('Conflict. Nothing was written.');
    const answer = await work();
    if (changes) changesLeft -= 1;
    if (fault === 'times_out_after_landing') throw new SecretStoreUnavailable('No answer.', { ambiguous: true });
    return answer;
  }

  const self: FaultySecretStore = {
    down: false,
    written,
    fail(fault, { operation, gate, key, after = 0 }) {
      rules.push({ operation, gate, key, fault, after });
    },
    goesDownAfterWrites(count) {
      writesLeft = count;
    },
    goesDownAfterChanges(count) {
      changesLeft = count;
    },
    meanwhile(work, after = 0) {
      intrusion = { work, after };
    },
    meanwhileAfter(gate, work) {
      following = { gate, work };
    },
    read: (gate, key) => guarded('read', gate, key, () => store.read(gate, key)),
    async write(gate, key, data, options) {
      if (intrusion && intrusion.after-- <= 0) {
        const { work } = intrusion;
        intrusion = undefined;
        await work();
      }
      const landed = await guarded('write', gate, key, async () => {
        const version = await store.write(gate, key, data, options);
        written.push(gate);
        if (--writesLeft === 0) self.down = true;
        return version;
      });
      if (following?.gate === gate) {
        const { work } = following;
        following = undefined;
        await work();
      }
      return landed;
    },
    destroy: (gate, key) => guarded('destroy', gate, key, () => store.destroy(gate, key)),
    prune: (gate, key, version) => guarded('prune', gate, key, () => store.prune(gate, key, version)),
    list: (gate, prefix) => guarded('list', gate, prefix, () => store.list(gate, prefix)),
    ping: () => store.ping(),
    close: () => store.close(),
  };
  return self;
}
