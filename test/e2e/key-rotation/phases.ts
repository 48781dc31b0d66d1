import { eventually } from '../../support/eventually.ts';
import type { Customer, SignedIn } from '../../support/customer.ts';
import { Refused, type Invited } from '../../support/platform.ts';
import { connectBy, waysIn } from '../../support/ways.ts';
import type { RealWorld } from '../support/real-world.ts';
import type { TemporalSide } from './temporal-side.ts';

const NINETY_DAYS_SECONDS = 90 * 24 * 3600;
/** So that a held renewal or revocation does not come again by itself while the keys are rotated. */
const RETRY_AFTER_SECONDS = '1800';
const WITHIN_MS = 60_000;

/** Each trouble has a region of its own, so that it is nobody else's. */
const UNAVAILABLE = 'ovh-ca';
const REFUSED = { region: 'ovh-us', account: 'mc24680-ovh' } as const;
const lateRole = { name: 'not-made-yet', arn: 'arn:aws:iam::222233334441:role/not-made-yet' } as const;

/** The names of the connections, one for each phase that a connection can wait in. */
export type PhaseName = (typeof phaseNames)[number];
const phaseNames = [
  'waiting',
  'signingIn',
  'proof',
  'confirmation',
  'active',
  'degraded',
  'paused',
  'action_required',
  'stopped',
  'disconnecting',
  'sealed',
] as const;

/** How each connection is shown while it waits in its phase. */
export const shownAs: Readonly<Record<PhaseName, string>> = {
  waiting: 'awaiting_customer',
  signingIn: 'awaiting_customer',
  proof: 'verifying',
  confirmation: 'verifying',
  active: 'active',
  degraded: 'degraded',
  paused: 'paused',
  action_required: 'action_required',
  stopped: 'stopped',
  disconnecting: 'disconnecting',
  sealed: 'degraded',
};

export interface Phases {
  readonly ids: Readonly<Record<PhaseName, string>>;
  /** The customer is at the cloud's page; the redirect has not come yet. */
  readonly signedIn: SignedIn;
  /** The clouds work again, the role is there, and the store takes the withheld record. */
  heal(): Promise<void>;
  /** Has every connection do what it waits for, until each of them is active, and one of them gone. */
  goOn(): Promise<void>;
}

/** A connection in every phase, each held there until {@link Phases.heal}. */
export async function connectInEveryPhase(
  world: RealWorld,
  customer: Customer,
  temporal: TemporalSide,
): Promise<Phases> {
  const { platform, cloud } = customer;
  const post = async <T>(id: string, verb: string, body?: object): Promise<T> =>
    await platform.call<T>('POST', `/v1/connections/${id}/${verb}`, body);

  const passcode = 'tulip-42';
  const waiting = await platform.invite({ invitation: { lifetimeSeconds: NINETY_DAYS_SECONDS, passcode } });
  const signingIn = await platform.invite();
  const signedIn = await customer.signIn(signingIn.invitation.url);

  const role = (await platform.invite({ provider: 'aws', region: 'aws' })) as Invited & {
    readonly guide: { readonly blocks: readonly { readonly format: string; readonly text: string }[] };
  };
  const trustPolicy = JSON.parse(role.guide.blocks.find(({ format }) => format === 'json')?.text ?? '{}') as object;
  await post(role.connection.id, 'submission', { fields: { role_arn: lateRole.arn } });
  await platform.until(role.connection.id, ({ verification }) => (verification?.attempts ?? 0) > 0);

  const { connection: confirmation } = await customer.onboard({ invitation: { confirm: true } });
  await platform.until(confirmation.id, ({ verification }) => verification?.step === 'confirmation');

  const active = await customer.connect();

  const degraded = await customer.connect({ region: UNAVAILABLE });
  await cloud.fault(
    { region: UNAVAILABLE, endpoint: 'token.refresh' },
    { kind: 'respond', status: 503, headers: { 'retry-after': RETRY_AFTER_SECONDS } },
    null,
  );
  await post(degraded.id, 'refresh').catch(() => undefined);
  await platform.until(degraded.id, 'degraded');

  const paused = await customer.connect();
  await post(paused.id, 'pause');

  const refused = await customer.connect({ region: REFUSED.region }, { account: REFUSED.account });
  await cloud.revokeOvhAccount(REFUSED.account, REFUSED.region);
  await post(refused.id, 'refresh').catch(() => undefined);
  await platform.until(refused.id, 'action_required');
  const again = await post<Invited>(refused.id, 'reauthorize');

  const stopped = await customer.connect();
  await temporal.terminate(stopped.id);
  await eventually(
    'the terminated connection to be found',
    async () => {
      await temporal.reconcile();
      return (await platform.get(stopped.id)).status === 'stopped';
    },
    WITHIN_MS,
  );

  const gcp = waysIn.find(({ cloud: at, method }) => at === 'gcp' && method === 'authorization_code');
  if (!gcp) throw new Error('There is no sign-in to Google Cloud.');
  const disconnecting = await connectBy(customer, gcp);
  await cloud.fault(
    { cloud: 'gcp', endpoint: 'revoke' },
    { kind: 'respond', status: 503, headers: { 'retry-after': RETRY_AFTER_SECONDS } },
    null,
  );
  await platform.call('DELETE', `/v1/connections/${disconnecting.id}`);
  await temporal.untilPending(disconnecting.id, 'revokeCredential');

  const sealed = await customer.connect();
  await cloud.fault({ region: 'ovh-eu', endpoint: 'token.refresh' }, { kind: 'hold_after' });
  const refreshing = post(sealed.id, 'refresh').catch(() => undefined);
  const hold = await cloud.waitForHold('token.refresh');
  const giveBack = await world.withholdRecord(sealed.id);
  await cloud.release(hold);
  await refreshing;
  await temporal.untilPending(sealed.id, 'storeSealed');

  const ids = {
    waiting: waiting.connection.id,
    signingIn: signingIn.connection.id,
    proof: role.connection.id,
    confirmation: confirmation.id,
    active: active.id,
    degraded: degraded.id,
    paused: paused.id,
    action_required: refused.id,
    stopped: stopped.id,
    disconnecting: disconnecting.id,
    sealed: sealed.id,
  };

  return {
    ids,
    signedIn,
    async heal() {
      await cloud.clearFaults();
      await cloud.putAwsRole({ name: lateRole.name, trustPolicy });
      await giveBack();
    },
    async goOn() {
      await (await customer.signIn(waiting.invitation.url, { passcode })).arrive();
      for (const id of [ids.proof, ids.degraded]) {
        // Unless its own next try, in the new run, has come first.
        await post(id, 'try-now').catch((error: unknown) => {
          if (!(error instanceof Refused) || error.code !== 'nothing_to_try') throw error;
        });
      }
      await post(ids.confirmation, 'confirm');
      await post(ids.paused, 'resume');
      await (await customer.signIn(again.invitation.url, { account: REFUSED.account })).arrive();
      await post(ids.stopped, 'recover');
      for (const [name, id] of Object.entries(ids)) {
        await platform.until(id, name === 'disconnecting' ? 'disconnected' : 'active', 2 * WITHIN_MS);
      }
    },
  };
}
