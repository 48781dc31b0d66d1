import { deniedError, resourceError, throttledError } from '../../sandbox/client.ts';
import type { Reply } from '../../sandbox/core/cloud.ts';
import { listerContract } from './lister.contract.ts';
import type { Failing } from './lister.harness.ts';
import { placeOf, sandboxKinds, startAwsLists } from './lister.aws.on-sandbox.ts';

/** The one that the faults are about: its pages are the smallest. */
const kind = 'function';
const endpoint = { endpoint: 'lambda.ListFunctions' };
const token = (offset: number) => ({ NextMarker: Buffer.from(`page ${offset}`).toString('base64url') });

listerContract('AWS, on the sandbox', {
  paged: { kind, count: 120 },
  leftOut: { remove: 'AWS has no second way to ask: the next passes decide.' },
  async start() {
    // Long enough for a loaded machine, and not too long for the calls that are never answered.
    const aws = await startAwsLists({ listDeadlineMs: 3_000 });
    const { cloud, roleArn } = aws;
    const only = (asked: string): readonly string[] => {
      if (asked !== kind) throw new Error(`These faults are about the kind ${kind}.`);
      return [kind];
    };
    return {
      lister: aws.lister,
      projectId: 'us-east-1',
      context: (signal) => aws.context(signal),
      async seed(asked, count) {
        const [name, place] = [sandboxKinds[asked], placeOf(asked)];
        if (name === undefined) throw new Error(`The sandbox has no ${asked}.`);
        const before = await cloud.aws.arns(place, name);
        await cloud.aws.resize(place, { [name]: before.length + count });
      },
      faults: {
        async fail(asked, how) {
          if (how.echo) aws.echo();
          // The first rule that fits is taken: a later failure replaces an earlier one.
          await cloud.clearFaults();
          const { status, headers, body } = errorOf(how);
          const retryAfter =
            how.retryAfterSeconds === undefined ? {} : { 'retry-after': String(how.retryAfterSeconds) };
          const action = { kind: 'respond', status, headers: { ...headers, ...retryAfter }, body } as const;
          await cloud.fault(endpoint, action, how.times ?? null);
          return only(asked);
        },
        async endCredential() {
          await cloud.deleteAwsRole(roleArn);
          await cloud.aws.endSessions();
        },
        async deny(asked) {
          await cloud.aws.denyActions(roleArn, ['lambda:ListFunctions']);
          return { kinds: only(asked), action: 'lambda:ListFunctions' };
        },
        async hang(asked) {
          await cloud.fault(endpoint, { kind: 'hold_before' }, null);
          return only(asked);
        },
        async repeatToken(asked) {
          await cloud.fault(endpoint, { kind: 'alter', set: token(50) }, null);
          return only(asked);
        },
        async cycleTokens(asked) {
          for (const offset of [50, 100, 50, 100]) {
            await cloud.fault(endpoint, { kind: 'alter', set: token(offset) });
          }
          return only(asked);
        },
        async badRow(asked) {
          const [arn = ''] = await cloud.aws.arns(placeOf(asked), 'functions');
          await cloud.aws.change(placeOf(asked), 'functions', arn, { FunctionArn: null });
          return only(asked);
        },
        async noRows(asked) {
          await cloud.fault(endpoint, { kind: 'respond', status: 200, body: {} }, null);
          return only(asked);
        },
      },
      calls: async () => await aws.calls(),
      secondsWaited: aws.secondsWaited,
      get secrets() {
        return aws.sent();
      },
      close: async () => await aws.close(),
    };
  },
});

function errorOf({ status }: Failing): Reply {
  switch (status) {
    case 403:
      return deniedError(
        'lambda',
        'arn:aws:sts::222233334441:assumed-role/lists/con',
        'lambda:ListFunctions',
        'because no identity-based policy allows the lambda:ListFunctions action',
      );
    case 429:
      return throttledError('lambda');
    case 500:
      return resourceError('lambda', 500, 'ServiceException', 'An internal error occurred.');
  }
}
