import { Type } from 'typebox';
import type { App } from '../../app-types.ts';
import { platformProblems } from '../../platform-sign-in/platform-problems.ts';
import { problemReplies } from '../../schemas/problem.ts';
import type { PlatformWay } from './platform-ways.ts';

const Validated = Type.Object({ valid: Type.Boolean() });

/** Credentials are looked at by a method's own code; until this cloud has that method, the answer is that it has not. */
export function registerValidate(app: App, { routes, name }: PlatformWay): void {
  const { path, method } = routes.validate;
  app.post(
    path,
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: `validate${name}`,
        summary: 'Says whether submitted credentials can be used',
        description:
          'Answers 501 as long as that way of connecting is not available. What was sent is neither read nor kept.',
        tags: ['platform'],
        response: { 200: Validated, ...problemReplies(401, 403, 429, 501, 503) },
      },
    },
    async () => {
      throw platformProblems.notAvailable(method);
    },
  );
}
