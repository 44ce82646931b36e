/** What the helper opens for its threads, and closes after them. */
import { close } from '../host/libc.ts';
import { noteTimes, openReceiver, openSender, openUdp } from '../host/raw-socket.ts';
import { openTun, TUN_F } from '../host/tun.ts';
import { openBatchUdp } from '../host/udp-gso.ts';
import type { HelperAgent, HelperTunnel } from '../types/helper.ts';
import type { EndDescriptors } from './protocol.ts';

const ESP = 50;
const IP_IN_IP = 4;
export const UDP_PORT = 4500;
/** Packets that came over a link go out over one: the detour shall set no limit of its own. */
const AGENT_MTU = 65_535;

export class Descriptors {
  #open: number[] = [];

  keep(fd: number): number {
    this.#open.push(fd);
    return fd;
  }

  close(): void {
    for (const fd of this.#open.splice(0)) close(fd);
  }
}

/** TUN interface and sockets of one end. Throws with the kernel's reason. */
export function openEnd(
  descriptors: Descriptors,
  { name, mtu, local, remote, encapsulation, speed, dynamic }: HelperTunnel,
): EndDescriptors {
  const isFast = speed === 'fast';
  const tun = descriptors.keep(openTun(name, { mtu, ...(isFast && { offload: TUN_F.CSUM | TUN_F.TSO4 }) }));
  const raw = descriptors.keep(openSender());
  const esp = descriptors.keep(
    isFast
      ? openBatchUdp(local, remote, UDP_PORT)
      : encapsulation === 'udp'
        ? openUdp(local, remote, UDP_PORT)
        : openReceiver(ESP, local, remote),
  );
  const plain = dynamic === null ? null : descriptors.keep(openReceiver(IP_IN_IP, local, remote));
  if (plain !== null) for (const fd of [esp, plain]) noteTimes(fd);
  return { tun, raw, esp, plain };
}

/** The TUN interface of a foreign agent. Throws with the kernel's reason. */
export const openAgent = (descriptors: Descriptors, { tun }: HelperAgent): number => descriptors.keep(openTun(tun, { mtu: AGENT_MTU }));
