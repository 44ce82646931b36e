/**
 * Names that may become a namespace, a file, a folder or an argument of `ip`. They are checked here once, so that
 * no later room has to escape anything.
 */

/**
 * Words of `ip link`, `ip address`, `ip route` and `ip rule` (iproute2 6.x: iplink.c, ipaddress.c, iproute.c, iprule.c). iproute2 also
 * takes every unambiguous prefix (`ip l s d`), so an interface called `de` reads as `dev`: prefixes are refused as well.
 */
const IPROUTE2_WORDS = (
  'add addr address addrgenmode advmss all allmulticast alias anycast append arp autojoin brd broadcast bridge change cwnd dadfailed ' +
  'default del delete dependent deprecated dev down dst dynamic encap exact expires features fwmark from get global group help home ' +
  'host hoplimit iif index inet inet6 initcwnd initrwnd input label link list lladdr local lo lock lookup main mac master match ' +
  'master metric mngtmpaddr mode mtu multicast multipath mtu_lock name netns nexthop nodad nomaster noprefixroute numrxqueues ' +
  'numtxqueues off oif on onlink order parentdev peer permanent pref preference primary priority promisc proto protocol protodown ' +
  'qdisc realm realms replace restore root route rto_min rtt rttvar rule save scope secondary set show src ssthresh state stats ' +
  'table temporary tentative to tos trailers ttl tunnel txqlen txqueuelen type unicast up valid_lft preferred_lft vf via vrf ' +
  'weight window xdp'
).split(' ');

export interface NameProblem {
  code: string;
  message: string;
  hint: string;
}

/** A plain object would answer for `constructor` or `__proto__` although nobody put them there. */
export function isPrototypeName(name: string): boolean {
  return name in Object.prototype;
}

function reserved(name: string): NameProblem | null {
  if (!isPrototypeName(name)) return null;
  return {
    code: 'E_SPEC_NAME_RESERVED',
    message: `"${name}" cannot be used as a name`,
    hint: 'it is a property of every object; choose another',
  };
}

/** Nodes: namespace and host name. */
export function nodeNameProblem(name: string): NameProblem | null {
  if (/^[a-z][a-z0-9-]{0,14}$/.test(name)) return reserved(name);
  const hint = 'a lower-case letter, then lower-case letters, digits or dashes; at most 15 characters';
  return { code: 'E_SPEC_NAME_NODE', message: 'not a node name', hint };
}

/** Flows, IPsec connections, links: parts of file names and of swanctl sections. */
export function itemNameProblem(name: string): NameProblem | null {
  if (/^[a-z][a-zA-Z0-9_-]{0,31}$/.test(name)) return reserved(name);
  const hint = 'a lower-case letter, then letters, digits, dashes or underscores; at most 32 characters';
  return { code: 'E_SPEC_NAME', message: 'not a usable name', hint };
}

/** Interfaces: IFNAMSIZ leaves 15 characters; no dash, so that `<node>-<interface>.pcap` stays unambiguous; no dot, which sysctl splits at. */
export function interfaceNameProblem(name: string): NameProblem | null {
  if (name.length > 15) {
    const hint = 'Linux allows at most 15 characters (IFNAMSIZ)';
    return { code: 'E_SPEC_NAME_TOO_LONG', message: `interface name of ${name.length} characters`, hint };
  }
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name)) {
    const hint = 'a letter, then letters, digits or underscores';
    return { code: 'E_SPEC_NAME_INTERFACE', message: 'not an interface name', hint };
  }
  const word = IPROUTE2_WORDS.find((known) => known.startsWith(name));
  if (word !== undefined) {
    const message = name === word ? `"${name}" is a word of the ip command` : `"${name}" is short for "${word}" to the ip command`;
    return { code: 'E_SPEC_NAME_KEYWORD', message, hint: `add a digit, such as ${name}1` };
  }
  return reserved(name);
}
