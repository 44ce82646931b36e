/** `roamlab schema`: the JSON Schema that editors complete experiment files from. */
import type { Command } from 'commander';
import { experimentJsonSchema } from '../spec/index.ts';
import { printJson } from './common.ts';

export function schema(root: Command): void {
  root
    .command('schema')
    .description('print the JSON Schema of experiment files, for editors')
    .action(() => printJson(experimentJsonSchema()));
}
