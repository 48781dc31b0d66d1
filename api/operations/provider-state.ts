import { Type } from 'typebox';

const nullable = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

export const ProviderStateSchema = Type.Object({
  state: Type.Enum(['ok', 'open', 'paused'], {
    description:
      'Whether Mooring calls this cloud. `open`: calls are held until the cloud answers again; `paused`: until an operator resumes them. Credentials that are still valid are handed out all the same.',
  }),
  since: nullable(Type.String(), 'Since when calls are held, ISO 8601.'),
  problem: nullable(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      remedy: Type.String(),
      link: Type.Optional(Type.String()),
    }),
    'Why calls are held.',
  ),
});
