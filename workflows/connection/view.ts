import type { ConnectionView, InvitationView } from '../../contracts/connection.ts';
import { sentenceOf, withInventoryWarning } from '../../contracts/discovery-tally.ts';
import { inMarkdown } from '../../contracts/plain-text.ts';
import type { Problem } from '../../contracts/problem.ts';
import { discoveryView } from '../discovery/state.ts';
import { merge } from './change.ts';
import { problemOf, type ConnectionState, type Invitation } from './phases.ts';

/** The public picture of a connection. */
export function viewOf(state: ConnectionState): ConnectionView {
  const { phase } = state;
  const grant = phase.status === 'verifying' ? phase.grant : null;
  return {
    ...state.ref,
    name: state.name,
    tags: state.tags,
    status: phase.status,
    statusSince: phase.since,
    problem: problemOf(phase),
    warnings: warningsOf(state),
    account: state.account,
    setup: state.setup,
    // Nothing is handed out any more, and the newest facts went with the upkeep that was cancelled.
    credential: phase.status === 'disconnecting' ? null : state.credential,
    invitation: state.invitation && publicInvitation(state.invitation),
    verification: grant && {
      step: grant.step,
      attemptsBefore: grant.attemptsBefore,
      lastProblem: grant.lastProblem,
      account: grant.account,
    },
    discovery: state.discovery && discoveryView(state.discovery),
    tombstone: phase.status === 'disconnected' ? phase.tombstone : null,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
  };
}

/** With that of the last discovery that was told, so that lists of connections and news have it too. */
function warningsOf({ phase, warnings, renewalWarnings, discovery }: ConnectionState): readonly Problem[] {
  const ofGrant = phase.status === 'verifying' ? phase.grant.warnings : [];
  const hasEnded = phase.status === 'disconnecting' || phase.status === 'disconnected' || phase.status === 'expired';
  const all = merge(merge(warnings, renewalWarnings), ofGrant);
  return withInventoryWarning(all, hasEnded ? null : (discovery?.last ?? null));
}

function publicInvitation(invitation: Invitation): InvitationView {
  const { epoch, expiresAt, purpose, passcodeRequired, confirm, locked = false } = invitation;
  return { epoch, expiresAt, purpose, passcodeRequired, confirm, locked };
}

/** Markdown for the Temporal UI's "current details": what the connection is doing, and why. Problems quote clouds. */
export function currentDetails(state: ConnectionState): string {
  const view = viewOf(state);
  const lines = [`**${view.status}** since ${view.statusSince}`];
  if (view.account) {
    const { id, displayName } = view.account;
    lines.push(`Account: ${inMarkdown(displayName ?? id)} (${inMarkdown(id)})`);
  }
  if (view.verification) lines.push(`Verifying: ${view.verification.step}`);
  if (view.problem) {
    const { code, message, remedy } = view.problem;
    lines.push(`Why: ${inMarkdown(message)} (${inMarkdown(code)})`, `Remedy: ${inMarkdown(remedy)}`);
  }
  if (view.credential) {
    const { expiresAt, issuedAt, generation } = view.credential;
    lines.push(
      `Credential: generation ${generation}, issued ${issuedAt}, expires ${expiresAt ?? 'never'}. Renewed since then as the pending activity says.`,
    );
  }
  if (view.invitation) {
    const { epoch, expiresAt, locked } = view.invitation;
    lines.push(`Invitation ${epoch} ${locked ? 'locked' : 'open'} until ${expiresAt}`);
  }
  if (view.discovery?.running) lines.push(`Discovery has run since ${view.discovery.running.since}`);
  else if (view.discovery?.last)
    lines.push(`Discovery at ${view.discovery.last.finishedAt}: ${inMarkdown(sentenceOf(view.discovery.last))}`);
  if (state.sealed) lines.push('A reply of the cloud waits, sealed, for the secret store to answer.');
  for (const warning of view.warnings) lines.push(`Warning: ${inMarkdown(warning.message)}`);
  return lines.join('\n\n');
}
