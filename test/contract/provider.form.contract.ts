import { inspect } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod, CallContext, Proof } from '../../providers/provider.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { ProblemClass } from '../../contracts/problem.ts';
import { closedPort } from '../support/closed-port.ts';
import { thrown } from './thrown.ts';

/** A form method and the cloud (real counterpart or simulated) that it is run against. */
export interface FormMethodHarness {
  readonly region: string;
  readonly manifest: FormMethodManifest;
  /** The variant of the form that is submitted, where it has several. */
  readonly variant?: string;
  /** The account that every submission belongs to. */
  readonly account: string;
  /** The outcome of a revocation at this cloud. */
  readonly revocation: 'revoked' | 'unsupported';
  /** The method as an operator configured it; `cloudUrl` replaces every address of the cloud. */
  method(replaced?: { cloudUrl?: string }): AuthMethod;
  /** A new, correct submission: the fields of the manifest, and the values that Mooring adds to them. */
  submit(): Promise<JsonObject>;
  /** Replaces single fields by wrong ones; `expected` is the error of the first proof. */
  readonly wrong: {
    readonly fields: JsonObject;
    readonly expected: { readonly class: ProblemClass; readonly code: string };
  };
  /** The customer withdraws the record's access at the cloud. */
  withdraw(record: JsonObject): Promise<void>;
  close(): Promise<void>;
}

