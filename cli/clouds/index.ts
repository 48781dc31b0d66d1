import type { MakeCommand } from '../commands/command.ts';
import { awsConfig } from './aws-config.ts';

/** Commands for one cloud's own tools. They stand apart, so that nothing else of the program names a cloud. */
export const cloudCommands: readonly MakeCommand[] = [awsConfig];
