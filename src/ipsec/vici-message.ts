/**
 * vici messages: nested sections, key/values and lists (strongSwan source, src/libcharon/plugins/vici/README.md, "Message
 * encoding"). All values are text.
 */
export type ViciValue = string | string[] | ViciMessage;
export interface ViciMessage {
  [key: string]: ViciValue;
}

const ELEMENT = { SECTION_START: 1, SECTION_END: 2, KEY_VALUE: 3, LIST_START: 4, LIST_ITEM: 5, LIST_END: 6 } as const;

/** A name with its one-octet length. Throws RangeError beyond 255 octets. */
export function encodeName(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new RangeError(`vici: a name of ${bytes.length} octets`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function value(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Encodes a message. Throws RangeError on names over 255 and values over 65 535 octets. */
export function encodeMessage(message: ViciMessage): Buffer {
  const parts: Buffer[] = [];
  for (const [key, item] of Object.entries(message)) {
    if (typeof item === 'string') {
      parts.push(Buffer.from([ELEMENT.KEY_VALUE]), encodeName(key), value(item));
    } else if (Array.isArray(item)) {
      parts.push(Buffer.from([ELEMENT.LIST_START]), encodeName(key));
      for (const entry of item) parts.push(Buffer.from([ELEMENT.LIST_ITEM]), value(entry));
      parts.push(Buffer.from([ELEMENT.LIST_END]));
    } else {
      parts.push(Buffer.from([ELEMENT.SECTION_START]), encodeName(key), encodeMessage(item), Buffer.from([ELEMENT.SECTION_END]));
    }
  }
  return Buffer.concat(parts);
}

/** Decodes a message; throws RangeError on malformed bytes. */
export function decodeMessage(bytes: Buffer): ViciMessage {
  let at = 0;
  const text = (width: 1 | 2): string => {
    const length = width === 1 ? bytes.readUInt8(at) : bytes.readUInt16BE(at);
    at += width;
    if (at + length > bytes.length) throw new RangeError('vici: truncated element');
    const result = bytes.toString('utf8', at, at + length);
    at += length;
    return result;
  };
  const section = (nested: boolean): ViciMessage => {
    const message: ViciMessage = {};
    while (at < bytes.length) {
      const kind = bytes.readUInt8(at++);
      if (kind === ELEMENT.SECTION_END && nested) return message;
      if (kind === ELEMENT.SECTION_START) {
        const key = text(1);
        message[key] = section(true);
      } else if (kind === ELEMENT.KEY_VALUE) {
        const key = text(1);
        message[key] = text(2);
      } else if (kind === ELEMENT.LIST_START) {
        const key = text(1);
        const items: string[] = [];
        let next = bytes.readUInt8(at++);
        for (; next === ELEMENT.LIST_ITEM; next = bytes.readUInt8(at++)) items.push(text(2));
        if (next !== ELEMENT.LIST_END) throw new RangeError(`vici: unexpected element ${next} in a list`);
        message[key] = items;
      } else {
        throw new RangeError(`vici: unexpected element ${kind}`);
      }
    }
    if (nested) throw new RangeError('vici: section never ends');
    return message;
  };
  return section(false);
}
