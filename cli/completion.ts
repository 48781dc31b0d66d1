import type { Command, Option } from 'commander';

/** What the last of the words may become; the ones before it are complete. Pure. */
export function complete(program: Command, words: readonly string[]): string[] {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return [];
  let command = program;
  let waiting: Option | undefined;
  for (const word of before) {
    if (waiting) waiting = undefined;
    else if (word.startsWith('-')) waiting = optionsOf(command, program).find((option) => takesValue(option, word));
    else command = command.commands.find((child) => child.name() === word) ?? command;
  }
  return candidates(command, program, last, waiting)
    .filter((text) => text.startsWith(last))
    .toSorted();
}

function candidates(command: Command, program: Command, last: string, waiting: Option | undefined): readonly string[] {
  if (waiting) return waiting.argChoices ?? [];
  if (last.startsWith('-')) return optionsOf(command, program).flatMap(({ long }) => long ?? []);
  const own = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...command.commands.map((child) => child.name()).filter((name) => !name.startsWith('_')), ...own];
}

const optionsOf = (command: Command, program: Command): readonly Option[] =>
  command === program ? program.options : [...command.options, ...program.options];

const takesValue = (option: Option, word: string): boolean =>
  [option.short, option.long].includes(word) && (option.required || option.optional);

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Each asks the program itself, so that a script stays right when commands are added. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# mooring completion bash > ~/.local/share/bash-completion/completions/mooring
_mooring() {
  local found
  found="$(mooring __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mooring mooring
`,
  zsh: `#compdef mooring
# mooring completion zsh > "\${fpath[1]}/_mooring"
_mooring() {
  local -a found
  found=("\${(@f)$(mooring __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
if [ "\${funcstack[1]}" = "_mooring" ]; then _mooring "$@"; else compdef _mooring mooring; fi
`,
  fish: `# mooring completion fish > ~/.config/fish/completions/mooring.fish
complete -c mooring -f -a '(mooring __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
