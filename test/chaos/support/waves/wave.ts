import type { Connection } from '../../../../api/connections/schema.ts';
import type { SecretStore } from '../../../../stores/secrets/port.ts';
import type { Customer } from '../../../support/customer.ts';

/** What has become of a connection in the end. */
export type Outcome = 'connected' | 'renewed' | 'disconnected' | 'exchange_response_lost' | 'rotation_response_lost';

/** One connection, brought to the moment before its kill point. */
export interface Poised {
  readonly connection: string;
  /** Where it comes in: the redirect, or what was submitted, arrives. */
  readonly arrive?: () => Promise<unknown>;
  /** Comes in by the same link once more. */
  readonly again?: () => Promise<unknown>;
}

export interface Stage {
  readonly customer: Customer;
  readonly secrets: SecretStore;
  /** Keeps the stack from writing to its ephemeral store; answers how to let it go. */
  readonly lockEphemeral: () => () => void;
  /** Stops the worker where it is, if it is to die. */
  readonly freeze: () => void;
}

/** Connections that are brought to their kill points together, so that one kill hits each of them there. */
export interface Wave<P extends string = string> {
  readonly name: string;
  /** The exact places where a process is killed, one connection at each of them. */
  readonly points: Readonly<Record<P, string>>;
  /** Everything that may take its time. */
  poise(customer: Customer): Promise<Readonly<Record<P, Poised>>>;
  /** From there to the kill points: within the 6 s that a held request has, or whoever waits for it is gone. */
  reach(poised: Readonly<Record<P, Poised>>, stage: Stage): Promise<void>;
  /** Undefined while the connection is still on its way. */
  outcomeOf(point: P, connection: Connection): Outcome | undefined;
}

/** A code, if any, in the answer that asks somebody to act. */
export const askedFor = ({ status, problem }: Connection): Outcome | undefined =>
  status === 'awaiting_customer' || status === 'action_required' ? (problem?.code as Outcome | undefined) : undefined;

export const isRenewed = ({ status, credential }: Connection): boolean =>
  status === 'active' && (credential?.generation ?? 0) > 1;
