/** What the readers of both file formats share. */
import { RoamlabError } from '../../types/errors.ts';
import type { Frame } from '../../types/packet.ts';

export interface CaptureInfo {
  format: 'pcap' | 'pcapng';
  /** Unix second that `Frame.t` counts from */
  epoch: number;
  /** the file ends inside a record, or its records stop making sense; everything before that is kept */
  truncated: boolean;
  /** `frame 3: what (n times)`, one entry per kind */
  warnings: string[];
}

export interface Capture extends CaptureInfo {
  frames: Frame[];
}

export type OnFrame = (frame: Frame) => void;

/** libpcap's own bound (MAXIMUM_SNAPLEN); a longer record is a broken length field. */
export const MAX_CAPTURED = 262_144;

/** Read size. Large, because pcap-parser copies what is left over of one chunk into the next. */
export const CHUNK = 1 << 20;

/** E_PCAP_FORMAT: the bytes are not a capture we read. */
export function formatError(path: string, what: string): RoamlabError {
  return new RoamlabError('E_PCAP_FORMAT', 2, what, { where: path, hint: 'roamlab reads pcap (µs and ns) and pcapng files' });
}

/** E_PCAP_READ: the file could not be read. */
export function readError(path: string, cause: unknown): RoamlabError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RoamlabError('E_PCAP_READ', 2, `cannot read the capture: ${why}`, { where: path, cause });
}
