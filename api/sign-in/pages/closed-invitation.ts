import { messagePage, type Message, type Page } from '../../http/page.ts';
import type { ClosedInvitation } from '../open-invitation.ts';

type Closed = ClosedInvitation['state'];

const messages: Readonly<Record<Closed, Message & { readonly status: number }>> = {
  unknown: {
    status: 404,
    tone: 'bad',
    title: 'This link is not valid',
    sentences: [
      'It is incomplete, or it was never made here.',
      'Copy it again in full, or ask the person who sent it for a new one.',
    ],
    code: 'invitation_unknown',
  },
  expired: {
    status: 410,
    tone: 'bad',
    title: 'This link has expired',
    sentences: ['Its time ran out before anybody completed it.', 'Ask the person who sent it for a new one.'],
    code: 'invitation_expired',
  },
  replaced: {
    status: 410,
    tone: 'bad',
    title: 'This link has been replaced or revoked',
    sentences: [
      'A newer link was made, or this one was taken back.',
      'Open the newest link, or ask the person who sent it.',
    ],
    code: 'invitation_replaced',
  },
  locked: {
    status: 410,
    tone: 'bad',
    title: 'This link is locked',
    sentences: [
      'Its passcode was typed wrong too often, so the link lets nobody in any more.',
      'Ask the person who sent it for a new link with a new passcode.',
    ],
    code: 'invitation_locked',
  },
  completed: {
    status: 410,
    tone: 'good',
    title: 'This link has been completed',
    sentences: [
      'The account is connected; a link works once.',
      'If it was not you who completed it, tell the person who sent it.',
    ],
    code: 'invitation_completed',
  },
  in_progress: {
    status: 409,
    tone: 'neutral',
    title: 'A sign-in with this link is being checked',
    sentences: [
      'Its result is shown in the browser that signed in.',
      'If it comes to nothing, this page lets you try again: reload it in a minute.',
    ],
    code: 'invitation_in_progress',
  },
  disconnected: {
    status: 410,
    tone: 'neutral',
    title: 'This connection has been ended',
    sentences: [
      'It has been disconnected, and its links with it.',
      'Ask the person who sent the link for a new connection.',
    ],
    code: 'connection_ended',
  },
  unavailable: {
    status: 503,
    tone: 'bad',
    title: 'This cloud cannot be connected at present',
    sentences: ['Its connector is switched off, or not set up.', 'Tell the person who sent the link; it stays valid.'],
    code: 'connector_unavailable',
  },
};

export function closedInvitationPage(state: Closed): { readonly page: Page; readonly status: number } {
  const { status, ...message } = messages[state];
  return { page: messagePage(message), status };
}
