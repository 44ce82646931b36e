/** The plan as a shell script a reader can paste, step by step, as root on a machine with the same tools. */
import { display } from '../host/command.ts';
import { offloadsOffCommand } from '../host/ethtool.ts';
import { requestLine } from '../host/rtnetlink.ts';
import { settingsCommand } from '../host/sysctl.ts';
import type { CellExperiment, Flow, MmlTunnel, MobikeCommand, SoftHandover, WireguardTunnel } from '../types/experiment.ts';
import { runPlan } from './plan.ts';
import type { Step } from './step.ts';
import { wireguardConf, wireguardFile } from './wireguard.ts';

const indent = (text: string): string => text.trimEnd();
const heredoc = (command: string, lines: string): string => `${command} <<'EOF'\n${indent(lines)}\nEOF`;
const batch = (tool: string, node: string | null, lines: string[], family?: 6): string =>
  heredoc(display([tool, ...(family === 6 ? ['-6'] : []), ...(node === null ? [] : ['-n', node]), '-batch', '-']), lines.join('\n'));
const on = (node: string, argv: readonly string[]): string => display(['ip', 'netns', 'exec', node, ...argv]);
const inside = (node: string, path: string): string => `$RUN/${node}${path}`;

/** The same by hand; `PATH_ID` is what `swanctl --list-sas --raw` shows of the path. */
function controlCommands(event: SoftHandover | MobikeCommand): string[][] {
  const command = (action: string, ...more: string[]) => ['swanctl', '--mobike', '--action', action, '--ike', event.connection, ...more];
  if (event.kind === 'mobike')
    return [command(event.action, ...(event.action === 'add' ? ['--local', event.local] : ['--path', 'PATH_ID']))];
  const drain = event.drain === null ? [] : ['--drain', String(event.drain)];
  return [command('add', '--local', event.local), command('update', '--path', 'PATH_ID', ...drain)];
}

/** From where to where; an address that may change with "at start". */
function udpWay({ from, to, source, destination, port, byRoute, answers }: Flow): string {
  if (answers !== undefined) return `${source} (${from}) -> where ${answers} came from (${to}), ${destination}:${port} at start`;
  return `${byRoute === true ? `source by route, ${source} at start` : source} (${from}) -> ${destination}:${port} (${to})`;
}

function flowCommands(f: Flow): string {
  if (f.kind === 'tcp') {
    const server = on(f.to, ['iperf3', '-s', '-1', '-p', String(f.port), '-B', f.destination]);
    return `${server} &\n${on(f.from, ['iperf3', '-c', f.destination, '-B', f.source, '-p', String(f.port)])} &`;
  }
  const what = `of ${f.size} octets, numbered and stamped`;
  if (f.kind === 'udp') return `# ${f.name}: UDP ${udpWay(f)}, ${f.rate} packets/s ${what}`;
  const ends = `${f.sources?.join(' ')} (${f.from}) -> ${f.destinations?.join(' ')} port ${f.port} (${f.to}), opened by ${f.client}`;
  return `# ${f.name}: ${f.kind.toUpperCase()} ${ends}, ${f.rate === 0 ? 'as many messages as it takes' : `${f.rate} messages/s`} ${what}`;
}

const placeholders = {
  privateKey: (tunnel: WireguardTunnel, node: string) => `<private key of ${tunnel.name} on ${node}, generated per run>`,
  publicKey: (tunnel: WireguardTunnel, node: string) => `<public key of ${tunnel.name} on ${node}>`,
};

/** Keys are no part of the plan. */
function helperKeyLines({ tunnels, agentOf, writer }: Extract<Step, { do: 'helper-keys' }>): string {
  const all = ({ name, boundaries }: MmlTunnel) => `# <keys of ${name}, both ways, of ${boundaries.length + 1} zones, generated per run>`;
  const first = ({ name }: MmlTunnel) => `# <keys of ${name}, both ways, of zone 1 only; writer ${writer}>`;
  const lines = [...tunnels.map(all), ...agentOf.map(first)];
  return lines.length === 0 ? '# none: it follows connections in clear' : lines.join('\n');
}

