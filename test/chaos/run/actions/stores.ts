import type { Random } from '../random.ts';
import type { ActionType, Drawn } from './action.ts';

function seal(random: Random): Drawn {
  const seconds = random.between(3, 20);
  return {
    kind: 'Vault sealed',
    group: 'vault',
    text: `Vault sealed for ${seconds} s`,
    needs: ['vault'],
    async run({ stack, pause }) {
      await stack.vault.seal();
      await pause(seconds);
      await stack.vault.unseal();
    },
  };
}

function demote(random: Random): Drawn {
  const seconds = random.between(3, 20);
  return {
    kind: 'Redis read-only',
    group: 'redis',
    text: `Redis read-only for ${seconds} s`,
    needs: ['redis'],
    async run({ stack, pause }) {
      await stack.redis.demote();
      await pause(seconds);
      await stack.redis.promote();
    },
  };
}

export const storeActions: readonly ActionType[] = [
  { weight: 6, group: 'vault', draw: seal },
  { weight: 5, group: 'redis', draw: demote },
];
