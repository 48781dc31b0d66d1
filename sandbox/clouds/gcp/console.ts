import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { members, serviceAccounts } from './accounts.ts';
import { shell } from './authorize.ts';
import type { Projects } from './inventory/projects.ts';
import type { Keys } from './keys.ts';
import type { Roles } from './roles.ts';
import type { GcpSettings } from './settings.ts';

/** The pages of the console that Mooring's links lead to: keys to paste, and roles to grant. */
export function createConsole(
  context: CloudContext<GcpSettings>,
  { keys, roles, projects }: { keys: Keys; roles: Roles; projects: Projects },
) {
  function keysPage(request: SandboxRequest): Reply {
    const { hostname = '', port = '' } = URL.parse(`http://${request.headers.host ?? ''}`) ?? {};
    // To the letter what Mooring is configured with, under whichever name a person came here.
    const tokenUri = `http://${hostname === 'localhost' ? '127.0.0.1' : hostname}:${port}/gcp/token`;
    const chosen = new URLSearchParams(request.body).get('account');
    const entries = serviceAccounts.map((account) => {
      const file = account.email === chosen ? keys.create(account, tokenUri) : keys.ready(account, tokenUri);
      const seen = roles.visible(account).map(({ projectId }) => projectId);
      return `<fieldset><legend>${escapeHtml(account.email)}</legend>
<p><small>${seen.length > 0 ? `Viewer on ${escapeHtml(seen.join(', '))}` : 'No role yet'}</small></p>
<textarea readonly rows="6" cols="34" aria-label="Key file of ${escapeHtml(account.email)}">${escapeHtml(JSON.stringify(file, null, 2))}</textarea>
<div class="actions"><button name="account" value="${escapeHtml(account.email)}">New key</button></div>
</fieldset>`;
    });
    return shown('Service accounts', `<p>Give Mooring the whole content of a key file:</p>${form(entries.join('\n'))}`);
  }

  function rolesPage(request: SandboxRequest): Reply {
    const chosen = new URLSearchParams(request.body).get('member');
    const ids = projects.list().map(({ projectId }) => projectId);
    if (chosen !== null) roles.grant(chosen, ids);
    const entries = members.map((member) => {
      const seen = roles.visible(member).map(({ projectId }) => projectId);
      return `<fieldset><legend>${escapeHtml(member.email)}</legend>
<p><small>${seen.length > 0 ? `Viewer on ${escapeHtml(seen.join(', '))}` : 'No role yet'}</small></p>
<div class="actions"><button name="member" value="${escapeHtml(member.email)}">Grant Viewer on all projects</button></div>
</fieldset>`;
    });
    return shown('IAM', form(entries.join('\n')));
  }

  return (path: string, request: SandboxRequest): { endpoint: string; handle: () => Reply } | undefined => {
    const render = { '/iam-admin/serviceaccounts': keysPage, '/iam-admin/iam': rolesPage }[path];
    if (!render || !['GET', 'POST'].includes(request.method)) return undefined;
    return { endpoint: request.method === 'GET' ? 'console.page' : 'console.action', handle: () => render(request) };
  };
}

const form = (content: string): string => `<form method="post">${content}</form>`;

const shown = (title: string, content: string): Reply =>
  page({ ...shell, title: 'Simulated Google Cloud', content: `<h1>Simulated Google Cloud · ${title}</h1>${content}` });
