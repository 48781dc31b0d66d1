import { createInterface } from 'node:readline/promises';
import { Writable, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { cliProblems } from './errors.ts';

type Style = Parameters<typeof styleText>[0];

/** Data goes to `out`, words go to `say`. */
export interface Terminal {
  /** People read what is written to `out`; else a program does. */
  readonly isOutputShown: boolean;
  /** Somebody can be asked. */
  readonly canAsk: boolean;
  /** Columns of the terminal; null where there is none. */
  readonly width: number | null;
  out(text: string): Promise<void>;
  /** One line. */
  say(line: string): void;
  /** For `out`; plain where nobody reads it, and with NO_COLOR. */
  style(style: Style, text: string): string;
  /** Asks for a line. With `hidden` what is typed does not appear. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
  /** All that is piped in. */
  input(): Promise<string>;
}

interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export function createTerminal({ stdin, stdout, stderr }: Streams, signal: AbortSignal): Terminal {
  const isOutputShown = stdout.isTTY === true;
  const canAsk = stdin.isTTY === true && stderr.isTTY === true;
  return {
    isOutputShown,
    canAsk,
    width: stdout.columns ?? null,
    async out(chunk) {
      await new Promise<void>((resolve, reject) => {
        stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    },
    say: (line) => void stderr.write(`${line}\n`),
    // Node looks at NO_COLOR, NODE_DISABLE_COLORS and FORCE_COLOR.
    style: (style, words) => styleText(style, words, { stream: stdout }),
    async ask(question, { hidden = false } = {}) {
      if (!canAsk) throw cliProblems.needsInput('An answer', 'Give it as an option.');
      // The echo of what is typed goes to the output of the interface: for a secret, nowhere.
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: hidden ? silent : stderr, terminal: true });
      try {
        if (hidden) stderr.write(question);
        return await lines.question(hidden ? '' : question, { signal });
      } finally {
        if (hidden) stderr.write('\n');
        lines.close();
      }
    },
    input: async () => (stdin.isTTY === true ? '' : await text(stdin)),
  };
}
