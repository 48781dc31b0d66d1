import type { Clock } from '../../../platform/clock.ts';
import type { Http } from '../../http/http.ts';
import type { ResourceLister } from '../../listing/lister.ts';
import { unusable } from '../../preconditions.ts';
import { discovery } from '../manifest/discovery.ts';
import { createArm } from './arm.ts';
import { confirmGone } from './confirm-gone.ts';
import { listResources } from './list-resources.ts';
import { createPace, type Pause } from './pace.ts';
import { subscriptionInvalid } from './problems.ts';
import { listSubscriptions } from './subscriptions.ts';

export interface AzureListerDependencies {
  readonly http: Http;
  readonly clock: Clock;
  /** Waits until Azure takes more requests. */
  readonly pause: Pause;
}

const kinds = discovery.kinds.filter(({ scope }) => scope === 'project').map(({ id }) => id);

/** Azure's resources: all kinds of a subscription by one query of Resource Graph, else by Azure Resource Manager. */
export function createAzureLister({ http, clock, pause }: AzureListerDependencies): ResourceLister {
  const deps = { http, clock, pace: createPace({ clock, pause }) };
  return {
    manifest: discovery,
    lists: [{ id: 'resources', scope: 'project', kinds }],
    listProjects: async (context) => await listSubscriptions(createArm(deps, context, null)),
    list: async (context, request) => {
      const subscription = checkedSubscription(request.projectId);
      return await listResources(createArm(deps, context, subscription), subscription, request.kinds);
    },
    confirmGone: async (context, absent) =>
      await confirmGone((subscription) => createArm(deps, context, subscription), absent),
    readiness: async () => await Promise.resolve({ source: 'resource-graph', version: null, notice: null }),
  };
}

/** It becomes part of a path. */
function checkedSubscription(projectId: string | null): string {
  if (projectId !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(projectId)) return projectId;
  throw unusable(subscriptionInvalid(projectId ?? ''));
}
