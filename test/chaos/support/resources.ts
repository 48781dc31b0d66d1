import type { SandboxClient } from '../../../sandbox/client.ts';

/** Takes the projects from the account that signs in: discovery goes on as ever, and leaves the machine to the test. */
export async function leaveLittleToFind({ ovh }: SandboxClient): Promise<void> {
  for (const { id } of await ovh.projects()) await ovh.removeProject(id);
}
