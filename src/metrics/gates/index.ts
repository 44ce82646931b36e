/** All validity gates of a run, in the order a report lists them. */
import type { Gate } from '../../types/run.ts';
import type { MetricInput } from '../input.ts';
import type { Moment } from '../moment.ts';
import type { Trace } from '../sighting.ts';
import type { FlowResult } from '../stalled.ts';
import { captureDrops } from './capture-drops.ts';
import { cleartext } from './cleartext.ts';
import { complete } from './complete.ts';
import { decrypted } from './decrypted.ts';
import { goodputGate } from './goodput.ts';
import { handover } from './handover.ts';
import { helpers } from './helpers.ts';
import { host, type Span } from './host.ts';
import { receiverLog } from './receiver-log.ts';
import { xfrmErrors } from './xfrm-errors.ts';

export function gatesOf(input: MetricInput, trace: Trace, moment: Moment, flows: Map<string, FlowResult>, spans: readonly Span[]): Gate[] {
  const all = [
    complete(input),
    cleartext(input, trace),
    captureDrops(input),
    decrypted(input, trace),
    receiverLog(input, trace),
    handover(input, trace, moment, flows),
    xfrmErrors(input),
    helpers(input, flows),
    goodputGate(input, trace, flows),
    host(input, spans),
  ];
  return all.filter((gate) => gate !== null);
}
