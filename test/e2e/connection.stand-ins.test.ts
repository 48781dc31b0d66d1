import { describe, inject } from 'vitest';
import { connectionLife } from './connection.e2e.ts';
import { startStandInWorld } from './support/stand-in-world.ts';

describe.skipIf(inject('components').temporal === null)('on the stand-ins of npm start', () => {
  connectionLife(startStandInWorld);
});
