/** Packets through an agent whose TUN interface is a pipe: data, ACKs, losses, timers; in zones and in clear. */
import { close } from '../../host/libc.ts';
import { openPair, receivePacket, writePacket } from '../../host/raw-socket.ts';
import { seal, writeOuter } from '../../mlipsec/index.ts';
import type { HelperAgent } from '../../types/helper.ts';
import { ipv4 } from '../address.ts';
import { AgentStation } from '../agent/station.ts';
import { makeCsa } from '../csa.ts';
import { BACK, FIXED, MOBILE, SUITES, tcpPacket, warmKeys } from './material.ts';

/** data packets per kind of protection */
const ROUNDS = 500;
const MSS = 256;
const HEADER = 20;
/** every so many packets one is lost on the radio: its duplicates come, and the copy repairs it */
const LOSS = 20;
const DUPLICATES = 3;

/** Runs the code of a job's data path until it is compiled. */
export function warmUpAgent(agent: HelperAgent, profile: boolean, rounds = ROUNDS): void {
  const [inside, outside] = openPair();
  const packet = new Uint8Array(2048);
  const [fixed, mobile] = [ipv4(FIXED), ipv4(MOBILE)];
  try {
    for (const suite of [...SUITES.filter(({ boundaries }) => boundaries.length > 0), null]) {
      const station = new AgentStation({ ...agent, mobile: [MOBILE], plain: [] }, inside, profile);
      const keys = suite && warmKeys(suite);
      const csa = keys && makeCsa(keys, 'send');
      if (keys !== null) {
        const first = { ...keys, sas: keys.sas.map((sa, k) => (k === 0 ? sa : null)) };
        station.setKeys({ do: 'agent-keys', agent: { csas: [first, { ...first, dst: FIXED }], writer: 1 } });
      }
      const through = (source: number, destination: number, seq: number, ack: number, length: number): void => {
        const inner = tcpPacket({ source, destination, seq, ack, length, ...(source === mobile && { ports: BACK }) });
        let octets = inner.length;
        if (csa === null) packet.set(inner);
        else {
          const sealed = seal(csa, inner, packet.subarray(HEADER));
          octets = HEADER + (sealed.ok ? sealed.length : 0);
          writeOuter(packet, { source, destination, payload: octets - HEADER });
        }
        writePacket(outside, packet, octets);
        station.take();
        while (receivePacket(outside, packet) > 0);
      };
      for (let round = 0, seq = 1; round < rounds; round++, seq += MSS) {
        through(fixed, mobile, seq, 1, MSS);
        if (round % LOSS === 0) {
          for (let i = 0; i < DUPLICATES; i++) through(mobile, fixed, 1, seq, 0);
          station.onDue();
        }
        if (round % 2 === 1) through(mobile, fixed, 1, seq + MSS, 0);
      }
      csa?.destroy();
      station.close();
    }
  } finally {
    close(inside);
    close(outside);
  }
}
