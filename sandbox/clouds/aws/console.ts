import { createHash } from 'node:crypto';

import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import type { AwsPartition } from './accounts.ts';
import type { Roles } from './roles.ts';

const shell = { title: 'Simulated AWS', accent: '#c45500' };

/** The quick-create link carries its parameters behind the `#`, which never reaches a server. */
const script = `const given = new URLSearchParams(location.hash.split('?')[1]);
for (const name of ['MooringAccountId', 'ExternalId']) {
  document.querySelector('[name=' + name + ']').value = given.get('param_' + name) ?? '';
}`;
const scriptHash = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** The quick-create page of CloudFormation, as far as it makes the one role that Mooring's template describes. */
export function consoleRoutes(roles: Roles) {
  return (partition: AwsPartition, path: string, request: SandboxRequest) => {
    if (path !== '/cloudformation/home') return undefined;
    if (request.method === 'GET') return { endpoint: 'console.page', handle: () => form(partition) };
    if (request.method !== 'POST') return undefined;
    const fields = new URLSearchParams(request.body);
    return { endpoint: 'console.create', handle: () => created(partition, fields, roles) };
  };
}

function form({ id, customers }: AwsPartition): Reply {
  const accounts = customers.map(
    (
      account,
      index,
    ) => `<label><input type="radio" name="account" value="${account.id}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(account.name)}<small>${account.id}</small></span></label>`,
  );
  const reply = page({
    ...shell,
    content: `<h1>Simulated AWS · ${escapeHtml(id)} · Quick create stack</h1>
<form method="post">
<fieldset><legend>Signed in to account</legend>${accounts.join('\n')}</fieldset>
<fieldset><legend>Parameters</legend>
<label><span>Mooring's account<input name="MooringAccountId" required pattern="[0-9]{12}"></span></label>
<label><span>External ID<input name="ExternalId" required></span></label>
<label><span>Access<select name="Access"><option>ReadOnlyAccess<option>PowerUserAccess</select></span></label>
</fieldset>
<div class="actions"><button value="approve">Create stack</button></div>
</form>
<script>${script}</script>`,
  });
  const policy = `${reply.headers?.['content-security-policy'] ?? ''}; script-src ${scriptHash}`;
  return { ...reply, headers: { ...reply.headers, 'content-security-policy': policy } };
}

function created({ id, customers }: AwsPartition, fields: URLSearchParams, roles: Roles): Reply {
  const account = customers.find((customer) => customer.id === fields.get('account')) ?? customers[0];
  const arn = `arn:${id}:iam::${account.id}:role/Mooring-${roles.list().length + 1}`;
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${id}:iam::${fields.get('MooringAccountId') ?? ''}:root` },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': fields.get('ExternalId') ?? '' } },
      },
    ],
  };
  roles.put({ arn, trustPolicy: JSON.stringify(trustPolicy) });
  return page({
    ...shell,
    content: `<h1>Simulated AWS · stack created</h1>
<p>Output <strong>RoleArn</strong>: give it to Mooring.</p>
<p><code>${escapeHtml(arn)}</code></p>`,
  });
}
