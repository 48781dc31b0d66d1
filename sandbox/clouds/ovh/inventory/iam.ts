import type { JsonObject } from '../../../../platform/json.ts';
import { createSeed } from './seed.ts';

/** A resource as OVHcloud's IAM names it; `short` is the API region's (`eu`). */
export interface IamResource {
  readonly product: string;
  readonly name: string;
  readonly displayName: string;
}

const urnOf = (short: string, { product, name }: IamResource) => `urn:v1:${short}:resource:${product}:${name}`;
const idOf = ({ product, name }: IamResource) => createSeed(name, product, 0).uuid('iam');

/** The block that products with an identity of their own carry in their rows. */
export const withIam = (row: JsonObject, short: string, resource: IamResource): JsonObject => ({
  ...row,
  iam: {
    displayName: resource.displayName,
    id: idOf(resource),
    state: 'OK',
    tags: {},
    urn: urnOf(short, resource),
  },
});

/** A row of `/v2/iam/resource`. */
export const iamRow = (short: string, owner: string, resource: IamResource): JsonObject => ({
  displayName: resource.displayName,
  id: idOf(resource),
  name: resource.name,
  owner,
  type: resource.product,
  urn: urnOf(short, resource),
});
