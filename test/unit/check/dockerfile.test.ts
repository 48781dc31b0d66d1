import { expect, test } from 'vitest';
import { dockerfile } from '../../../scripts/check/dockerfile.ts';
import { repositoryOf } from './plant.ts';

const sound = `
ARG NODE_VERSION=22.23.3
FROM node:\${NODE_VERSION}-bookworm-slim AS runtime
COPY package.json ./
USER node
FROM runtime AS api
HEALTHCHECK --interval=10s \\
  CMD ["node", "healthcheck.mjs"]
CMD ["node", "dist/api/main.js"]
FROM runtime AS worker
COPY --from=build /app/dist dist
HEALTHCHECK CMD ["node", "healthcheck.mjs"]
CMD ["node", "dist/worker/main.js"]
`;

const problemsOf = async (text: string): Promise<readonly string[]> =>
  (await dockerfile.run(repositoryOf({ Dockerfile: text, 'package.json': '{}' }))).problems;

test('a pinned Debian image with its own user and health check is sound', async () => {
  expect(await problemsOf(sound)).toEqual([]);
});

test.for([
  ['a floating base', '22.23.3', '22', 'builds on "node:22-bookworm-slim"; pin it'],
  ['Alpine', '-bookworm-slim', '-alpine', 'has no musl build'],
  ['root', 'USER node', '', '"api" runs as root'],
  ['root by name', 'USER node', 'USER root', '"worker" runs as root'],
  ['no health check', 'HEALTHCHECK CMD ["node", "healthcheck.mjs"]', '', '"worker" has no HEALTHCHECK'],
  [
    'a shell before the process',
    'CMD ["node", "dist/api/main.js"]',
    'CMD node dist/api/main.js',
    '"api" has no CMD in exec form',
  ],
  ['a file that is not there', 'COPY package.json', 'COPY yarn.lock', 'copies yarn.lock'],
  ['no worker', ' AS worker', ' AS upkeep', 'has no stage "worker"'],
] as const)('%s is refused', async ([, from, to, problem]) => {
  expect((await problemsOf(sound.replace(from, to))).join('\n')).toContain(problem);
});
