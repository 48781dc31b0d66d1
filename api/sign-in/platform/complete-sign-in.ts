import type { KeyRing } from '../../../platform/key-ring.ts';
import type { ConnectionsGateway } from '../../temporal/gateway.ts';
import { apiProblems } from '../../http/problem.ts';
import type { ParkedCodes } from './parked-codes.ts';
import { isSession } from './platform-link.ts';
import { platformProblems } from './platform-problems.ts';

/**
 * The platform's word that the browser which came back is the one whose user began the sign-in. Only here a parked code
 * is handed to its connection; a wrong session key drops it, unredeemed: somebody signed in for somebody else.
 */
export async function completeSignIn(
  deps: { readonly parked: ParkedCodes; readonly connections: ConnectionsGateway; readonly keyRing: KeyRing },
  caller: { readonly tenant: string; readonly provider: string },
  completion: string,
  sessionKey: string,
): Promise<string> {
  const { parked, connections, keyRing } = deps;
  const found = await parked.find(completion);
  if (found?.tenant !== caller.tenant || found.provider !== caller.provider) throw platformProblems.unknownCompletion();
  const { connection, epoch, stateHash, browserHash, redirectUri, verifier, answer } = found;
  if (!isSession(keyRing, connection, sessionKey, found.sessionDigest)) {
    await parked.drop(completion);
    throw platformProblems.otherSession();
  }
  const delivered = await connections.callback(caller.tenant, connection, {
    epoch,
    stateHash,
    browserHash,
    redirectUri,
    answer:
      answer.kind === 'error' ? answer : { ...answer, sealedVerifier: keyRing.seal('envelope', verifier, connection) },
  });
  // After the hand-over: while Temporal is away the code waits, and the same call may be made again.
  await parked.drop(completion);
  if (delivered === 'ended') throw apiProblems.connectionEnded('disconnected or expired');
  return connection;
}
