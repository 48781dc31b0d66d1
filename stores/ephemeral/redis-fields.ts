import type { Json } from '../../platform/json.ts';
import type { Fence, FieldChange } from './port.ts';

/**
 * A script, because only a script may look at the fence and write in one step.
 * KEYS: the fence, then each key that changes. ARGV: the fence's limit, the life in milliseconds, then for each key the
 * number of fields to set with name and value in turn, and the number of fields to unset with their names.
 */
const CHANGE_FIELDS = `
  local fence = tonumber(redis.call('GET', KEYS[1]) or '')
  if fence and fence >= tonumber(ARGV[1]) then return 0 end
  local at = 3
  for k = 2, #KEYS do
    local sets = tonumber(ARGV[at])
    for i = 1, sets do redis.call('HSET', KEYS[k], ARGV[at + 2 * i - 1], ARGV[at + 2 * i]) end
    at = at + 2 * sets + 1
    local unsets = tonumber(ARGV[at])
    for i = 1, unsets do redis.call('HDEL', KEYS[k], ARGV[at + i]) end
    at = at + unsets + 1
    redis.call('PEXPIRE', KEYS[k], ARGV[2])
  end
  return 1`;

interface ScriptCall {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

export function changeFieldsCall(changes: readonly FieldChange[], fence: Fence, lifeMs: number): ScriptCall {
  const args = changes.flatMap(({ set, unset }) => {
    const fields = Object.entries(set).flatMap(([name, value]) => [name, JSON.stringify(value)]);
    return [fields.length / 2, ...fields, unset.length, ...unset];
  });
  return {
    script: CHANGE_FIELDS,
    keys: [fence.key, ...changes.map(({ key }) => key)],
    args: [fence.below, lifeMs, ...args],
  };
}

/** Parsed, without the fields that are absent. */
export function fieldsOf(entries: readonly (readonly [string, string | null | undefined])[]): Record<string, Json> {
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (text == null ? [] : [[name, JSON.parse(text) as Json] as const])),
  );
}
