import { api } from './api.ts';
import { apiKey } from './api-key.ts';
import { audit } from './audit.ts';
import { batch } from './batch.ts';
import type { MakeCommand } from './command.ts';
import { completeWords, completion } from './completion.ts';
import { connect } from './connect.ts';
import { connection } from './connection/index.ts';
import { credentials } from './credentials/index.ts';
import { event } from './event.ts';
import { open } from './open.ts';
import { profile } from './profile.ts';
import { provider } from './provider.ts';
import { inventory, resource } from './resource.ts';
import { login, logout, whoami } from './session.ts';
import { status } from './status.ts';

/** The first level of the tree. A command whose name begins with an underscore is for scripts, and not shown. */
export const commands: readonly MakeCommand[] = [
  login,
  logout,
  whoami,
  status,
  profile,
  connect,
  connection,
  credentials,
  resource,
  inventory,
  provider,
  batch,
  event,
  apiKey,
  audit,
  open,
  api,
  completion,
  completeWords,
];
