import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';

/** What every decision of ours rests on; the reply schema checks the rest on its way out. */
const shape = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  provider: Type.String(),
  region: Type.String(),
  method: Type.String(),
  status: Type.String(),
  updatedAt: Type.String(),
});

/** A view that another process wrote (memo, ephemeral store); undefined where it is none. */
export const parseView = (value: unknown): ConnectionView | undefined =>
  Value.Check(shape, value) ? (value as unknown as ConnectionView) : undefined;

/** The newest of several sightings of one connection. */
export function freshest(...views: readonly (ConnectionView | undefined)[]): ConnectionView | undefined {
  return views.reduce((best, view) => {
    if (!best || !view) return best ?? view;
    return Date.parse(view.updatedAt) > Date.parse(best.updatedAt) ? view : best;
  }, undefined);
}
