/** What the program ends with; `credentials exec` ends as its command does. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  error: { code: 1, meaning: 'it failed, or the command line is not right; the error says what to do' },
  cancelled: { code: 2, meaning: 'cancelled: Ctrl-C, or a question that was not answered with yes' },
  notSignedIn: { code: 4, meaning: 'no API key, or one that is not valid (any more)' },
  waitedInVain: { code: 8, meaning: 'waited in vain: the time is over, or it ended in another way' },
} as const;
