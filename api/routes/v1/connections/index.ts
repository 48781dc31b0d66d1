import type { App, AppDependencies } from '../../../app-types.ts';
import { createInvitationLinks } from '../../../invitation/invitation-link.ts';
import { registerAnnotate } from './annotate.ts';
import { registerConfirm } from './confirm.ts';
import { registerCreate } from './create.ts';
import { registerCredentials } from './credentials.ts';
import { registerDiscover } from './discover.ts';
import { registerDisconnect } from './disconnect.ts';
import { registerGet } from './get.ts';
import { registerInvite } from './invite.ts';
import { registerList } from './list.ts';
import { registerPause } from './pause.ts';
import { registerReauthorize } from './reauthorize.ts';
import { registerRefresh } from './refresh.ts';
import { registerResume } from './resume.ts';
import { registerRevokeInvitation } from './revoke-invitation.ts';
import { registerTimeline } from './timeline.ts';
import { registerVerify } from './verify.ts';

export function registerConnections(app: App, deps: AppDependencies): void {
  const links = createInvitationLinks({ ...deps, publicUrl: deps.config.publicUrl });
  registerCreate(app, { ...deps, links });
  registerList(app, deps);
  registerGet(app, deps);
  registerAnnotate(app, deps);
  registerDisconnect(app, deps);
  registerInvite(app, { ...deps, links });
  registerRevokeInvitation(app, deps);
  registerConfirm(app, deps);
  registerRefresh(app, deps);
  registerReauthorize(app, { ...deps, links });
  registerCredentials(app, deps);
  registerDiscover(app, deps);
  registerVerify(app, deps);
  registerPause(app, deps);
  registerResume(app, deps);
  registerTimeline(app, deps);
}
