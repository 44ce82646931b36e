/** Contents of MOBIKE-X's notifies (docs/mobike-x.md section 2), octet by octet, right ones and wrong ones. */
import { address } from './net.ts';

export const SUPPORTED = 41041;
export const ADD = 41042;
export const REMOVE = 41043;
export const PATH_STATUS = 41044;
export const UPDATE = 16400;

export const [OLD_SENDER, NEW_SENDER, OLD_PEER, NEW_PEER] = [1, 2, 3, 4] as const;

const u16 = (value: number) => Buffer.of(value >> 8, value & 255);

export interface ParameterOptions {
  port?: number;
  type?: number;
  family?: number;
  length?: number;
  flags?: number;
  reserved?: number;
}

/** An IP parameter; what `options` do not say is as the address demands. */
export function parameter(role: number, path: number, text: string, options: ParameterOptions = {}): Buffer {
  const octets = address(text);
  const { type = 2, length = 12 + octets.length, family = octets.length === 4 ? 4 : 6, flags = 0, port = 4500, reserved = 0 } = options;
  return Buffer.concat([Buffer.of(type, role), u16(length), u16(path), Buffer.of(family, flags), u16(port), u16(reserved), octets]);
}

export const supported = (maxPaths = 4, flags = 3, version = 1, magic = 'MBKX') =>
  Buffer.concat([Buffer.from(magic), Buffer.of(version, flags, maxPaths, 0)]);

export const status = (path: number, value: number) => Buffer.concat([u16(path), u16(value)]);
