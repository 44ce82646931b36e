/**
 * The guest's side of what only the virtual clock's machine has. Each of these ends within the instruction that starts it, so
 * that nothing the host does can be felt.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { type GuestMessage, NOTES_PORT, type Orders, WATCHDOG } from '../protocol.ts';

const ports = openSync('/dev/port', 'r+');
const ORDERS = '/sys/firmware/qemu_fw_cfg/by_name/opt/roamlab/orders/raw';

/** The kernel writes consecutive octets to consecutive ports: one call per octet. */
function outb(port: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) writeSync(ports, bytes, i, 1, port);
}

/** A sign of life: one octet. */
export const beat = (): void => outb(NOTES_PORT, Buffer.from('\n'));

/** Costs about 3 us per octet: few, and short ones while something is measured. */
export const note = (message: GuestMessage): void => outb(NOTES_PORT, Buffer.from(`${JSON.stringify(message)}\n`));

/** Sleeps until the watchdog has stopped the guest. It returns in the guests that go on from there, each with orders of its own. */
export function stop(): Orders {
  outb(WATCHDOG.port, Buffer.from([WATCHDOG.value]));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WATCHDOG.after + 1);
  const file = openSync(ORDERS, 'r');
  try {
    const length = Buffer.alloc(4);
    readSync(file, length, 0, 4, 0);
    const text = Buffer.alloc(length.readUInt32BE());
    for (let at = 0; at < text.length; ) at += readSync(file, text, at, text.length - at, 4 + at);
    return JSON.parse(text.toString()) as Orders;
  } finally {
    closeSync(file);
  }
}
