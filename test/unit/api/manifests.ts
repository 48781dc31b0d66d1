import type {
  FormField,
  FormMethodManifest,
  MethodManifest,
  ProviderManifest,
} from '../../../providers/manifests/types.ts';

/** A field of a form, required and shown. */
export const formField = (name: string, more: Partial<FormField> = {}): FormField => ({
  name,
  label: `Label of ${name}`,
  hint: 'As it was given.',
  secret: false,
  required: true,
  ...more,
});

/** The form method `keys`, which asks for nothing yet. */
export const formMethod = (more: Partial<FormMethodManifest>): FormMethodManifest => ({
  id: 'keys',
  flow: 'form',
  name: 'Keys',
  asks: 'Keys.',
  requires: [],
  rotatesRefreshTokens: false,
  discovers: false,
  leased: [],
  variables: {},
  minted: [],
  fields: [],
  ...more,
});

/** The provider `sky` with its one region `up`, of no cloud that there is. */
export const skyWith = (...methods: MethodManifest[]): ProviderManifest => ({
  id: 'sky',
  name: 'Sky',
  enableVariables: [],
  regionWord: 'region',
  requestIdHeaders: [],
  regions: [{ id: 'up', label: 'Up', urls: {}, settings: {} }],
  methods,
});