/** What Mooring relies on, for every form method of every cloud. */
export function formMethodContract(name: string, start: () => Promise<FormMethodHarness>): void {
  describe(`form method: ${name}`, () => {
    let harness: FormMethodHarness;
    let method: AuthMethod;
    beforeAll(async () => {
      harness = await start();
      method = harness.method();
    });
    afterAll(() => harness?.close());

    const holding = (fields: JsonObject, { signal } = new AbortController()): CallContext => ({
      region: harness.region,
      connectionId: 'con_abcdefghijklmnopqrstuvwxyz',
      record: new Secret(fields),
      signal,
    });
    /** As the activity does it: prepares, drops fields that are no longer needed, proves, merges issued fields. */
    async function connect(fields: JsonObject): Promise<{ record: JsonObject; proof: Proof; dropped: JsonObject }> {
      const prepared = await method.prepare?.(holding(fields));
      const isDropped = ([field]: [string, unknown]) => prepared?.dropped.includes(field) ?? false;
      const entries = Object.entries({ ...fields, ...prepared?.fields.reveal() });
      const kept = Object.fromEntries(entries.filter((entry) => !isDropped(entry)));
      const proof = await method.prove(holding(kept));
      const record = { ...kept, ...proof.issued?.fields.reveal() };
      return { record, proof, dropped: Object.fromEntries(entries.filter(isDropped)) };
    }

    test('a correct submission is proven to belong to its account', async () => {
      const { proof } = await connect(await harness.submit());
      expect(proof.account).toMatchObject({ id: harness.account });
      expect(proof.warnings).toEqual([]);
    });

    test('a prepared record needs no second preparation, and holds no dropped value', async () => {
      const { record, dropped } = await connect(await harness.submit());
      expect(await method.prepare?.(holding(record))).toBeUndefined();
      const kept = JSON.stringify(record);
      for (const value of Object.values(dropped)) expect(kept).not.toContain(value);
    });

    test('a proof can be repeated, with the same account and claim', async () => {
      const { record, proof } = await connect(await harness.submit());
      const again = await method.prove(holding(record));
      expect(again.account).toEqual(proof.account);
      expect(again.claim).toEqual(proof.claim);
    });

    test('a refresh gives a credential that works as well, and says for how long', async () => {
      const { record, proof } = await connect(await harness.submit());
      const issued = await method.refresh(holding(record));
      expect(issued.renewable).toBe(true);
      if (issued.ttlSeconds !== null) expect(issued.ttlSeconds).toBeGreaterThan(60);
      const renewed = { ...record, ...issued.fields.reveal() };
      expect((await method.prove(holding(renewed))).account).toEqual(proof.account);
      await expect(method.refresh(holding(renewed))).resolves.toMatchObject({ renewable: true });
    });

    test('a wrong value is reported with its class, code and remedy', async () => {
      const { fields, expected } = harness.wrong;
      const error = await thrown(connect({ ...(await harness.submit()), ...fields }));
      expect(error).toMatchObject({ class: expected.class, problem: { code: expected.code } });
      expect(error.problem.message).toMatch(/^\S.*[.!?"]$/s);
      expect(error.problem.remedy).toMatch(/\S/);
    });

    test('a submission without a required field sends nothing', async () => {
      const { manifest, variant } = harness;
      const fields = [...manifest.fields, ...(manifest.variants?.find(({ id }) => id === variant)?.fields ?? [])];
      // A field with options has a default, which is filled in before this call.
      const required = fields.filter((field) => field.required && !field.options);
      expect(required.length, 'a form asks for something').toBeGreaterThan(0);
      for (const { name: left } of required) {
        const { [left]: _, ...rest } = await harness.submit();
        const unsent = { class: 'user', delivery: 'not_sent' };
        expect(await thrown(connect(rest)), `without ${left}`).toMatchObject(unsent);
      }
    });

    test('a cloud that cannot be reached is a transient error, never a refusal', async () => {
      const { record } = await connect(await harness.submit());
      const unreachable = harness.method({ cloudUrl: await closedPort() });
      const away = { class: 'transient', delivery: 'not_sent', problem: { code: 'cloud_unreachable' } };
      expect(await thrown(unreachable.prove(holding(record)))).toMatchObject(away);
      expect(await thrown(unreachable.refresh(holding(record)))).toMatchObject(away);
    });

    test('a cancelled call is a transient error, never a refusal', async () => {
      const { record } = await connect(await harness.submit());
      const cancelled = new AbortController();
      cancelled.abort();
      expect(await thrown(method.prove(holding(record, cancelled)))).toMatchObject({ class: 'transient' });
      expect(await thrown(method.refresh(holding(record, cancelled)))).toMatchObject({ class: 'transient' });
    });

    test('nothing is sent to another host without TLS', async () => {
      const { record } = await connect(await harness.submit());
      const careless = harness.method({ cloudUrl: 'http://192.0.2.1/1.0' });
      const refused = { class: 'config', delivery: 'not_sent', problem: { code: 'insecure_url' } };
      expect(await thrown(careless.prove(holding(record)))).toMatchObject(refused);
      expect(await thrown(careless.refresh(holding(record)))).toMatchObject(refused);
    });

    test('a credential that the customer withdrew is refused, not retried', async () => {
      const { record } = await connect(await harness.submit());
      await harness.withdraw(record);
      expect(['user', 'revoked']).toContain((await thrown(method.refresh(holding(record)))).class);
    });

    test('a revocation has the declared outcome, can be repeated, and accepts an empty record', async () => {
      const { record } = await connect(await harness.submit());
      const outcome = await method.revoke(holding(record));
      expect(outcome.outcome).toBe(harness.revocation);
      if (outcome.outcome === 'unsupported') expect(outcome.note).toMatch(/^[A-Z].*\.$/s);
      if (outcome.outcome === 'revoked') {
        expect(['user', 'revoked']).toContain((await thrown(method.prove(holding(record)))).class);
      }
      expect((await method.revoke(holding(record))).outcome).not.toBe('failed');
      await expect(method.revoke(holding({}))).resolves.toBeDefined();
    });

    test('no error contains a secret, even when it is printed at full depth', async () => {
      const submitted = await harness.submit();
      const { record } = await connect(submitted);
      const mistaken = { ...(await harness.submit()), ...harness.wrong.fields };
      const errors = [
        await thrown(connect(mistaken)),
        await thrown(harness.method({ cloudUrl: await closedPort() }).prove(holding(record))),
        await thrown(harness.method({ cloudUrl: await closedPort() }).refresh(holding(record))),
      ];
      await harness.withdraw(record);
      errors.push(await thrown(method.refresh(holding(record))));
      const printed = errors.map((error) => inspect(error, { depth: Infinity, showHidden: true })).join('\n');
      const secrets = [submitted, mistaken, record].flatMap((fields) => secretsOf(harness, fields));
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(printed).not.toContain(secret);
    });
  });
}

/** Values of fields that the manifest marks as secret, and of issued fields that are named like a secret. */
function secretsOf({ manifest }: FormMethodHarness, record: JsonObject): string[] {
  const fields = [...manifest.fields, ...(manifest.variants ?? []).flatMap((variant) => variant.fields)];
  return Object.entries(record).flatMap(([name, value]) => {
    const field = fields.find((each) => each.name === name);
    const isSecret = field?.secret ?? (/secret|token|_key$/.test(name) && !name.endsWith('_id'));
    return isSecret && typeof value === 'string' && value !== '' ? [value] : [];
  });
}
