import { group } from '../command.ts';
import { disconnect, invite, reauthorize, rename, tag } from './change.ts';
import { get, guide, list, timeline, watch } from './read.ts';
import { submit } from './submit.ts';
import { refresh, revokeLink, tryNow, verbCommands } from './verbs.ts';

export const connection = group('connection', 'Connections.', [
  list,
  get,
  watch,
  timeline,
  guide,
  submit,
  invite,
  revokeLink,
  ...verbCommands,
  refresh,
  tryNow,
  reauthorize,
  tag,
  rename,
  disconnect,
]);
