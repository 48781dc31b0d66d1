import type { Findings } from '../invariants/findings.ts';
import { isOk, problemCode, type Answer, type Api, type Verb } from './http.ts';
import type { Entry } from './ledger.ts';
import { connectionOf, observeConnection, observeCredential, observeTimeline, type SeenConnection } from './observe.ts';

/** A write whose end is not known may still be carried out for so long. */
const DOUBT_MS = 60_000;

/** What a platform's backend does with one connection; each answer is held against the ledger. */
export interface Verbs {
  get(entry: Entry): Promise<SeenConnection | undefined>;
  credentials(entry: Entry, minTtlSeconds?: number): Promise<Answer>;
  timeline(entry: Entry): Promise<void>;
  tag(entry: Entry, value: string): Promise<void>;
  verb(entry: Entry, name: Extract<Verb, 'pause' | 'resume' | 'refresh' | 'discover' | 'recover'>): Promise<Answer>;
  disconnect(entry: Entry): Promise<void>;
}

export function createVerbs(api: Api, findings: Findings): Verbs {
  const pathOf = ({ id }: Entry): string => `/v1/connections/${id}`;

  const verbs: Verbs = {
    async get(entry) {
      return observeConnection(findings, entry, await api.call('get', 'GET', pathOf(entry)));
    },

    async credentials(entry, minTtlSeconds) {
      const query = minTtlSeconds === undefined ? '' : `?minTtlSeconds=${minTtlSeconds}`;
      const answer = await api.call('credentials', 'GET', `${pathOf(entry)}/credentials${query}`);
      observeCredential(findings, entry, answer);
      return answer;
    },

    async timeline(entry) {
      observeTimeline(entry, await api.call('timeline', 'GET', `${pathOf(entry)}/timeline`));
    },

    async tag(entry, value) {
      const askedAtMs = Date.now();
      const before = entry.tags;
      entry.tags = [...before, { value, askedAtMs, certain: false }];
      const answer = await api.call('annotate', 'PATCH', pathOf(entry), { body: { tags: [value] } });
      if (answer.status >= 400 && answer.status < 500) entry.tags = before;
      if (answer.status !== 200) return;
      const doubtful = before.filter((tag) => !tag.certain && askedAtMs - tag.askedAtMs < DOUBT_MS);
      entry.tags = [...doubtful, { value, askedAtMs, certain: true }];
      const seen = connectionOf(await api.call('get', 'GET', pathOf(entry)));
      if (!seen || doubtful.length > 0) return;
      const text = `PATCH was answered 200 with the tag ${value}, and GET then shows ${seen.tags.join(', ')}`;
      findings.check('written', entry.id, seen.tags.join() === value ? undefined : text);
    },

    async verb(entry, name) {
      if (name === 'recover') entry.recoverAskedAtMs = Date.now();
      return await api.call(name, 'POST', `${pathOf(entry)}/${name}`);
    },

    async disconnect(entry) {
      entry.disconnect ??= { askedAtMs: Date.now(), acceptedAtMs: null };
      const answer = await api.call('disconnect', 'DELETE', pathOf(entry));
      if (isOk(answer)) entry.disconnect.acceptedAtMs ??= Date.now();
      else if (answer.status === 404) findings.check('kept', entry.id, `DELETE answers 404 ${problemCode(answer)}`);
    },
  };
  return verbs;
}
