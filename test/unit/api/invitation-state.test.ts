import { describe, expect, it } from 'vitest';
import { invitationState } from '../../../api/sign-in/open-invitation.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { invitationOf, viewWith } from './support.ts';

const claims = { c: 'con_x', e: 2 };

describe('the state of an invitation link', () => {
  it.each<[string, Partial<ConnectionView>]>([
    ['open', { status: 'awaiting_customer', invitation: invitationOf(2) }],
    ['replaced', { status: 'awaiting_customer', invitation: invitationOf(3) }],
    ['replaced', { status: 'awaiting_customer', invitation: null }],
    ['locked', { status: 'awaiting_customer', invitation: { ...invitationOf(2), locked: true } }],
    ['locked', { status: 'verifying', invitation: { ...invitationOf(2), locked: true } }],
    ['locked', { status: 'action_required', invitation: { ...invitationOf(2), locked: true } }],
    ['replaced', { status: 'awaiting_customer', invitation: { ...invitationOf(3), locked: true } }],
    ['in_progress', { status: 'verifying', invitation: invitationOf(2) }],
    ['replaced', { status: 'verifying', invitation: invitationOf(3) }],
    ['completed', { status: 'active', invitation: null }],
    ['completed', { status: 'degraded', invitation: null }],
    ['completed', { status: 'paused', invitation: null }],
    ['open', { status: 'action_required', invitation: invitationOf(2) }],
    ['replaced', { status: 'action_required', invitation: invitationOf(3) }],
    ['expired', { status: 'expired', invitation: null }],
    ['disconnected', { status: 'disconnecting', invitation: null }],
    ['disconnected', { status: 'disconnected', invitation: null }],
  ])('an invitation link is "%s" for a connection with %o', (state, changes) => {
    expect(invitationState(claims, viewWith(changes))).toEqual({ state });
  });
});
