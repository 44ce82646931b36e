/** `roamlab setup`: install missing Debian packages (as root), build the guest image. Everything is cached; a second call does nothing. */
import type { Command } from 'commander';
import { imagePrograms, installPackages, installPrograms, PROGRAMS } from '../host/packages.ts';
import { BUILD_PACKAGES, ensureStrongswan } from '../strongswan/build.ts';
import { chooseAccelerator } from '../vm/accelerator.ts';
import { ensureRuntime } from '../vm/bundle.ts';
import { ensureImage } from '../vm/image.ts';
import { options, tell } from './common.ts';

export function setup(root: Command): void {
  root
    .command('setup')
    .description('install what the vm backend needs (Debian packages, as root) and build the guest image')
    .option('--netns', 'also install what the netns backend needs on this host')
    .option('--mobikex', 'also install a C compiler and build the strongSwan with MOBIKE-X')
    .addOption(options.quiet())
    .action(async (flags: { netns?: boolean; mobikex?: boolean; quiet?: boolean }) => {
      const say = flags.quiet === true ? () => {} : tell;
      const installed = await installPrograms([...new Set([...PROGRAMS.vm, ...imagePrograms()])], say);
      if (flags.netns === true) installed.push(...(await installPrograms(PROGRAMS.netns, say)));
      if (flags.mobikex === true) {
        installed.push(...(await installPackages(BUILD_PACKAGES, say)));
        const { version, hash } = await ensureStrongswan(say);
        say(`strongSwan ${version} with MOBIKE-X: ${hash}`);
      }
      const image = await ensureImage(say);
      await ensureRuntime();
      const { accelerator, why } = await chooseAccelerator(image.kernel);
      say(
        `ready: ${installed.length === 0 ? 'nothing to install' : `installed ${installed.join(' ')}`}, guest image ${image.hash}, ${accelerator} (${why})`,
      );
    });
}
