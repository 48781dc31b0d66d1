import { Type, type Static, type TObject } from 'typebox';
import { Value } from 'typebox/value';

import { SandboxError } from './cloud.ts';
import type { Tables } from './tables.ts';

export const CoreSettingsSchema = Type.Object(
  {
    /** Added to the sandbox's clock, so that a test outside the process can let tokens expire. */
    clockOffsetSeconds: Type.Integer(),
    /**
     * Milliseconds by endpoint name or its beginning and `*`; the longest that fits counts. Requests wait side by side.
     */
    latencyMs: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type CoreSettings = Static<typeof CoreSettingsSchema>;

export const coreDefaults: CoreSettings = { clockOffsetSeconds: 0, latencyMs: {} };

type Section = Record<string, unknown>;

/** Settings by section: `core`, and one for each cloud. Kept in the state file, so that a restart keeps them. */
export interface Settings {
  read(section: string): Section;
  readAll(): Record<string, Section>;
  /** Changes the named keys of the named sections; with an unknown section, key or value nothing changes. */
  change(patch: unknown): Record<string, Section>;
}

export function createSettings(
  tables: Tables,
  sections: Readonly<Record<string, { schema: TObject; defaults: Readonly<Section> }>>,
): Settings {
  const rows = tables.table<Section>('settings');
  const PatchSchema = Type.Object(
    Object.fromEntries(
      Object.entries(sections).map(([name, { schema }]) => [
        name,
        Type.Optional(Type.Partial(schema, { additionalProperties: false })),
      ]),
    ),
    { additionalProperties: false },
  );
  const read = (name: string): Section => ({ ...sections[name]?.defaults, ...rows.get(name) });
  const readAll = () => Object.fromEntries(Object.keys(sections).map((name) => [name, read(name)]));
  return {
    read,
    readAll,
    change(patch) {
      const [problem] = Value.Errors(PatchSchema, patch);
      if (problem) throw new SandboxError(400, `Setting ${problem.instancePath || '(all)'} ${problem.message}.`);
      tables.commit(() => {
        for (const [name, values] of Object.entries(patch as Record<string, Section>)) {
          rows.put(name, { ...rows.get(name), ...values });
        }
      });
      return readAll();
    },
  };
}
