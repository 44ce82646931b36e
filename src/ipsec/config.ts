/**
 * strongSwan's configuration for one node, as data: strongswan.conf text, and the connections and secrets as the
 * nested message that both vici (`load-conn`) and swanctl.conf understand. Timers stay stock: they are what is measured.
 */
import type { CellExperiment, IpsecConnection } from '../types/experiment.ts';
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

const PLUGINS = ['random', 'nonce', 'openssl', 'aes', 'sha1', 'sha2', 'hmac', 'kdf', 'gmp', 'kernel-netlink', 'socket-default', 'vici'];

/**
 * strongswan.conf. With `keys`, a second log holds what carries keys: level 4 of the IKE and CHILD groups prints them, which is
 * how stock packages let a capture be decrypted. It is switched off once IKE is done. `chd = 2` prints when an SA is moved;
 * everything else stays at the default level, for every line costs time in the exchanges that are measured.
 */
export function strongswanConf(options: { keys: 'buffered' | 'by line' | 'off' }): string {
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
  load = ${PLUGINS.join(' ')}
  filelog {
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
    vici {
      socket = unix://${VICI_SOCKET}
    }
  }
}
`;
}

function endpoint(connection: IpsecConnection, initiator: boolean): { connection: ViciMessage; child: ViciMessage } {
  const common: ViciMessage = {
    version: '2',
    proposals: [connection.ike],
    mobike: connection.mobility === 'mobike' ? 'yes' : 'no',
  };
  const nets = (own: boolean) => (own === initiator ? connection.initiatorNets : connection.responderNets);
  const child: ViciMessage = { mode: connection.mode, esp_proposals: [connection.esp] };
  if (connection.mode === 'tunnel') {
    // with a virtual IP the initiator's selector is that address, which `dynamic` (the default) stands for
    if (nets(true).length > 0) child.local_ts = nets(true);
    if (nets(false).length > 0) child.remote_ts = nets(false);
  }
  const own = initiator ? connection.initiator : connection.responder;
  const peer = initiator ? connection.responder : connection.initiator;
  const body: ViciMessage = {
    ...common,
    ...(initiator ? { remote_addrs: [connection.responderAddress] } : { local_addrs: [connection.responderAddress] }),
    ...(connection.virtualIp === undefined ? {} : initiator ? { vips: [connection.virtualIp] } : { pools: [`${connection.name}-pool`] }),
    local: { auth: 'psk', id: own },
    remote: { auth: 'psk', id: peer },
  };
  return { connection: body, child };
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
      entry.secrets[`ike-${connection.name}`] = { secret: psk(connection.name), id: [connection.initiator, connection.responder] };
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
