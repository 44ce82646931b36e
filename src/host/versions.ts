/** Versions of everything that shapes a result, for the provenance of a report. */
import { run } from './command.ts';
import { programPath } from './packages.ts';

const QUERIES: Record<string, { argv: string[]; pattern: RegExp }> = {
  strongswan: { argv: ['charon', '--version'], pattern: /strongSwan\s+(\S+)/i },
  iproute2: { argv: ['ip', '-V'], pattern: /iproute2-([^\s,]+)/ },
  tcpdump: { argv: ['tcpdump', '--version'], pattern: /tcpdump version (\S+)/ },
  libpcap: { argv: ['tcpdump', '--version'], pattern: /libpcap version (\S+)/ },
  ethtool: { argv: ['ethtool', '--version'], pattern: /ethtool version (\S+)/ },
  iperf3: { argv: ['iperf3', '--version'], pattern: /iperf (\S+)/ },
};

export async function toolVersions(): Promise<Record<string, string>> {
  const found: Record<string, string> = { node: process.versions.node };
  await Promise.all(
    Object.entries(QUERIES).map(async ([name, { argv, pattern }]) => {
      const [program = '', ...rest] = argv;
      const path = programPath(program);
      if (path === null) return;
      const { stdout, stderr } = await run([path, ...rest], { allow: [0, 1, 2, 64] }).catch(() => ({ stdout: '', stderr: '' }));
      const version = pattern.exec(stdout + stderr)?.[1];
      if (version !== undefined) found[name] = version;
    }),
  );
  return found;
}
