/**
 * Captures to packets: files are read (`file/`), frames decoded layer by layer (`link/`, `ip/`, `ike/`, `esp/`), and
 * IKE and ESP opened with the run's exported keys (`keys/`, `crypto/`). Nothing here knows what an experiment is.
 */
export { decodeFrame, decodeFrames, type PacketCapture, readPackets } from './decode.ts';
export { forEachFrame, type ReadOptions, readCapture } from './file/index.ts';
export type { Capture, CaptureInfo } from './file/types.ts';
export { type IpParameter, type IpRole, type MobikexContent, mobikexContent, pathStatusName } from './ike/mobikex.ts';
export { EXCHANGE, exchangeName, NOTIFY, notifyName, PAYLOAD, payloadName } from './ike/names.ts';
export { isPathCheck, mobikexText, notifyText } from './ike/text.ts';
export { CSA_FILE, formatCsaFile, parseCsaFile } from './keys/csa-file.ts';
export { ESP_TABLE, formatEspTable, parseEspTable } from './keys/esp-table.ts';
export { formatIkeTable, IKE_TABLE, parseIkeTable } from './keys/ike-table.ts';
export { loadKeys } from './keys/load.ts';
export { KeyRing } from './keys/ring.ts';
export { parsePayload } from './payload.ts';
