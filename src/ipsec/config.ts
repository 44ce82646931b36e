/**
 * strongSwan's configuration for one node, as data: strongswan.conf text, and the connections and secrets as the
 * nested message that both vici (`load-conn`) and swanctl.conf understand. Timers stay stock: they are what is measured.
 */
import type { CellExperiment, CharonSettings, IpsecConnection } from '../types/experiment.ts';
import type { ViciMessage } from './vici-message.ts';

export interface NodeIpsec {
  node: string;
  connections: ViciMessage;
  pools: ViciMessage;
  secrets: ViciMessage;
}

/** Paths inside the node's private /run. */
export const CHARON_CONF = '/run/strongswan.conf';
export const SWANCTL_CONF = '/run/swanctl.conf';
export const CHARON_LOG = '/run/charon.log';
export const KEY_LOG = '/run/charon-keys.log';
export const VICI_SOCKET = '/run/charon.vici';

const PLUGINS = ['random', 'nonce', 'openssl', 'aes', 'sha1', 'sha2', 'hmac', 'kdf', 'kernel-netlink', 'socket-default', 'vici'];
/** Debian's has one more; the patched build (images/strongswan/configure.txt) leaves big numbers to OpenSSL. */
const STOCK_PLUGINS = PLUGINS.toSpliced(8, 0, 'gmp');

const yes = (value: boolean): string => (value ? 'yes' : 'no');
/** Up: 0 has a meaning of its own. */
const ms = (seconds: number): string => String(Math.ceil(seconds * 1000));
const lines = (indent: string, settings: Record<string, string | undefined>): string =>
  Object.entries(settings)
    .map(([key, value]) => (value === undefined ? '' : `${indent}${key} = ${value}\n`))
    .join('');

/** Settings of docs/mobike-x.md, section 13; only what the experiment says is written. */
function patchedSettings(charon: CharonSettings, mobikex: boolean): { charon: string; netlink: string } {
  const { roamDelay, probe, probeInterval, rrc, maxPaths, peerAddresses } = charon;
  const extension = lines('    ', {
    enable: mobikex ? 'yes' : undefined,
    max_paths: maxPaths === undefined ? undefined : String(maxPaths),
    rrc,
    peer_addrs: peerAddresses?.join(','),
  });
  const own = lines('  ', {
    mobike_probe: probe === undefined ? undefined : yes(probe),
    mobike_probe_interval: probeInterval === undefined ? undefined : ms(probeInterval),
    // a virtual IP on the interface of a path would go down with it
    install_virtual_ip_on: mobikex ? 'lo' : undefined,
  });
  const netlink = roamDelay === undefined ? '' : `    kernel-netlink {\n      roam_delay = ${ms(roamDelay)}\n    }\n`;
  return { charon: `${own}${extension === '' ? '' : `  mobikex {\n${extension}  }\n`}`, netlink };
}

export interface StrongswanConf {
  keys: 'buffered' | 'by line' | 'off';
  /** of the patched build; undefined: stock */
  charon?: CharonSettings | undefined;
  /** some connection of the node wants MOBIKE-X */
  mobikex?: boolean;
  /** false: charon leaves the routing tables alone */
  routes?: boolean;
}

/**
 * strongswan.conf. With `keys`, a second log holds what carries keys: level 4 of the IKE and CHILD groups prints them, which is
 * how stock packages let a capture be decrypted. It is switched off once IKE is done. `chd = 2` prints when an SA is moved;
 * everything else stays at the default level, for every line costs time in the exchanges that are measured.
 */
export function strongswanConf(options: StrongswanConf): string {
  const { charon } = options;
  const patched = charon === undefined ? { charon: '', netlink: '' } : patchedSettings(charon, options.mobikex === true);
  const keyLog = `
    keys {
      path = ${KEY_LOG}
      time_format = %s
      flush_line = ${options.keys === 'by line' ? 'yes' : 'no'}
      default = -1
      ike = 4
      cfg = 1
    }`;
  return `charon {
  load = ${(charon === undefined ? STOCK_PLUGINS : PLUGINS).join(' ')}
${patched.charon}${options.routes === false ? '  install_routes = no\n' : ''}  filelog {
    main {
      path = ${CHARON_LOG}
      append = yes
      time_format = %s
      time_precision = us
      time_add_ms = yes
      flush_line = yes
      default = 1
      chd = 2
    }${options.keys === 'off' ? '' : keyLog}
  }
  plugins {
${patched.netlink}    vici {
      socket = unix://${VICI_SOCKET}
    }
  }
}
`;
}

/**
 * The networks to write for the initiator's side; none where that is its own outer address, which `dynamic` (the default) stands for.
 * Written out, MOBIKE would move the selector all the same, but MOBIKE-X's CHILD_SA of another path would be about the address of the first.
 */
