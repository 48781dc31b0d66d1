import type { OAuthCounters } from '../../../sandbox/client.ts';
import type { Client } from './client/traffic.ts';
import { invariants, type Findings, type Invariant, type Violation } from './invariants/findings.ts';
import type { Spendings } from './invariants/spendings.ts';
import type { ChaosOptions } from './options.ts';
import type { ActionsDone } from './perform.ts';
import { countBy } from './progress.ts';
import type { Crash } from './stack/child.ts';
import type { ChaosStack } from './stack/stack.ts';

export interface ActionCount {
  done: number;
  /** Another action had its process or link. */
  skipped: number;
  failed: number;
}

/** What came of a run; also the form of its JSON. */
export interface ChaosOutcome {
  readonly seed: number;
  readonly options: Omit<ChaosOptions, 'without'> & { readonly without: readonly string[] };
  readonly startedAt: string;
  readonly tookSeconds: number;
  /** From the beginning of the quiet until every connection was at rest; null = some never were. */
  readonly settledSeconds: number | null;
  readonly actions: Readonly<Record<string, ActionCount>>;
  /** Actions that did not do what they were to do, with the error. */
  readonly failedActions: readonly string[];
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly connections: {
    readonly accepted: number;
    readonly disconnected: number;
    /** By the status that each had last. */
    readonly statuses: Readonly<Record<string, number>>;
  };
  readonly refreshTokens: {
    readonly spent: number;
    readonly spentAgain: number;
    readonly markedReplays: number;
    readonly whileDisconnecting: number;
  };
  readonly replayed: Readonly<Record<string, number>>;
  /** Processes that ended though nobody killed them. */
  readonly crashes: readonly Crash[];
  readonly invariants: readonly {
    readonly name: Invariant;
    readonly title: string;
    readonly checks: number;
    readonly violated: number;
  }[];
  readonly violations: readonly Violation[];
  /** Logs and data of every process. */
  readonly folder: string;
}

/** Puts together what the parts of a run know. */
export function outcomeOf(of: {
  readonly options: ChaosOptions;
  readonly stack: ChaosStack;
  readonly client: Client;
  readonly findings: Findings;
  readonly actions: ActionsDone;
  readonly replayed: Readonly<Record<string, number>>;
  readonly startedAtMs: number;
  readonly settledSeconds: number | null;
  readonly spendings: ReturnType<Spendings['counts']>;
  readonly cloud: OAuthCounters;
}): ChaosOutcome {
  const { options, stack, client, findings, actions, spendings } = of;
  const entries = client.ledger.entries();
  const violations = findings.violations();
  return {
    seed: options.seed,
    options: { ...options, without: [...options.without] },
    startedAt: new Date(of.startedAtMs).toISOString(),
    tookSeconds: Math.round((Date.now() - of.startedAtMs) / 1_000),
    settledSeconds: of.settledSeconds,
    actions: actions.counts,
    failedActions: actions.failures,
    requests: client.api.counts(),
    connections: {
      accepted: entries.filter(({ acceptedAtMs }) => acceptedAtMs !== null).length,
      disconnected: entries.filter(({ disconnect }) => disconnect).length,
      statuses: countBy(entries.map(({ seen }) => seen?.status ?? 'never seen')),
    },
    refreshTokens: {
      spent: of.cloud.refreshTokensSpent,
      spentAgain: spendings.again,
      markedReplays: spendings.replays,
      whileDisconnecting: spendings.whileLeaving,
    },
    replayed: of.replayed,
    crashes: stack.crashes(),
    invariants: (Object.entries(invariants) as [Invariant, string][]).map(([name, title]) => ({
      name,
      title,
      checks: findings.checks(name),
      violated: violations.filter(({ invariant }) => invariant === name).length,
    })),
    violations,
    folder: stack.folder,
  };
}
