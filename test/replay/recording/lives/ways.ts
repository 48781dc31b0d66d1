import { comeIn, connectBy, waysIn } from '../../../support/ways.ts';
import type { Invited } from '../../../support/platform.ts';
import { leave, type Life, type Lives } from '../life.ts';
import { discoveryWorkflowId } from '../../../../contracts/ids.ts';

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Every way into every cloud: in, renewed on request, verified, in again, out. */
export const ways: Lives = Object.fromEntries(
  waysIn.map((way): [string, Life] => [
    `way-${slug(way.name)}`,
    async (installation) => {
      const { platform } = installation;
      const { id, discovery } = await connectBy(installation, way, { name: way.name, tags: ['recorded'] });
      const at = (verb: string): string => `/v1/connections/${id}${verb}`;
      await platform.call('POST', at('/refresh'));
      await platform.call('POST', at('/verify'));
      await comeIn(installation, way, await platform.call<Invited>('POST', at('/reauthorize')));
      if (discovery) await platform.until(id, ({ discovery: found }) => found?.last !== null, 60_000);
      await leave(installation, id);
      return { workflows: [id, ...(discovery ? [discoveryWorkflowId(id)] : [])] };
    },
  ]),
);