function initiatorSelector({ virtualIp, initiatorAddress, initiatorNets }: IpsecConnection): string[] {
  const own = `${initiatorAddress}/${initiatorAddress.includes(':') ? 128 : 32}`;
  return virtualIp === undefined && initiatorNets.length === 1 && initiatorNets[0] === own ? [] : initiatorNets;
}

function endpoint(connection: IpsecConnection, initiator: boolean): { connection: ViciMessage; child: ViciMessage } {
  const common: ViciMessage = {
    version: '2',
    proposals: [connection.ike],
    mobike: connection.mobility === 'none' ? 'no' : 'yes',
  };
  const nets = (own: boolean) => (own === initiator ? initiatorSelector(connection) : connection.responderNets);
  const child: ViciMessage = { mode: connection.mode, esp_proposals: [connection.esp] };
  if (connection.mode === 'tunnel') {
    if (nets(true).length > 0) child.local_ts = nets(true);
    if (nets(false).length > 0) child.remote_ts = nets(false);
  }
  const [first, second] = identities(connection);
  const body: ViciMessage = {
    ...common,
    ...addresses(connection, initiator),
    ...(connection.virtualIp === undefined ? {} : initiator ? { vips: [connection.virtualIp] } : { pools: [`${connection.name}-pool`] }),
    local: { auth: 'psk', id: initiator ? first : second },
    remote: { auth: 'psk', id: initiator ? second : first },
  };
  return { connection: body, child };
}

/** Pinned, both addresses are part of the configuration, and a second IKE_SA between the same two hosts does not replace the first. */
function addresses({ pinned, initiatorAddress, responderAddress }: IpsecConnection, initiator: boolean): ViciMessage {
  const ends = {
    local_addrs: [initiator ? initiatorAddress : responderAddress],
    remote_addrs: [initiator ? responderAddress : initiatorAddress],
  };
  if (pinned === true) return { ...ends, unique: 'never' };
  return initiator ? { remote_addrs: ends.remote_addrs } : { local_addrs: ends.local_addrs };
}

/** Initiator's and responder's; of pinned connections each has its own, because a pre-shared key is found by them. */
function identities({ name, initiator, responder, pinned }: IpsecConnection): [string, string] {
  return pinned === true ? [`${initiator}.${name}`, `${responder}.${name}`] : [initiator, responder];
}

/** What strongswan.conf of `node` depends on. */
export function nodeCharon(cell: CellExperiment, node: string): Pick<StrongswanConf, 'charon' | 'mobikex' | 'routes'> {
  const charon = cell.nodes.find((n) => n.name === node)?.charon;
  const mine = cell.ipsec.filter((c) => [c.initiator, c.responder].includes(node));
  // dormant SAs in transport mode need no route of charon's, and had none in the E2E paper (section VI-B)
  const bare = mine.length > 0 && mine.every((c) => c.pinned === true && c.mode === 'transport');
  return { charon, mobikex: mine.some((c) => c.mobility === 'mobikex'), ...(bare ? { routes: false } : {}) };
}

/** One entry per node that terminates IPsec. `psk` yields the secret of a connection (generated per run). */
export function nodeIpsec(cell: CellExperiment, psk: (connection: string) => string): NodeIpsec[] {
  const nodes = new Map<string, NodeIpsec>();
  for (const connection of cell.ipsec) {
    for (const initiator of [true, false]) {
      const node = initiator ? connection.initiator : connection.responder;
      const entry = nodes.get(node) ?? { node, connections: {}, pools: {}, secrets: {} };
      const { connection: body, child } = endpoint(connection, initiator);
      entry.connections[connection.name] = { ...body, children: { [connection.name]: child } };
      if (!initiator && connection.virtualIp !== undefined) {
        const bits = connection.virtualIp.includes(':') ? 128 : 32;
        entry.pools[`${connection.name}-pool`] = { addrs: `${connection.virtualIp}/${bits}` };
      }
      entry.secrets[`ike-${connection.name}`] = { secret: psk(connection.name), id: identities(connection) };
      nodes.set(node, entry);
    }
  }
  return [...nodes.values()];
}

function section(message: ViciMessage, indent: string): string {
  return Object.entries(message)
    .map(([key, item]) => {
      if (typeof item === 'string') return `${indent}${key} = "${item}"\n`;
      if (Array.isArray(item)) return `${indent}${key} = ${item.join(',')}\n`;
      return `${indent}${key} {\n${section(item, `${indent}  `)}${indent}}\n`;
    })
    .join('');
}

/** The same configuration as a swanctl.conf a reader can load with `swanctl --load-all --file`. */
export function swanctlConf(node: NodeIpsec): string {
  const secrets = Object.fromEntries(
    Object.entries(node.secrets).map(([key, item]) => {
      const { secret, id } = item as { secret: string; id: string[] };
      return [key, { ...Object.fromEntries(id.map((each, i) => [`id-${i}`, each])), secret }];
    }),
  );
  return section({ connections: node.connections, pools: node.pools, secrets }, '');
}
