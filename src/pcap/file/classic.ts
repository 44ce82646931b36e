/** Classic pcap: pcap-parser does the framing, the gate in front of it the distrust. */
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { pipeline, type Readable } from 'node:stream';
import { RoamlabError } from '../../types/errors.ts';
import type { Clock } from './clock.ts';
import { RecordGate } from './gate.ts';
import { CHUNK, type OnFrame, readError } from './types.ts';
import type { Warnings } from './warnings.ts';

/** What we use of pcap-parser, which ships no types. */
interface ClassicParser {
  on(event: 'packet', listener: (packet: ParsedPacket) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end', listener: () => void): this;
}
interface ParsedPacket {
  header: { timestampSeconds: number; timestampMicroseconds: number; capturedLength: number; originalLength: number };
  data: Buffer;
}
const { parse } = createRequire(import.meta.url)('pcap-parser') as { parse(input: Readable): ClassicParser };

/** Reads all records; resolves to whether the file was cut short. Throws E_PCAP_FORMAT, E_PCAP_READ. */
export async function readClassic(path: string, clock: Clock, warnings: Warnings, onFrame: OnFrame): Promise<boolean> {
  const gate = new RecordGate(path, warnings);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (cause: unknown) => reject(cause instanceof RoamlabError ? cause : readError(path, cause));
  const parser = parse(gate);
  let frames = 0;
  parser.on('packet', ({ header, data }) => {
    try {
      frames++;
      const fraction = header.timestampMicroseconds;
      const t = clock.time(header.timestampSeconds, gate.nanos ? fraction : fraction * 1000, frames);
      onFrame({ t, linkType: gate.linkType, length: header.originalLength, data });
    } catch (cause) {
      gate.destroy();
      reject(cause);
    }
  });
  parser.on('error', fail);
  parser.on('end', resolve);
  pipeline(createReadStream(path, { highWaterMark: CHUNK }), gate, (cause) => {
    if (cause) fail(cause);
  });
  await promise;
  return gate.truncated;
}
