/** Carrying out the steps that make a lab: everything of a plan up to the point where daemons and captures begin. */
import { offloadsOff, offloadsOffCommand } from '../host/ethtool.ts';
import { configureLinks, requestLine } from '../host/rtnetlink.ts';
import { loadSctp } from '../host/sctp.ts';
import { settingsCommand, writeSettings } from '../host/sysctl.ts';
import { HANDLES } from '../plan/shaping.ts';
import type { Plan, Step } from '../plan/step.ts';
import { RoamlabError } from '../types/errors.ts';
import type { Lab } from './lab.ts';
import { preferring, type ReportedFilter, type ReportedQdisc, shapeDifferences } from './shape.ts';

export type LabStep = Extract<Step, { do: 'open' | 'batch' | 'settings' | 'offloads' | 'links' | 'verify-shape' }>;

async function verifyShape(lab: Lab, { node, expect }: Extract<LabStep, { do: 'verify-shape' }>): Promise<void> {
  const { stdout } = await lab.exec(node, ['tc', '-j', 'qdisc', 'show']);
  const differences = shapeDifferences(JSON.parse(stdout || '[]') as ReportedQdisc[], expect);
  for (const { dev, shape } of expect) {
    if (shape.priority !== true) continue;
    const filters = await lab.exec(node, ['tc', '-j', 'filter', 'show', 'dev', dev, 'parent', `${HANDLES.prio}:`]);
    if (!preferring(JSON.parse(filters.stdout || '[]') as ReportedFilter[])) differences.push(`${dev}: no filter for the first band`);
  }
  if (differences.length > 0) throw new RoamlabError('E_SHAPE', 1, `the kernel did not take every shape: ${differences.join('; ')}`);
}

/** Throws E_COMMAND or E_SHAPE (exit 1) when the kernel refuses, E_LAB_OPEN (exit 3) when it lets us make no lab at all. */
export async function labStep(lab: Lab, step: LabStep): Promise<void> {
  switch (step.do) {
    case 'open':
      return lab.open();
    case 'batch':
      // nsenter rather than -n, for which iproute2 copies a mount namespace full of nodes
      await lab.exec(step.node, [step.tool, ...(step.family === 6 ? ['-6'] : []), '-batch', '-'], { input: `${step.lines.join('\n')}\n` });
      return;
    case 'settings':
      return lab.inside(step.node, { argv: settingsCommand(step.settings) }, () => {
        if (step.settings.some(([name]) => name.startsWith('net.sctp.'))) loadSctp(); // the module brings its settings
        writeSettings(step.settings);
      });
    case 'offloads':
      for (const dev of step.devices) lab.inside(step.node, { argv: offloadsOffCommand(dev) }, () => offloadsOff(dev));
      return;
    case 'links': {
      const input = `${step.requests.map(requestLine).join('\n')}\n`;
      return lab.inside(step.node, { argv: ['ip', '-batch', '-'], input }, () => configureLinks(step.requests));
    }
    case 'verify-shape':
      return verifyShape(lab, step);
  }
}

/** Carries out a plan that holds nothing but the making of a lab (`labPlan`). */
export async function bringUp(lab: Lab, plan: Plan): Promise<void> {
  for (const group of plan) {
    await Promise.all(
      group.map((step) => {
        if (step.phase !== 'lab') throw new Error(`${step.title} is not a step of a lab`);
        return labStep(lab, step as LabStep);
      }),
    );
  }
}
