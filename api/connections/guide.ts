import type { FormField } from '../../providers/manifests/types.ts';
import { ApiProblem } from '../http/problem.ts';
import type { Way } from './provider-catalog.ts';
import type { Guide } from './guide-schema.ts';

/** What a customer must know and give to complete a connection with this setup. Pure; nothing secret. */
export function guideOf({ method, region }: Way, setup: Readonly<Record<string, string>>): Guide {
  const blocks = method.guide?.({ region: region.manifest.id, values: region.values, setup }) ?? [];
  return {
    flow: method.flow,
    asks: method.asks,
    blocks: blocks.map(({ title, text, format = null }) => ({ title, text, format })),
    fields: method.flow === 'form' ? method.fields.map(fieldReply) : [],
    variants:
      method.flow === 'form'
        ? (method.variants ?? []).map(({ id, label, asks, fields }) => ({
            id,
            label,
            asks,
            fields: fields.map(fieldReply),
          }))
        : [],
  };
}

function fieldReply(field: FormField): Guide['fields'][number] {
  const { name, label, hint, secret, required, multiline = false, pattern = null, options } = field;
  return { name, label, hint, secret, required, multiline, pattern, options: options ? [...options] : null };
}

/** The operator runs a version without this way of connecting, or the connection is older than its removal. */
export const wayUnknown = (view: { provider: string; region: string; method: string }): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'method_unknown',
    message: `This version of Mooring does not know the method '${view.method}' of ${view.provider} (${view.region}).`,
    remedy: 'Deploy a version that knows it, or create a new connection with a method of GET /v1/providers.',
  });
