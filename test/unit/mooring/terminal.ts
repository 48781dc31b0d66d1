import type { Terminal } from '../../../cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  /** What was written to standard output. */
  written(): string;
  /** What was said on standard error. */
  said(): readonly string[];
}

/** A terminal that keeps what is written, and gives the answers in turn. */
export function fakeTerminal({
  isOutputShown = true,
  canAsk = false,
  answers = [],
  input = '',
}: {
  isOutputShown?: boolean;
  canAsk?: boolean;
  answers?: readonly string[];
  input?: string;
} = {}): FakeTerminal {
  const out: string[] = [];
  const said: string[] = [];
  const left = [...answers];
  return {
    isOutputShown,
    canAsk,
    width: isOutputShown ? 120 : null,
    out: async (text) => await Promise.resolve(void out.push(text)),
    say: (line) => void said.push(line),
    style: (_, text) => text,
    ask: async (question) => {
      said.push(question);
      return await Promise.resolve(left.shift() ?? '');
    },
    input: async () => await Promise.resolve(input),
    written: () => out.join(''),
    said: () => said,
  };
}
