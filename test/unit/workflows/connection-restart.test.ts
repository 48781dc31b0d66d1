import { describe, expect, it } from 'vitest';
import { stateFrom } from '../../../workflows/connection/restart.ts';
import { apply } from '../../../workflows/connection/state.ts';
import { viewOf } from '../../../workflows/connection/view.ts';
import type { ConnectionAbout } from '../../../contracts/activities.ts';
import { aboutFromView, restartInput, restartView, type Restart } from '../../../contracts/restart.ts';

const at = '2030-01-01T12:00:00.000Z';
const about: ConnectionAbout = {
  v: 1,
  connection: { id: 'con_a', tenant: 'acme', provider: 'ovh', region: 'ovh-eu', method: 'authorization_code' },
  name: 'Blog',
  tags: ['blue', 'green'],
  setup: { externalId: 'x' },
  account: { id: 'ada', displayName: 'Ada' },
  epoch: 7,
  createdAt: '2029-01-01T00:00:00.000Z',
  discovery: { intervalSeconds: 3_600, concurrency: 4 },
  request: { digest: 'd', invitationExpiresAt: '2029-01-15T00:00:00.000Z' },
};
const restartAs = (as: Restart['as'], more: Partial<Restart> = {}): Restart => ({
  restart: 1,
  about,
  as,
  at,
  discards: [],
  revocation: null,
  ...more,
});

describe('a connection that is started again', () => {
  it.each(['stopped', 'disconnecting'] as const)(
    'a connection that is restarted as %s has the same view in the memo as in the workflow',
    (as) => {
      for (const discovery of [about.discovery, null]) {
        const restart = restartAs(as, { about: { ...about, discovery } });
        expect(restartView(restart)).toEqual(viewOf(stateFrom(restart)));
      }
    },
  );

  it('a restarted connection keeps its identity, name, tags, setup, account, discovery and start request', () => {
    const { ref, name, tags, setup, account, createdAt, discovery, request } = stateFrom(restartAs('stopped'));
    expect({ v: 1, connection: ref, name, tags, setup, account, createdAt, request, epoch: 7 }).toEqual({
      ...about,
      discovery: undefined,
    });
    expect(discovery).toMatchObject(about.discovery ?? {});
  });

  it('a restarted connection accepts no link of the lost run, however many links that run issued', () => {
    const { epoch, invitation } = stateFrom(restartAs('stopped'));
    expect(invitation).toBeNull();
    expect(epoch).toBeGreaterThan(Date.parse(at) / 1000);
    const minuteLater = stateFrom(restartAs('stopped', { at: '2030-01-01T12:01:00.000Z' }));
    expect(minuteLater.epoch).toBeGreaterThan(epoch);
    const known = stateFrom(restartAs('stopped', { about: { ...about, epoch: 2_000_000_000 } }));
    expect(known.epoch).toBe(2_000_000_001);
  });

  it('a restarted connection discards its pending grants, and its timeline says that it is stopped', () => {
    const { discards, timeline } = stateFrom(restartAs('stopped', { discards: ['ref-1', 'ref-2'] }));
    expect(discards).toEqual(['ref-1', 'ref-2']);
    expect(timeline).toMatchObject([{ at, event: 'stopped' }]);
  });

  it('a restarted disconnection begins at its first step, or at its last one where access was already revoked', () => {
    expect(stateFrom(restartAs('disconnecting')).phase).toMatchObject({ step: 'retire', revocation: null });
    const revocation = { outcome: 'revoked', revoked: ['refresh_token'] } as const;
    const { phase } = stateFrom(restartAs('disconnecting', { revocation }));
    expect(phase).toMatchObject({ status: 'disconnecting', step: 'destroy', revocation });
  });

  it('a restarted connection keeps, when it is recovered, the name and tags that were changed meanwhile', () => {
    const annotated = apply(stateFrom(restartAs('stopped')), { type: 'annotated', name: 'Shop', tags: [] }, at);
    const credential = {
      v: 1,
      generation: 3,
      issuedAt: at,
      expiresAt: null,
      nextRefreshAt: null,
      renewable: true,
      scopes: [],
    } as const;
    const recovered = apply(annotated, { type: 'recovered', credential, until: at }, at);
    expect(recovered).toMatchObject({ name: 'Shop', tags: [], aboutStale: true, phase: { status: 'active' } });
  });

  it('a restart of a version that the build does not know is refused', () => {
    expect(() => stateFrom({ ...restartAs('stopped'), restart: 2 as 1 })).toThrow(/version 1/);
  });

  it('the restart of a connection that was never connected can be made from the memo of its last run', () => {
    const view = { ...restartView(restartAs('stopped')), invitation: { ...terms, epoch: 5 } };
    expect(aboutFromView(view, about.request)).toMatchObject({
      ...about,
      epoch: 5,
      discovery: { intervalSeconds: 3_600 },
    });
  });

  it('the workflow input of a restart has the id, the tenant and the tags of the connection', () => {
    expect(restartInput(restartAs('stopped'))).toMatchObject({ id: 'con_a', tenant: 'acme', tags: ['blue', 'green'] });
  });
});

const terms = { expiresAt: at, purpose: 'connect', passcodeRequired: false, confirm: false, locked: false } as const;
