/** Numbers of SCTP (IANA "Stream Control Transmission Protocol (SCTP) Parameters") and their names. */

export const CHUNK = {
  DATA: 0,
  INIT: 1,
  'INIT-ACK': 2,
  SACK: 3,
  HEARTBEAT: 4,
  'HEARTBEAT-ACK': 5,
  ABORT: 6,
  SHUTDOWN: 7,
  'SHUTDOWN-ACK': 8,
  ERROR: 9,
  'COOKIE-ECHO': 10,
  'COOKIE-ACK': 11,
  ECNE: 12,
  CWR: 13,
  'SHUTDOWN-COMPLETE': 14,
  AUTH: 15,
  'I-DATA': 64,
  'ASCONF-ACK': 128,
  'RE-CONFIG': 130,
  PAD: 132,
  'FORWARD-TSN': 192,
  ASCONF: 193,
  'I-FORWARD-TSN': 194,
} as const;

export const PARAMETER = {
  'Heartbeat Info': 1,
  'IPv4 Address': 5,
  'IPv6 Address': 6,
  'State Cookie': 7,
  'Unrecognized Parameter': 8,
  'Cookie Preservative': 9,
  'Host Name Address': 11,
  'Supported Address Types': 12,
  'Outgoing SSN Reset Request': 13,
  'Incoming SSN Reset Request': 14,
  'SSN/TSN Reset Request': 15,
  'Re-configuration Response': 16,
  'Add Outgoing Streams Request': 17,
  'Add Incoming Streams Request': 18,
  'ECN Capable': 0x8000,
  'Zero Checksum Acceptable': 0x8001,
  Random: 0x8002,
  'Chunk List': 0x8003,
  'Requested HMAC Algorithm': 0x8004,
  Padding: 0x8005,
  'Supported Extensions': 0x8008,
  'Forward TSN Supported': 0xc000,
  'Add IP Address': 0xc001,
  'Delete IP Address': 0xc002,
  'Error Cause Indication': 0xc003,
  'Set Primary IP Address': 0xc004,
  'Success Indication': 0xc005,
  'Adaptation Layer Indication': 0xc006,
} as const;

/** RFC 9260 section 3.3.10, RFC 5061 section 4.3, RFC 4895 section 4. */
export const CAUSE = {
  'Invalid Stream Identifier': 1,
  'Missing Mandatory Parameter': 2,
  'Stale Cookie': 3,
  'Out of Resource': 4,
  'Unresolvable Address': 5,
  'Unrecognized Chunk Type': 6,
  'Invalid Mandatory Parameter': 7,
  'Unrecognized Parameters': 8,
  'No User Data': 9,
  'Cookie Received While Shutting Down': 10,
  'Restart of an Association with New Addresses': 11,
  'User-Initiated Abort': 12,
  'Protocol Violation': 13,
  'Request to Delete Last Remaining IP Address': 160,
  'Operation Refused Due to Resource Shortage': 161,
  'Request to Delete Source IP Address': 162,
  'Association Aborted Due to Illegal ASCONF-ACK': 163,
  'Request Refused - No Authorization': 164,
  'Unsupported HMAC Identifier': 261,
} as const;

const reverse = (table: Record<string, number>) => new Map(Object.entries(table).map(([name, number]) => [number, name]));
const chunks = reverse(CHUNK);
const parameters = reverse(PARAMETER);
const causes = reverse(CAUSE);

/** `INIT-ACK`, or the number as text when it has no name here. */
export const chunkName = (type: number): string => chunks.get(type) ?? String(type);
export const parameterName = (type: number): string => parameters.get(type) ?? String(type);
export const causeName = (code: number): string => causes.get(code) ?? String(code);
