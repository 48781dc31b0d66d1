import { cloudCommands } from '../../clouds/index.ts';
import { group } from '../command.ts';
import { exec } from './exec.ts';
import { credentialProcess, get, kubectl } from './get.ts';

export const credentials = group('credentials', 'Fresh credentials for programs.', [
  get,
  exec,
  credentialProcess,
  ...cloudCommands,
  kubectl,
]);