function commands(step: Step): string {
  switch (step.do) {
    case 'open':
      return 'RUN=$(mktemp -d)  # roamlab itself does all of this in a private mount and PID namespace';
    case 'batch':
      return batch(step.tool, step.node, step.lines, step.family);
    case 'settings':
      return on(step.node, settingsCommand(step.settings));
    case 'offloads':
      return step.devices.map((dev) => on(step.node, offloadsOffCommand(dev))).join('\n');
    case 'links':
      return batch('ip', step.node, step.requests.map(requestLine));
    case 'verify-shape':
      return display(['tc', '-n', step.node, 'qdisc', 'show']);
    case 'private-run':
      return `mkdir -p ${inside(step.node, '/run')}  # mounted on /run for ${step.node} only`;
    case 'write':
      return `${heredoc(`install -m ${step.mode.toString(8)} /dev/stdin ${inside(step.node, step.path)}`, step.content)}`;
    case 'capture':
      return `${on(step.end.node, step.argv)} &`;
    case 'charon':
      return `env ${Object.entries(step.env)
        .map(([k, v]) => `${k}=${v}`)
        .join(' ')} ${on(step.node, ['charon'])} &  # ${step.build} build, with ${inside(step.node, '/run')} on /run`;
    case 'load':
      return on(step.node, ['swanctl', '--load-all', '--file', step.file]);
    case 'initiate':
      return on(step.node, ['swanctl', '--initiate', '--child', step.connection]);
    case 'wireguard': {
      const file = wireguardFile(step.tunnel);
      const conf = wireguardConf(step.tunnel, step.node, placeholders);
      return `${heredoc(`install -m 600 /dev/stdin ${inside(step.node, file)}`, conf)}\n${on(step.node, ['wg', 'setconf', step.tunnel.name, file])}`;
    }
    case 'helper': {
      const [socket, request] = [inside(step.node, step.socket), JSON.stringify({ do: 'open', setup: step.setup })];
      return `${on(step.node, ['node', 'src/helper/main.ts'])} ${socket} &\n${heredoc(`socat - UNIX-CONNECT:${socket}`, request)}`;
    }
    case 'helper-keys':
      return helperKeyLines(step);
    case 'bit-errors':
      return `# XDP at ${step.end.node}:${step.end.interface}: of n octets of IP 1-(1-${step.ber})^8n are dropped, seed ${step.seed}`;
    case 'quiet':
      return `${on(step.node, ['swanctl', '--reload-settings'])}  # after taking the keys log out of ${step.path}`;
    case 'arm':
      return `${on(step.node, ['ip', '-ts', 'monitor', 'link', 'address', 'route'])} &`;
    case 'flows':
      return step.flows.map(flowCommands).join('\n');
    case 'event':
      return step.batches.map((b) => batch(b.tool, b.node, b.lines)).join('\n');
    case 'control':
      return controlCommands(step.event)
        .map((argv) => on(step.event.node, argv))
        .join('\n');
    case 'wait':
      return `sleep ${step.seconds.toFixed(3)}  # ${step.from === 'flow-start' ? 'counted from the first packet' : step.title}`;
    case 'collect':
      return `# SIGINT to every tcpdump; read /proc/net/xfrm_stat, tc -s qdisc, ip xfrm state, charon's log`;
  }
}

/** The plan of one cell's first run. Secrets are generated per run, so the printed plan shows a placeholder. */
export function planText(cell: CellExperiment, seed: number, options: { netemSeed?: boolean; nullEvent?: boolean } = {}): string {
  const plan = runPlan(cell, {
    seed,
    netemSeed: options.netemSeed ?? true,
    nullEvent: options.nullEvent ?? false,
    psk: (name) => `<psk of ${name}, generated per run>`,
  });
  let number = 0;
  const blocks = plan.map((group) => group.map((step) => `# ${++number}. [${step.phase}] ${step.title}\n${commands(step)}\n`).join('\n'));
  return `#!/bin/sh\n# ${cell.name}, cell ${cell.cell}, seed ${seed}: every step of one run, in order\n\n${blocks.join('\n')}`;
}
