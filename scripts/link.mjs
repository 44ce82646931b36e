// After `npm ci` in a checkout: puts `roamlab` among the project's own programs, so that `npx roamlab` starts it at once
// instead of installing the checkout into npm's cache first.
import { existsSync, rmSync, symlinkSync } from 'node:fs';

const link = 'node_modules/.bin/roamlab';
if (existsSync('node_modules/.bin')) {
  rmSync(link, { force: true });
  symlinkSync('../../scripts/roamlab.mjs', link);
}
