import type { App, AppDependencies } from '../http/app-types.ts';
import { guideOf, wayUnknown } from './guide.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { GuideSchema } from './guide-schema.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';

export function registerGuide(app: App, { connections, providers }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/guide',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getGuide',
        summary: 'What the customer must know and give',
        description: 'What the page behind the link shows, for a page of your own. Holds nothing secret.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 200: described(GuideSchema), ...problemReplies(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { view } = await connections.view(tenantOf(request), request.params.id);
      const way = providers.find(view.provider, view.region, view.method);
      if (!way) throw wayUnknown(view);
      return guideOf(way, view.setup);
    },
  );
}
