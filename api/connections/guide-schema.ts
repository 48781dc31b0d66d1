import { Type, type Static } from 'typebox';

const FieldSchema = Type.Object(
  {
    name: Type.String({ description: 'As it is submitted.' }),
    label: Type.String(),
    hint: Type.String(),
    secret: Type.Boolean({ description: 'To be typed unseen, and shown to nobody.' }),
    required: Type.Boolean(),
    multiline: Type.Boolean(),
    pattern: Type.Union([Type.String(), Type.Null()], { description: 'A regular expression (ECMA-262, flag `v`).' }),
    options: Type.Union([Type.Array(Type.String()), Type.Null()], {
      description: 'To choose from; the first is the default.',
    }),
  },
  { description: 'One value that is asked for.' },
);

export const GuideSchema = Type.Object(
  {
    flow: Type.Enum(['redirect', 'form'], { description: 'Signs in at the cloud, or submits values here.' }),
    asks: Type.String({ description: 'What is asked of the customer, in plain words.' }),
    blocks: Type.Array(
      Type.Object({
        title: Type.String(),
        text: Type.String(),
        format: Type.Union([Type.Enum(['json', 'yaml', 'hcl', 'shell', 'url']), Type.Null()], {
          description: 'Null = text to read; else it is to be copied to the letter, or opened (`url`).',
        }),
      }),
      { description: 'What the customer does at the cloud first, with this connection’s own values filled in.' },
    ),
    fields: Type.Array(FieldSchema, { description: 'What is to be submitted; empty for a sign-in.' }),
    variants: Type.Array(
      Type.Object({ id: Type.String(), label: Type.String(), asks: Type.String(), fields: Type.Array(FieldSchema) }),
      { description: 'Where not empty: one of these sets is submitted besides, named by `variant`.' },
    ),
  },
  { $id: 'Guide', description: 'What a customer must know and give, so that a platform can show a page of its own.' },
);
export type Guide = Static<typeof GuideSchema>;
