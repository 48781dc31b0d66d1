import type { KeyRing } from '../../platform/key-ring.ts';
import { lineHash, NO_HASH, parseLine } from './line.ts';

export interface Place {
  readonly seq: number;
  readonly recordedAt: string;
}

export interface Verdict {
  readonly ok: boolean;
  /** The first and the last line that were checked. Null where there was none. */
  readonly from: Place | null;
  readonly to: Place | null;
  readonly checked: number;
  /** The first line that is wrong. Its number is null where that cannot be read. */
  readonly brokenAt: { readonly seq: number | null; readonly reason: string } | null;
}

/**
 * Checks the lines of one chain, oldest first. It begins at whichever line comes first: older ones may have been dropped
 * when they were due. Without a key ring the hashes alone are checked: whoever can write the record could have made them.
 */
export interface Verifier {
  /** False once a line is wrong: what follows need not be given. */
  add(text: string): boolean;
  /** `newest`: a line that is known to exist; the record is cut off where it is missing. */
  end(newest?: { readonly seq: number; readonly hash: string }): Verdict;
}

export function createVerifier(keyRing: Pick<KeyRing, 'matchesUnder'> | undefined): Verifier {
  let from: Place | null = null;
  let to: (Place & { readonly hash: string; readonly chain: string }) | null = null;
  let checked = 0;
  let brokenAt: Verdict['brokenAt'] = null;
  /** The first line since the last valid signature. A signature vouches for all lines before it. */
  let unsignedSince: number | undefined;
  let wanted: { readonly seq: number; readonly hash: string } | undefined;

  const broken = (seq: number | null, reason: string): boolean => {
    brokenAt ??= { seq, reason };
    return false;
  };

  return {
    add(text) {
      if (brokenAt) return false;
      const line = parseLine(text);
      if (!line) return broken(to && to.seq + 1, 'This is no line of an audit record.');
      const { seq, recordedAt, chain, previous, hash, keyId, mac } = line;
      if (lineHash(line) !== hash) return broken(seq, 'The line was changed: its hash is another.');
      if (to && chain !== to.chain) return broken(seq, 'The line belongs to another chain.');
      if (to && seq !== to.seq + 1) return broken(to.seq + 1, `Line ${seq} follows line ${to.seq}.`);
      if (to && previous !== to.hash) {
        return previous === NO_HASH
          ? broken(to.seq, 'Mooring found that this line was not its own, and did not append to it.')
          : broken(seq, 'The line does not follow the one before it.');
      }
      const isSigned = keyRing?.matchesUnder(keyId, 'audit', hash, mac);
      if (isSigned === false) return broken(seq, `The line was not signed by key "${keyId}" of this installation.`);
      unsignedSince = isSigned === true ? undefined : (unsignedSince ?? seq);
      from ??= { seq, recordedAt };
      to = { seq, recordedAt, hash, chain };
      checked += 1;
      wanted = { seq, hash };
      return true;
    },

    end(newest) {
      if (keyRing && unsignedSince !== undefined) {
        broken(unsignedSince, 'From here on, the lines are signed by a key that this key ring does not have.');
      }
      if (newest && (wanted === undefined || wanted.seq < newest.seq)) {
        broken((wanted?.seq ?? 0) + 1, `The record is cut off: there were lines up to ${newest.seq}.`);
      }
      const last = to && { seq: to.seq, recordedAt: to.recordedAt };
      return { ok: brokenAt === null, from, to: last, checked, brokenAt };
    },
  };
}
